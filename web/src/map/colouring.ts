// Which point has which colour: the commonest labels one each, years a ramp, the rest quiet. No browser.

/** Buckets: 0 no label, 1 all other labels, 2 and more one colour each. */
export interface Colouring {
  name: string;
  buckets: Uint8Array;
  /** The buckets that have a name, as the legend shows them; `n` points each. */
  legend: { bucket: number; label: string; n: number }[];
  /** Numbers run along a ramp; names take the colours of series. */
  isRamp: boolean;
}

export const SERIES = 8;
export const RAMP = 7;
export const NONE = 0;
export const OTHER = 1;

/** The colouring by labels; `labels[codes[i]]` is that of point i, a code of -1 is none. */
export function colouringOf(name: string, labels: readonly string[], codes: ArrayLike<number>): Colouring {
  const counts = new Uint32Array(labels.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code >= 0 && code < counts.length) counts[code]! += 1;
  }
  const isRamp = labels.length > 2 && labels.every((label) => /^-?\d+(\.\d+)?s?$/.test(label));
  const named = isRamp ? rampOf(labels, counts) : seriesOf(labels, counts);
  const buckets = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i++) buckets[i] = named.bucketOf[codes[i]!] ?? NONE;
  return { name, buckets, isRamp, legend: named.legend };
}

interface Named {
  bucketOf: Uint8Array;
  legend: Colouring['legend'];
}

function seriesOf(labels: readonly string[], counts: Uint32Array): Named {
  const order = [...labels.keys()]
    .filter((code) => counts[code])
    .sort((a, b) => counts[b]! - counts[a]! || a - b);
  const bucketOf = new Uint8Array(labels.length).fill(OTHER);
  const legend = order.slice(0, SERIES).map((code, k) => {
    bucketOf[code] = k + 2;
    return { bucket: k + 2, label: labels[code]!, n: counts[code]! };
  });
  const rest = order.slice(SERIES).reduce((sum, code) => sum + counts[code]!, 0);
  if (rest) legend.push({ bucket: OTHER, label: '', n: rest });
  return { bucketOf, legend };
}

/** Numbers in steps that hold about the same number of points each. */
function rampOf(labels: readonly string[], counts: Uint32Array): Named {
  const order = [...labels.keys()]
    .filter((code) => counts[code])
    .sort((a, b) => parseFloat(labels[a]!) - parseFloat(labels[b]!));
  const total = order.reduce((sum, code) => sum + counts[code]!, 0);
  const bucketOf = new Uint8Array(labels.length);
  const steps: { first: string; last: string; n: number }[] = [];
  let before = 0;
  for (const code of order) {
    const step = Math.min(Math.floor((RAMP * before) / Math.max(total, 1)), RAMP - 1);
    before += counts[code]!;
    bucketOf[code] = step + 2;
    const label = labels[code]!;
    const there = steps[step];
    if (there) [there.last, there.n] = [label, there.n + counts[code]!];
    else steps[step] = { first: label, last: label, n: counts[code]! };
  }
  const legend = steps.flatMap((step, k) =>
    step
      ? [
          {
            bucket: k + 2,
            label: step.first === step.last ? step.first : `${step.first}–${step.last}`,
            n: step.n,
          },
        ]
      : [],
  );
  return { bucketOf, legend };
}

/** Where the points of each bucket are densest, for their names on the map: `[bucket, x, y]`. */
export function anchors(
  points: Float32Array,
  colouring: Colouring,
): [bucket: number, x: number, y: number][] {
  if (colouring.isRamp) return [];
  return colouring.legend
    .filter(({ bucket }) => bucket > OTHER)
    .flatMap(({ bucket }) => {
      const at = densest(points, colouring.buckets, bucket);
      return at ? [[bucket, ...at] as [number, number, number]] : [];
    });
}

/** The mean of the points in the fullest cell of a coarse grid. */
function densest(points: Float32Array, buckets: Uint8Array, bucket: number): [number, number] | null {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < buckets.length; i++) {
    if (buckets[i] !== bucket || !Number.isFinite(points[2 * i]) || !Number.isFinite(points[2 * i + 1]))
      continue;
    left = Math.min(left, points[2 * i]!);
    right = Math.max(right, points[2 * i]!);
    bottom = Math.min(bottom, points[2 * i + 1]!);
    top = Math.max(top, points[2 * i + 1]!);
  }
  if (left > right) return null;
  const cells = 24;
  const side = Math.max(right - left, top - bottom, 1e-9) / cells;
  const sums = new Float64Array((cells + 1) * (cells + 1) * 3);
  let best = 0;
  for (let i = 0; i < buckets.length; i++) {
    if (buckets[i] !== bucket || !Number.isFinite(points[2 * i]) || !Number.isFinite(points[2 * i + 1]))
      continue;
    const [x, y] = [points[2 * i]!, points[2 * i + 1]!];
    const at = 3 * (Math.floor((y - bottom) / side) * (cells + 1) + Math.floor((x - left) / side));
    sums[at]! += 1;
    sums[at + 1]! += x;
    sums[at + 2]! += y;
    if (sums[at]! > sums[best]!) best = at;
  }
  return [sums[best + 1]! / sums[best]!, sums[best + 2]! / sums[best]!];
}
