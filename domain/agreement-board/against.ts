import { defined, type Measure, undefinedBecause } from "#domain/agreement.ts";
import { type BootstrapSettings, clusterBootstrap, type Estimate } from "#domain/bootstrap.ts";
import { judgeOf } from "#domain/consensus.ts";
import type { Basis, BoardSlide } from "./columns.ts";

/** How one reader does against what all reads together give, which here is the truth. */
export type AgainstConsensus = {
  /** Entry [i][j]: the consensus says i, the reader j; um2 or objects. */
  readonly confusion: readonly (readonly number[])[];
  /** Per class in order. */
  readonly classes: readonly { readonly precision: Estimate; readonly recall: Estimate; readonly f1: Estimate }[];
};

/**
 * Precision, recall and F1 of every reader and class against the consensus; where the votes have no verdict there is no
 * truth and nothing is counted. The reader's own vote is part of the verdict, so that this flatters: `competences` do not.
 */
export function againstConsensus(
  slides: readonly BoardSlide[],
  basis: Basis,
  readerKeys: readonly string[],
  categories: number,
  settings: BootstrapSettings,
): AgainstConsensus[] {
  const cells = categories * categories;
  const sums = slides.map((slide) => ({ cluster: slide.cluster, values: tablesOf(slide, basis, readerKeys, cells) }));
  const classes = Array.from({ length: categories - 1 }, (_, index) => index + 1);
  const numbers = (values: Float64Array) =>
    readerKeys.flatMap((_, reader) => {
      const table = tableOf(values.subarray(reader * cells, (reader + 1) * cells), categories);
      return classes.flatMap((label) => classNumbers(table, label));
    });
  const estimates = clusterBootstrap(sums, numbers, settings);
  const total = new Float64Array(readerKeys.length * cells);
  for (const { values } of sums) for (const [at, value] of values.entries()) total[at] = (total[at] ?? 0) + value;
  return readerKeys.map((_, reader) => ({
    confusion: tableOf(total.subarray(reader * cells, (reader + 1) * cells), categories),
    classes: classes.map((label) => {
      const at = 3 * (reader * classes.length + label - 1);
      const [precision, recall, f1] = estimates.slice(at, at + 3);
      if (precision === undefined || recall === undefined || f1 === undefined)
        throw new Error("an estimate is missing");
      return { precision, recall, f1 };
    }),
  }));
}

function tablesOf(slide: BoardSlide, basis: Basis, readerKeys: readonly string[], cells: number): Float64Array {
  const { categories, rows } = slide.tally[basis];
  const judge = judgeOf(slide.methods[basis], slide.readKeys, slide.tally[basis]);
  const values = new Float64Array(readerKeys.length * cells);
  const places = slide.readerKeys.map((key) => readerKeys.indexOf(key));
  for (const { labels, weight } of rows) {
    const { label: truth } = judge(labels);
    if (truth === null) continue;
    for (const [column, said] of labels.entries()) {
      if (said === null) continue;
      const at = (places[column] ?? 0) * cells + truth * categories + said;
      values[at] = (values[at] ?? 0) + weight;
    }
  }
  return values;
}

function tableOf(values: Float64Array, categories: number): number[][] {
  return Array.from({ length: categories }, (_, row) => [...values.subarray(row * categories, (row + 1) * categories)]);
}

function classNumbers(table: readonly (readonly number[])[], label: number): Measure[] {
  const both = table[label]?.[label] ?? 0;
  const truth = (table[label] ?? []).reduce((sum, value) => sum + value, 0);
  const said = table.reduce((sum, row) => sum + (row[label] ?? 0), 0);
  const share = (whole: number) => (whole > 0 ? defined(both / whole) : undefinedBecause("class not marked"));
  const sum = truth + said;
  return [share(said), share(truth), sum > 0 ? defined((2 * both) / sum) : undefinedBecause("class not marked")];
}
