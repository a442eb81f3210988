// Pictures of a track in time: waveform, genres as a stream, spectrogram, playhead. 2-D canvases.
import { layersAt, momentAt, sharesAt, type Timeline } from './timeline';

export interface Sheet {
  pen: CanvasRenderingContext2D;
  /** In CSS pixels. */
  width: number;
  height: number;
  from_s: number;
  to_s: number;
}

/** Gives the canvas as many pixels as it covers, and clears it. */
export function sheetOf(canvas: HTMLCanvasElement, [from_s, to_s]: readonly [number, number]): Sheet | null {
  const pen = canvas.getContext('2d');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!pen || !width || !height) return null;
  const ratio = Math.min(devicePixelRatio || 1, 2);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height, from_s, to_s };
}

export function xOf({ width, from_s, to_s }: Sheet, time_s: number): number {
  return (width * (time_s - from_s)) / (to_s - from_s);
}

/** Bars of loudness, 0 to 255 each; what was played in another colour. */
export function drawWave(
  sheet: Sheet,
  peaks: readonly number[],
  duration_s: number,
  time_s: number,
  played: string,
  coming: string,
): void {
  const { pen, width, height, from_s, to_s } = sheet;
  const step = 3;
  for (let x = 0; x < width; x += step) {
    const begin = from_s + ((to_s - from_s) * x) / width;
    const end = from_s + ((to_s - from_s) * (x + step)) / width;
    const first = Math.floor((begin / duration_s) * peaks.length);
    const last = Math.max(Math.ceil((end / duration_s) * peaks.length), first + 1);
    let loudest = 0;
    for (let i = first; i < last; i++) loudest = Math.max(loudest, peaks[i] ?? 0);
    const high = Math.max((loudest / 255) * (height - 2), 1.5);
    pen.fillStyle = begin <= time_s ? played : coming;
    pen.fillRect(x, (height - high) / 2, step - 1, high);
  }
}

/** Layers of probabilities; `order` from below, a colour each. */
export function drawStream(
  sheet: Sheet,
  timeline: Timeline,
  order: readonly number[],
  colourOf: (name: number) => string,
): void {
  const { pen, width, height, from_s, to_s } = sheet;
  const { moments } = timeline;
  const last = moments.at(-1);
  if (!last) return;
  const step_s = Math.max((2 * (to_s - from_s)) / width, 0.05);
  const heard_s = last.start_s + ((moments[1]?.start_s ?? 1) - (moments[0]?.start_s ?? 0));
  const times: number[] = [];
  // Times on a raster of their own, so that edges do not swim while the picture scrolls.
  for (let k = Math.floor(from_s / step_s); k * step_s < Math.min(to_s, heard_s); k++) times.push(k * step_s);
  times.push(Math.min(to_s, heard_s));
  const columns = times.map((time) => layersAt(sharesAt(timeline, time), order));
  const xs = times.map((time) => xOf(sheet, time));
  const y = (value: number): number => height / 2 - value * (height - 2);
  order.forEach((name, layer) => {
    pen.beginPath();
    xs.forEach((x, k) => pen.lineTo(x, y(columns[k]![layer]![1])));
    for (let k = xs.length - 1; k >= 0; k--) pen.lineTo(xs[k]!, y(columns[k]![layer]![0]));
    pen.closePath();
    pen.fillStyle = colourOf(name);
    pen.fill();
  });
}

/** The names of layers where they are thickest, if there is room. */
export function drawStreamNames(
  sheet: Sheet,
  timeline: Timeline,
  order: readonly number[],
  ink: string,
  font: string,
): void {
  const { pen, width, height, from_s, to_s } = sheet;
  const begin = momentAt(timeline.moments, from_s + 0.06 * (to_s - from_s));
  const end = momentAt(timeline.moments, to_s - 0.06 * (to_s - from_s));
  pen.font = `600 12px ${font}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillStyle = ink;
  order.forEach((name, layer) => {
    let best = -1;
    let most = 18 / height; // Thinner than its letters it stays without.
    for (let i = Math.max(begin, 0); i <= end; i++) {
      const share = timeline.moments[i]?.probabilities[name] ?? 0;
      if (share > most) [best, most] = [i, share];
    }
    const moment = timeline.moments[best];
    if (!moment) return;
    const [low, high] = layersAt(moment.probabilities, order)[layer]!;
    const half = pen.measureText(timeline.names[name] ?? '').width / 2 + 4;
    const x = Math.min(Math.max(xOf(sheet, moment.start_s), half), width - half);
    pen.fillText(timeline.names[name] ?? '', x, height / 2 - ((low + high) / 2) * (height - 2));
  });
}

export function drawHead(sheet: Sheet, time_s: number, ink: string, paper: string): void {
  const { pen, height } = sheet;
  const x = Math.round(xOf(sheet, time_s));
  pen.fillStyle = paper;
  pen.fillRect(x - 2, 0, 5, height);
  pen.fillStyle = ink;
  pen.fillRect(x - 0.5, 0, 2, height);
}

export function pictureOf(
  pixels: Uint8ClampedArray<ArrayBuffer>,
  columns: number,
  bins: number,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [columns, bins];
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, columns, bins), 0, 0);
  return canvas;
}
