import { type Coefficient, corrected, defined, notDefined } from "./measure.ts";
import { sum, type Weights, weightMatrix } from "./ratings.ts";

/**
 * Cohen's kappa of a square table, (po - pe) / (1 - pe); weighted for ordered categories.
 * A constant reader gives 0; it is not defined where chance alone agrees always, or without items.
 * Source: Cohen 1960, Educ. Psychol. Meas. 20(1); Cohen 1968, Psychol. Bull. 70(4).
 */
export function cohenKappa(table: readonly (readonly number[])[], weights: Weights = "unweighted"): Coefficient {
  const shares = sharesOf(table);
  if (shares === null) return notDefined("no common items");
  const expected = agreeing(table.length, weights, (i, j) => (shares.rows[i] ?? 0) * (shares.columns[j] ?? 0));
  return corrected(defined(agreeing(table.length, weights, shares.cell)), expected);
}

/** Large-sample errors of kappa, and its 95% interval by the normal law. */
export type KappaError = {
  readonly standardError: number;
  /** Where true kappa is 0: for the test whether there is any agreement beyond chance. */
  readonly nullError: number;
  readonly interval95: readonly [low: number, high: number];
};

/**
 * Standard errors of Cohen's kappa for independent items; items of one slide are not, so the interval of a study is
 * that of `clusterBootstrap`.
 * @returns null where kappa is not defined
 * Source: Fleiss, Cohen & Everitt 1969, Psychol. Bull. 72(5).
 */
export function kappaError(table: readonly (readonly number[])[], weights: Weights = "unweighted"): KappaError | null {
  const { measure, expected } = cohenKappa(table, weights);
  const shares = sharesOf(table);
  if (shares === null || !measure.defined || !expected.defined) return null;
  const { value: kappa } = measure;
  const { value: chance } = expected;
  const agree = weightMatrix(table.length, weights);
  const rowMeans = agree.map((row) => sum(row.map((weight, j) => weight * (shares.columns[j] ?? 0))));
  const columnMeans = agree.map((row) => sum(row.map((weight, i) => weight * (shares.rows[i] ?? 0))));
  const mean = (i: number, j: number) => (rowMeans[i] ?? 0) + (columnMeans[j] ?? 0);
  const byChance = (i: number, j: number) => (shares.rows[i] ?? 0) * (shares.columns[j] ?? 0);
  const spread = squares(agree, shares.cell, (i, j) => mean(i, j) * (1 - kappa)) - (kappa - chance * (1 - kappa)) ** 2;
  const nullSpread = squares(agree, byChance, mean) - chance ** 2;
  const scale = (1 - chance) * Math.sqrt(shares.total);
  const standardError = Math.sqrt(Math.max(0, spread)) / scale;
  const nullError = Math.sqrt(Math.max(0, nullSpread)) / scale;
  const reach = NORMAL_975 * standardError;
  return { standardError, nullError, interval95: [kappa - reach, kappa + reach] };
}

const NORMAL_975 = 1.959963984540054;

type Cells = (i: number, j: number) => number;

function sharesOf(table: readonly (readonly number[])[]) {
  const all = sum(table.map(sum));
  if (!(all > 0)) return null;
  const rows = table.map((row) => sum(row) / all);
  const columns = table.map((_, column) => sum(table.map((row) => row[column] ?? 0)) / all);
  return { total: all, rows, columns, cell: (i: number, j: number) => (table[i]?.[j] ?? 0) / all };
}

/** Share of what counts as the same; without weights that is the diagonal. */
function agreeing(size: number, weights: Weights, cell: Cells): number {
  let share = 0;
  if (weights === "unweighted") for (let i = 0; i < size; i++) share += cell(i, i);
  else share = sum(weightMatrix(size, weights).map((row, i) => sum(row.map((weight, j) => weight * cell(i, j)))));
  return share;
}

function squares(weights: readonly (readonly number[])[], cell: Cells, mean: Cells): number {
  return sum(weights.map((row, i) => sum(row.map((weight, j) => cell(i, j) * (weight - mean(i, j)) ** 2))));
}
