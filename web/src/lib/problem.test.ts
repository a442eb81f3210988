import { afterEach, expect, test, vi } from 'vitest';
import { ApiError } from './api';
import { detailOf, titleOf, wordsOf } from './problem';
import { speak } from './testing';

const of = (status: number, name: string, detail: string): ApiError =>
  new ApiError(status, 'Title of the status', detail, name && `urn:segue:problem:${name}`);

afterEach(async () => {
  await speak('en');
  vi.unstubAllGlobals();
});

test('what the server names is said in the language of the reader', async () => {
  await speak('es');
  const wrong = of(401, 'wrong-password', 'name or password is wrong');
  expect(wordsOf(wrong)).toBe('El nombre o la contraseña son incorrectos');
  expect([titleOf(wrong), detailOf(wrong)]).toEqual([wordsOf(wrong), '']);
  const damaged = of(503, 'damaged', 'page 7');
  expect(wordsOf(damaged)).toBe('La biblioteca está dañada: page 7');
  expect(detailOf(damaged)).toBe('page 7');
  await speak('en');
  expect(titleOf(wrong)).toBe('Name or password is wrong');
});

test('what it does not name is told by its status and in its own words', () => {
  for (const name of ['', 'a-later-one']) {
    const error = of(422, name, 'no such folder');
    expect(titleOf(error)).toBe('That cannot be used');
    expect(wordsOf(error)).toBe('no such folder');
  }
  expect(wordsOf(of(404, '', ''))).toBe('That is not there (any more)');
  expect(wordsOf(new Error('odd'))).toBe('odd');
});
