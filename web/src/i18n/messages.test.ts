import { describe, expect, test } from 'vitest';
import english from './en.json';
import { bestLanguage, fill, localeOf, type Message } from './messages';

const LANGUAGES = import.meta.glob<Record<string, Message>>('./*.json', { import: 'default', eager: true });

/** The names in braces of every form of a message. */
function names(message: Message): string[] {
  const forms = typeof message === 'string' ? [message] : Object.values(message);
  return [...new Set(forms.flatMap((form) => form.match(/\{\w+\}/g) ?? []))].sort();
}

describe.each(Object.entries(LANGUAGES))('%s', (file, messages) => {
  const code = file.slice(2, -5);

  test('has the keys of English, no more and no fewer', () => {
    expect(Object.keys(messages).sort()).toEqual(Object.keys(english).sort());
  });

  test('fills the same names as English', () => {
    for (const [key, message] of Object.entries(english as Record<string, Message>)) {
      expect(names(messages[key] ?? ''), key).toEqual(names(message));
    }
  });

  test('has every form of a number that the language wants', () => {
    const wanted = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    for (const [key, message] of Object.entries(messages)) {
      if (typeof message !== 'string') expect(Object.keys(message).sort(), key).toEqual([...wanted].sort());
    }
  });
});

describe('fill', () => {
  const tracks = { one: '{count} track by {artist}', other: '{count} tracks by {artist}' };

  test('chooses the form by count and writes numbers as the language does', () => {
    expect(fill(tracks, { count: 1, artist: 'Nina' }, 'en')).toBe('1 track by Nina');
    expect(fill(tracks, { count: 12345, artist: 'Nina' }, 'en')).toBe('12,345 tracks by Nina');
    expect(fill(tracks, { count: 12345, artist: 'Nina' }, 'es')).toBe('12.345 tracks by Nina');
  });

  test('leaves values alone that look like a name in braces', () => {
    expect(fill('{a} and {b}', { a: '{b}', b: '$&' }, 'en')).toBe('{b} and $&');
  });

  test('shows a name that nobody gave', () => {
    expect(fill('Hello {who}', {}, 'en')).toBe('Hello {who}');
  });
});

test.each([
  [['es-MX', 'en'], 'es'],
  [['de', 'es'], 'es'],
  [['en-GB', 'es'], 'en'],
  [['de'], 'en'],
  [[], 'en'],
])('%j finds %s', (wished, found) => {
  expect(bestLanguage(wished, ['en', 'es'])).toBe(found);
});

test.each([
  ['en', ['de', 'en-GB', 'en-US'], 'en-GB'],
  ['es', ['es-MX', 'en'], 'es-MX'],
  ['es', ['en-GB'], 'es'],
  ['en', ['en-US@posix'], 'en'],
  ['en', [], 'en'],
])('%s of a browser that asks for %j is written as %s', (language, wished, locale) => {
  expect(localeOf(language, wished)).toBe(locale);
});
