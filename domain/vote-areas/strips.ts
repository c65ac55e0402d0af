/** Whose an area is and what it says. */
export type Placed = { readonly reader: number; readonly label: number };

/** Edges of shapes, by where they begin from left to right, px. */
export type Edges = {
  readonly count: number;
  /** The shape that an edge belongs to, and whether it lies below (+1) or above (-1) it, or the other way round. */
  readonly owner: Int32Array;
  readonly sign: Float64Array;
  readonly x0: Float64Array;
  readonly x1: Float64Array;
  readonly y0: Float64Array;
  readonly slope: Float64Array;
};

/** From low to high, px. */
export type Band = { readonly low: number; readonly high: number };

/**
 * Goes up through strips and gives what lies between two edges, within a band, to the votes that hold there. Made once and
 * used for many strips, in each of which every shape that is entered is left.
 */
export class StripMeter {
  /** px2 by combination of votes; a key has the vote of each reader as a digit to the base of the categories. */
  readonly areas = new Map<number, number>();
  readonly #placed: readonly Placed[];
  readonly #digits: readonly number[];
  readonly #depth: Int32Array;
  readonly #open: number[][];
  readonly #labels: number[];
  #key = 0;

  constructor(placed: readonly Placed[], readers: number, categories: number) {
    this.#placed = placed;
    this.#digits = Array.from({ length: readers }, (_, reader) => categories ** reader);
    this.#depth = new Int32Array(placed.length);
    this.#open = this.#digits.map(() => []);
    this.#labels = this.#digits.map(() => 0);
  }

  /**
   * @param order the edges from bottom to top
   * @param heights of these edges in the middle of the strip: between lines they are the mean heights, so areas are exact
   */
  addStrip(order: readonly number[], heights: Float64Array, edges: Edges, width: number, { low, high }: Band): void {
    let below = low;
    for (let place = 0; place < order.length; place++) {
      const height = heights[place] ?? 0;
      const area = this.#key === 0 ? 0 : (Math.min(height, high) - below) * width;
      if (area > 0) this.areas.set(this.#key, (this.areas.get(this.#key) ?? 0) + area);
      below = Math.max(low, height);
      const edge = order[place] ?? 0;
      this.#cross(edges.owner[edge] ?? 0, edges.sign[edge] ?? 0);
    }
  }

  #cross(owner: number, sign: number): void {
    const before = this.#depth[owner] ?? 0;
    const after = before + sign;
    this.#depth[owner] = after;
    if (before !== 0 && after !== 0) return;
    const reader = this.#placed[owner]?.reader ?? 0;
    const open = this.#open[reader] ?? [];
    if (before === 0) open.push(owner);
    else open.splice(open.indexOf(owner), 1);
    const label = this.#topLabel(open);
    this.#key += (label - (this.#labels[reader] ?? 0)) * (this.#digits[reader] ?? 0);
    this.#labels[reader] = label;
  }

  /** Of outlines of one read that lie on one another the later one is on top. */
  #topLabel(open: readonly number[]): number {
    let top = -1;
    for (const owner of open) if (owner > top) top = owner;
    return this.#placed[top]?.label ?? 0;
  }
}

/** Crossings nearer than this are a vertex that two edges share, and rounding, px. */
const ROUNDING_PX = 1e-10;

/** Gives a meter all strips of some edges: between two stops that follow one another the same edges are above one another. */
export function sweep(edges: Edges, band: Band, meter: StripMeter): void {
  const stops = new Float64Array(2 * edges.count);
  stops.set(edges.x0);
  stops.set(edges.x1, edges.count);
  stops.sort();
  const active: number[] = [];
  const heights = new Float64Array(edges.count);
  let [next, from] = [0, stops[0] ?? 0];
  for (const to of stops) {
    if (to === from) continue;
    dropEnded(active, edges, from);
    while (next < edges.count && (edges.x0[next] ?? 0) <= from) active.push(next++);
    sortByHeight(active, heights, edges, (from + to) / 2);
    if (isUncrossed(active, edges, from, to, band)) meter.addStrip(active, heights, edges, to - from, band);
    else addCrossed(active, heights, edges, from, to, band, meter);
    from = to;
  }
}

function dropEnded(active: number[], { x1 }: Edges, from: number): void {
  let kept = 0;
  for (const edge of active) if ((x1[edge] ?? 0) > from) active[kept++] = edge;
  active.length = kept;
}

function heightAt({ x0, y0, slope }: Edges, edge: number, x: number): number {
  return (y0[edge] ?? 0) + (slope[edge] ?? 0) * (x - (x0[edge] ?? 0));
}

/** By insertion: from one strip to the next the order hardly changes. */
function sortByHeight(active: number[], heights: Float64Array, edges: Edges, x: number): void {
  for (let place = 0; place < active.length; place++) {
    const edge = active[place] ?? 0;
    const height = heightAt(edges, edge, x);
    let at = place;
    for (; at > 0 && (heights[at - 1] ?? 0) > height; at--) {
      heights[at] = heights[at - 1] ?? 0;
      active[at] = active[at - 1] ?? 0;
    }
    heights[at] = height;
    active[at] = edge;
  }
}

/** Lines that have one order at both ends of a strip have it throughout; the bounds of the band are among them. */
function isUncrossed(order: readonly number[], edges: Edges, from: number, to: number, { low, high }: Band): boolean {
  let [left, right] = [-Infinity, -Infinity];
  for (const edge of order) {
    const [start, end] = [heightAt(edges, edge, from), heightAt(edges, edge, to)];
    if (start < left - ROUNDING_PX || end < right - ROUNDING_PX) return false;
    if (start < low !== end < low || start < high !== end < high) return false;
    left = start;
    right = end;
  }
  return true;
}

/** A strip cut where edges cross. */
function addCrossed(
  active: number[],
  heights: Float64Array,
  edges: Edges,
  from: number,
  to: number,
  band: Band,
  meter: StripMeter,
): void {
  const cuts = crossingsOf(active, edges, from, to, band);
  for (let cut = 1; cut < cuts.length; cut++) {
    const [start, end] = [cuts[cut - 1] ?? from, cuts[cut] ?? to];
    sortByHeight(active, heights, edges, (start + end) / 2);
    meter.addStrip(active, heights, edges, end - start, band);
  }
}

/** The ends of a strip and where edges cross in between, or a bound of the band; from left to right. */
function crossingsOf(active: readonly number[], edges: Edges, from: number, to: number, { low, high }: Band): number[] {
  const cuts = [from, to];
  const cutAt = (rise: number, gap: number): void => {
    const x = from + gap / rise;
    if (x > from && x < to) cuts.push(x);
  };
  const starts = Float64Array.from(active, (edge) => heightAt(edges, edge, from));
  const ends = Float64Array.from(active, (edge) => heightAt(edges, edge, to));
  for (let one = 0; one < active.length; one++) {
    const [start, end, rise] = [starts[one] ?? 0, ends[one] ?? 0, edges.slope[active[one] ?? 0] ?? 0];
    cutAt(rise, low - start);
    cutAt(rise, high - start);
    for (let other = one + 1; other < active.length; other++) {
      // Most pairs do not cross here, which two comparisons tell.
      if (start < (starts[other] ?? 0) === end < (ends[other] ?? 0)) continue;
      cutAt(rise - (edges.slope[active[other] ?? 0] ?? 0), (starts[other] ?? 0) - start);
    }
  }
  return cuts.sort((a, b) => a - b);
}
