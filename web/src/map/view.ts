// Where one looks on the map: world units to pixels and back, zoom about a point, everything in view. No browser.

/** The world point in the middle of the screen, and pixels for one unit of the world; y grows upwards in the world. */
export interface View {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export type Place = readonly [x: number, y: number];

export interface Box {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

const MARGIN = 0.82;
/** How much closer, or farther, than the whole map one may look. */
const CLOSEST = 400;
const FARTHEST = 0.5;

/** The box around points `x0, y0, x1, y1, …`; points that are no numbers are left out. */
export function boundsOf(points: Float32Array): Box {
  const box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (let i = 0; i + 1 < points.length; i += 2) {
    const x = points[i] as number;
    const y = points[i + 1] as number;
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    if (x < box.left) box.left = x;
    if (x > box.right) box.right = x;
    if (y < box.bottom) box.bottom = y;
    if (y > box.top) box.top = y;
  }
  return box.left <= box.right ? box : { left: -1, right: 1, bottom: -1, top: 1 };
}

/** The view that shows a box with a margin. */
export function fitted(box: Box, size: Size): View {
  const width = Math.max(box.right - box.left, 1e-6);
  const height = Math.max(box.top - box.bottom, 1e-6);
  return {
    x: (box.left + box.right) / 2,
    y: (box.bottom + box.top) / 2,
    scale: MARGIN * Math.min(Math.max(size.width, 1) / width, Math.max(size.height, 1) / height),
  };
}

export function toScreen(view: View, size: Size, x: number, y: number): Place {
  return [size.width / 2 + (x - view.x) * view.scale, size.height / 2 - (y - view.y) * view.scale];
}

export function toWorld(view: View, size: Size, px: number, py: number): Place {
  return [view.x + (px - size.width / 2) / view.scale, view.y - (py - size.height / 2) / view.scale];
}

/** The view after a drag by so many pixels. */
export function panned(view: View, right: number, down: number): View {
  return { ...view, x: view.x - right / view.scale, y: view.y + down / view.scale };
}

/** The view `factor` times as close, the world point under the pixel staying where it is. */
export function zoomed(view: View, size: Size, whole: View, factor: number, px: number, py: number): View {
  const scale = Math.min(Math.max(view.scale * factor, whole.scale * FARTHEST), whole.scale * CLOSEST);
  const [x, y] = toWorld(view, size, px, py);
  const left = (view.scale / scale) * (view.x - x);
  const up = (view.scale / scale) * (view.y - y);
  return { x: x + left, y: y + up, scale };
}

/** The middle of the view held within the box, so that nobody gets lost. */
export function held(view: View, box: Box): View {
  return {
    ...view,
    x: Math.min(Math.max(view.x, box.left), box.right),
    y: Math.min(Math.max(view.y, box.bottom), box.top),
  };
}

/** What of the world is on the screen. */
export function seen(view: View, size: Size): Box {
  const [left, top] = toWorld(view, size, 0, 0);
  const [right, bottom] = toWorld(view, size, size.width, size.height);
  return { left, right, bottom, top };
}

/** A view between two, for a glide: `share` from 0 to 1; the scale moves evenly to the eye. */
export function between(from: View, to: View, share: number): View {
  const scale = from.scale * (to.scale / from.scale) ** share;
  const moved =
    from.scale === to.scale ? share : (1 / from.scale - 1 / scale) / (1 / from.scale - 1 / to.scale);
  return { x: from.x + (to.x - from.x) * moved, y: from.y + (to.y - from.y) * moved, scale };
}

/** The radius of a dot in pixels: room for all at first, more when one looks closer. */
export function dotRadius(count: number, size: Size, closer: number): number {
  const room = Math.sqrt((size.width * size.height) / (Math.PI * Math.max(count, 30)));
  return Math.min(Math.max(0.42 * room * closer ** 0.42, 1.1), 9);
}
