// Tracks whose ids are all that is known: points of the map, places of a path.
import { api } from './api';
import type { Track } from './records';

const AT_ONCE = 500;

/** The tracks, in their order; those that are gone are left out. */
export async function tracksOf(ids: readonly string[], signal?: AbortSignal): Promise<Track[]> {
  const found: Track[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const body = { ids: ids.slice(at, at + AT_ONCE) };
    const answer = await api.post('/api/tracks/lookup', { body, ...(signal && { signal }) });
    found.push(...answer.items);
  }
  return found;
}
