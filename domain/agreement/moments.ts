import type { Ratings, Votes } from "./ratings.ts";

/**
 * All that the coefficients need to know about ratings, as sums over items: those of several slides are those of the
 * slides added up, so a resample of slides costs an addition of small tables. `values` holds, in this order: the weight
 * of items with a read, and with two or more; per category the mean share of votes; a table of agreeing pairs, each item
 * counting once; the coincidence table, each item counting as often as it has reads; a table per pair of readers.
 */
export type Moments = { readonly categories: number; readonly readers: number; readonly values: Float64Array };

/**
 * @param readers how many there are; by default as many as the longest row has votes
 */
export function momentsOf({ categories, rows }: Ratings, readers = readersIn(rows)): Moments {
  const moments = emptyMoments(categories, readers);
  const counts = new Float64Array(categories);
  for (const row of rows) addRow(moments, row, counts);
  return moments;
}

export function emptyMoments(categories: number, readers: number): Moments {
  const tables = 2 + (readers * (readers - 1)) / 2;
  return { categories, readers, values: new Float64Array(2 + categories + tables * categories * categories) };
}

/** Items with at least one read, and those with two or more. */
export function itemsIn({ values }: Moments): { readonly read: number; readonly readTwice: number } {
  return { read: values[0] ?? 0, readTwice: values[1] ?? 0 };
}

/** Mean share of each category over the items with at least one read; zeros where there is none. */
export function marginalsIn(moments: Moments): number[] {
  const { read } = itemsIn(moments);
  const shares = moments.values.subarray(2, 2 + moments.categories);
  return Array.from(shares, (share) => (read > 0 ? share / read : 0));
}

/** Entry [i][j]: how often two reads of an item are i and j, each item counting once in all. */
export function agreeingPairsIn(moments: Moments): number[][] {
  return tableAt(moments, 0);
}

/** Entry [i][j]: how often two reads of an item are i and j, each item counting as many times as it has reads. */
export function coincidencesIn(moments: Moments): number[][] {
  return tableAt(moments, 1);
}

/** As `pairConfusion` of the ratings. */
export function pairTableIn(moments: Moments, first: number, second: number): number[][] {
  const [low, high] = [Math.min(first, second), Math.max(first, second)];
  const table = tableAt(moments, 2 + pairPlace(moments.readers, low, high));
  return first < second ? table : table.map((_, i) => table.map((row) => row[i] ?? 0));
}

function tableAt({ categories, values }: Moments, place: number): number[][] {
  const start = 2 + categories + place * categories * categories;
  return Array.from({ length: categories }, (_, row) =>
    Array.from(values.subarray(start + row * categories, start + (row + 1) * categories)),
  );
}

function addRow(moments: Moments, { labels, weight }: Votes, counts: Float64Array): void {
  counts.fill(0);
  let reads = 0;
  for (const label of labels) {
    if (label === null) continue;
    counts[label] = (counts[label] ?? 0) + 1;
    reads++;
  }
  if (reads === 0) return;
  const { values } = moments;
  add(values, 0, weight);
  for (let category = 0; category < counts.length; category++) {
    add(values, 2 + category, (weight * (counts[category] ?? 0)) / reads);
  }
  if (reads < 2) return;
  add(values, 1, weight);
  addCoincidences(moments, counts, reads, weight);
  addPairs(moments, labels, weight);
}

function addCoincidences({ categories, values }: Moments, counts: Float64Array, reads: number, weight: number): void {
  const start = 2 + categories;
  for (let i = 0; i < categories; i++) {
    const a = counts[i] ?? 0;
    if (a === 0) continue;
    for (let j = 0; j < categories; j++) {
      const b = counts[j] ?? 0;
      const pairs = (weight * a * (i === j ? b - 1 : b)) / (reads - 1);
      add(values, start + i * categories + j, pairs / reads);
      add(values, start + (categories + i) * categories + j, pairs);
    }
  }
}

function addPairs({ categories, readers, values }: Moments, labels: Votes["labels"], weight: number): void {
  const start = 2 + categories + 2 * categories * categories;
  for (let a = 0; a < labels.length; a++) {
    const row = labels[a] ?? null;
    if (row === null) continue;
    for (let b = a + 1; b < labels.length; b++) {
      const column = labels[b] ?? null;
      if (column !== null)
        add(values, start + (pairPlace(readers, a, b) * categories + row) * categories + column, weight);
    }
  }
}

function add(values: Float64Array, place: number, amount: number): void {
  values[place] = (values[place] ?? 0) + amount;
}

/** Place of the pair a < b among all pairs in order. */
function pairPlace(readers: number, a: number, b: number): number {
  return (a * (2 * readers - a - 1)) / 2 + b - a - 1;
}

function readersIn(rows: readonly Votes[]): number {
  return rows.reduce((most, { labels }) => Math.max(most, labels.length), 0);
}
