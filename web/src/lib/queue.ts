// The queue of the player: what was played, what plays, what comes. Pure: every function gives a new queue.
import type { Track } from './records';

export const REPEATS = ['off', 'all', 'one'] as const;
export type Repeat = (typeof REPEATS)[number];

/** A track's place in the queue. The same track may stand there twice, so that each entry has a key of its own. */
export interface Entry {
  readonly key: number;
  readonly track: Track;
  /** Whether endless play put it there: what it put there and was not heard yet may be taken back. */
  readonly fromStation: boolean;
  /** How well it fits and why, where it came from a list that says so. */
  readonly match?: number | undefined;
  readonly reasons?: readonly string[] | undefined;
}

/** What an entry is made from: a track, perhaps of an answer. */
export interface Wanted {
  readonly track: Track;
  readonly match?: number | undefined;
  readonly reasons?: readonly string[] | undefined;
}

export interface Queue {
  readonly entries: readonly Entry[];
  /** Which entry plays; -1 where none does. */
  readonly place: number;
  readonly repeat: Repeat;
  /** The keys in the order that was there before shuffling; null where the queue is not shuffled. */
  readonly ordered: readonly number[] | null;
  readonly nextKey: number;
}

export const EMPTY: Queue = { entries: [], place: -1, repeat: 'off', ordered: null, nextKey: 1 };

/** Off, all, one, and off again. */
export function nextRepeat(repeat: Repeat): Repeat {
  return REPEATS[(REPEATS.indexOf(repeat) + 1) % REPEATS.length] as Repeat;
}

/** The entry that plays. */
export function present(queue: Queue): Entry | null {
  return queue.entries[queue.place] ?? null;
}

/** What comes after the present entry, in order. */
export function coming(queue: Queue): readonly Entry[] {
  return queue.entries.slice(queue.place + 1);
}

/** Replaces the queue by `wanted` and begins at `at`; a queue that is shuffled stays so, from there on. */
export function playNow(queue: Queue, wanted: readonly Wanted[], at = 0, random = Math.random): Queue {
  const made = entriesOf(queue, wanted, false);
  const place = made.length === 0 ? -1 : Math.min(Math.max(at, 0), made.length - 1);
  const fresh: Queue = {
    ...queue,
    entries: made,
    place,
    ordered: null,
    nextKey: queue.nextKey + made.length,
  };
  return queue.ordered ? shuffle(fresh, random) : fresh;
}

/** Puts `wanted` right after the present entry. */
export function addNext(queue: Queue, wanted: readonly Wanted[]): Queue {
  return insert(queue, entriesOf(queue, wanted, false), queue.place + 1);
}

/** Puts `wanted` at the end, but before what endless play foresees: what a person asked for comes first. */
export function addLast(queue: Queue, wanted: readonly Wanted[]): Queue {
  const at = queue.entries.findIndex((entry, i) => i > queue.place && entry.fromStation);
  return insert(queue, entriesOf(queue, wanted, false), at < 0 ? queue.entries.length : at);
}

/**
 * Puts what endless play answers at the end, leaving out what is in the queue already: in place of what it foresaw
 * before, or with `keep` behind that.
 */
export function foresee(queue: Queue, wanted: readonly Wanted[], { keep = false } = {}): Queue {
  const kept = keep ? queue : forget(queue);
  const there = new Set(kept.entries.map((entry) => entry.track.id));
  const fresh = wanted.filter((one) => !there.has(one.track.id) && there.add(one.track.id));
  return insert(kept, entriesOf(kept, fresh, true), kept.entries.length);
}

/** Takes back what endless play foresaw and nobody heard yet. */
export function forget(queue: Queue): Queue {
  return remove(
    queue,
    coming(queue)
      .filter((entry) => entry.fromStation)
      .map((entry) => entry.key),
  );
}

/** Moves the entry at `from` so that it stands at `to`. */
export function move(queue: Queue, from: number, to: number): Queue {
  const moved = queue.entries[from];
  if (!moved || from === to) return queue;
  const entries = queue.entries.toSpliced(from, 1).toSpliced(to, 0, moved);
  return at({ ...queue, entries }, present(queue));
}

/**
 * Removes entries by their keys. Where the present one is among them, the next that stays becomes present; -1 where
 * none stays.
 */
export function remove(queue: Queue, keys: readonly number[]): Queue {
  const gone = new Set(keys);
  if (gone.size === 0) return queue;
  const entries = queue.entries.filter((entry) => !gone.has(entry.key));
  const stays =
    queue.entries.find((entry, i) => i >= queue.place && !gone.has(entry.key)) ??
    queue.entries.findLast((entry) => !gone.has(entry.key)) ??
    null;
  const ordered = queue.ordered?.filter((key) => !gone.has(key)) ?? null;
  return at({ ...queue, entries, ordered }, queue.place < 0 ? null : stays);
}

/** Removes everything but the present entry. */
export function clear(queue: Queue): Queue {
  const kept = present(queue);
  return remove(
    queue,
    queue.entries.filter((entry) => entry !== kept).map((entry) => entry.key),
  );
}

/** Mixes the queue: the present entry comes first and plays on, all others follow in a random order. */
export function shuffle(queue: Queue, random = Math.random): Queue {
  const ordered = queue.ordered ?? queue.entries.map((entry) => entry.key);
  const first = present(queue);
  const rest = queue.entries.filter((entry) => entry !== first);
  for (let i = rest.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [rest[i], rest[j]] = [rest[j] as Entry, rest[i] as Entry];
  }
  return at({ ...queue, entries: first ? [first, ...rest] : rest, ordered }, first);
}

/** Puts the entries back in the order from before shuffling; the present one plays on. */
export function unshuffle(queue: Queue): Queue {
  if (!queue.ordered) return queue;
  const byKey = new Map(queue.entries.map((entry) => [entry.key, entry]));
  const entries = queue.ordered.flatMap((key) => byKey.get(key) ?? []);
  return at({ ...queue, entries, ordered: null }, present(queue));
}

/** Where it goes on after the present entry; null at the end. By hand one leaves a track that repeats, too. */
export function nextPlace(queue: Queue, { byHand }: { byHand: boolean }): number | null {
  if (queue.entries.length === 0) return null;
  if (queue.repeat === 'one' && !byHand && queue.place >= 0) return queue.place;
  if (queue.place + 1 < queue.entries.length) return queue.place + 1;
  return queue.repeat === 'all' ? 0 : null;
}

/** Where one goes back to; null at the beginning. */
export function previousPlace(queue: Queue): number | null {
  if (queue.place > 0) return queue.place - 1;
  return queue.repeat === 'all' && queue.entries.length > 0 ? queue.entries.length - 1 : null;
}

function entriesOf(queue: Queue, wanted: readonly Wanted[], fromStation: boolean): Entry[] {
  return wanted.map(({ track, match, reasons }, i) => ({
    key: queue.nextKey + i,
    track,
    fromStation,
    match,
    reasons,
  }));
}

/** In a shuffled queue the order from before keeps new entries behind the one that they were put behind. */
function insert(queue: Queue, added: readonly Entry[], index: number): Queue {
  const keys = added.map((entry) => entry.key);
  const before = queue.entries[index - 1]?.key;
  const behind = before === undefined ? 0 : (queue.ordered?.indexOf(before) ?? 0) + 1;
  return {
    ...queue,
    entries: queue.entries.toSpliced(index, 0, ...added),
    ordered: queue.ordered?.toSpliced(behind, 0, ...keys) ?? null,
    nextKey: queue.nextKey + added.length,
  };
}

function at(queue: Queue, entry: Entry | null): Queue {
  return { ...queue, place: entry ? queue.entries.indexOf(entry) : -1 };
}
