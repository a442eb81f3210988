import { describe, expect, test } from 'vitest';
import { anchors, colouringOf, OTHER, SERIES } from './colouring';
import {
  alongLine,
  evenly,
  gridOf,
  inBox,
  inLasso,
  nearest,
  nearestAnywhere,
  nextTowards,
  thinned,
} from './grid';
import { littleEndian, searched } from './load';
import { between, boundsOf, fitted, panned, seen, toScreen, toWorld, zoomed, type Place } from './view';

/** The same numbers in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function cloud(n: number): Float32Array {
  const next = random(7);
  return Float32Array.from({ length: 2 * n }, () => 10 * next() - 3);
}

const SIZE = { width: 800, height: 600 };

describe('view', () => {
  const view = { x: 2, y: -1, scale: 50 };

  test('screen and world are each other back', () => {
    const [px, py] = toScreen(view, SIZE, 3.5, 0.25);
    const [x, y] = toWorld(view, SIZE, px, py);
    expect([x, y]).toEqual([expect.closeTo(3.5), expect.closeTo(0.25)]);
  });

  test('zoom leaves the point under the pointer where it is', () => {
    const whole = { x: 0, y: 0, scale: 20 };
    const closer = zoomed(view, SIZE, whole, 3, 100, 500);
    expect(closer.scale).toBe(150);
    const [x, y] = toWorld(view, SIZE, 100, 500);
    expect(toScreen(closer, SIZE, x, y)).toEqual([expect.closeTo(100), expect.closeTo(500)]);
  });

  test('zoom ends somewhere', () => {
    const whole = { x: 0, y: 0, scale: 20 };
    expect(zoomed(view, SIZE, whole, 1e9, 0, 0).scale).toBe(20 * 400);
    expect(zoomed(view, SIZE, whole, 1e-9, 0, 0).scale).toBe(10);
  });

  test('everything is in the fitted view, points that are no numbers aside', () => {
    const box = boundsOf(Float32Array.of(0, 0, NaN, 4, 10, 2));
    expect(box).toEqual({ left: 0, right: 10, bottom: 0, top: 2 });
    const all = seen(fitted(box, SIZE), SIZE);
    expect(all.left).toBeLessThan(0);
    expect(all.right).toBeGreaterThan(10);
  });

  test('a map of nothing has a view', () => {
    expect(fitted(boundsOf(new Float32Array()), SIZE).scale).toBeGreaterThan(0);
  });

  test('a drag moves the world with the hand', () => {
    const [px, py] = toScreen(panned(view, 30, -20), SIZE, 1, 1);
    const [qx, qy] = toScreen(view, SIZE, 1, 1);
    expect([px - qx, py - qy]).toEqual([expect.closeTo(30), expect.closeTo(-20)]);
  });

  test('a glide begins and ends where it should', () => {
    const to = { x: 5, y: 5, scale: 400 };
    expect(between(view, to, 0)).toEqual(view);
    expect(between(view, to, 1)).toEqual({
      x: expect.closeTo(5),
      y: expect.closeTo(5),
      scale: expect.closeTo(400),
    });
  });
});

describe('grid', () => {
  const points = cloud(3000);
  const grid = gridOf(points);
  const far = (i: number, [x, y]: Place): number => Math.hypot(points[2 * i]! - x, points[2 * i + 1]! - y);
  const all = [...Array(3000).keys()];

  test('finds the nearest point, as looking at all does', () => {
    const next = random(3);
    for (let k = 0; k < 200; k++) {
      const at: Place = [14 * next() - 5, 14 * next() - 5];
      const best = Math.min(...all.map((i) => far(i, at)));
      expect(far(nearestAnywhere(grid, at), at)).toBeCloseTo(best, 6);
      expect(nearest(grid, at, best * 0.99)).toBe(-1);
    }
  });

  test('a lasso holds what a box holds', () => {
    const box = { left: 0, right: 2.5, bottom: 1, top: 3 };
    const line: Place[] = [
      [0, 1],
      [2.5, 1],
      [2.5, 3],
      [0, 3],
    ];
    const { nearest: near, total } = inBox(grid, box, 1e6);
    expect(total).toBeGreaterThan(50);
    expect(inLasso(grid, line)).toEqual(near.sort((a, b) => a - b));
    expect(inBox(grid, box, 5).nearest).toHaveLength(5);
  });

  test('two places are no lasso', () => {
    expect(
      inLasso(grid, [
        [0, 0],
        [5, 5],
      ]),
    ).toEqual([]);
  });

  test('an arrow key goes that way, and back to a neighbour', () => {
    let at = nearestAnywhere(grid, [2, 2]);
    for (let k = 0; k < 20; k++) {
      const next = nextTowards(grid, at, 1, 0);
      if (next < 0) break;
      expect(points[2 * next]!).toBeGreaterThan(points[2 * at]!);
      at = next;
    }
    expect(points[2 * at]!).toBeGreaterThan(2.3);
  });

  test('nothing lies beyond the last point', () => {
    const last = all.reduce((a, b) => (points[2 * a]! > points[2 * b]! ? a : b));
    expect(nextTowards(grid, last, 1, 0)).toBe(-1);
  });

  test('a drawn line gives different points in its order', () => {
    const line: Place[] = [
      [-2, 0],
      [6, 0],
    ];
    const found = alongLine(grid, line, 12);
    expect(new Set(found).size).toBe(12);
    const xs = found.map((i) => points[2 * i]!);
    expect(xs[0]).toBeLessThan(-1.5);
    expect(xs.at(-1)).toBeGreaterThan(5.5);
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
  });

  test('of few points a line takes each once', () => {
    const few = gridOf(Float32Array.of(0, 0, 1, 0));
    expect(
      alongLine(
        few,
        [
          [0, 0],
          [1, 0],
        ],
        9,
      ).sort(),
    ).toEqual([0, 1]);
  });

  test('steps along a bent line are equal', () => {
    const bent: Place[] = [
      [0, 0],
      [3, 0],
      [3, 1],
    ];
    expect(evenly(bent, 5)).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
      [3, 1],
    ]);
    expect(evenly([[1, 1]], 4)).toEqual([[1, 1]]);
    expect(evenly([], 4)).toEqual([]);
  });

  test('no points, no finds', () => {
    const empty = gridOf(new Float32Array());
    expect(nearestAnywhere(empty, [0, 0])).toBe(-1);
    expect(
      inLasso(empty, [
        [0, 0],
        [1, 0],
        [0, 1],
      ]),
    ).toEqual([]);
  });

  test('points in one place are found', () => {
    const same = gridOf(new Float32Array(20).fill(2));
    expect(nearestAnywhere(same, [9, 9])).toBeGreaterThanOrEqual(0);
  });

  test('many are thinned evenly', () => {
    expect(thinned([0, 1, 2, 3, 4, 5], 3)).toEqual([0, 2, 4]);
    expect(thinned([1, 2], 5)).toEqual([1, 2]);
  });
});

describe('colouring', () => {
  test('the commonest labels have a colour, others share one', () => {
    const labels = [...'abcdefghijk'];
    const codes = labels.flatMap((_, code) => Array<number>(code + 1).fill(code)).concat(-1);
    const { buckets, legend } = colouringOf('genre', labels, codes);
    expect(legend.map(({ label }) => label)).toEqual([...'kjihgfed', '']);
    expect(legend.at(-1)).toEqual({ bucket: OTHER, label: '', n: 6 });
    expect(buckets[buckets.length - 1]).toBe(0);
    expect(Math.max(...buckets)).toBe(SERIES + 1);
  });

  test('years run along a ramp with about as many points a step', () => {
    const labels = Array.from({ length: 70 }, (_, k) => String(1950 + k));
    const codes = Array.from({ length: 700 }, (_, k) => k % 70);
    const { isRamp, legend } = colouringOf('year', labels, codes);
    expect(isRamp).toBe(true);
    expect(legend.map(({ label }) => label)[0]).toBe('1950–1959');
    expect(legend.map(({ n }) => n)).toEqual(Array(7).fill(100));
  });

  test('a name stands where most of its points are', () => {
    const points = Float32Array.of(0, 0, 0.1, 0, 0, 0.1, 9, 9, 5, 5);
    const found = anchors(points, colouringOf('genre', ['a', 'b'], [0, 0, 0, 0, 1]));
    expect(found).toEqual([
      [2, expect.closeTo(0.033, 2), expect.closeTo(0.033, 2)],
      [3, 5, 5],
    ]);
  });
});

test('titles are found without accents, all words wanted', () => {
  const titles = ['Björk – Jóga', 'Joga Bonito', 'Somebody – Else'];
  expect(searched(titles, 'joga', 9)).toEqual([0, 1]);
  expect(searched(titles, 'JOGA bjork', 9)).toEqual([0]);
  expect(searched(titles, '  ', 9)).toEqual([]);
  expect(searched(titles, 'o', 1)).toHaveLength(1);
});

test('points are little-endian numbers', () => {
  expect([...littleEndian(Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 192).buffer)]).toEqual([1, -2]);
});
