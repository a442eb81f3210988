// Adds up the script that the first page needs (gzip) and fails where it is over the budget.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 200;
const FIRST_PAGE = 'src/pages/Home.svelte';

const built = fileURLToPath(new URL('../../src/segue/server/web', import.meta.url));
const manifest = JSON.parse(readFileSync(join(built, '.vite/manifest.json'), 'utf8'));

const needed = new Map(); // file -> gzip bytes
function need(name) {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`${name} is not in the manifest: was the app built (npm run build)?`);
  if (needed.has(chunk.file)) return;
  needed.set(chunk.file, gzipSync(readFileSync(join(built, chunk.file))).length);
  chunk.imports?.forEach(need);
}
need('index.html');
need(FIRST_PAGE);

let total = 0;
for (const [file, bytes] of needed) {
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
  total += bytes;
}
console.log(
  `${(total / 1000).toFixed(1).padStart(7)} kB  script of the first page, gzip (budget ${BUDGET_KB} kB)`,
);
if (total > BUDGET_KB * 1000) {
  console.error('The first page needs too much script: load some of it only where it is used.');
  process.exit(1);
}
