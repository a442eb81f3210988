// Whether a track was heard or skipped, told from where it was played.
const ENOUGH_S = 240;
/** Who goes on sooner was on the way to another track: "next, next, next" is no taste. */
const JUDGED_S = 1;
const STEP_S = 2; // A longer way between two looks at the clock was a jump.

/** A track in play. It counts as played when half of it or four minutes were heard. */
export class Hearing {
  heard_s = 0;
  readonly #since_ms = Date.now();
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

  /**
   * Whether who leaves it now does not want it. One reads what it is before its sound comes, so that it need not have
   * been heard; but then a sound must have been awaited: not where it was paused, or the server did not send it.
   */
  isSkip(awaited: boolean): boolean {
    if (this.#counted || (this.heard_s === 0 && !awaited)) return false;
    return this.heard_s >= JUDGED_S || Date.now() - this.#since_ms >= JUDGED_S * 1000;
  }
}
