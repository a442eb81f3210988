import { expect, test } from 'vitest';
import { outline } from './peaks';

const heights = (path: string): number[] =>
  [...path.matchAll(/v([\d.]+)/g)].map(([, height]) => Number(height));

test('each bar is as high as the loudest peak of its part', () => {
  expect(heights(outline([0, 255, 51, 51], 2))).toEqual([100, 20]);
});

test('fewer peaks than bars, and none at all', () => {
  expect(heights(outline([255], 3))).toEqual([100, 100, 100]);
  expect(heights(outline([], 4))).toEqual([3, 3, 3, 3]);
});
