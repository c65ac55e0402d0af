import type { Ratings, Votes } from "./agreement.ts";

/** What the votes say about the classes behind them and about each reader. */
export type LatentClasses = {
  /** Share of each true class. */
  readonly prior: readonly number[];
  /** Per reader: entry [true][said], rows add up to 1. */
  readonly confusion: readonly (readonly (readonly number[])[])[];
  /** Per row of the ratings: probability of each true class. */
  readonly posterior: readonly (readonly number[])[];
  /** Of the votes under the model, natural logarithm. */
  readonly logLikelihood: number;
  readonly rounds: number;
};

export type LatentClassModel = {
  /** Which reader gave the votes of each column; by default a reader a column. */
  readonly readerOf: readonly number[];
  /** Share of each true class that is held, or null where it is estimated too. */
  readonly prior: readonly number[] | null;
  /** Where the search begins: what each reader does, or what each row is. */
  readonly start:
    | { readonly confusion: LatentClasses["confusion"] }
    | { readonly posterior: LatentClasses["posterior"] };
  /** Votes that every reader is given beforehand, for each true class: on the own label, and on each other one. */
  readonly smoothing: { readonly same: number; readonly other: number };
  /** Changes below this in every share end the search; by default so small that the result is exact. */
  readonly tolerance?: number;
};

const TOLERANCE = 1e-11;
const MAX_ROUNDS = 5_000;

/**
 * Expectation maximisation for readers who each confuse classes in their own way, independently of one another. Rows
 * with the same votes are one row with a weight, so the cost depends on how many combinations of votes there are and not
 * on how many items or pixels. Sums are in logarithms: many readers do not underflow.
 * Source: Dawid & Skene 1979, Appl. Stat. 28(1); Warfield, Zou & Wells 2004, IEEE Trans. Med. Imaging 23(7).
 */
export function fitLatentClasses(ratings: Ratings, model: LatentClassModel): LatentClasses {
  const size = ratings.categories;
  const readers = 1 + Math.max(-1, ...model.readerOf);
  let posterior = "posterior" in model.start ? model.start.posterior : [];
  let confusion = "confusion" in model.start ? model.start.confusion : maximise(ratings, posterior, model, readers);
  let prior = model.prior ?? priorOf(ratings, posterior);
  let expected = expectation(ratings, prior, confusion, model.readerOf);
  let rounds = 0;
  for (; rounds < MAX_ROUNDS; rounds++) {
    posterior = expected.posterior;
    const next = maximise(ratings, posterior, model, readers);
    const nextPrior = model.prior ?? priorOf(ratings, posterior);
    const change = Math.max(
      largestChange(prior, nextPrior, size),
      ...next.map((table, r) => tableChange(confusion[r], table)),
    );
    [confusion, prior] = [next, nextPrior];
    expected = expectation(ratings, prior, confusion, model.readerOf);
    if (change < (model.tolerance ?? TOLERANCE)) break;
  }
  return { prior, confusion, ...expected, rounds };
}

/** Share of each label among the votes of a row, or all the same without votes. */
export function voteShares({ labels }: Votes, categories: number): number[] {
  const shares = Array.from({ length: categories }, () => 0);
  let votes = 0;
  for (const label of labels) {
    if (label === null) continue;
    shares[label] = (shares[label] ?? 0) + 1;
    votes++;
  }
  return shares.map((count) => (votes === 0 ? 1 / categories : count / votes));
}

/** The most probable class, or null where two are equally so. */
export function mostProbable(posterior: readonly number[]): number | null {
  const most = Math.max(...posterior);
  const leaders = [...posterior.keys()].filter((label) => most - (posterior[label] ?? 0) < 1e-9);
  return leaders.length === 1 ? (leaders[0] ?? null) : null;
}

function expectation(
  { categories, rows }: Ratings,
  prior: readonly number[],
  confusion: LatentClasses["confusion"],
  readerOf: readonly number[],
): Pick<LatentClasses, "posterior" | "logLikelihood"> {
  const logs = confusion.map((table) => table.map((row) => row.map(Math.log)));
  const logPrior = prior.map(Math.log);
  let logLikelihood = 0;
  const posterior = rows.map(({ labels, weight }) => {
    const joint = Array.from({ length: categories }, (_, truth) => {
      let log = logPrior[truth] ?? -Infinity;
      for (const [column, said] of labels.entries()) {
        if (said !== null) log += logs[readerOf[column] ?? column]?.[truth]?.[said] ?? -Infinity;
      }
      return log;
    });
    const most = Math.max(...joint);
    if (most === -Infinity) return [...prior];
    const parts = joint.map((log) => Math.exp(log - most));
    const all = parts.reduce((sum, part) => sum + part, 0);
    logLikelihood += weight * (most + Math.log(all));
    return parts.map((part) => part / all);
  });
  return { posterior, logLikelihood };
}

function maximise(
  { categories, rows }: Ratings,
  posterior: LatentClasses["posterior"],
  { readerOf, smoothing }: LatentClassModel,
  readers: number,
): number[][][] {
  const tables = Array.from({ length: readers }, () =>
    Array.from({ length: categories }, (_, truth) =>
      Array.from({ length: categories }, (__, said) => (truth === said ? smoothing.same : smoothing.other)),
    ),
  );
  for (const [place, { labels, weight }] of rows.entries()) {
    const truths = posterior[place] ?? [];
    for (const [column, said] of labels.entries()) {
      if (said === null) continue;
      for (const [truth, row] of (tables[readerOf[column] ?? column] ?? []).entries()) {
        row[said] = (row[said] ?? 0) + weight * (truths[truth] ?? 0);
      }
    }
  }
  return tables.map((table) => table.map(normalised));
}

function normalised(row: readonly number[]): number[] {
  const all = row.reduce((sum, value) => sum + value, 0);
  return row.map((value) => (all > 0 ? value / all : 1 / row.length));
}

function priorOf({ categories, rows }: Ratings, posterior: LatentClasses["posterior"]): number[] {
  const shares = Array.from({ length: categories }, () => 0);
  for (const [place, { weight }] of rows.entries()) {
    for (const [truth, share] of (posterior[place] ?? []).entries()) {
      shares[truth] = (shares[truth] ?? 0) + weight * share;
    }
  }
  return normalised(shares);
}

function largestChange(before: readonly number[], after: readonly number[], size: number): number {
  let most = 0;
  for (let place = 0; place < size; place++) {
    most = Math.max(most, Math.abs((before[place] ?? 0) - (after[place] ?? 0)));
  }
  return most;
}

function tableChange(before: readonly (readonly number[])[] = [], after: readonly (readonly number[])[]): number {
  return Math.max(0, ...after.map((row, place) => largestChange(before[place] ?? [], row, row.length)));
}
