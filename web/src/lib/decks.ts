// Two decks: the one in front plays, the one behind loads what comes next or plays out what ends.
import { Deck, type DeckEvents } from './deck';
import { amplitude, crossFade, gainFactor } from './loudness';
import type { Entry } from './queue';
import { settings } from './settings.svelte';

const OVERLAP_S = 0.3; // Without a cross-fade: the last moment of what ends is played out.

export class Decks {
  front: Deck;
  #behind: Deck;
  #fade: { length_s: number; since_ms: number; gapless: boolean } | null = null;

  constructor(events: DeckEvents) {
    this.front = new Deck(events);
    this.#behind = new Deck(events);
  }

  /** Puts an entry in front, from `at_s` on: at once, where it is loaded already. */
  begin(entry: Entry, at_s: number): void {
    this.endFade();
    if (this.loaded(entry) && at_s === 0) {
      this.#swap();
      this.#behind.unload();
    } else {
      this.front.unload();
      this.front.load(entry, at_s);
    }
    this.tune();
  }

  /** Whether the deck behind has this entry. */
  loaded(entry: Entry): boolean {
    return this.#behind.entry?.key === entry.key;
  }

  preload(entry: Entry): void {
    if (!this.#fade && !this.loaded(entry)) this.#behind.load(entry);
  }

  /** Forgets what was loaded where something else follows now. */
  unloadBut(entry: Entry | null): void {
    if (!this.#fade && this.#behind.entry && this.#behind.entry.key !== entry?.key) this.#behind.unload();
  }

  /** The deck behind comes to the front; the other one fades out, or plays its last moment. */
  takeOver(fade_s: number): void {
    this.#swap();
    this.#fade = { length_s: fade_s || OVERLAP_S, since_ms: performance.now(), gapless: fade_s === 0 };
    this.tune();
  }

  get fading(): boolean {
    return this.#fade !== null;
  }

  endFade(): void {
    if (!this.#fade) return;
    this.#fade = null;
    this.#behind.unload();
    this.tune();
  }

  /** Sets how loud both are: the listener's volume, ReplayGain, and how far a fade is. */
  tune(): void {
    const over = this.#fade ? (performance.now() - this.#fade.since_ms) / 1000 / this.#fade.length_s : 1;
    if (this.#fade && over >= 1) return this.endFade();
    const fade = this.#fade && !this.#fade.gapless ? crossFade(over) : { in: 1, out: 1 };
    const wished = settings.muted ? 0 : amplitude(settings.volume);
    this.front.volume = wished * gain(this.front) * fade.in;
    this.#behind.volume = wished * gain(this.#behind) * fade.out;
  }

  stop(): void {
    this.endFade();
    this.front.unload();
    this.#behind.unload();
  }

  #swap(): void {
    [this.front, this.#behind] = [this.#behind, this.front];
  }
}

function gain(deck: Deck): number {
  return deck.entry ? gainFactor(deck.entry.track.replaygain, settings.replaygain) : 1;
}
