// Keys that work everywhere but where one types.
import type { Key as Message } from '../i18n/i18n.svelte';
import { player } from './player.svelte';
import { settings } from './settings.svelte';

const SEEK_S = 10;
const LOUDER = 0.05;

interface Shortcut {
  /** What `KeyboardEvent.key` says. */
  readonly keys: readonly string[];
  readonly label: Message;
  readonly run: () => void;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: [' ', 'k'], label: 'keys.play', run: () => player.toggle() },
  { keys: ['n'], label: 'keys.next', run: () => player.next() },
  { keys: ['p'], label: 'keys.previous', run: () => player.previous() },
  { keys: ['ArrowRight'], label: 'keys.forward', run: () => player.seek(player.position_s + SEEK_S) },
  { keys: ['ArrowLeft'], label: 'keys.back', run: () => player.seek(player.position_s - SEEK_S) },
  { keys: ['ArrowUp'], label: 'keys.louder', run: () => louder(LOUDER) },
  { keys: ['ArrowDown'], label: 'keys.softer', run: () => louder(-LOUDER) },
  { keys: ['m'], label: 'keys.mute', run: () => (settings.muted = !settings.muted) },
  { keys: ['s'], label: 'keys.shuffle', run: () => player.toggleShuffle() },
  { keys: ['r'], label: 'keys.repeat', run: () => player.toggleRepeat() },
  { keys: ['l'], label: 'keys.like', run: () => player.say(1) },
  { keys: ['d'], label: 'keys.dislike', run: () => player.say(-1) },
];

function louder(by: number): void {
  settings.muted = false;
  settings.volume = Math.min(Math.max(settings.volume + by, 0), 1);
}

/** Elements that use keys themselves; arrows move in lists and sliders, the space bar presses buttons. */
const TYPES = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])';
const USES_ARROWS =
  '[role="grid"], [role="menu"], [role="slider"], [role="tablist"], [role="listbox"], [role="radiogroup"], canvas';
const USES_SPACE = 'button, a, summary, [role="button"], [role="row"], [role="menuitem"]';

/** What a key press asks for; null where it is none of ours. `more` are keys of the app itself (search, help). */
export function shortcutOf(event: KeyboardEvent, more: readonly Shortcut[] = []): Shortcut | null {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return null;
  const at = event.target instanceof Element ? event.target : null;
  if (at?.closest(`${TYPES}, dialog, [role="dialog"]`)) return null;
  if (event.key.startsWith('Arrow') && at?.closest(USES_ARROWS)) return null;
  if (event.key === ' ' && at?.closest(USES_SPACE)) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return [...SHORTCUTS, ...more].find((shortcut) => shortcut.keys.includes(key)) ?? null;
}
