// What a person does: pointer, wheel, fingers, keys, search and select; and the start.

// For tests and the curious, from the browser's console.
const api = {
  frames: 0, frameMs: 0, view, chosen, colouring, count, trackAt,
  at: (track) => [xs[track], ys[track]],
  toScreen: (track) => [toX(xs[track]), toY(ys[track])],
  settled: () => !asked && !goal,
};
window.segueMap = api;

const tip = byId("tip");
const fingers = new Map();
let dragged = 0;

function showTip(track, px, py) {
  chosen.over = track;
  tip.hidden = track < 0;
  wordCanvas.classList.toggle("over", track >= 0);
  if (track >= 0) {
    tip.replaceChildren(element("b", titleOf(track)), ...factsOf(track).map(([what, text]) => element("span", `${what}: ${text}`)));
    const { offsetWidth: width, offsetHeight: height } = tip;
    tip.style.left = `${within(px + 14, 0, Math.max(0, screen_.width - width - 4))}px`;
    tip.style.top = `${within(py + 14 + height > screen_.height ? py - height - 10 : py + 14, 0, screen_.height)}px`;
  }
  redraw();
}

function place(event) {
  const box = wordCanvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

wordCanvas.addEventListener("pointerdown", (event) => {
  wordCanvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, place(event));
  if (fingers.size === 1) dragged = 0;
  wordCanvas.classList.add("moving");
});

wordCanvas.addEventListener("pointermove", (event) => {
  const [px, py] = place(event);
  const before = fingers.get(event.pointerId);
  if (!before) {
    if (event.pointerType === "mouse") showTip(trackAt(px, py, 10), px, py);
    return;
  }
  fingers.set(event.pointerId, [px, py]);
  dragged += Math.hypot(px - before[0], py - before[1]);
  if (fingers.size === 1) {
    if (dragged > 4) { showTip(-1); look({ x: view.x - (px - before[0]) / view.scale, y: view.y - (py - before[1]) / view.scale }); }
  } else if (fingers.size === 2) {
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const was = Math.hypot(before[0] - other[0], before[1] - other[1]) || 1;
    zoomAt(Math.hypot(px - other[0], py - other[1]) / was, (px + other[0]) / 2, (py + other[1]) / 2, false);
    look({ x: view.x - (px - before[0]) / 2 / view.scale, y: view.y - (py - before[1]) / 2 / view.scale });
  }
});

function letGo(event) {
  const known = fingers.delete(event.pointerId);
  if (!fingers.size) wordCanvas.classList.remove("moving");
  if (!known || event.type !== "pointerup" || fingers.size || dragged > 4) return;
  const [px, py] = place(event);
  const track = trackAt(px, py, event.pointerType === "mouse" ? 10 : 22);
  choose(track, false);
  showTip(track, px, py);
}
wordCanvas.addEventListener("pointerup", letGo);
wordCanvas.addEventListener("pointercancel", letGo);
wordCanvas.addEventListener("pointerleave", () => { if (!fingers.size) showTip(-1); });

wordCanvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
  const [px, py] = place(event);
  zoomAt(2 ** within(-event.deltaY * unit / 240, -2, 2), px, py, Math.abs(event.deltaY * unit) > 50);
}, { passive: false });

wordCanvas.addEventListener("dblclick", (event) => zoomAt(2, ...place(event), true));

const STEP = 0.15;
const KEYS = {
  ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
  "+": () => middleZoom(1.5), "=": () => middleZoom(1.5), "-": () => middleZoom(1 / 1.5), 0: showAll,
  Enter: () => choose(trackAt(screen_.width / 2, screen_.height / 2, 80), false),
};
function step(right, down) {
  const base = goal ? goal.to : view;
  const far = (STEP * Math.min(screen_.width, screen_.height)) / base.scale;
  glide({ x: base.x + right * far, y: base.y + down * far });
}
function middleZoom(factor) { zoomAt(factor, screen_.width / 2, screen_.height / 2, true); }

wordCanvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  showTip(-1);
  KEYS[event.key]();
});
wordCanvas.addEventListener("focus", redraw);
wordCanvas.addEventListener("blur", redraw);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { byId("search").value = ""; showResults(""); choose(-1); }
  if (event.key === "/" && !["INPUT", "SELECT"].includes(document.activeElement.tagName)) {
    event.preventDefault();
    byId("search").focus();
  }
});

let waiting = 0;
byId("search").addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => showResults(event.target.value), count > 20000 ? 120 : 20);
});
byId("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  clearTimeout(waiting);
  const tracks = showResults(event.target.value);
  if (tracks.length) choose(tracks[0], true);
});

for (const button of document.querySelectorAll("#zoom button")) {
  const factor = Number(button.dataset.zoom);
  button.onclick = () => (factor ? middleZoom(factor) : showAll());
}

const select = byId("colour");
for (const name of ["", ...labels.keys(), ...numbers.keys()]) select.append(element("option", name || "nothing", { value: name }));
select.value = data.colour;
select.onchange = () => colourAnew(select.value);
dark.addEventListener("change", () => { mixColours(); showLegend(); redraw(); });

function fit() {
  const box = byId("map").getBoundingClientRect();
  const before = whole;
  Object.assign(screen_, { width: Math.max(1, box.width), height: Math.max(1, box.height), ratio: within(devicePixelRatio || 1, 1, 2) });
  for (const canvas of [dotCanvas, wordCanvas]) {
    canvas.width = Math.round(screen_.width * screen_.ratio);
    canvas.height = Math.round(screen_.height * screen_.ratio);
  }
  whole = MARGIN * Math.min(screen_.width, screen_.height);
  look({ scale: view.scale * (whole / before) });
}
new ResizeObserver(fit).observe(byId("map"));
wordCanvas.setAttribute("aria-label", `Map of ${thousands(count)} tracks`);
fit();
colourAnew(select.value);
