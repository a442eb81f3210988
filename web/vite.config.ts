import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { neededFirst } from './scripts/first-page';

// One file for what every page needs: twenty small ones take longer to ask for than to read.
const first = neededFirst(fileURLToPath(new URL('./src/main.ts', import.meta.url)));
const isFirst = (id: string): boolean => first.has(id) || id.includes('/node_modules/svelte/');
const SERVER = process.env.SEGUE_SERVER ?? 'http://127.0.0.1:4533';

export default defineConfig({
  plugins: [svelte()],
  // Relative, so that the app works below any path: index.html says with <base href> where it stands.
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../src/segue/server/web', import.meta.url)),
    emptyOutDir: true,
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'], // the first with light-dark()
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'app', test: isFirst }] } } },
    manifest: true, // scripts/size.mjs reads which chunks the first page needs
  },
  server: { proxy: { '/api': SERVER, '/rest': SERVER } },
});
