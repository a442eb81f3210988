// A question to the server as a page shows it: on its way, answered, failed; asked anew when what it reads changes.
import { patiently } from './patient';

export class Asked<T> {
  answer = $state.raw<T | undefined>(undefined);
  error = $state.raw<unknown>(null);
  /** Whether the server is still making what was asked for. */
  waiting = $state(false);
  /** Whether an answer is on its way, perhaps in place of one that is shown. */
  loading = $state(true);
  #attempt = $state(0);

  /** Made in a component: what `ask` reads of its state is followed. */
  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    $effect(() => {
      void this.#attempt;
      const leave = new AbortController();
      this.error = null;
      this.loading = true;
      const question = ask(leave.signal); // Here, so that what it reads is followed.
      let first: Promise<T> | null = question;
      const again = (): Promise<T> => {
        const now = first ?? ask(leave.signal);
        first = null;
        return now;
      };
      patiently(again, leave.signal, () => (this.waiting = true)).then(
        (answer) => leave.signal.aborted || this.#done(answer, null),
        (error: unknown) => leave.signal.aborted || this.#done(undefined, error),
      );
      return () => leave.abort();
    });
  }

  #done(answer: T | undefined, error: unknown): void {
    [this.answer, this.error, this.waiting, this.loading] = [answer, error, false, false];
  }

  again(): void {
    this.#attempt += 1;
  }
}
