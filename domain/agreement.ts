import {
  type Coefficient,
  corrected,
  defined,
  type Measure,
  notDefined,
  undefinedBecause,
} from "./agreement/measure.ts";
import { agreeingPairsIn, coincidencesIn, itemsIn, type Moments, marginalsIn, momentsOf } from "./agreement/moments.ts";
import { addTo, emptyTable, type Ratings, sum, type Weights, weightMatrix } from "./agreement/ratings.ts";
import { majorityOf } from "./agreement/votes.ts";

export { cohenKappa, type KappaError, kappaError } from "./agreement/kappa.ts";
export {
  type Coefficient,
  defined,
  type Measure,
  type UndefinedReason,
  undefinedBecause,
} from "./agreement/measure.ts";
export { emptyMoments, type Moments, momentsOf, pairTableIn } from "./agreement/moments.ts";
export {
  byPattern,
  oneAgainstRest,
  pairConfusion,
  type Ratings,
  ratingsOf,
  type Votes,
  type Weights,
} from "./agreement/ratings.ts";
export { majorityOf, type Standing, type Tally, tally, type VotingRule, voteEntropy } from "./agreement/votes.ts";

export type Level = "nominal" | "ordinal" | "interval";

/** Ratings, or the sums over them; a function that takes either gives the same for both. */
export type Rated = Ratings | Moments;

/**
 * Share of pairs of reads that say the same, averaged over items with two or more reads.
 * Source: Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed.
 */
export function percentAgreement(rated: Rated): Measure {
  return observedAgreement(momentsIn(rated), "unweighted");
}

/**
 * Fleiss' kappa for any number of readers, also where not everybody read everything: the observed agreement is over
 * items with two reads or more, the marginals over items with at least one.
 * Source: Fleiss 1971, Psychol. Bull. 76(5); with missing reads Gwet 2014.
 */
export function fleissKappa(rated: Rated): Coefficient {
  const moments = momentsIn(rated);
  return corrected(percentAgreement(moments), sum(marginalsIn(moments).map((share) => share * share)));
}

/**
 * Gwet's AC1, and AC2 with weights: agreement corrected by the chance of readers who guess only where they do not know.
 * Source: Gwet 2008, Br. J. Math. Stat. Psychol. 61(1); Gwet 2014.
 */
export function gwetAc(rated: Rated, weights: Weights = "unweighted"): Coefficient {
  const size = rated.categories;
  if (size < 2) return notDefined("only one category");
  const moments = momentsIn(rated);
  const spread = sum(marginalsIn(moments).map((share) => share * (1 - share)));
  const allWeights = weights === "unweighted" ? size : sum(weightMatrix(size, weights).map(sum));
  return corrected(observedAgreement(moments, weights), (allWeights * spread) / (size * (size - 1)));
}

/**
 * Krippendorff's alpha, 1 - Do/De from the coincidence matrix; items with one read are left out. Not defined where all
 * reads are of one category.
 * @param values of the categories, for interval; their order numbers by default
 * Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
 */
export function krippendorffAlpha(rated: Rated, level: Level = "nominal", values?: readonly number[]): Measure {
  const coincidences = coincidencesIn(momentsIn(rated));
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

function momentsIn(rated: Rated): Moments {
  return "values" in rated ? rated : momentsOf(rated);
}

function observedAgreement(moments: Moments, weights: Weights): Measure {
  const { readTwice } = itemsIn(moments);
  if (!(readTwice > 0)) return undefinedBecause("no common items");
  const pairs = agreeingPairsIn(moments);
  if (weights === "unweighted") return defined(sum(pairs.map((row, i) => row[i] ?? 0)) / readTwice);
  const agree = weightMatrix(moments.categories, weights);
  return defined(sum(pairs.map((row, i) => sum(row.map((share, j) => share * (agree[i]?.[j] ?? 0))))) / readTwice);
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
