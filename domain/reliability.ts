import { defined, type Measure, majorityOf, type Ratings, undefinedBecause } from "./agreement.ts";
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
    if (reads < leastReads || reads === 0)
      return { reads, confusion: null, accuracy: undefinedBecause("too few reads") };
    const right = confusion.reduce((sum, row, truth) => sum + (row[truth] ?? 0) * (fitted.prior[truth] ?? 0), 0);
    return { reads, confusion, accuracy: defined(right) };
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

function readsOf({ rows }: Ratings, readerOf: readonly number[], reader: number): number {
  return rows.reduce((sum, { labels, weight }) => {
    const own = labels.filter((label, column) => label !== null && readerOf[column] === reader);
    return sum + weight * own.length;
  }, 0);
}
