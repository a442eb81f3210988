// Finds points of the map fast: cells of a grid over all, each with its points. No browser.
import { boundsOf, type Box, type Place } from './view';

const PER_CELL = 4;

/** Points of 100,000 are found in a few microseconds by near cells; made once a map. */
export interface Grid {
  points: Float32Array;
  box: Box;
  columns: number;
  rows: number;
  cell: number;
  /** Where each cell begins in `order`; one more at the end. */
  starts: Uint32Array;
  order: Uint32Array;
}

export function gridOf(points: Float32Array): Grid {
  const count = points.length >> 1;
  const box = boundsOf(points);
  const width = Math.max(box.right - box.left, 1e-6);
  const height = Math.max(box.top - box.bottom, 1e-6);
  const cell = Math.sqrt((width * height * PER_CELL) / Math.max(count, 1)) || 1e-6;
  const columns = Math.min(Math.max(Math.ceil(width / cell), 1), 2048);
  const rows = Math.min(Math.max(Math.ceil(height / cell), 1), 2048);
  const side = Math.max(width / columns, height / rows);
  const grid: Grid = {
    points,
    box,
    columns,
    rows,
    cell: side,
    starts: new Uint32Array(columns * rows + 1),
    order: new Uint32Array(count),
  };
  const cells = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const x = points[2 * i] as number;
    const y = points[2 * i + 1] as number;
    const at = Number.isFinite(x) && Number.isFinite(y) ? rowOf(grid, y) * columns + columnOf(grid, x) : -1;
    cells[i] = at;
    if (at >= 0) grid.starts[at + 1]! += 1;
  }
  for (let c = 0; c < columns * rows; c++) grid.starts[c + 1]! += grid.starts[c]!;
  const next = grid.starts.slice();
  for (let i = 0; i < count; i++) {
    const at = cells[i]!;
    if (at >= 0) grid.order[next[at]!++] = i;
  }
  return grid;
}

function columnOf(grid: Grid, x: number): number {
  return Math.min(Math.max(Math.floor((x - grid.box.left) / grid.cell), 0), grid.columns - 1);
}

function rowOf(grid: Grid, y: number): number {
  return Math.min(Math.max(Math.floor((y - grid.box.bottom) / grid.cell), 0), grid.rows - 1);
}

/** Calls `visit` with each point of the cells that touch the box. */
function eachNear(grid: Grid, box: Box, visit: (i: number, x: number, y: number) => void): void {
  const last = columnOf(grid, box.right);
  const top = rowOf(grid, box.top);
  for (let row = rowOf(grid, box.bottom); row <= top; row++) {
    for (let column = columnOf(grid, box.left); column <= last; column++) {
      const at = row * grid.columns + column;
      for (let k = grid.starts[at]!; k < grid.starts[at + 1]!; k++) {
        const i = grid.order[k]!;
        visit(i, grid.points[2 * i]!, grid.points[2 * i + 1]!);
      }
    }
  }
}

/** The nearest point within `reach` that `wanted` lets through; -1 where there is none. */
export function nearest(
  grid: Grid,
  [x, y]: Place,
  reach: number,
  wanted: (i: number) => boolean = () => true,
): number {
  let found = -1;
  let least = reach * reach;
  const around = { left: x - reach, right: x + reach, bottom: y - reach, top: y + reach };
  eachNear(grid, around, (i, px, py) => {
    const far = (px - x) ** 2 + (py - y) ** 2;
    if (far <= least && wanted(i)) [found, least] = [i, far];
  });
  return found;
}

/** The nearest point however far it is, looking in ever wider boxes. */
export function nearestAnywhere(grid: Grid, at: Place, wanted?: (i: number) => boolean): number {
  const widest = 2 * Math.hypot(grid.columns, grid.rows) * grid.cell + distanceToBox(grid.box, at);
  for (let reach = 2 * grid.cell; ; reach *= 2) {
    const found = nearest(grid, at, reach, wanted);
    if (found >= 0 || reach > widest) return found;
  }
}

function distanceToBox(box: Box, [x, y]: Place): number {
  return Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.bottom - y, 0, y - box.top));
}

/** Up to `most` points in the box, nearest to its middle first, and how many there are in all. */
export function inBox(grid: Grid, box: Box, most: number): { nearest: number[]; total: number } {
  const found: [far: number, i: number][] = [];
  const x0 = (box.left + box.right) / 2;
  const y0 = (box.bottom + box.top) / 2;
  eachNear(grid, box, (i, x, y) => {
    if (x < box.left || x > box.right || y < box.bottom || y > box.top) return;
    found.push([(x - x0) ** 2 + (y - y0) ** 2, i]);
  });
  const total = found.length;
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return { nearest: found.slice(0, most).map(([, i]) => i), total };
}

/** The points inside a closed line (even-odd rule), in their own order. */
export function inLasso(grid: Grid, line: readonly Place[]): number[] {
  if (line.length < 3) return [];
  const around = boundsOf(Float32Array.from(line.flat()));
  const found: number[] = [];
  eachNear(grid, around, (i, x, y) => {
    if (isInside(line, x, y)) found.push(i);
  });
  return found.sort((a, b) => a - b);
}

function isInside(line: readonly Place[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [xi, yi] = line[i]!;
    const [xj, yj] = line[j]!;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * The nearest point in a direction, for arrow keys: within 45° of it, near ones first, those off the line later.
 * -1 where nothing lies there.
 */
export function nextTowards(grid: Grid, from: number, right: number, up: number): number {
  const x = grid.points[2 * from]!;
  const y = grid.points[2 * from + 1]!;
  const widest = 2 * Math.hypot(grid.columns, grid.rows) * grid.cell;
  for (let reach = 2 * grid.cell; ; reach *= 2) {
    let found = -1;
    let least = Infinity;
    const around = { left: x - reach, right: x + reach, bottom: y - reach, top: y + reach };
    eachNear(grid, around, (i, px, py) => {
      const ahead = (px - x) * right + (py - y) * up;
      const aside = Math.abs((px - x) * up - (py - y) * right);
      if (i === from || ahead <= 0 || aside > ahead) return;
      const cost = ahead + 2 * aside;
      if (cost < least && ahead <= reach) [found, least] = [i, cost];
    });
    if (found >= 0 || reach > widest) return found;
  }
}

/** `n` different points nearest to places evenly spaced along a drawn line, in the order of the line. */
export function alongLine(grid: Grid, line: readonly Place[], n: number): number[] {
  const taken = new Set<number>();
  for (const place of evenly(line, n)) {
    const found = nearestAnywhere(grid, place, (i) => !taken.has(i));
    if (found >= 0) taken.add(found);
  }
  return [...taken];
}

/** `n` places at equal steps along a line, both ends among them. */
export function evenly(line: readonly Place[], n: number): Place[] {
  const first = line[0];
  if (!first || n < 1) return [];
  const lengths = line.map((to, i) => (i ? Math.hypot(to[0] - line[i - 1]![0], to[1] - line[i - 1]![1]) : 0));
  const total = lengths.reduce((sum, one) => sum + one, 0);
  if (n === 1 || total === 0) return [first];
  const places: Place[] = [];
  let at = 1;
  let before = 0;
  for (let k = 0; k < n; k++) {
    const wanted = (total * k) / (n - 1);
    while (at < line.length - 1 && before + lengths[at]! < wanted) before += lengths[at++]!;
    const share = lengths[at] ? Math.min((wanted - before) / lengths[at]!, 1) : 0;
    const [x0, y0] = line[at - 1]!;
    const [x1, y1] = line[at]!;
    places.push([x0 + (x1 - x0) * share, y0 + (y1 - y0) * share]);
  }
  return places;
}

/** At most `most` of many, evenly taken, in their order: what is sent where a request has a limit. */
export function thinned<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, k) => all[Math.floor((k * all.length) / most)]!);
}
