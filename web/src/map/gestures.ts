// What hands do on the map: one pointer pans or draws, two pinch, a wheel zooms, a tap chooses.
import type { Place } from './view';

export interface Hands {
  /** Whether one pointer draws instead of moving the map. */
  draws(event: PointerEvent): boolean;
  hover(at: Place | null): void;
  tap(at: Place, reach: number): void;
  pan(right: number, down: number): void;
  zoom(factor: number, at: Place): void;
  /** A line that is being drawn, from its first place on; `done` when the pointer is lifted, null when given up. */
  line(places: Place[] | null, done: boolean): void;
}

const SLACK_PX = 5;
const REACH_PX = { mouse: 12, touch: 24 };

/** Listens until the function that it answers is called. */
export function followHands(node: HTMLElement, hands: Hands): () => void {
  const fingers = new Map<number, Place>();
  let moved = 0;
  let line: Place[] | null = null;

  const placeOf = (event: MouseEvent): Place => {
    const box = node.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  function down(event: PointerEvent): void {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, placeOf(event));
    if (fingers.size === 1) {
      moved = 0;
      line = hands.draws(event) ? [placeOf(event)] : null;
    } else if (line) {
      line = null; // A second finger: this is no line but a pinch.
      hands.line(null, true);
    }
  }

  function move(event: PointerEvent): void {
    const at = placeOf(event);
    const before = fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse') hands.hover(at);
      return;
    }
    fingers.set(event.pointerId, at);
    const [right, downwards] = [at[0] - before[0], at[1] - before[1]];
    moved += Math.hypot(right, downwards);
    if (fingers.size === 1) {
      if (moved <= SLACK_PX) return;
      hands.hover(null);
      if (line) {
        line.push(at);
        hands.line([...line], false);
      } else hands.pan(right, downwards);
    } else if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1] ?? at;
      const was = Math.hypot(before[0] - other[0], before[1] - other[1]) || 1;
      const is = Math.hypot(at[0] - other[0], at[1] - other[1]) || 1;
      hands.zoom(is / was, [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2]);
      hands.pan(right / 2, downwards / 2);
    }
  }

  function up(event: PointerEvent): void {
    const known = fingers.delete(event.pointerId);
    if (!known || fingers.size > 0) return;
    const drawn = line;
    line = null;
    if (event.type === 'pointercancel') {
      if (drawn) hands.line(null, true);
    } else if (moved <= SLACK_PX) {
      if (drawn) hands.line(null, true);
      hands.tap(placeOf(event), event.pointerType === 'mouse' ? REACH_PX.mouse : REACH_PX.touch);
    } else if (drawn) hands.line(drawn, true);
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const power = Math.min(Math.max((-event.deltaY * unit) / 300, -1.5), 1.5);
    hands.zoom(2 ** power, placeOf(event));
  }

  const stop = new AbortController();
  const { signal } = stop;
  node.addEventListener('pointerdown', down, { signal });
  node.addEventListener('pointermove', move, { signal });
  node.addEventListener('pointerup', up, { signal });
  node.addEventListener('pointercancel', up, { signal });
  node.addEventListener('pointerleave', () => fingers.size === 0 && hands.hover(null), { signal });
  node.addEventListener('wheel', wheel, { signal, passive: false });
  node.addEventListener('dblclick', (event) => hands.zoom(2, placeOf(event)), { signal });
  return () => stop.abort();
}
