// What to do when a track cannot be played: try it again, ask for it in another form, or pass it over.
import type { Deck } from './deck';
import { pause_ms, troubleOf } from './trouble';

const MAX_BROKEN = 5; // Tracks one after the other, before it gives up.

export interface Patient {
  /** Whether this deck still is the one to be heard, and should play. */
  needs(deck: Deck): boolean;
  /** The server is away: it is tried again by itself. */
  away(): void;
  /** Plays what the deck has again from `at_s`, in a form that every browser plays where `remade`. */
  again(deck: Deck, at_s: number, remade: boolean): void;
  /** The track is gone. With `giveUp` so were the ones before it. */
  gone(deck: Deck, giveUp: boolean): void;
}

export class Recovery {
  #attempts = 0;
  #broken = 0;
  #stop: () => void = () => undefined;

  constructor(readonly patient: Patient) {}

  /** Something is heard again. */
  well(): void {
    this.#attempts = this.#broken = 0;
  }

  /** No further attempt. */
  rest(): void {
    this.#stop();
  }

  async failed(deck: Deck, at_s: number): Promise<void> {
    const { entry } = deck;
    if (!entry) return;
    const trouble = await troubleOf(entry.track);
    if (deck.entry !== entry || !this.patient.needs(deck)) return;
    if (trouble === 'away') this.#tryLater(deck, at_s);
    else if (trouble === 'form' && !deck.remade) this.patient.again(deck, at_s, true);
    else this.patient.gone(deck, (this.#broken += 1) >= MAX_BROKEN);
  }

  #tryLater(deck: Deck, at_s: number): void {
    const { entry } = deck;
    const again = (): void => {
      this.#stop();
      if (deck.entry === entry && this.patient.needs(deck)) this.patient.again(deck, at_s, deck.remade);
    };
    const waiting = setTimeout(again, pause_ms(this.#attempts++));
    addEventListener('online', again);
    this.#stop = () => {
      clearTimeout(waiting);
      removeEventListener('online', again);
    };
    this.patient.away();
  }
}
