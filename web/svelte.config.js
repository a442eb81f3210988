// Only what the editor, svelte-check and Vite must agree on: every component is written with runes.
export default { compilerOptions: { runes: true } };
