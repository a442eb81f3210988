// The mel-spectrogram of a track in pieces, painted in a ramp of even lightness.
import { address, ApiError, problemOf } from '../lib/api';
import type { Rgb } from '../lib/shades';

export const PIECE_S = 60;
const COLUMNS_PER_S = 16;

export interface Piece {
  start_s: number;
  length_s: number;
  columns: number;
  bins: number;
  /** Columns by time, each from low to high, 0 to 255. */
  values: Uint8Array;
}

/** Loads the piece of a number; each is `PIECE_S` long, the last shorter. */
export async function loadPiece(
  track: string,
  number: number,
  duration_s: number,
  signal: AbortSignal,
): Promise<Piece> {
  const start_s = number * PIECE_S;
  const length_s = Math.max(Math.min(PIECE_S, duration_s - start_s), 0.1);
  const columns = Math.max(Math.round(length_s * COLUMNS_PER_S), 1);
  const answer = await fetch(
    address(
      '/api/tracks/{track}/spectrogram',
      { track },
      { start_s, length_s: length_s.toFixed(3), columns },
    ),
    { credentials: 'same-origin', signal },
  );
  if (!answer.ok) throw await problemOf(answer);
  const number_ = (name: string): number => Number(answer.headers.get(name));
  const values = new Uint8Array(await answer.arrayBuffer());
  const wide = number_('X-Columns');
  const bins = number_('X-Bins');
  if (!(wide > 0) || wide * bins !== values.length) throw new ApiError(0, 'Half a spectrogram', '');
  return { start_s, length_s: number_('X-Column-S') * wide || length_s, columns: wide, bins, values };
}

/** Red, green, blue, opacity a point: rows from high to low as a picture has them. */
export function painted(
  { columns, bins, values }: Piece,
  ramp: readonly Rgb[],
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * columns * bins);
  for (let column = 0; column < columns; column++) {
    for (let bin = 0; bin < bins; bin++) {
      const [red, green, blue] = ramp[values[column * bins + bin]!] ?? [0, 0, 0];
      const at = 4 * ((bins - 1 - bin) * columns + column);
      pixels[at] = red;
      pixels[at + 1] = green;
      pixels[at + 2] = blue;
      pixels[at + 3] = 255;
    }
  }
  return pixels;
}

/** The numbers of the pieces that a stretch touches. */
export function piecesOf(from_s: number, to_s: number, duration_s: number): number[] {
  const last = Math.max(Math.ceil(duration_s / PIECE_S) - 1, 0);
  const first = Math.min(Math.max(Math.floor(from_s / PIECE_S), 0), last);
  const end = Math.min(Math.max(Math.ceil(to_s / PIECE_S) - 1, first), last);
  return Array.from({ length: end - first + 1 }, (_, k) => first + k);
}
