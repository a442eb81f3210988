// Why a track could not be played, and how long to wait before it is tried again.
import { audioAddress } from './formats';
import type { Track } from './records';

/** gone: the file is not there or cannot be read. away: no server. form: the browser cannot play the file. */
export type Trouble = 'gone' | 'away' | 'form';

/** Asks the server for the first byte of the track. */
export async function troubleOf(track: Track): Promise<Trouble> {
  const giveUp = new AbortController();
  try {
    const answer = await fetch(audioAddress(track, null), {
      headers: { Range: 'bytes=0-0' },
      credentials: 'same-origin',
      signal: giveUp.signal,
    });
    if (answer.ok) return 'form';
    return answer.status >= 502 || answer.status === 429 ? 'away' : 'gone';
  } catch {
    return 'away';
  } finally {
    giveUp.abort();
  }
}

/** Milliseconds before the `attempt`-th new attempt (0, 1, …): one second, doubled up to half a minute. */
export function pause_ms(attempt: number): number {
  return Math.min(1000 * 2 ** attempt, 30_000);
}
