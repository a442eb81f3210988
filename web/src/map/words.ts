// Above the dots of the map: names of labels, rings, the lasso and the path. A 2-D canvas.
import { toScreen, type Place, type Size, type View } from './view';

export interface Ink {
  text: string;
  paper: string;
  accent: string;
  font: string;
}

export interface Words {
  view: View;
  size: Size;
  ratio: number;
  ink: Ink;
  radius: number;
  names: readonly { text: string; x: number; y: number }[];
  points: Float32Array;
  /** Rings: the one that is pointed at, and the one with the focus. */
  over: number;
  focus: number;
  /** Tracks joined by a line, in order. */
  path: readonly number[];
  /** A line that is being drawn, in pixels. */
  line: readonly Place[];
  closesLine: boolean;
}

const LONGEST = 26;
/** Of fewer points the names stand above, not on them. */
const FEW = 500;

export function drawWords(pen: CanvasRenderingContext2D, words: Words): void {
  const { size, ratio, ink, points, radius } = words;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, size.width, size.height);
  pen.lineJoin = 'round';
  pen.lineCap = 'round';
  const at = (i: number): Place => toScreen(words.view, size, points[2 * i] ?? 0, points[2 * i + 1] ?? 0);
  drawNames(pen, words);
  if (words.path.length > 0) {
    trace(pen, words.path.map(at), false, ink.paper, 5);
    trace(pen, words.path.map(at), false, ink.accent, 2);
    words.path.forEach((i, k) => numbered(pen, at(i), k + 1, words.path.length <= 40, ink));
  }
  if (words.line.length > 1) drawLine(pen, words);
  if (words.over >= 0) ring(pen, at(words.over), radius + 3, ink, 2);
  if (words.focus >= 0) ring(pen, at(words.focus), radius + 5, ink, 3);
}

/** Names on a rim of paper, the commonest first; one that would cover another is left out. */
function drawNames(pen: CanvasRenderingContext2D, { names, view, size, ink, points, radius }: Words): void {
  pen.font = `600 13px ${ink.font}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const taken: { x: number; y: number; half: number }[] = [];
  for (const { text, x, y } of names) {
    const short = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
    const half = pen.measureText(short).width / 2 + 6;
    const [px, middleY] = toScreen(view, size, x, y);
    const py = middleY - (points.length < 2 * FEW ? radius + 12 : 0);
    if (px < -half || px > size.width + half || py < 0 || py > size.height) continue;
    const middle = Math.min(Math.max(px, half), Math.max(half, size.width - half));
    if (taken.some((one) => Math.abs(one.x - middle) < one.half + half && Math.abs(one.y - py) < 20))
      continue;
    taken.push({ x: middle, y: py, half });
    pen.lineWidth = 4;
    pen.strokeStyle = ink.paper;
    pen.strokeText(short, middle, py);
    pen.fillStyle = ink.text;
    pen.fillText(short, middle, py);
  }
}

function drawLine(pen: CanvasRenderingContext2D, { line, closesLine, ink }: Words): void {
  if (closesLine) {
    pen.globalAlpha = 0.14;
    pen.fillStyle = ink.accent;
    pen.fill(new Path2D(`M${line.map(([x, y]) => `${x} ${y}`).join('L')}Z`));
    pen.globalAlpha = 1;
  }
  pen.setLineDash(closesLine ? [6, 5] : []);
  trace(pen, line, closesLine, ink.accent, 2);
  pen.setLineDash([]);
}

function trace(
  pen: CanvasRenderingContext2D,
  places: readonly Place[],
  closed: boolean,
  colour: string,
  width: number,
): void {
  pen.beginPath();
  for (const [x, y] of places) pen.lineTo(x, y);
  if (closed) pen.closePath();
  pen.lineWidth = width;
  pen.strokeStyle = colour;
  pen.stroke();
}

function numbered(
  pen: CanvasRenderingContext2D,
  [x, y]: Place,
  number: number,
  isShown: boolean,
  ink: Ink,
): void {
  pen.beginPath();
  pen.arc(x, y, isShown ? 9 : 4, 0, 2 * Math.PI);
  pen.fillStyle = ink.paper;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = ink.accent;
  pen.stroke();
  if (!isShown) return;
  pen.font = `600 10px ${ink.font}`;
  pen.fillStyle = ink.text;
  pen.fillText(String(number), x, y + 0.5);
}

function ring(pen: CanvasRenderingContext2D, [x, y]: Place, radius: number, ink: Ink, width: number): void {
  for (const [colour, wide] of [
    [ink.paper, width + 2],
    [ink.text, width],
  ] as const) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.lineWidth = wide;
    pen.strokeStyle = colour;
    pen.stroke();
  }
}
