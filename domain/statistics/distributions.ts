/** Natural logarithm of the gamma function for x > 0, to about 15 digits. Source: Lanczos 1964, SIAM J. Numer. Anal. 1. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const shifted = x - 1;
  const base = shifted + LANCZOS_G + 0.5;
  let series = LANCZOS[0] ?? 0;
  for (const [index, coefficient] of LANCZOS.entries()) if (index > 0) series += coefficient / (shifted + index);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(series);
}

/** Logarithm of the number of ways to choose k of n. */
export function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/**
 * Regularised incomplete beta function I_x(a, b): the probability that a beta variable is at most x.
 * Source: continued fraction by Lentz's method, as in DLMF 8.17(v).
 */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a);
  const front = a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - (logGamma(a) + logGamma(b) - logGamma(a + b));
  return Math.min(1, Math.exp(front) * betaFraction(x, a, b));
}

/** The x at which the beta distribution reaches a probability. */
export function betaQuantile(probability: number, a: number, b: number): number {
  return rootOf((x) => betaCdf(x, a, b) - probability, 0, 1);
}

/** Probability of at most k successes in n trials of probability p. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : betaCdf(1 - p, n - k, k + 1);
}

/** Probability that at most k of n items drawn without replacement are marked, of N with `marked` among them. */
export function hypergeometricCdf(k: number, n: number, marked: number, N: number): number {
  let probability = 0;
  const all = logChoose(N, n);
  for (let hits = Math.max(0, n - (N - marked)); hits <= Math.min(k, n, marked); hits++) {
    probability += Math.exp(logChoose(marked, hits) + logChoose(N - marked, n - hits) - all);
  }
  return Math.min(1, probability);
}

/** The standard normal law. Source: series of Marsaglia 2004, J. Stat. Softw. 11(4), good to 1e-15 in absolute terms. */
export function normalCdf(x: number): number {
  if (x < -9) return 0;
  if (x > 9) return 1;
  let [sum, term, odd] = [x, x, 1];
  while (sum !== sum + term) {
    odd += 2;
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + sum * normalDensity(x);
}

export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

export function normalQuantile(probability: number): number {
  return rootOf((x) => normalCdf(x) - probability, -9, 9);
}

/** Two-sided quantile of Student's t: the t that is exceeded in size with probability 1 - confidence. */
export function studentReach(confidence: number, degrees: number): number {
  const x = betaQuantile(1 - confidence, degrees / 2, 0.5);
  return Math.sqrt((degrees * (1 - x)) / x);
}

/** Probability that Student's t with so many degrees of freedom is at most this. */
export function studentCdf(t: number, degrees: number): number {
  const tail = betaCdf(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

const LANCZOS_G = 7;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Halving an interval until doubles lie side by side; the function rises from below 0 to above. */
function rootOf(rising: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let numerator = 1;
  let denominator = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = denominator;
  const advance = (coefficient: number): number => {
    denominator = 1 / away(1 + coefficient * denominator);
    numerator = away(1 + coefficient / numerator);
    fraction *= numerator * denominator;
    return numerator * denominator;
  };
  for (let step = 1; step < 5_000; step++) {
    const at = a + 2 * step;
    advance((step * (b - step) * x) / ((at - 1) * at));
    const change = advance((-(a + step) * (a + b + step) * x) / (at * (at + 1)));
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return fraction;
}
