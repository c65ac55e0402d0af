import type { Bbox } from "./annotation.ts";

/**
 * Area that any of the boxes covers, px2. With corners on the grid it is exact.
 * Cost n log n. Source: Bentley 1977, Solutions to Klee's rectangle problems.
 */
export function coveredArea(boxes: readonly Bbox[]): number {
  const drawn = boxes.filter(({ minX, minY, maxX, maxY }) => minX < maxX && minY < maxY);
  const stops = Float64Array.from(new Set(drawn.flatMap(({ minY, maxY }) => [minY, maxY]))).sort();
  const placeOf = new Map(Array.from(stops, (y, place) => [y, place]));
  const sides = drawn
    .flatMap(({ minX, minY, maxX, maxY }) => {
      const [low, high] = [placeOf.get(minY) ?? 0, placeOf.get(maxY) ?? 0];
      return [
        { x: minX, low, high, step: 1 },
        { x: maxX, low, high, step: -1 },
      ];
    })
    .sort((a, b) => a.x - b.x);
  const column = new Column(stops);
  let area = 0;
  let before = 0;
  for (const { x, low, high, step } of sides) {
    area += column.covered * (x - before);
    before = x;
    column.add(low, high, step);
  }
  return area;
}

/** What boxes cover of one line across all of them: a tree over the pieces between stops. */
class Column {
  readonly #stops: Float64Array;
  readonly #pieces: number;
  /** Per node: how many boxes cover all of it, and how much of it is covered. */
  readonly #count: Int32Array;
  readonly #length: Float64Array;

  constructor(stops: Float64Array) {
    this.#stops = stops;
    this.#pieces = Math.max(0, stops.length - 1);
    this.#count = new Int32Array(4 * this.#pieces + 4);
    this.#length = new Float64Array(4 * this.#pieces + 4);
  }

  get covered(): number {
    return this.#length[1] ?? 0;
  }

  /** Adds to, or takes from, the pieces between two stops. */
  add(low: number, high: number, step: number): void {
    this.#change(1, 0, this.#pieces, low, high, step);
  }

  #change(node: number, from: number, to: number, low: number, high: number, step: number): void {
    if (high <= from || to <= low) return;
    if (low <= from && to <= high) this.#count[node] = (this.#count[node] ?? 0) + step;
    else {
      const middle = (from + to) >> 1;
      this.#change(2 * node, from, middle, low, high, step);
      this.#change(2 * node + 1, middle, to, low, high, step);
    }
    if ((this.#count[node] ?? 0) > 0) this.#length[node] = (this.#stops[to] ?? 0) - (this.#stops[from] ?? 0);
    else this.#length[node] = to - from === 1 ? 0 : (this.#length[2 * node] ?? 0) + (this.#length[2 * node + 1] ?? 0);
  }
}
