// Of several tabs only one plays: where one begins, the others pause.
import { player } from './player.svelte';

/** Called once, within the app's root component. */
export function playInOneTab(): void {
  if (!('BroadcastChannel' in globalThis)) return;
  const tabs = new BroadcastChannel('segue.player');
  tabs.onmessage = () => player.pause();
  $effect(() => {
    if (player.playing) tabs.postMessage('playing');
  });
}
