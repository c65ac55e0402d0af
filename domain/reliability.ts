import { byPattern, defined, type Measure, majorityOf, type Ratings, undefinedBecause } from "./agreement.ts";
import type { SlideRatings } from "./agreement-summary.ts";
import { type BootstrapSettings, clusterBootstrap, type Estimate } from "./bootstrap.ts";
import { fitLatentClasses, type LatentClasses, mostProbable, voteShares } from "./latent-class.ts";

/** How one reader seems to confuse classes; not estimated from few reads. */
export type ReaderReliability = {
  /** Weight of the votes that the reader gave. */
  readonly reads: number;
  /** Entry [true][said]; null where there are too few reads. */
  readonly confusion: readonly (readonly number[])[] | null;
  /** Chance that the reader's label is the true one, over the classes as frequent as they seem. */
  readonly accuracy: Measure;
};

/** A view and a flag beside the votes, never the record: a rare class can draw items to it that no majority gave it. */
export type Reliability = {
  readonly prevalence: readonly number[];
  readonly readers: readonly ReaderReliability[];
  /** Per row of the ratings. */
  readonly posterior: LatentClasses["posterior"];
  /** Rows whose most probable class is not the label of their majority: to look at. */
  readonly moved: readonly { readonly row: number; readonly majority: number; readonly probable: number }[];
  readonly logLikelihood: number;
};

export type ReliabilitySettings = {
  /** Which reader gave the votes of each column, where someone read twice. */
  readonly readerOf?: readonly number[];
  /** Votes that each reader is given beforehand, so that one slip does not make a liar. */
  readonly smoothing?: { readonly same: number; readonly other: number };
  readonly leastReads?: number;
};

const SMOOTHING = { same: 1, other: 0.1 };
const LEAST_READS = 20;

/**
 * Readers' error rates and the classes of items, each from the other, starting at the shares of votes.
 * Source: Dawid & Skene 1979, Appl. Stat. 28(1), with Dirichlet smoothing.
 */
export function dawidSkene(ratings: Ratings, settings: ReliabilitySettings = {}): Reliability {
  const { smoothing = SMOOTHING, leastReads = LEAST_READS } = settings;
  const columns = ratings.rows.reduce((most, { labels }) => Math.max(most, labels.length), 0);
  const readerOf = settings.readerOf ?? Array.from({ length: columns }, (_, column) => column);
  const posterior = ratings.rows.map((row) => voteShares(row, ratings.categories));
  const fitted = fitLatentClasses(ratings, { readerOf, prior: null, start: { posterior }, smoothing });
  const readers = fitted.confusion.map((confusion, reader): ReaderReliability => {
    const reads = readsOf(ratings, readerOf, reader);
    const accuracy = accuracyOf(fitted, reader, reads, leastReads);
    return { reads, confusion: accuracy.defined ? confusion : null, accuracy };
  });
  const moved = ratings.rows.flatMap(({ labels }, row) => {
    const [majority, probable] = [majorityOf(labels), mostProbable(fitted.posterior[row] ?? [])];
    return majority === null || probable === null || majority === probable ? [] : [{ row, majority, probable }];
  });
  return {
    prevalence: fitted.prior,
    readers,
    posterior: fitted.posterior,
    moved,
    logLikelihood: fitted.logLikelihood,
  };
}

function accuracyOf(
  { prior, confusion }: Pick<LatentClasses, "prior" | "confusion">,
  reader: number,
  reads: number,
  leastReads: number,
): Measure {
  if (reads < leastReads || reads === 0) return undefinedBecause("too few reads");
  const own = confusion[reader] ?? [];
  return defined(own.reduce((sum, row, truth) => sum + (row[truth] ?? 0) * (prior[truth] ?? 0), 0));
}

/** Each draw is a search of its own, so there are fewer than of other numbers, and each ends where a limit shows no more of it. */
const DRAWS = 200;
const DRAW_TOLERANCE = 1e-4;

/**
 * The accuracy of each reader with its interval by drawing whole cases. A draw weighs the combinations of votes anew and
 * searches from what was found of all, so that it stays at the same of several optima.
 * @param found of the rows of the slides in their order, a reader a column
 * @param readers how many there are
 */
export function accuracyEstimates(
  slides: readonly SlideRatings[],
  found: Pick<Reliability, "readers" | "posterior">,
  readers: number,
  settings: BootstrapSettings,
): Estimate[] {
  const categories = slides[0]?.ratings.categories ?? 1;
  const rows = slides.flatMap(({ ratings }) => ratings.rows);
  const known = new Map(rows.map(({ labels }, row) => [labels.join(), found.posterior[row] ?? []]));
  const all = byPattern({ categories, rows });
  const posterior = all.rows.map(({ labels }) => known.get(labels.join()) ?? []);
  const place = new Map(all.rows.map(({ labels }, row) => [labels.join(), row]));
  const sums = slides.map(({ cluster, ratings }) => {
    const values = new Float64Array(all.rows.length);
    for (const { labels, weight } of ratings.rows) {
      const row = place.get(labels.join()) ?? 0;
      values[row] = (values[row] ?? 0) + weight;
    }
    return { cluster, values };
  });
  const numbers = (weights: Float64Array) => drawnAccuracies(all, posterior, weights, readers);
  const drawn = clusterBootstrap(sums, numbers, {
    ...settings,
    resamples: Math.min(DRAWS, settings.resamples ?? DRAWS),
  });
  return drawn.map((estimate, reader) => ({ ...estimate, value: found.readers[reader]?.accuracy ?? estimate.value }));
}

function drawnAccuracies(
  { categories, rows }: Ratings,
  posterior: Reliability["posterior"],
  weights: Float64Array,
  readers: number,
): Measure[] {
  const drawn = rows.flatMap(({ labels }, row) =>
    (weights[row] ?? 0) > 0 ? [{ row, labels, weight: weights[row] ?? 0 }] : [],
  );
  const ratings = { categories, rows: drawn };
  const readerOf = columnsOf(readers);
  const fitted = fitLatentClasses(ratings, {
    readerOf,
    prior: null,
    start: { posterior: drawn.map(({ row }) => posterior[row] ?? []) },
    smoothing: SMOOTHING,
    tolerance: DRAW_TOLERANCE,
  });
  return readerOf.map((reader) => accuracyOf(fitted, reader, readsOf(ratings, readerOf, reader), LEAST_READS));
}

function columnsOf(readers: number): number[] {
  return Array.from({ length: readers }, (_, reader) => reader);
}

function readsOf({ rows }: Ratings, readerOf: readonly number[], reader: number): number {
  return rows.reduce((sum, { labels, weight }) => {
    const own = labels.filter((label, column) => label !== null && readerOf[column] === reader);
    return sum + weight * own.length;
  }, 0);
}
