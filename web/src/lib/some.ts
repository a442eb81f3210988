// Tracks whose ids are all that is known: points of the map, places of a path.
import { api } from './api';
import type { Track } from './records';

const AT_ONCE = 8;

/** The tracks, in their order; those that are gone are left out. */
export async function tracksOf(ids: readonly string[], signal?: AbortSignal): Promise<Track[]> {
  const found = new Map<string, Track>();
  const waiting = [...new Set(ids)];
  const fetchSome = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        found.set(
          id,
          await api.get('/api/tracks/{track}', { path: { track: id }, ...(signal && { signal }) }),
        );
      } catch (error) {
        if (signal?.aborted || (error as { status?: number }).status !== 404) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchSome));
  return ids.flatMap((id) => found.get(id) ?? []);
}
