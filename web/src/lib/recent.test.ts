import { expect, test } from 'vitest';
import { withSearch } from './recent';

test('the newest search comes first, once, without its own beginnings', () => {
  expect(withSearch(['bea', 'jazz', 'Beatles'], 'beatles')).toEqual(['beatles', 'jazz']);
  expect(withSearch(['1', '2', '3', '4', '5', '6', '7', '8'], 'new')).toHaveLength(8);
});
