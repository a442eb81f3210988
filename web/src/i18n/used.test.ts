// Every message is used. (That every used one is there, in English and thus in all languages, the types check.)
import { expect, test } from 'vitest';
import english from './en.json';

const SOURCES = Object.entries(
  import.meta.glob<string>(['../**/*.{ts,svelte}', '!../**/*.test.ts', '!../lib/api-types.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);
const MADE = /`([\w.-]+\.(?:\$\{[^{}]*\}[\w.-]*)+)`/g;
const HOLE = /\$\{[^{}]*\}/;

/** Forms of keys that are made of parts, with the text in which the parts must stand: the file, what it imports, and so on. */
const made = SOURCES.flatMap(([, source]) => {
  const near = [...withImports(source)].join('\n');
  return [...source.matchAll(MADE)].map(([, form]) => {
    const fixed = form!.split(HOLE).map((part) => part.replaceAll('.', '\\.'));
    return { near, form: new RegExp(`^${fixed.join('(.+)')}$`) };
  });
});

function withImports(source: string, found = new Set<string>()): Set<string> {
  found.add(source);
  for (const [, name] of source.matchAll(/from '\.[^']*\/([^'/]+)'/g))
    for (const [path, text] of SOURCES)
      if (!found.has(text) && (path.endsWith(`/${name}`) || path.endsWith(`/${name}.ts`)))
        withImports(text, found);
  return found;
}

function isSaid(text: string, word: string): boolean {
  if (/^\d+$/.test(word)) return new RegExp(`\\b${word}\\b`).test(text);
  return ["'", '"', '`'].some((quote) => text.includes(quote + word + quote));
}

function isUsed(key: string): boolean {
  if (SOURCES.some(([, source]) => isSaid(source, key))) return true;
  return made.some(({ near, form }) => {
    const parts = form.exec(key)?.slice(1);
    return parts?.every((part) => isSaid(near, part));
  });
}

test('every message is used', () => {
  expect(Object.keys(english).filter((key) => !isUsed(key))).toEqual([]);
});
