import { binomialCdf, hypergeometricCdf } from "./distributions.ts";

/** What a re-review is to show: at most `share` of the objects do not conform, with a confidence, allowing failures. */
export type Claim = { readonly share: number; readonly confidence: number; readonly allowedFailures: number };

/**
 * How many objects of a very large class must be looked at, so that a class that breaks the claim passes only with
 * probability 1 - confidence. Source: exact binomial plan for the limiting quality.
 */
export function sampleSize({ share, confidence, allowedFailures }: Claim): number {
  requireShare(share);
  return firstThat((n) => binomialCdf(allowedFailures, n, share) <= 1 - confidence + ROUNDING, allowedFailures + 1);
}

/**
 * The same for a class of so many objects, drawn without replacement; all of them where no smaller number will do.
 * Source: exact hypergeometric plan against floor(N p) + 1 objects that do not conform.
 */
export function sampleSizeOf(objects: number, { share, confidence, allowedFailures }: Claim): number {
  requireShare(share);
  const wrong = Math.floor(objects * share) + 1;
  if (wrong <= allowedFailures) return objects;
  const passes = (n: number) => hypergeometricCdf(allowedFailures, n, wrong, objects) <= 1 - confidence + ROUNDING;
  return firstThat((n) => n >= objects || passes(n), Math.min(objects, allowedFailures + 1));
}

/**
 * Upper limit of the share of a class of so many objects that do not conform, after a sample without replacement.
 * @returns the largest share that would still have shown so few failures with probability above 1 - confidence
 */
export function upperBoundOf(objects: number, sampled: number, failures: number, confidence = 0.95): number {
  const possible = (wrong: number) => hypergeometricCdf(failures, sampled, wrong, objects) > 1 - confidence;
  const most = firstThat((wrong) => wrong > objects - (sampled - failures) || !possible(wrong), failures);
  return (most - 1) / objects;
}

/**
 * A sample size for objects that come in slides: errors do too, so each further object of a slide tells less.
 * @param perSlide objects looked at on one slide
 * @param icc correlation of errors within a slide
 * Source: design effect 1 + (m - 1) ICC, Kish 1965, Survey Sampling.
 */
export function forClusters(size: number, perSlide: number, icc: number): number {
  return Math.ceil(size * (1 + (perSlide - 1) * icc) - ROUNDING);
}

/** Probabilities are summed; one that should equal the limit must not miss it by rounding. */
const ROUNDING = 1e-12;

/** The first whole number from a start for which a condition holds, that then holds for all above. */
function firstThat(holds: (value: number) => boolean, start: number): number {
  let [low, step] = [start, 1];
  if (holds(low)) return low;
  while (!holds(low + step)) {
    low += step;
    step *= 2;
  }
  let high = low + step;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function requireShare(share: number): void {
  if (!(share > 0 && share < 1)) throw new RangeError(`a share between 0 and 1 is needed, got ${share}`);
}
