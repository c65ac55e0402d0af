/**
 * The smallest value so that the weights of all values up to it reach a sum; null where all together do not. Both lists are
 * put in another order, alike. Cost is linear in the mean. Source: Hoare 1961, Commun. ACM 4(7), algorithm 65 (find).
 */
export function weightedQuantile(values: Float64Array, weights: Float64Array, reached: number): number | null {
  let [low, high, needed] = [0, values.length - 1, reached];
  while (low <= high) {
    const pivot = middleOf(values[low] ?? 0, values[(low + high) >> 1] ?? 0, values[high] ?? 0);
    const { below, above, lighter, equal } = partition(values, weights, low, high, pivot);
    if (needed <= lighter && below > low) high = below - 1;
    else if (needed <= lighter + equal) return pivot;
    else {
      needed -= lighter + equal;
      low = above + 1;
    }
  }
  return null;
}

/** Puts the smaller values between two places before, and the larger behind, those that equal the pivot. */
function partition(values: Float64Array, weights: Float64Array, low: number, high: number, pivot: number) {
  let [below, place, above] = [low, low, high];
  let [lighter, equal] = [0, 0];
  while (place <= above) {
    const value = values[place] ?? 0;
    if (value < pivot) {
      lighter += weights[place] ?? 0;
      swap(values, weights, below++, place++);
    } else if (value > pivot) swap(values, weights, place, above--);
    else equal += weights[place++] ?? 0;
  }
  return { below, above, lighter, equal };
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(values: Float64Array, weights: Float64Array, one: number, other: number): void {
  const [value, weight] = [values[one] ?? 0, weights[one] ?? 0];
  values[one] = values[other] ?? 0;
  weights[one] = weights[other] ?? 0;
  values[other] = value;
  weights[other] = weight;
}
