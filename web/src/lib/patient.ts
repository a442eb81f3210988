// Waits for what the server is still making: it says so (202) and is asked again.
import type { components } from './api-types';

export type BeingMade = components['schemas']['BeingMade'];

const REST_MS = 2000;

/** The answer; `onwait` is called each time that there is none yet. */
export async function patiently<T extends object>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  onwait: () => void = () => undefined,
): Promise<Exclude<T, BeingMade>> {
  for (;;) {
    const answer = await ask();
    if (!isBeingMade(answer)) return answer as Exclude<T, BeingMade>;
    signal.throwIfAborted();
    onwait();
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    signal.throwIfAborted();
  }
}

export function isBeingMade(answer: object): answer is BeingMade {
  return 'being_made' in answer;
}
