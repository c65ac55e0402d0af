/** Why a number is not defined; shown in its place. */
export type UndefinedReason =
  | "no common items"
  | "fewer than two reads"
  | "chance agreement is 1"
  | "only one category"
  | "class not marked";

/** A number, or the reason why it is not defined. Never NaN, and never a 0 or 1 that stands for "not defined". */
export type Measure =
  | { readonly defined: true; readonly value: number }
  | { readonly defined: false; readonly reason: UndefinedReason };

/** A chance-corrected coefficient with the observed and the chance agreement that it is made of. */
export type Coefficient = { readonly measure: Measure; readonly observed: Measure; readonly expected: Measure };

/** Items that got the same votes: per reader the index of a category, or null for "has not read it". */
export type Votes = { readonly labels: readonly (number | null)[]; readonly weight: number };

/**
 * Reads of items under one declared list of categories. AC1 depends on how many are declared, used or not; ordinal and
 * weighted measures depend on their order. A weight is how many items (or how much area) a row stands for.
 */
export type Ratings = { readonly categories: number; readonly rows: readonly Votes[] };

/** Disagreement weights between ordered categories: none, |i-j|/(q-1), or its square. */
export type Weights = "unweighted" | "linear" | "quadratic";
export type Level = "nominal" | "ordinal" | "interval";

export function defined(value: number): Measure {
  return { defined: true, value };
}

export function undefinedBecause(reason: UndefinedReason): Measure {
  return { defined: false, reason };
}

/**
 * Ratings from a matrix of items by readers.
 * @param categories the declared categories in order
 * @throws RangeError on a label that is not declared
 */
export function ratingsOf<Label>(
  matrix: readonly (readonly (Label | null)[])[],
  categories: readonly Label[],
): Ratings {
  const indexOf = new Map(categories.map((category, index) => [category, index]));
  const place = (label: Label | null): number | null => {
    if (label === null) return null;
    const index = indexOf.get(label);
    if (index === undefined) throw new RangeError(`not a declared category: ${String(label)}`);
    return index;
  };
  return { categories: categories.length, rows: matrix.map((row) => ({ labels: row.map(place), weight: 1 })) };
}

/** The same reads as one category against all others: category 1 is it, 0 is the rest. */
export function oneAgainstRest(ratings: Ratings, category: number): Ratings {
  const rows = ratings.rows.map(({ labels, weight }) => ({
    labels: labels.map((label) => (label === null ? null : Number(label === category))),
    weight,
  }));
  return { categories: 2, rows };
}

/**
 * Share of pairs of reads that say the same, averaged over items with two or more reads.
 * Source: Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed.
 */
export function percentAgreement(ratings: Ratings): Measure {
  return observedAgreement(ratings, weightMatrix(ratings.categories, "unweighted"));
}

/**
 * Table of two readers: entry [i][j] is the weight of the items that the first put in i and the second in j. Items that
 * either has not read are left out.
 */
export function pairConfusion(ratings: Ratings, first: number, second: number): number[][] {
  const table = emptyTable(ratings.categories);
  for (const { labels, weight } of ratings.rows) {
    const [row, column] = [labels[first] ?? null, labels[second] ?? null];
    if (row !== null && column !== null) addTo(table, row, column, weight);
  }
  return table;
}

/**
 * Cohen's kappa of a square table, (po - pe) / (1 - pe); weighted for ordered categories.
 * A constant reader gives 0; it is not defined where chance alone agrees always, or without items.
 * Source: Cohen 1960, Educ. Psychol. Meas. 20(1); Cohen 1968, Psychol. Bull. 70(4).
 */
export function cohenKappa(table: readonly (readonly number[])[], weights: Weights = "unweighted"): Coefficient {
  const size = table.length;
  const total = sum(table.map(sum));
  if (!(total > 0)) return notDefined("no common items");
  const agree = weightMatrix(size, weights);
  const rows = table.map((row) => sum(row) / total);
  const columns = table.map((_, column) => sum(table.map((row) => row[column] ?? 0)) / total);
  let [observed, expected] = [0, 0];
  for (const [i, row] of table.entries()) {
    for (const [j, count] of row.entries()) {
      const weight = agree[i]?.[j] ?? 0;
      observed += (weight * count) / total;
      expected += weight * (rows[i] ?? 0) * (columns[j] ?? 0);
    }
  }
  return corrected(defined(observed), expected);
}

/**
 * Fleiss' kappa for any number of readers, also where not everybody read everything: the observed agreement is over
 * items with two reads or more, the marginals over items with at least one.
 * Source: Fleiss 1971, Psychol. Bull. 76(5); with missing reads Gwet 2014.
 */
export function fleissKappa(ratings: Ratings): Coefficient {
  const observed = percentAgreement(ratings);
  return corrected(observed, sum(marginals(ratings).map((share) => share * share)));
}

/**
 * Gwet's AC1, and AC2 with weights: agreement corrected by the chance of readers who guess only where they do not know.
 * Source: Gwet 2008, Br. J. Math. Stat. Psychol. 61(1); Gwet 2014.
 */
export function gwetAc(ratings: Ratings, weights: Weights = "unweighted"): Coefficient {
  const size = ratings.categories;
  if (size < 2) return notDefined("only one category");
  const agree = weightMatrix(size, weights);
  const spread = sum(marginals(ratings).map((share) => share * (1 - share)));
  return corrected(observedAgreement(ratings, agree), (sum(agree.map(sum)) * spread) / (size * (size - 1)));
}

/**
 * Krippendorff's alpha, 1 - Do/De from the coincidence matrix; items with one read are left out. Not defined where all
 * reads are of one category.
 * @param values of the categories, for interval; their order numbers by default
 * Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
 */
export function krippendorffAlpha(ratings: Ratings, level: Level = "nominal", values?: readonly number[]): Measure {
  const coincidences = coincidencesOf(ratings);
  const totals = coincidences.map(sum);
  const total = sum(totals);
  if (!(total > 0)) return undefinedBecause("no common items");
  const distance = distances(level, totals, values ?? totals.map((_, index) => index));
  let [observed, expected] = [0, 0];
  for (const [i, row] of coincidences.entries()) {
    for (const [j, count] of row.entries()) {
      observed += count * distance(i, j);
      expected += (totals[i] ?? 0) * (totals[j] ?? 0) * distance(i, j);
    }
  }
  if (!(expected > 0)) return undefinedBecause("chance agreement is 1");
  return defined(1 - ((total - 1) * observed) / expected);
}

/** Overlap of two areas by what they have in common, px2 or um2. Source: Dice 1945, Ecology 26(3); Jaccard 1901. */
export function regionOverlap(areaA: number, areaB: number, common: number): { dice: Measure; iou: Measure } {
  const both = areaA + areaB;
  if (!(both > 0)) return { dice: undefinedBecause("class not marked"), iou: undefinedBecause("class not marked") };
  return { dice: defined((2 * common) / both), iou: defined(common / (both - common)) };
}

/** How a reader does against the majority of the others. */
export type Competence = {
  /** Weight of the items where the others have a majority, and of those where the reader says the same. */
  readonly items: number;
  readonly agreed: number;
  /** Weight of the items left out: the others tie or nobody else read them. */
  readonly undecided: number;
  readonly accuracy: Measure;
  /** Entry [i][j]: the others say i, the reader j. */
  readonly confusion: readonly (readonly number[])[];
};

/**
 * Agreement of one reader with the majority of the others, without the reader's own vote, which would flatter.
 * Source: leave-one-out form of "worker agreement with aggregate" (Wawa), as in crowd-kit.
 */
export function competence(ratings: Ratings, reader: number): Competence {
  const size = ratings.categories;
  const confusion = emptyTable(size);
  let undecided = 0;
  for (const { labels, weight } of ratings.rows) {
    const own = labels[reader] ?? null;
    if (own === null) continue;
    const majority = majorityOf(labels.filter((_, index) => index !== reader));
    if (majority === null) undecided += weight;
    else addTo(confusion, majority, own, weight);
  }
  const items = sum(confusion.map(sum));
  const agreed = sum(confusion.map((row, index) => row[index] ?? 0));
  const accuracy = items > 0 ? defined(agreed / items) : undefinedBecause("no common items");
  return { items, agreed, undecided, accuracy, confusion };
}

/** The label with strictly more votes than any other; null for a tie or no votes. */
export function majorityOf(labels: readonly (number | null)[]): number | null {
  const counts = new Map<number, number>();
  for (const label of labels) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const leaders = [...counts.keys()].filter((label) => counts.get(label) === most);
  return leaders.length === 1 ? (leaders[0] ?? null) : null;
}

/** Spread of votes, 0 where all agree to 1 where they differ as much as so many readers and categories can. */
export function voteEntropy(labels: readonly number[], categories: number): number {
  const most = Math.min(labels.length, categories);
  if (most < 2) return 0;
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const entropy = sum([...counts.values()].map((count) => -(count / labels.length) * Math.log(count / labels.length)));
  return Math.min(1, entropy / Math.log(evenest(labels.length, most)));
}

/** The number of equally likely labels whose entropy is the largest that votes can have over so many categories. */
function evenest(votes: number, categories: number): number {
  const [each, rest] = [Math.floor(votes / categories), votes % categories];
  const part = (count: number) => (count === 0 ? 0 : -(count / votes) * Math.log(count / votes));
  return Math.exp(rest * part(each + 1) + (categories - rest) * part(each));
}

function corrected(observed: Measure, expected: number): Coefficient {
  if (!observed.defined) return { measure: observed, observed, expected: observed };
  if (1 - expected < 1e-12) {
    return { measure: undefinedBecause("chance agreement is 1"), observed, expected: defined(expected) };
  }
  return { measure: defined((observed.value - expected) / (1 - expected)), observed, expected: defined(expected) };
}

function notDefined(reason: UndefinedReason): Coefficient {
  const measure = undefinedBecause(reason);
  return { measure, observed: measure, expected: measure };
}

function observedAgreement(ratings: Ratings, agree: readonly (readonly number[])[]): Measure {
  let [agreement, items] = [0, 0];
  for (const row of ratings.rows) {
    const counts = countsOf(row, ratings.categories);
    const reads = sum(counts);
    if (reads < 2) continue;
    const pairs = counts.map((count, i) => count * (sum(counts.map((other, j) => (agree[i]?.[j] ?? 0) * other)) - 1));
    agreement += (row.weight * sum(pairs)) / (reads * (reads - 1));
    items += row.weight;
  }
  return items > 0 ? defined(agreement / items) : undefinedBecause("no common items");
}

/** How often two reads of an item are i and j, each item counting as many pairs as it has reads. */
function coincidencesOf(ratings: Ratings): number[][] {
  const size = ratings.categories;
  const coincidences = emptyTable(size);
  for (const row of ratings.rows) {
    const counts = countsOf(row, size);
    const reads = sum(counts);
    if (reads < 2) continue;
    for (const [i, a] of counts.entries()) {
      for (const [j, b] of counts.entries()) {
        addTo(coincidences, i, j, (row.weight * a * (i === j ? b - 1 : b)) / (reads - 1));
      }
    }
  }
  return coincidences;
}

/** Mean share of each category over the items with at least one read. */
function marginals(ratings: Ratings): number[] {
  const shares = zeros(ratings.categories);
  let items = 0;
  for (const row of ratings.rows) {
    const counts = countsOf(row, ratings.categories);
    const reads = sum(counts);
    if (reads === 0) continue;
    for (const [category, count] of counts.entries())
      shares[category] = (shares[category] ?? 0) + (row.weight * count) / reads;
    items += row.weight;
  }
  return shares.map((share) => (items > 0 ? share / items : 0));
}

function countsOf({ labels }: Votes, categories: number): number[] {
  const counts = zeros(categories);
  for (const label of labels) if (label !== null) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

function weightMatrix(size: number, weights: Weights): number[][] {
  const far = Math.max(1, size - 1);
  const agreement = (distance: number) => {
    if (weights === "unweighted") return distance === 0 ? 1 : 0;
    return weights === "linear" ? 1 - distance / far : 1 - (distance / far) ** 2;
  };
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => agreement(Math.abs(i - j))));
}

function distances(
  level: Level,
  totals: readonly number[],
  values: readonly number[],
): (i: number, j: number) => number {
  if (level === "nominal") return (i, j) => (i === j ? 0 : 1);
  if (level === "interval") return (i, j) => ((values[i] ?? 0) - (values[j] ?? 0)) ** 2;
  const upTo = totals.map((_, index) => sum(totals.slice(0, index)));
  const rank = (index: number) => (upTo[index] ?? 0) + (totals[index] ?? 0) / 2;
  return (i, j) => (rank(i) - rank(j)) ** 2;
}

function emptyTable(size: number): number[][] {
  return zeros(size).map(() => zeros(size));
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

function addTo(table: number[][], row: number, column: number, amount: number): void {
  const cells = table[row];
  if (cells !== undefined) cells[column] = (cells[column] ?? 0) + amount;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
