// Something asked of the server: on its way, there, or failed with a reason; asked again on wish.
import { ApiError } from './api';

export class Resource<T> {
  value = $state.raw<T | null>(null);
  /** What went wrong, where it did; what was there before stays. */
  error = $state.raw<ApiError | null>(null);
  loading = $state(true);
  #attempt = $state(0);

  /** `ask` is asked again whenever something changes that it read before its first await. Made within a component. */
  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    $effect(() => {
      void this.#attempt;
      const left = new AbortController();
      this.loading = true;
      this.error = null;
      ask(left.signal).then(
        (value) => {
          if (left.signal.aborted) return;
          this.value = value;
          this.loading = false;
        },
        (error: unknown) => {
          if (left.signal.aborted) return;
          this.error = error instanceof ApiError ? error : new ApiError(0, String(error), '');
          this.loading = false;
        },
      );
      return () => left.abort();
    });
  }

  again = (): void => {
    this.#attempt += 1;
  };
}
