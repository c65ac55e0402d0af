import {
  cohenKappa,
  defined,
  fleissKappa,
  gwetAc,
  krippendorffAlpha,
  type Measure,
  momentsOf,
  oneAgainstRest,
  pairConfusion,
  percentAgreement,
  type Ratings,
  regionOverlap,
  undefinedBecause,
} from "#domain/agreement.ts";
import type { ClassId } from "#domain/ids.ts";
import type { Face } from "./faces.ts";

/** Agreement of two reads on one class; `a` and `b` are their places in the order of the reads. */
export type PairAgreement = {
  readonly a: number;
  readonly b: number;
  readonly dice: Measure;
  readonly iou: Measure;
  readonly cohen: Measure;
};

export type Agreement = {
  readonly percentAgreement: Measure;
  readonly fleiss: Measure;
  readonly alpha: Measure;
  readonly ac1: Measure;
};

/** Agreement on one class against all else, "not marked" included; prevalence is its share of all votes, by area. */
export type ClassAgreement = Agreement & {
  readonly classId: ClassId;
  readonly prevalence: Measure;
  readonly pairs: readonly PairAgreement[];
};

/** Tables of two reads over "not marked" (row and column 0) and the classes in order, px2. */
export type PairTable = {
  readonly a: number;
  readonly b: number;
  readonly cohen: Measure;
  readonly areaPx: readonly (readonly number[])[];
};

export type Numbers = {
  readonly overall: Agreement & { readonly pairs: readonly PairTable[] };
  readonly classes: readonly ClassAgreement[];
  /** Mean over ordered pairs of reads of the area (px2) where one says the row and another the column; 0 is "not marked". */
  readonly confusionPx: readonly (readonly number[])[];
};

/**
 * Ratings whose items are the places of the evaluated region, weighted by area in px2: one row for each combination of
 * votes, and one for what nobody marked.
 */
export function ratingsOfFaces(faces: readonly Face[], reads: number, classes: number, regionPx: number): Ratings {
  const areas = new Map<string | number, { labels: readonly number[]; weight: number }>();
  const keyOf = patternKey(reads, classes);
  let marked = 0;
  for (const { labels, areaPx } of faces) {
    const key = keyOf(labels);
    const known = areas.get(key);
    if (known === undefined) areas.set(key, { labels, weight: areaPx });
    else known.weight += areaPx;
    marked += areaPx;
  }
  const rows = [...areas.values()]
    .map((row) => ({ row, key: row.labels.join() }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
  const silent = { labels: Array.from({ length: reads }, () => 0), weight: Math.max(0, regionPx - marked) };
  return { categories: classes + 1, rows: silent.weight > 0 ? [silent, ...rows] : rows };
}

/** A name of a combination of votes: a number where there are not too many combinations for one. */
function patternKey(reads: number, classes: number): (labels: readonly number[]) => string | number {
  const categories = classes + 1;
  if (!Number.isSafeInteger(categories ** reads)) return (labels) => labels.join();
  return (labels) => {
    let key = 0;
    for (const label of labels) key = key * categories + label;
    return key;
  };
}

/** Every number of the consensus page. A class that no read marks has none, and fewer than two reads give none. */
export function numbersOf(ratings: Ratings, reads: number, classIds: readonly ClassId[]): Numbers {
  const pairs = pairsOf(reads).map(([a, b]) => {
    const areaPx = pairConfusion(ratings, a, b);
    return { a, b, areaPx, cohen: cohenKappa(areaPx).measure };
  });
  return {
    overall: { ...agreementOf(ratings, reads), pairs },
    classes: classIds.map((classId, index) => classAgreement(ratings, reads, classId, index + 1, pairs)),
    confusionPx: meanConfusion(pairs, ratings.categories),
  };
}

function agreementOf(ratings: Ratings, reads: number): Agreement {
  if (reads < 2) return allUndefined("fewer than two reads");
  const moments = momentsOf(ratings);
  return {
    percentAgreement: percentAgreement(moments),
    fleiss: fleissKappa(moments).measure,
    alpha: krippendorffAlpha(moments),
    ac1: gwetAc(moments).measure,
  };
}

function classAgreement(
  ratings: Ratings,
  reads: number,
  classId: ClassId,
  label: number,
  tables: readonly PairTable[],
): ClassAgreement {
  const single = oneAgainstRest(ratings, label);
  const prevalence = shareOf(single);
  const pairs = tables.map(({ a, b, areaPx }) => {
    const [areaA, areaB] = [total(areaPx[label] ?? []), total(areaPx.map((row) => row[label] ?? 0))];
    const marked = areaA + areaB > 0;
    const cohen = marked ? cohenKappa(pairConfusion(single, a, b)).measure : undefinedBecause("class not marked");
    return { a, b, ...regionOverlap(areaA, areaB, areaPx[label]?.[label] ?? 0), cohen };
  });
  const absent = prevalence.defined && prevalence.value === 0;
  const numbers = absent && reads > 1 ? allUndefined("class not marked") : agreementOf(single, reads);
  return { classId, prevalence, ...numbers, pairs };
}

function shareOf({ rows }: Ratings): Measure {
  const all = total(rows.map(({ labels, weight }) => labels.length * weight));
  const own = total(rows.map(({ labels, weight }) => labels.filter((label) => label === 1).length * weight));
  return all > 0 ? defined(own / all) : undefinedBecause("no common items");
}

function meanConfusion(pairs: readonly PairTable[], size: number): number[][] {
  const share = 1 / Math.max(1, 2 * pairs.length);
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) =>
      total(pairs.map(({ areaPx }) => ((areaPx[i]?.[j] ?? 0) + (areaPx[j]?.[i] ?? 0)) * share)),
    ),
  );
}

function allUndefined(reason: "fewer than two reads" | "class not marked"): Agreement {
  const measure = undefinedBecause(reason);
  return { percentAgreement: measure, fleiss: measure, alpha: measure, ac1: measure };
}

function pairsOf(reads: number): [number, number][] {
  return Array.from({ length: reads }, (_, a) => a).flatMap((a) =>
    Array.from({ length: reads - a - 1 }, (_, step): [number, number] => [a, a + 1 + step]),
  );
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
