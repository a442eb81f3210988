// Genres as they move through a track: the moments that came so far, who leads, and the layers of a stream graph.
// No browser.

export interface Moment {
  start_s: number;
  /** A probability a name. */
  probabilities: readonly number[];
}

export interface Timeline {
  names: readonly string[];
  moments: readonly Moment[];
  ended: boolean;
}

export const NOTHING: Timeline = { names: [], moments: [], ended: false };

export interface Share {
  name: string;
  /** Its place in `names`. */
  at: number;
  probability: number;
}

/** The last moment that begins at or before a time; the first before all of them, -1 where there is none. */
export function momentAt(moments: readonly Moment[], time_s: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle]!.start_s <= time_s) low = middle + 1;
    else high = middle;
  }
  return moments.length === 0 ? -1 : Math.max(low - 1, 0);
}

/** Probabilities at a time, between two moments in between them. */
export function sharesAt({ moments }: Timeline, time_s: number): readonly number[] {
  const i = momentAt(moments, time_s);
  const now = moments[i];
  const next = moments[i + 1];
  if (!now || !next || time_s <= now.start_s) return now?.probabilities ?? [];
  const share = Math.min((time_s - now.start_s) / (next.start_s - now.start_s), 1);
  return now.probabilities.map((one, k) => one + share * ((next.probabilities[k] ?? 0) - one));
}

/** The likeliest `n` names at a time. */
export function leaders(timeline: Timeline, time_s: number, n: number): Share[] {
  return sharesAt(timeline, time_s)
    .map((probability, at) => ({ name: timeline.names[at] ?? '', at, probability }))
    .sort((a, b) => b.probability - a.probability || a.at - b.at)
    .slice(0, n);
}

/** The `n` names that are likeliest over all that was heard, by their places, likeliest first. */
export function mostHeard({ names, moments }: Timeline, n: number): number[] {
  const sums = names.map((_, k) => moments.reduce((sum, one) => sum + (one.probabilities[k] ?? 0), 0));
  return [...names.keys()].sort((a, b) => sums[b]! - sums[a]! || a - b).slice(0, n);
}

/** The order of a stream graph's layers: the greatest in the middle, the others in turn above and below. */
export function insideOut(ranked: readonly number[]): number[] {
  const order: number[] = [];
  ranked.forEach((one, k) => (k % 2 ? order.push(one) : order.unshift(one)));
  return order;
}

/** The edges of each layer at a time, around 0: `[low, high]` for each of `order`. */
export function layersAt(shares: readonly number[], order: readonly number[]): [low: number, high: number][] {
  const total = order.reduce((sum, k) => sum + (shares[k] ?? 0), 0);
  let edge = -total / 2;
  return order.map((k) => {
    const low = edge;
    edge += shares[k] ?? 0;
    return [low, edge];
  });
}

/** The stretch that is shown: all, or `near_s` on both sides of the playhead, within the track. */
export function stretch(
  time_s: number,
  duration_s: number,
  near_s: number | null,
): [from: number, to: number] {
  if (near_s === null || duration_s <= 2 * near_s) return [0, Math.max(duration_s, 1)];
  const from = Math.min(Math.max(time_s - near_s, 0), duration_s - 2 * near_s);
  return [from, from + 2 * near_s];
}
