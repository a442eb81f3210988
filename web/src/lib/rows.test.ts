import { expect, test } from 'vitest';
import { Choice, visible } from './rows.svelte';

test.each([
  [0, [0, 12]], // At the top of the window.
  [-1000, [18, 32]],
  [-100_000, [100, 100]],
  [5000, [0, 0]], // Far below.
])('a list that begins at %d', (top, rows) => {
  expect(visible(top, 50, 100, 500, 2)).toEqual(rows);
});

test('an empty list', () => {
  expect(visible(0, 50, 0, 500)).toEqual([0, 0]);
});

test('rows are chosen alone, one more, or as a range', () => {
  const choice = new Choice();
  choice.only(3);
  choice.toggle(7);
  expect(choice.sorted).toEqual([3, 7]);
  choice.upTo(5);
  expect(choice.sorted).toEqual([5, 6, 7]);
  choice.toggle(6);
  expect(choice.sorted).toEqual([5, 7]);
  choice.all(3);
  expect(choice.sorted).toEqual([0, 1, 2]);
  choice.none();
  expect(choice.sorted).toEqual([]);
});
