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

test('a quiet track fills the height, silence does not', () => {
  expect(heights(outline([20, 40], 2))).toEqual([50, 100]);
  expect(heights(outline([1, 2], 2))).toEqual([6.3, 12.5]);
});
