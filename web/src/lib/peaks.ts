// The waveforms of tracks: asked for once, the last ones kept.
import { api } from './api';

const KEPT = 40;
const QUIET = 16; // What is softer than this all through is shown as soft.
export const N_PEAKS = 400;
const kept = new Map<string, Promise<readonly number[]>>();

/** Peaks 0 to 255 of a track; none where they cannot be had. */
export function peaksOf(id: string): Promise<readonly number[]> {
  let found = kept.get(id);
  if (!found) {
    found = api
      .get('/api/tracks/{track}/peaks', { path: { track: id }, query: { n: N_PEAKS } })
      .then(({ peaks }) => peaks)
      .catch(() => {
        kept.delete(id);
        return [];
      });
    kept.set(id, found);
    const oldest = kept.keys().next().value;
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  }
  return found;
}

/**
 * The outline of a waveform as an SVG path in a box of width 1000 and height 100, mirrored at the middle: `bars` bars,
 * each as high as the loudest peak in its part. The loudest part of a quiet track reaches the edge too; without peaks it
 * is a line.
 */
export function outline(peaks: readonly number[], bars: number): string {
  const step = 1000 / bars;
  const wide = step * 0.62;
  const loudest = Math.max(QUIET, ...peaks);
  let path = '';
  for (let i = 0; i < bars; i++) {
    const part = peaks.slice(
      Math.floor((i * peaks.length) / bars),
      Math.max(Math.ceil(((i + 1) * peaks.length) / bars), Math.floor((i * peaks.length) / bars) + 1),
    );
    const height = Math.max(3, (Math.max(0, ...part) / loudest) * 100);
    path += `M${(i * step).toFixed(1)} ${(50 - height / 2).toFixed(1)}h${wide.toFixed(1)}v${height.toFixed(1)}h-${wide.toFixed(1)}z`;
  }
  return path;
}
