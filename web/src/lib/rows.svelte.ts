// Which rows of a long list are drawn, which is active, which are chosen. Places are numbers from 0.

/** The first row to draw, and the one after the last, where the list begins `top` pixels below the window's upper edge. */
export function visible(
  top: number,
  rowHeight: number,
  count: number,
  windowHeight: number,
  spare = 10,
): [from: number, to: number] {
  const from = Math.floor(-top / rowHeight) - spare;
  const to = Math.ceil((windowHeight - top) / rowHeight) + spare;
  return [Math.min(Math.max(from, 0), count), Math.min(Math.max(to, 0), count)];
}

/** Rows that are chosen together, as lists everywhere do it: a click alone, with Ctrl one more, with Shift a range. */
export class Choice {
  places = $state.raw<ReadonlySet<number>>(new Set());
  #anchor = 0;

  only(place: number): void {
    this.#anchor = place;
    this.places = new Set([place]);
  }

  toggle(place: number): void {
    this.#anchor = place;
    const places = new Set(this.places);
    if (!places.delete(place)) places.add(place);
    this.places = places;
  }

  upTo(place: number): void {
    const [from, to] = [Math.min(this.#anchor, place), Math.max(this.#anchor, place)];
    this.places = new Set(Array.from({ length: to - from + 1 }, (_, i) => from + i));
  }

  all(count: number): void {
    this.places = new Set(Array.from({ length: count }, (_, i) => i));
  }

  none(): void {
    if (this.places.size > 0) this.places = new Set();
  }

  get sorted(): number[] {
    return [...this.places].sort((a, b) => a - b);
  }
}
