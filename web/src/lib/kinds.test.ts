import { expect, test } from 'vitest';
import { nameOf, otherWords } from './kinds';

test('words that the name holds are not said again', () => {
  const kind = { name: 'electro, fast', words: ['Electro', 'fast', 'bright'] };
  expect(nameOf(kind)).toBe('Electro, fast');
  expect(otherWords(kind)).toBe('bright');
  expect(otherWords({ ...kind, words: ['Fast'] })).toBe('');
});
