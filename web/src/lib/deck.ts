// One audio element and what it plays. The player has two, so that one track can begin before the other ends.
import { audioAddress, formatFor, madeFor, type Format } from './formats';
import type { Entry } from './queue';

export interface DeckEvents {
  /** The place in the track moved, or playing, waiting, the duration changed. */
  changed(deck: Deck): void;
  ended(deck: Deck): void;
  failed(deck: Deck): void;
}

export class Deck {
  entry: Entry | null = null;
  readonly #audio = new Audio();
  #format: Format | null = null;
  /** Where what the element plays begins in the track: more than 0 only for sound made on the way. */
  #start_s = 0;
  #at_s = 0; // Where to begin as soon as the element knows the file.

  constructor(events: DeckEvents) {
    const audio = this.#audio;
    audio.preload = 'auto';
    for (const sign of ['timeupdate', 'playing', 'pause', 'waiting', 'durationchange', 'seeked'] as const) {
      audio.addEventListener(sign, () => this.entry && events.changed(this));
    }
    audio.addEventListener('loadedmetadata', () => {
      if (this.#at_s > 0) audio.currentTime = this.#at_s;
      this.#at_s = 0;
    });
    audio.addEventListener('ended', () => this.entry && events.ended(this));
    audio.addEventListener('error', () => this.entry && events.failed(this));
  }

  /** Loads an entry, to begin at `at_s`; `remade` asks for a form that every browser plays. */
  load(entry: Entry, at_s = 0, { remade = false } = {}): void {
    const can = (type: string): string => this.#audio.canPlayType(type);
    this.entry = entry;
    this.#format = remade ? madeFor(can) : formatFor(entry.track, can);
    this.#begin(at_s);
  }

  /** Stops, and lets go of the file. */
  unload(): void {
    this.entry = null;
    this.#audio.pause();
    if (this.#audio.hasAttribute('src')) {
      this.#audio.removeAttribute('src');
      this.#audio.load();
    }
  }

  /** Starts; false where the browser wants a gesture of the listener first. */
  async play(): Promise<boolean> {
    try {
      await this.#audio.play();
      return true;
    } catch (error) {
      return !(error instanceof DOMException && error.name === 'NotAllowedError');
    }
  }

  pause(): void {
    this.#audio.pause();
  }

  seek(position_s: number): void {
    if (this.#format !== null) {
      const playing = !this.#audio.paused;
      this.#begin(position_s);
      if (playing) void this.play();
    } else if (this.#audio.readyState === 0) this.#at_s = position_s;
    else this.#audio.currentTime = position_s;
  }

  get position_s(): number {
    return this.#start_s + (this.#at_s > 0 ? this.#at_s : this.#audio.currentTime);
  }

  get duration_s(): number {
    const told = this.entry?.track.duration_s ?? 0;
    const found = this.#audio.duration;
    return this.#format === null && Number.isFinite(found) ? found : told;
  }

  get waiting(): boolean {
    return !this.#audio.paused && this.#audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  get paused(): boolean {
    return this.#audio.paused;
  }

  /** Whether what it loaded could not be played. */
  get broken(): boolean {
    return this.#audio.error !== null;
  }

  get remade(): boolean {
    return this.#format !== null;
  }

  set volume(amplitude: number) {
    this.#audio.volume = Math.min(Math.max(amplitude, 0), 1);
  }

  #begin(at_s: number): void {
    if (!this.entry) return;
    this.#start_s = this.#format === null ? 0 : at_s;
    this.#at_s = this.#format === null ? at_s : 0;
    this.#audio.src = audioAddress(this.entry.track, this.#format, at_s);
  }
}
