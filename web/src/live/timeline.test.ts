import { expect, test } from 'vitest';
import {
  insideOut,
  layersAt,
  leaders,
  momentAt,
  mostHeard,
  sharesAt,
  stretch,
  type Timeline,
} from './timeline';

const TIMELINE: Timeline = {
  names: ['Folk', 'Jazz', 'Rock'],
  moments: [
    { start_s: 0, probabilities: [0.5, 0.4, 0.1] },
    { start_s: 2, probabilities: [0.1, 0.4, 0.5] },
    { start_s: 4, probabilities: [0.0, 0.2, 0.8] },
  ],
  ended: true,
};

test.each([
  [-1, 0],
  [0, 0],
  [1.9, 0],
  [2, 1],
  [99, 2],
])('at %d s it is moment %d', (time, wanted) => {
  expect(momentAt(TIMELINE.moments, time)).toBe(wanted);
});

test('no moments yet', () => {
  expect(momentAt([], 3)).toBe(-1);
  expect(sharesAt({ ...TIMELINE, moments: [] }, 3)).toEqual([]);
  expect(leaders({ ...TIMELINE, moments: [] }, 3, 2)).toEqual([]);
});

test('between two moments the probabilities are in between', () => {
  expect(sharesAt(TIMELINE, 1)).toEqual([expect.closeTo(0.3), expect.closeTo(0.4), expect.closeTo(0.3)]);
  expect(sharesAt(TIMELINE, 50)).toEqual([0, 0.2, 0.8]);
});

test('the likeliest now and over all', () => {
  expect(leaders(TIMELINE, 0, 2).map(({ name }) => name)).toEqual(['Folk', 'Jazz']);
  expect(mostHeard(TIMELINE, 2)).toEqual([2, 1]);
});

test('the greatest layer is in the middle', () => {
  expect(insideOut([1, 2, 3, 4, 5])).toEqual([5, 3, 1, 2, 4]);
});

test('layers lie on each other around the middle', () => {
  const layers = layersAt([0.2, 0.3, 0.1], [2, 1, 0]);
  expect(layers[0]?.[0]).toBeCloseTo(-0.3);
  expect(layers.at(-1)?.[1]).toBeCloseTo(0.3);
  expect(layers[1]?.[0]).toBe(layers[0]?.[1]);
});

test.each([
  [0, 100, 15, [0, 30]],
  [50, 100, 15, [35, 65]],
  [99, 100, 15, [70, 100]],
  [10, 20, 15, [0, 20]],
  [50, 100, null, [0, 100]],
] as const)('at %d of %d s, near %s: %j', (time, duration, near, wanted) => {
  expect(stretch(time, duration, near)).toEqual(wanted);
});
