// Follows the genres of a track while the server listens to it; what was heard whole is remembered.
import { address, ApiError, problemOf } from '../lib/api';
import { NOTHING, type Moment, type Timeline } from './timeline';

const REMEMBERED = 12;
const heard = new Map<string, Timeline>();

/** Calls `onheard` with all that came so far, again and again, until it ended; answers how to stop. */
export function listen(
  track: string,
  onheard: (timeline: Timeline) => void,
  onfailed: (error: unknown) => void,
): () => void {
  const known = heard.get(track);
  if (known) {
    onheard(known);
    return () => undefined;
  }
  let timeline: Timeline = NOTHING;
  let asked = 0;
  const source = new EventSource(address('/api/tracks/{track}/timeline', { track }));
  const show = (): void => {
    asked = 0;
    onheard(timeline);
  };
  const change = (next: Timeline): void => {
    timeline = next;
    asked ||= requestAnimationFrame(show); // Many moments come at once: shown once a frame.
  };
  const read = <T>(event: Event): T => JSON.parse((event as MessageEvent<string>).data) as T;
  const close = (): void => {
    source.close();
    cancelAnimationFrame(asked);
  };
  source.addEventListener('classes', (event) => change({ ...NOTHING, names: read<string[]>(event) }));
  source.addEventListener('moment', (event) =>
    change({ ...timeline, moments: [...timeline.moments, read<Moment>(event)] }),
  );
  source.addEventListener('problem', (event) => onfailed(new ApiError(500, read<string>(event), '')));
  source.addEventListener('end', () => {
    close();
    timeline = { ...timeline, ended: true };
    if (timeline.moments.length > 0) remember(track, timeline);
    onheard(timeline);
  });
  source.addEventListener('error', () => {
    close();
    void whyNot(track).then(onfailed);
  });
  return close;
}

function remember(track: string, timeline: Timeline): void {
  heard.set(track, timeline);
  const oldest = heard.keys().next().value;
  if (heard.size > REMEMBERED && oldest !== undefined) heard.delete(oldest);
}

/** An EventSource does not say what the server answered: asks for it once more. */
async function whyNot(track: string): Promise<ApiError> {
  const stop = new AbortController();
  try {
    const answer = await fetch(address('/api/tracks/{track}/timeline', { track }), {
      credentials: 'same-origin',
      signal: stop.signal,
    });
    if (answer.ok) return new ApiError(0, 'The connection was lost', '');
    return await problemOf(answer);
  } catch {
    return new ApiError(0, 'No answer from the server', '');
  } finally {
    stop.abort();
  }
}
