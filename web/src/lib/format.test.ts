import { expect, test } from 'vitest';
import { clock, length } from './format';

test.each([
  [0, '0:00'],
  [59.9, '0:59'],
  [187, '3:07'],
  [3723, '1:02:03'],
  [NaN, '0:00'],
])('%d seconds are %s', (seconds, shown) => {
  expect(clock(seconds)).toBe(shown);
});

test.each([
  [20, '1 min'],
  [2460, '41 min'],
  [3600, '1 hr'],
  [9060, '2 hr 31 min'],
  [270_000, '3 days 3 hr'],
])('%d seconds last %s', (seconds, shown) => {
  expect(length(seconds, 'en')).toBe(shown);
});
