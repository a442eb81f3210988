// Hands over from one track to the next: loads it in time, and lets it begin when the present one ends or fades.
import type { Decks } from './decks';
import { fadeBetween } from './loudness';
import type { Entry } from './queue';
import { settings } from './settings.svelte';

const PRELOAD_S = 25; // Before the end of a track the next one is loaded.
const ABOUT_TO_END_S = 0.3;
const HEAD_START_S = 0.03; // What an element takes to make its first sound.
const TICK_MS = 50; // The element itself tells four times a second only.

export class Handover {
  #clock: ReturnType<typeof setInterval> | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;

  /** `upcoming` is what follows by itself; `takeOver` is called when the deck behind is to play it. */
  constructor(
    readonly decks: Decks,
    readonly upcoming: () => Entry | null,
    readonly takeOver: (next: Entry, fade_s: number) => void,
  ) {}

  /** Looks at the clock from now on. */
  watch(): void {
    clearInterval(this.#clock);
    this.#clock = setInterval(() => this.#look(), TICK_MS);
  }

  /** Looks no more; what was about to begin does not, and a fade ends at once. */
  rest(): void {
    clearInterval(this.#clock);
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.decks.endFade();
  }

  #look(): void {
    if (this.decks.fading) this.decks.tune();
    const { front } = this.decks;
    const next = this.upcoming();
    if (!next || !front.entry || this.decks.fading || front.paused) return;
    const left_s = front.duration_s - front.position_s;
    if (left_s > PRELOAD_S) return;
    this.decks.preload(next);
    const fade_s = fadeBetween(front.entry.track, next.track, settings.crossfade_s);
    if (fade_s > 0 && left_s <= fade_s) this.#beginIn(0, next, fade_s);
    else if (fade_s === 0 && left_s < ABOUT_TO_END_S) this.#beginIn(left_s - HEAD_START_S, next, 0);
  }

  #beginIn(wait_s: number, next: Entry, fade_s: number): void {
    if (this.#soon !== undefined) return;
    const from = this.decks.front;
    const begin = (): void => {
      this.#soon = undefined;
      const still = this.decks.front === from && this.upcoming()?.key === next.key;
      if (still && this.decks.loaded(next)) this.takeOver(next, fade_s);
    };
    this.#soon = setTimeout(begin, Math.max(0, wait_s) * 1000);
  }
}
