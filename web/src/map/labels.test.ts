import { afterEach, expect, test, vi } from 'vitest';
import { colourName, firstTelling, labelsIn, noteIn } from './labels';
import { speak } from '../lib/testing';

const NOTE = '1,234 of 2,000 tracks came after the map was made: `segue map --refit` makes it anew';

afterEach(async () => {
  await speak('en');
  vi.unstubAllGlobals();
});

test('in English all stays as the server says it', () => {
  expect(labelsIn('kind', ['dark, slow', 'Mine'])).toEqual(['dark, slow', 'Mine']);
  expect(labelsIn('decade', ['1990s'])).toEqual(['1990s']);
  expect(noteIn(NOTE)).toBe(NOTE);
});

test('in Spanish what is known is said in Spanish', async () => {
  await speak('es');
  expect(colourName('decade')).toBe('Década');
  expect(labelsIn('kind', ['dark, slow', 'Mine'])).toEqual(['oscuro, lento', 'Mine']);
  expect(labelsIn('decade', ['1990s'])).toEqual(['Años 1990']);
  expect(labelsIn('artist', ['Slow', 'dark'])).toEqual(['Slow', 'dark']);
  expect(noteIn(NOTE)).toContain('1234');
  expect(noteIn('something else')).toBe('something else');
});

test('a colour of which nothing is known is not the first', () => {
  expect(
    firstTelling([
      { name: 'genre', labels: [] },
      { name: 'kind', labels: ['dark'] },
    ]),
  ).toBe('kind');
  expect(firstTelling([{ name: 'genre', labels: [] }])).toBe('genre');
  expect(firstTelling([])).toBe('');
});
