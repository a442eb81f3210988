// A long list that comes page by page, as the reader nears its end.
import { ApiError } from './api';

const SIZE = 200;

interface Page<T> {
  readonly items: readonly T[];
  readonly total: number | null;
}

export class Pages<T> {
  items = $state.raw<readonly T[]>([]);
  /** How many there are in all; null where that is not known (yet). */
  total = $state<number | null>(null);
  loading = $state(true);
  error = $state.raw<ApiError | null>(null);
  done = $state(false);
  readonly #ask: (offset: number, limit: number, signal: AbortSignal) => Promise<Page<T>>;
  #left = new AbortController();
  #attempt = $state(0);

  /** Begins anew whenever something changes that `ask` reads before its first await. Made within a component. */
  constructor(ask: (offset: number, limit: number, signal: AbortSignal) => Promise<Page<T>>) {
    this.#ask = ask;
    $effect(() => {
      void this.#attempt;
      this.#left = new AbortController();
      this.done = false;
      this.total = null;
      this.loading = true;
      void this.#load([]);
      return () => this.#left.abort();
    });
  }

  /** The next page, unless it is on its way. */
  more = (): void => {
    if (this.loading || this.done || this.error) return;
    this.loading = true;
    void this.#load(this.items);
  };

  again = (): void => {
    this.#attempt += 1;
  };

  async #load(before: readonly T[]): Promise<void> {
    const { signal } = this.#left;
    this.error = null;
    try {
      const page = await this.#ask(before.length, SIZE, signal);
      if (signal.aborted) return;
      this.items = [...before, ...page.items];
      this.total = page.total;
      this.done = page.items.length < SIZE;
      this.loading = false;
    } catch (error) {
      if (signal.aborted) return;
      this.error = error instanceof ApiError ? error : new ApiError(0, String(error), '');
      this.loading = false;
    }
  }
}
