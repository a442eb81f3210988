import { expect, test } from 'vitest';
import { ramp } from '../lib/shades';
import { painted, piecesOf } from './spectrogram';

test('low tones are at the foot of the picture', () => {
  const piece = { start_s: 0, length_s: 1, columns: 2, bins: 3, values: Uint8Array.of(0, 0, 255, 255, 0, 0) };
  const shades = ramp(256, true);
  const pixels = painted(piece, shades);
  const at = (x: number, y: number): number[] => [...pixels.slice(4 * (2 * y + x), 4 * (2 * y + x) + 3)];
  expect(at(0, 0)).toEqual([...shades[255]!]); // The first column's highest bin.
  expect(at(1, 2)).toEqual([...shades[255]!]);
  expect(at(0, 2)).toEqual([...shades[0]!]);
});

test.each([
  [0, 30, 200, [0]],
  [50, 80, 200, [0, 1]],
  [190, 220, 200, [3]],
  [0, 200, 200, [0, 1, 2, 3]],
  [0, 1, 1, [0]],
])('from %d to %d s of %d: %j', (from, to, duration, wanted) => {
  expect(piecesOf(from, to, duration)).toEqual(wanted);
});
