// What is known of the tracks, out of the page's own data: typed arrays, and texts by track.

const data = JSON.parse(document.getElementById("data").textContent);
const count = data.count;

function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes.buffer;
}

const positions = new Uint16Array(bytesOf(data.positions));
const xs = new Float32Array(count);
const ys = new Float32Array(count);
for (let track = 0; track < count; track++) {
  xs[track] = positions[2 * track] / 65535;
  ys[track] = positions[2 * track + 1] / 65535;
}

function readLabels(packed) {
  const Kind = packed.bytes === 2 ? Uint16Array : Uint32Array;
  return { ...packed, codes: new Kind(bytesOf(packed.codes)) };
}

function readNumbers(packed) {
  return { ...packed, values: new Float32Array(bytesOf(packed.values)), shades: new Uint8Array(bytesOf(packed.shades)) };
}

const mapped = (table, read) => new Map(Object.entries(table).map(([name, packed]) => [name, read(packed)]));
const labels = mapped(data.labels, readLabels);
const numbers = mapped(data.numbers, readNumbers);
const folders = readLabels(data.folders);
const nearest = data.neighbours ? new Int32Array(bytesOf(data.neighbours)) : new Int32Array(0);

const nameIn = (column, track) => (column && column.codes[track] ? column.names[column.codes[track] - 1] : "");
const labelOf = (name, track) => nameIn(labels.get(name), track);
const titleOf = (track) => data.titles[track] || fileOf(track) || "untitled";
const fileOf = (track) => nameIn(folders, track) + data.files[track];
const plain = (value) => (Number.isInteger(value) ? String(value) : value.toPrecision(4));

/** Everything that is written of a track, as [what, text]. */
function factsOf(track) {
  const facts = [];
  for (const [name, column] of labels) if (column.codes[track]) facts.push([name, nameIn(column, track)]);
  for (const [name, column] of numbers) {
    if (!Number.isNaN(column.values[track])) facts.push([name, plain(column.values[track])]);
  }
  return facts;
}

function neighboursOf(track) {
  return Array.from(nearest.subarray(track * data.near, (track + 1) * data.near));
}

// Search: every text without case and accents; folded once, each name of a column once.

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
let foldedTitles = null;
let foldedNames = null;

/** The tracks in whose texts every word occurs, those whose title begins with the words first. */
function search(text) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  foldedTitles = foldedTitles || data.titles.map((title, track) => folded(title || fileOf(track)));
  foldedNames = foldedNames || [...labels.values()].map((column) => column.names.map(folded));
  const columns = [...labels.values()];
  let left = null;
  for (const word of words) {
    const fits = foldedNames.map((names) => names.map((name) => name.includes(word)));
    const has = (track) =>
      foldedTitles[track].includes(word) ||
      columns.some((column, at) => column.codes[track] && fits[at][column.codes[track] - 1]);
    const next = [];
    if (left) { for (const track of left) if (has(track)) next.push(track); }
    else for (let track = 0; track < count; track++) if (has(track)) next.push(track);
    left = next;
  }
  const first = words.join(" ");
  return [...left.filter((track) => foldedTitles[track].startsWith(first)),
    ...left.filter((track) => !foldedTitles[track].startsWith(first))];
}
