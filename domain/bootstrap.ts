import { defined, type Measure, type UndefinedReason, undefinedBecause } from "./agreement.ts";
import { seededRandom } from "./random.ts";
import { studentReach } from "./statistics.ts";

/** Sums over the items of one slide (or a part of it), and which slide or case they belong to. */
export type Sums = { readonly cluster: string; readonly values: Float64Array };

/** The lower and upper end of an interval, or why there is none. */
export type Limits =
  | { readonly defined: true; readonly low: number; readonly high: number }
  | { readonly defined: false; readonly reason: UndefinedReason };

/** A number, how sure it is, and from how many slides or cases. */
export type Estimate = {
  readonly value: Measure;
  readonly limits: Limits;
  /** Mean and standard deviation over the resamples in which the number is defined. */
  readonly resampled: { readonly mean: Measure; readonly deviation: Measure };
  readonly clusters: number;
};

export type BootstrapSettings = {
  readonly seed: number;
  readonly resamples?: number;
  readonly confidence?: number;
};

/** With fewer slides a percentile interval is far too short, so none is shown. */
export const LEAST_CLUSTERS = 6;
const RESAMPLES = 2_000;
/** A number that many resamples cannot give hangs on one or two slides. */
const LEAST_DEFINED = 0.95;

/**
 * Numbers with percentile intervals by drawing slides (or cases) with replacement, whole: items of one slide hang
 * together, so drawing items would promise too much. All numbers come from the same draws. Same seed, same result,
 * whatever the order of the sums.
 * @param numbersOf makes the numbers of the sums over all drawn slides: always as many
 * @returns an estimate for each number, in order
 * Source: Efron 1979, Ann. Stat. 7(1); for clusters Davison & Hinkley 1997, section 3.8.
 */
export function clusterBootstrap(
  sums: readonly Sums[],
  numbersOf: (values: Float64Array) => readonly Measure[],
  { seed, resamples = RESAMPLES, confidence = 0.95 }: BootstrapSettings,
): Estimate[] {
  const clusters = byCluster(sums);
  const total = new Float64Array(clusters[0]?.length ?? 0);
  for (const values of clusters) add(total, values);
  const found = numbersOf(total);
  const draws: number[][] = found.map(() => []);
  const random = seededRandom(seed);
  for (let draw = 0; draw < resamples && clusters.length >= LEAST_CLUSTERS; draw++) {
    total.fill(0);
    for (let count = 0; count < clusters.length; count++) add(total, clusters[Math.floor(random() * clusters.length)]);
    for (const [place, number] of numbersOf(total).entries()) if (number.defined) draws[place]?.push(number.value);
  }
  return found.map((value, place) => {
    const drawn = draws[place] ?? [];
    const enough = clusters.length >= LEAST_CLUSTERS && drawn.length >= LEAST_DEFINED * resamples;
    return { value, ...summaryOf(value, drawn, enough, confidence), clusters: clusters.length };
  });
}

/** A share whose counts come from several slides. */
export type Ratio = {
  readonly value: Measure;
  /** From how much slides differ, and what it would be if all items were independent. */
  readonly standardError: Measure;
  readonly naiveError: Measure;
  /** How many times more items are needed than if they were independent. */
  readonly designEffect: Measure;
  readonly limits: Limits;
};

/**
 * The share of what was counted, with a t interval from the linearised ratio; the quick companion of the bootstrap.
 * Source: Cochran 1977, Sampling Techniques, section 2.11; as svyratio of R survey.
 */
export function clusteredRatio(counts: readonly { readonly hits: number; readonly total: number }[]): Ratio {
  const read = counts.filter(({ total }) => total > 0);
  const all = read.reduce((sum, { total }) => sum + total, 0);
  if (read.length === 0) return noRatio("no common items", undefinedBecause("no common items"));
  const value = read.reduce((sum, { hits }) => sum + hits, 0) / all;
  if (read.length < LEAST_CLUSTERS) return noRatio("too few slides", defined(value));
  const squares = read.reduce((sum, { hits, total }) => sum + (hits - value * total) ** 2, 0);
  const error = Math.sqrt((squares * read.length) / (read.length - 1)) / all;
  const naive = Math.sqrt((value * (1 - value)) / all);
  const reach = studentReach(0.95, read.length - 1) * error;
  return {
    value: defined(value),
    standardError: defined(error),
    naiveError: defined(naive),
    designEffect: naive > 0 ? defined((error / naive) ** 2) : undefinedBecause("only one category"),
    limits: { defined: true, low: value - reach, high: value + reach },
  };
}

function noRatio(reason: UndefinedReason, value: Measure): Ratio {
  const none = undefinedBecause(reason);
  return { value, standardError: none, naiveError: none, designEffect: none, limits: { defined: false, reason } };
}

/** Sums of each cluster in the order of the keys; those of one cluster added in the order of their contents. */
function byCluster(sums: readonly Sums[]): Float64Array[] {
  const clusters = new Map<string, Float64Array[]>();
  for (const { cluster, values } of sums) {
    const known = clusters.get(cluster);
    if (known === undefined) clusters.set(cluster, [values]);
    else known.push(values);
  }
  return [...clusters.keys()].sort().map((key) => {
    const parts = [...(clusters.get(key) ?? [])].sort(byContents);
    const total = new Float64Array(parts[0]?.length ?? 0);
    for (const part of parts) add(total, part);
    return total;
  });
}

function byContents(a: Float64Array, b: Float64Array): number {
  const place = a.findIndex((value, index) => value !== b[index]);
  return place === -1 ? 0 : (a[place] ?? 0) - (b[place] ?? 0);
}

function add(total: Float64Array, values: Float64Array | undefined): void {
  if (values === undefined) return;
  for (let place = 0; place < total.length; place++) total[place] = (total[place] ?? 0) + (values[place] ?? 0);
}

function summaryOf(
  value: Measure,
  drawn: readonly number[],
  enough: boolean,
  confidence: number,
): Pick<Estimate, "limits" | "resampled"> {
  const reason = value.defined ? "too few slides" : value.reason;
  if (!enough || !value.defined) {
    const none = undefinedBecause(reason);
    return { limits: { defined: false, reason }, resampled: { mean: none, deviation: none } };
  }
  const ordered = Float64Array.from(drawn).sort();
  const mean = ordered.reduce((sum, each) => sum + each, 0) / ordered.length;
  const squares = ordered.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const tail = (1 - confidence) / 2;
  return {
    limits: { defined: true, low: quantile(ordered, tail), high: quantile(ordered, 1 - tail) },
    resampled: { mean: defined(mean), deviation: defined(Math.sqrt(squares / Math.max(1, ordered.length - 1))) },
  };
}

/** Between the two nearest of ordered values. Source: definition 7 of Hyndman & Fan 1996, Am. Stat. 50(4). */
function quantile(ordered: Float64Array, share: number): number {
  const place = share * (ordered.length - 1);
  const below = Math.floor(place);
  const low = ordered[below] ?? 0;
  return low + (place - below) * ((ordered[below + 1] ?? low) - low);
}
