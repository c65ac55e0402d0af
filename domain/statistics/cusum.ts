import { normalCdf, normalDensity } from "./distributions.ts";

/**
 * A chart that adds up by how much scores pass a mean: `slack` is half the shift that matters and `limit` when it
 * signals, both in standard deviations.
 */
export type CusumSettings = { readonly slack: number; readonly limit: number };

export type CusumPoint = { readonly high: number; readonly low: number };

export type Cusum = {
  readonly points: readonly CusumPoint[];
  /** Place of the first point above the limit, or null. */
  readonly signal: number | null;
};

/** In control for 465 points on average, and a shift of one standard deviation is seen after 10.4. */
export const USUAL_CUSUM: CusumSettings = { slack: 0.5, limit: 5 };

/**
 * Two-sided tabular CUSUM of scores, in standard deviations of a reader's or class's own history.
 * Source: Page 1954, Biometrika 41; Montgomery, Introduction to Statistical Quality Control.
 */
export function cusum(
  scores: readonly number[],
  { mean, deviation }: { readonly mean: number; readonly deviation: number },
  { slack, limit }: CusumSettings = USUAL_CUSUM,
): Cusum {
  if (!(deviation > 0)) throw new RangeError(`a deviation above 0 is needed, got ${deviation}`);
  const points: CusumPoint[] = [];
  let [high, low] = [0, 0];
  for (const score of scores) {
    const away = (score - mean) / deviation;
    high = Math.max(0, high + away - slack);
    low = Math.max(0, low - away - slack);
    points.push({ high, low });
  }
  const signal = points.findIndex((point) => point.high > limit || point.low > limit);
  return { points, signal: signal === -1 ? null : signal };
}

/** How many points a chart runs on average before it signals, while scores are shifted by so many deviations. */
export type RunLength = { readonly oneSided: number; readonly twoSided: number };

/**
 * Average run length of the chart from zero, for normal scores.
 * Source: integral equation of Page 1954 by Gauss-Legendre quadrature; both sides by van Dobben de Bruyn 1968.
 */
export function averageRunLength(settings: CusumSettings, shift: number): RunLength {
  const [up, down] = [oneSidedLength(settings, shift), oneSidedLength(settings, -shift)];
  return { oneSided: up, twoSided: 1 / (1 / up + 1 / down) };
}

const NODES = 48;

/** L(u) = 1 + L(0) P(back to 0) + the integral of L(v) times the density of a step from u to v, for u = 0. */
function oneSidedLength({ slack, limit }: CusumSettings, shift: number): number {
  const { nodes, weights } = gaussLegendre(NODES, limit);
  const from = [0, ...nodes];
  const system = from.map((u, row) => {
    const step = slack - u - shift;
    const toNodes = nodes.map((v, place) => -(weights[place] ?? 0) * normalDensity(v + step));
    const equation = [-normalCdf(step), ...toNodes];
    equation[row] = (equation[row] ?? 0) + 1;
    return equation;
  });
  return (
    solve(
      system,
      from.map(() => 1),
    )[0] ?? 0
  );
}

/** Nodes and weights of Gauss-Legendre quadrature over 0 to `length`, by Newton's method on the polynomial. */
function gaussLegendre(count: number, length: number): { nodes: number[]; weights: number[] } {
  const [nodes, weights]: [number[], number[]] = [[], []];
  for (let place = 0; place < count; place++) {
    let x = Math.cos((Math.PI * (place + 0.75)) / (count + 0.5));
    let slope = 0;
    for (let round = 0; round < 100; round++) {
      let [current, previous] = [1, 0];
      for (let degree = 0; degree < count; degree++) {
        [current, previous] = [((2 * degree + 1) * x * current - degree * previous) / (degree + 1), current];
      }
      slope = (count * (x * current - previous)) / (x * x - 1);
      const change = current / slope;
      x -= change;
      if (Math.abs(change) < 1e-15) break;
    }
    nodes.push(((x + 1) / 2) * length);
    weights.push(length / ((1 - x * x) * slope * slope));
  }
  return { nodes, weights };
}

/** Solves a small linear system by elimination with row exchange; the rows are used up. */
function solve(rows: number[][], right: number[]): number[] {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column; row < size; row++) {
      if (Math.abs(rows[row]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = row;
    }
    exchange(rows, column, pivot);
    exchange(right, column, pivot);
    for (let row = column + 1; row < size; row++) eliminate(rows, right, column, row);
  }
  const solution = right.map(() => 0);
  for (let row = size - 1; row >= 0; row--) {
    const known = rows[row]?.reduce(
      (sum, value, place) => (place > row ? sum + value * (solution[place] ?? 0) : sum),
      0,
    );
    solution[row] = ((right[row] ?? 0) - (known ?? 0)) / (rows[row]?.[row] ?? 1);
  }
  return solution;
}

function eliminate(rows: number[][], right: number[], column: number, row: number): void {
  const [target, source] = [rows[row] ?? [], rows[column] ?? []];
  const factor = (target[column] ?? 0) / (source[column] ?? 1);
  for (let place = column; place < target.length; place++) {
    target[place] = (target[place] ?? 0) - factor * (source[place] ?? 0);
  }
  right[row] = (right[row] ?? 0) - factor * (right[column] ?? 0);
}

function exchange<Item>(items: Item[], a: number, b: number): void {
  const [first, second] = [items[a], items[b]];
  if (first === undefined || second === undefined) return;
  items[a] = second;
  items[b] = first;
}
