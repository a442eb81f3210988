// Waits for what the server is still making: it answers 503 and is asked again.
import { ApiError } from './api';

const REST_MS = 2000;

/** The answer; `onwait` is called each time that there is none yet. */
export async function patiently<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  onwait: () => void,
): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503 || signal.aborted) throw error;
      onwait();
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      signal.throwIfAborted();
    }
  }
}
