import { expect, test } from 'vitest';
import { byLetter, matching } from './letters';

const named = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));

test('accents and case do not matter', () => {
  expect(matching(named('Björk', 'Sigur Rós', 'Boards of Canada'), 'ros SIG')).toEqual(named('Sigur Rós'));
  expect(matching(named('A', 'B'), '  ')).toEqual(named('A', 'B'));
});

test('names stand under their first letter', () => {
  expect(byLetter(named('beta', 'Ávila', '(alpha)', '3 Doors', 'Arlo', '!!!'), 'en')).toEqual([
    ['A', named('(alpha)', 'Arlo', 'Ávila')],
    ['B', named('beta')],
    ['#', named('!!!', '3 Doors')],
  ]);
});
