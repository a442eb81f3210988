// Keeps the queue over a reload (local storage) and for the listener's other devices (the server).
import { untrack } from 'svelte';
import { api } from './api';
import { player } from './player.svelte';
import { EMPTY, type Queue } from './queue';

const KEY = 'segue.queue';
const MOST = 1000; // Entries kept in this browser, around the present one: storage is small.
const EVERY_MS = 5_000;
const TOLD_AFTER_MS = 4_000;
const RELOAD_MS = 15_000; // What played and was left so lately was only reloaded: it plays on, if the browser lets it.

interface Kept {
  queue: Queue;
  position_s: number;
  /** Whether it played. */
  playing?: boolean;
  /** Milliseconds since 1970. */
  at: number;
}

/** Shows the queue of the last visit and keeps what changes, until the answer is called. */
export function keepQueue(): () => void {
  const kept = read();
  if (kept) player.resume(kept.queue, kept.position_s);
  if (kept?.playing && Date.now() - kept.at < RELOAD_MS) player.play();
  void takeNewer(kept?.at ?? 0);

  let told: ReturnType<typeof setTimeout> | undefined;
  let first = true;
  const stop = $effect.root(() => {
    $effect(() => {
      void [player.queue, player.playing];
      if (first) {
        first = false;
        return;
      }
      untrack(write); // It reads the position, which changes all the time.
      clearTimeout(told);
      told = setTimeout(tellServer, TOLD_AFTER_MS);
    });
    $effect(() => {
      if (!player.playing) return;
      const often = setInterval(write, EVERY_MS);
      return () => clearInterval(often);
    });
  });
  addEventListener('pagehide', write);
  return () => {
    stop();
    removeEventListener('pagehide', write);
  };
}

/** The part of a queue that is kept: as many entries as fit, most of them still to come. */
export function keepable(queue: Queue, most = MOST): Queue {
  const from = Math.max(0, Math.min(queue.place - Math.floor(most / 4), queue.entries.length - most));
  const entries = queue.entries.slice(from, from + most);
  const keys = new Set(entries.map((entry) => entry.key));
  return {
    ...queue,
    entries,
    place: queue.place < 0 ? -1 : queue.place - from,
    ordered: queue.ordered?.filter((key) => keys.has(key)) ?? null,
  };
}

/** A kept queue; null where what was kept does not have its form (an older version, somebody's hand). */
export function readable(text: string | null): Kept | null {
  try {
    const kept = JSON.parse(text ?? 'null') as Kept | null;
    const entries = kept?.queue.entries;
    if (!kept || !Array.isArray(entries) || !Number.isFinite(kept.position_s)) return null;
    if (!entries.every((entry) => typeof entry.track.id === 'string' && Number.isInteger(entry.key)))
      return null;
    const place = Math.min(kept.queue.place, entries.length - 1);
    return { ...kept, queue: { ...EMPTY, ...kept.queue, place } };
  } catch {
    return null;
  }
}

function read(): Kept | null {
  try {
    return readable(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function write(): void {
  const { queue, position_s, playing } = player;
  const kept: Kept = { queue: keepable(queue), position_s, playing, at: Date.now() };
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Storage is off or full: the queue lasts until the tab is closed.
  }
}

/** What another device played later than this one is shown here, unless something plays already. */
async function takeNewer(since_ms: number): Promise<void> {
  const there = await api.get('/api/queue').catch(() => null);
  if (!there || there.tracks.length === 0 || player.playing) return;
  if (since_ms > 0 && (there.changed_at ?? 0) * 1000 <= since_ms + TOLD_AFTER_MS * 2) return;
  const entries = there.tracks.map((track, i) => ({ key: i + 1, track, fromStation: false }));
  const place = Math.min(there.place ?? 0, entries.length - 1);
  player.resume(
    { ...player.queue, entries, place, ordered: null, nextKey: entries.length + 1 },
    there.position_s,
  );
}

function tellServer(): void {
  const { entries, place } = player.queue;
  const body = {
    tracks: entries.map((entry) => entry.track.id),
    place: place < 0 ? null : place,
    position_s: player.position_s,
  };
  void api.put('/api/queue', { body }).catch(() => undefined); // It is told again with the next change.
}
