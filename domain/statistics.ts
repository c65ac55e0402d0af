import { betaQuantile, normalQuantile } from "./statistics/distributions.ts";

export {
  type Claim,
  forClusters,
  sampleSize,
  sampleSizeOf,
  upperBoundOf,
} from "./statistics/acceptance.ts";
export { type ChangePoint, changePoints, selfStartingScores } from "./statistics/change-points.ts";
export {
  averageRunLength,
  type Cusum,
  type CusumSettings,
  cusum,
  type RunLength,
  USUAL_CUSUM,
} from "./statistics/cusum.ts";
export { binomialCdf, hypergeometricCdf, normalQuantile, studentReach } from "./statistics/distributions.ts";
export {
  type ClassWeights,
  classWeights,
  effectiveNumber,
  giniCoefficient,
  type Spread,
  spreadOf,
} from "./statistics/evenness.ts";
export { type LabelQuality, labelQuality, type Predicted } from "./statistics/label-quality.ts";

/** A share that was counted and the limits between which it lies with some confidence. */
export type Interval = { readonly low: number; readonly high: number };

/**
 * Exact limits of a share of which k in n were counted, from independent trials.
 * @throws RangeError where k is not within 0 to n, or n is 0
 * Source: Clopper & Pearson 1934, Biometrika 26(4).
 */
export function exactInterval(k: number, n: number, confidence = 0.95): Interval {
  countable(k, n);
  const tail = (1 - confidence) / 2;
  return { low: k === 0 ? 0 : betaQuantile(tail, k, n - k + 1), high: upperBound(k, n, 1 - tail) };
}

/** The share that a true one exceeds only with probability 1 - confidence; "at most this many do not conform". */
export function upperBound(k: number, n: number, confidence = 0.95): number {
  countable(k, n);
  return k === n ? 1 : betaQuantile(confidence, k + 1, n - k);
}

/** Limits by the score test, shorter than the exact ones. Source: Wilson 1927, J. Am. Stat. Assoc. 22(158). */
export function wilsonInterval(k: number, n: number, confidence = 0.95): Interval {
  countable(k, n);
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const [share, spread] = [k / n, (z * z) / n];
  const middle = (share + spread / 2) / (1 + spread);
  const reach = (z / (1 + spread)) * Math.sqrt((share * (1 - share)) / n + spread / (4 * n));
  return { low: k === 0 ? 0 : Math.max(0, middle - reach), high: k === n ? 1 : Math.min(1, middle + reach) };
}

function countable(k: number, n: number): void {
  if (!(n > 0 && k >= 0 && k <= n)) throw new RangeError(`not a count out of a number: ${k} of ${n}`);
}
