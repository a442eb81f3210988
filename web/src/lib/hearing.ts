// Whether a track was heard or skipped, told from where it was played.
const ENOUGH_S = 240;
const STEP_S = 2; // A longer way between two looks at the clock was a jump.

/** A track in play. It counts as played when half of it or four minutes were heard. */
export class Hearing {
  heard_s = 0;
  #last_s: number | null = null;
  #counted = false;

  constructor(readonly duration_s: number) {}

  /** The track is at `position_s` now. True once: when it becomes a play. */
  at(position_s: number): boolean {
    const step = this.#last_s === null ? 0 : position_s - this.#last_s;
    if (step > 0 && step <= STEP_S) this.heard_s += step;
    this.#last_s = position_s;
    if (this.#counted || this.heard_s < Math.min(this.duration_s / 2, ENOUGH_S)) return false;
    this.#counted = true;
    return true;
  }

  /** The listener went elsewhere in the track; what lies between was not heard. */
  jump(): void {
    this.#last_s = null;
  }

  get counted(): boolean {
    return this.#counted;
  }
}
