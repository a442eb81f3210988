// Beside the map: search and its table, the chosen track, the legend. All texts go in as text, never as HTML.

const byId = (id) => document.getElementById(id);
const ROWS_AT_ONCE = 50;

function element(kind, text, properties) {
  const made = document.createElement(kind);
  if (text) made.textContent = text;
  return Object.assign(made, properties || {});
}

const thousands = (number) => number.toLocaleString("en");

// The chosen track.

function choose(track, centre) {
  chosen.track = track;
  chosen.near = track < 0 ? [] : neighboursOf(track);
  const section = byId("track");
  section.hidden = track < 0;
  section.replaceChildren();
  if (track >= 0) {
    section.append(element("h2", titleOf(track)), facts(track));
    if (chosen.near.length) section.append(element("h2", "Sounds most like"), list(chosen.near));
    if (centre) glide({ x: xs[track], y: ys[track], scale: Math.max(view.scale, whole * 2) });
  }
  redraw();
}

function facts(track) {
  const table = element("dl");
  const file = fileOf(track);
  for (const [what, text] of [...factsOf(track), ...(file ? [["file", file]] : [])]) {
    table.append(element("dt", what), element("dd", text));
  }
  return table;
}

function goTo(track, text) {
  return element("button", text, { type: "button", className: "go", onclick: () => choose(track, true) });
}

function list(tracks) {
  const ordered = element("ol");
  for (const track of tracks) {
    const item = element("li");
    const artist = labelOf("artist", track);
    item.append(goTo(track, titleOf(track) + (artist ? ` – ${artist}` : "")));
    ordered.append(item);
  }
  return ordered;
}

// Search.

function showResults(text) {
  const tracks = search(text);
  const table = byId("results");
  chosen.found = tracks;
  byId("list").hidden = !tracks.length;
  table.tBodies[0].replaceChildren();
  const asked_ = text.trim() !== "";
  colouring.lit = asked_ ? new Uint8Array(count) : null;
  for (const track of tracks) colouring.lit[track] = 1;
  const shown = Math.min(tracks.length, ROWS_AT_ONCE);
  const more = tracks.length > shown ? `, the first ${shown} below` : "";
  byId("found").textContent = asked_ ? `${thousands(tracks.length)} of ${thousands(count)} tracks${more}` : "";
  for (const track of tracks.slice(0, shown)) {
    const row = element("tr");
    const title = element("td");
    title.append(goTo(track, titleOf(track)));
    row.append(title, element("td", labelOf("artist", track)));
    table.tBodies[0].append(row);
  }
  if (tracks.length) showTracks(tracks);
  redraw();
  return tracks;
}

// The legend.

function showLegend() {
  const keys = byId("keys-of-colour");
  keys.replaceChildren();
  const column = labels.get(colouring.name);
  if (column) labelKeys(column).forEach((key) => keys.append(key));
  else if (numbers.has(colouring.name)) keys.append(rampKey(numbers.get(colouring.name)));
}

function labelKeys(column) {
  const counts = new Uint32Array(colouring.colours.length);
  for (let track = 0; track < count; track++) counts[colouring.bucket[track]] += 1;
  const many = Math.min(column.names.length, palette().labels.length);
  const names = column.names.slice(0, many).map((name, at) => [name, at + 2]);
  if (column.names.length > many) names.push([`${thousands(column.names.length - many)} others`, 1]);
  if (counts[0]) names.push(["unknown", 0]);
  return names.map(([name, bucket]) => labelKey(name, bucket, counts[bucket]));
}

function labelKey(name, bucket, tracks) {
  const item = element("li");
  const button = element("button", "", { type: "button", title: "Show only these" });
  const swatch = element("span", "", { className: "swatch" });
  swatch.style.background = colouring.colours[bucket];
  button.append(swatch, element("span", name), element("span", thousands(tracks), { className: "count" }));
  button.setAttribute("aria-pressed", String(colouring.only === bucket));
  button.onclick = () => {
    colouring.only = colouring.only === bucket ? -1 : bucket;
    for (const other of byId("keys-of-colour").querySelectorAll("button")) {
      other.setAttribute("aria-pressed", String(other === button && colouring.only >= 0));
    }
    redraw();
  };
  item.append(button);
  return item;
}

function rampKey(column) {
  const item = element("li");
  const ramp = element("div", "", { className: "ramp" });
  ramp.style.background = `linear-gradient(to right, ${palette().ramp.join(",")})`;
  const ends = element("div", "", { className: "ends" });
  ends.append(element("span", plain(column.low)), element("span", plain(column.high)));
  item.append(ramp, ends);
  if (column.shades.includes(0)) item.append(element("span", "Grey: unknown", { className: "quiet" }));
  return item;
}

function colourAnew(name) {
  colourBy(name);
  findNames();
  showLegend();
  redraw();
}
