// What opens over any page: the menu of tracks, and the windows that it leads to. One of each, shown by the app's root.
import type { Key } from '../i18n/i18n.svelte';
import type { IconName } from '../components/icons';
import type { Track } from './records';

/** One more line of the menu: what only this list can do (take out of the playlist). */
export interface Extra {
  readonly label: Key;
  readonly icon: IconName;
  readonly run: () => void;
}

export interface ShownMenu {
  readonly tracks: readonly Track[];
  readonly x: number;
  readonly y: number;
  readonly extras: readonly Extra[];
  /** What gets the focus back. */
  readonly opener: HTMLElement | null;
}

class Overlays {
  menu = $state.raw<ShownMenu | null>(null);
  /** Tracks that are to be put in a playlist. */
  adding = $state.raw<readonly Track[] | null>(null);
  /** The track whose facts are shown. */
  facts = $state.raw<Track | null>(null);
  /** The list of keys. */
  keys = $state(false);
}

export const overlays = new Overlays();

/** Opens the menu of these tracks below a button, or where the mouse is. */
export function openMenu(
  tracks: readonly Track[],
  at: { button: HTMLElement } | { x: number; y: number },
  extras: readonly Extra[] = [],
): void {
  if (tracks.length === 0) return;
  const opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  if ('button' in at) {
    const box = at.button.getBoundingClientRect();
    overlays.menu = { tracks, x: box.right, y: box.bottom + 4, extras, opener: at.button };
  } else overlays.menu = { tracks, x: at.x, y: at.y, extras, opener };
}
