import { afterEach, expect, test, vi } from 'vitest';
import { nameOf, otherWords } from './kinds';
import { speak } from './testing';

afterEach(async () => {
  await speak('en');
  vi.unstubAllGlobals();
});

test('words that the name holds are not said again', () => {
  const kind = { name: 'electro, fast', words: ['Electro', 'fast', 'bright'] };
  expect(nameOf(kind)).toBe('Electro, fast');
  expect(otherWords(kind)).toBe('bright');
  expect(otherWords({ ...kind, words: ['Fast'] })).toBe('');
});

test('words for sound are said in the language of the reader, names are not', async () => {
  await speak('es');
  const kind = { name: 'fast, jazz, dark 2', words: ['fast', 'jazz', 'dark', 'Mellow', 'Nueva ola'] };
  expect(nameOf(kind)).toBe('Rápido, jazz, oscuro 2');
  expect(otherWords(kind)).toBe('suave, Nueva ola');
  expect(nameOf({ name: 'Fast cars 3', words: [] })).toBe('Fast cars 3');
});
