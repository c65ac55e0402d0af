/** Items that got the same votes: per reader the index of a category, or null for "has not read it". */
export type Votes = { readonly labels: readonly (number | null)[]; readonly weight: number };

/**
 * Reads of items under one declared list of categories. AC1 depends on how many are declared, used or not; ordinal and
 * weighted measures depend on their order. A weight is how many items (or how much area) a row stands for.
 */
export type Ratings = { readonly categories: number; readonly rows: readonly Votes[] };

/** Disagreement weights between ordered categories: none, |i-j|/(q-1), or its square. */
export type Weights = "unweighted" | "linear" | "quadratic";

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

/** The same ratings with one row for each combination of votes; the order of rows does not matter. */
export function byPattern({ categories, rows }: Ratings): Ratings {
  const patterns = new Map<string, { labels: Votes["labels"]; weight: number }>();
  for (const { labels, weight } of rows) {
    const key = labels.join();
    const known = patterns.get(key);
    if (known === undefined) patterns.set(key, { labels, weight });
    else known.weight += weight;
  }
  const ordered = [...patterns].sort(([a], [b]) => (a < b ? -1 : 1));
  return { categories, rows: ordered.map(([, row]) => row) };
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

/** How much two ordered categories count as the same: 1 for the same one. */
export function weightMatrix(size: number, weights: Weights): number[][] {
  const far = Math.max(1, size - 1);
  const agreement = (distance: number) => {
    if (weights === "unweighted") return distance === 0 ? 1 : 0;
    return weights === "linear" ? 1 - distance / far : 1 - (distance / far) ** 2;
  };
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => agreement(Math.abs(i - j))));
}

export function emptyTable(size: number): number[][] {
  return zeros(size).map(() => zeros(size));
}

export function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

export function addTo(table: number[][], row: number, column: number, amount: number): void {
  const cells = table[row];
  if (cells !== undefined) cells[column] = (cells[column] ?? 0) + amount;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
