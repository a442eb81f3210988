// Which files the app needs before any page: main.ts and all that it imports, and so on; not what it loads later.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const IMPORT =
  /^\s*(?:import|export)\s(?!type\b)[^'"]*?from\s*['"](\.[^'"]+)['"]|^\s*import\s*['"](\.[^'"]+)['"]/gm;
const ENDINGS = ['', '.ts', '.js', '/index.ts'];

export function neededFirst(entry: string, found = new Set<string>()): ReadonlySet<string> {
  found.add(entry);
  if (!/\.(ts|svelte)$/.test(entry)) return found;
  for (const [, named, bare] of readFileSync(entry, 'utf8').matchAll(IMPORT)) {
    const path = resolve(dirname(entry), (named ?? bare) as string);
    const file = ENDINGS.map((ending) => path + ending).find((one) => /\.\w+$/.test(one) && existsSync(one));
    if (file && !found.has(file)) neededFirst(file, found);
  }
  return found;
}
