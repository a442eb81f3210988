// The dots, drawn pixel by pixel into one picture: no graphics card is asked for, and 100,000 take milliseconds.

const dark = matchMedia("(prefers-color-scheme: dark)");
const dotCanvas = document.getElementById("dots");
const dotContext = dotCanvas.getContext("2d", { alpha: false });
let picture = null;
let pixels = null;

const colouring = { name: "", only: -1, lit: null, bucket: new Uint8Array(count), colours: [] };
const palette = () => (dark.matches ? data.dark : data.light);

/** How each track is coloured: bucket 0 is unknown, 1 all other labels, 2 and more a colour each. */
function colourBy(name) {
  Object.assign(colouring, { name, only: -1 });
  const bucket = colouring.bucket.fill(name ? 0 : 2);
  const column = labels.get(name);
  const many = palette().labels.length;
  if (column) {
    for (let track = 0; track < count; track++) {
      const code = column.codes[track];
      bucket[track] = code === 0 ? 0 : code <= many ? code + 1 : 1;
    }
  } else if (numbers.has(name)) {
    const { shades } = numbers.get(name);
    for (let track = 0; track < count; track++) bucket[track] = shades[track] ? shades[track] + 1 : 0;
  }
  mixColours();
}

/** The colour of each bucket, as #rrggbb. */
function mixColours() {
  const { unknown, other, labels: named, ramp } = palette();
  colouring.colours = [unknown, other, ...(numbers.has(colouring.name) ? ramp : named)];
  if (!colouring.name) colouring.colours[2] = named[0];
}

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const packed = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
const faint = (colour) => channels(colour).map((one, at) => Math.round(one * 0.14 + channels(palette().paper)[at] * 0.86));

const isShown = (track) => colouring.only < 0 || colouring.bucket[track] === colouring.only;
const isLit = (track) => isShown(track) && (!colouring.lit || colouring.lit[track] === 1);

/** The radius of a dot in pixels of the canvas: room for all at first, more when one looks closer. */
function radius() {
  const room = Math.sqrt((screen_.width * screen_.height) / (Math.PI * Math.max(count, 30)));
  return within(0.3 * room * (view.scale / whole) ** 0.45, 0.75, 8) * screen_.ratio;
}

/** Which pixels a dot covers, by how much; reach is how far it goes from its middle. */
function stamp(r) {
  const reach = Math.ceil(r);
  const cells = [];
  for (let down = -reach; down <= reach; down++) {
    for (let right = -reach; right <= reach; right++) {
      const share = within(r + 0.5 - Math.hypot(right, down), 0, 1);
      if (share > 0.05) cells.push([right, down, share]);
    }
  }
  const column = (at) => cells.map((cell) => cell[at]);
  return { reach, rights: Int32Array.from(column(0)), downs: Int32Array.from(column(1)), shares: Float32Array.from(column(2)) };
}

function drawDots() {
  const [width, height] = [dotCanvas.width, dotCanvas.height];
  if (!picture || picture.width !== width || picture.height !== height) {
    picture = dotContext.createImageData(width, height);
    pixels = new Uint32Array(picture.data.buffer);
  }
  pixels.fill(packed(channels(palette().paper)));
  const dot = stamp(radius());
  const quiet = colouring.lit !== null || colouring.only >= 0;
  if (quiet) drawPass(dot, colouring.colours.map(faint), (track) => !isLit(track));
  const full = colouring.colours.map(channels);
  drawPass(dot, full, (track) => colouring.bucket[track] < 2 && (!quiet || isLit(track)));
  drawPass(dot, full, (track) => colouring.bucket[track] >= 2 && (!quiet || isLit(track)));
  dotContext.putImageData(picture, 0, 0);
}

function drawPass({ reach, rights, downs, shares }, colours, wanted) {
  const [width, height] = [picture.width, picture.height];
  const scale = view.scale * screen_.ratio;
  const left = width / 2 - view.x * scale;
  const top = height / 2 - view.y * scale;
  const solid = Uint32Array.from(colours, packed);
  const { bucket } = colouring;
  for (let track = 0; track < count; track++) {
    const px = Math.round(xs[track] * scale + left);
    const py = Math.round(ys[track] * scale + top);
    if (px < -reach || py < -reach || px >= width + reach || py >= height + reach || !wanted(track)) continue;
    const inside = px >= reach && py >= reach && px < width - reach && py < height - reach;
    const colour = colours[bucket[track]];
    for (let at = 0; at < shares.length; at++) {
      const x = px + rights[at];
      const y = py + downs[at];
      if (!inside && (x < 0 || y < 0 || x >= width || y >= height)) continue;
      const place = y * width + x;
      pixels[place] = shares[at] === 1 ? solid[bucket[track]] : blended(colour, pixels[place], shares[at]);
    }
  }
}

function blended([red, green, blue], below, share) {
  const rest = 1 - share;
  return ((255 << 24)
    | ((blue * share + ((below >> 16) & 255) * rest) << 16)
    | ((green * share + ((below >> 8) & 255) * rest) << 8)
    | (red * share + (below & 255) * rest)) >>> 0;
}
