// The map from the server: titles and labels as JSON, places as numbers.
import { address, api, ApiError, problemOf } from '../lib/api';
import type { components } from '../lib/api-types';
import { isBeingMade, type BeingMade } from '../lib/patient';
import { gridOf, type Grid } from './grid';

export type LibraryMap = components['schemas']['LibraryMap'];

export interface Loaded {
  map: LibraryMap;
  grid: Grid;
}

export async function loadMap(signal: AbortSignal): Promise<Loaded | BeingMade> {
  const [map, points] = await Promise.all([api.get('/api/map', { signal }), loadPoints(signal)]);
  if (isBeingMade(map)) return map;
  if (isBeingMade(points)) return points;
  if (points.length !== 2 * map.tracks.length) {
    // It was drawn anew between the two answers.
    throw new ApiError(409, 'The map changed while it was loaded', '');
  }
  return { map, grid: gridOf(points) };
}

async function loadPoints(signal: AbortSignal): Promise<Float32Array | BeingMade> {
  const answer = await fetch(address('/api/map/points'), { credentials: 'same-origin', signal });
  if (!answer.ok) throw await problemOf(answer);
  if (answer.status === 202) return { being_made: true };
  return littleEndian(await answer.arrayBuffer());
}

/** float32, little endian, whatever this machine is. */
export function littleEndian(bytes: ArrayBuffer): Float32Array {
  const view = new DataView(bytes);
  return Float32Array.from({ length: bytes.byteLength >> 2 }, (_, i) => view.getFloat32(4 * i, true));
}

/** Up to `most` places of titles that hold all words, accents and case aside. */
export function searched(titles: readonly string[], text: string, most: number): number[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  const found: number[] = [];
  if (words.length === 0) return found;
  const all = plainTitles(titles);
  for (let i = 0; i < all.length && found.length < most; i++) {
    const title = all[i] ?? '';
    if (words.every((word) => title.includes(word))) found.push(i);
  }
  return found;
}

const made = new WeakMap<readonly string[], string[]>();

/** Made once for all searches of a map. */
function plainTitles(titles: readonly string[]): string[] {
  let all = made.get(titles);
  if (!all) made.set(titles, (all = titles.map(plain)));
  return all;
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
