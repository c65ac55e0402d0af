import {
  cohenKappa,
  competence,
  defined,
  emptyMoments,
  fleissKappa,
  gwetAc,
  krippendorffAlpha,
  type Measure,
  type Moments,
  momentsOf,
  oneAgainstRest,
  pairTableIn,
  percentAgreement,
  type Ratings,
  regionOverlap,
  undefinedBecause,
} from "./agreement.ts";
import { type BootstrapSettings, clusterBootstrap, type Estimate } from "./bootstrap.ts";

/** Ratings of one slide, of objects or of places, and the slide or case that counts as one. */
export type SlideRatings = { readonly cluster: string; readonly ratings: Ratings };

/** Numbers that belong side by side, since each alone misleads; prevalence is the share of votes, 1 in all for overall. */
export type AgreementEstimates = {
  readonly prevalence: Estimate;
  readonly percentAgreement: Estimate;
  readonly fleiss: Estimate;
  readonly alpha: Estimate;
  readonly ac1: Estimate;
};

export type PairEstimates = { readonly a: number; readonly b: number; readonly cohen: Estimate };
/** What counts a near miss as nearly right, by the order in which the categories are declared (quadratic weights). */
export type OrderedEstimates = { readonly alphaOrdinal: Estimate; readonly ac2: Estimate };
/** Dice of areas, or for ratings of objects the F1 of detecting this class. */
export type ClassPairEstimates = PairEstimates & { readonly dice: Estimate; readonly iou: Estimate };

/** Agreement over all slides, every number with its interval over slides. */
export type AgreementSummary = {
  readonly overall: AgreementEstimates &
    OrderedEstimates & { readonly pairs: readonly (PairEstimates & { readonly cohenWeighted: Estimate })[] };
  /** In the order of the classes; those that nobody marked have no numbers and say so. */
  readonly classes: readonly (AgreementEstimates & { readonly pairs: readonly ClassPairEstimates[] })[];
  /** Per reader, agreement with the majority of the others. */
  readonly competences: readonly Estimate[];
};

/**
 * Every number of the agreement board from the ratings of its slides. Category 0 is "not marked", k is the k-th class.
 * Everything is made of sums over slides, so the cost of a resample does not depend on how many objects there are.
 * @param readers how many there are, in the order of the votes
 * @throws RangeError where slides declare different categories
 */
export function summariseAgreement(
  slides: readonly SlideRatings[],
  readers: number,
  settings: BootstrapSettings,
): AgreementSummary {
  const categories = slides[0]?.ratings.categories ?? 1;
  if (slides.some(({ ratings }) => ratings.categories !== categories)) {
    throw new RangeError("all slides need the same categories");
  }
  const sums = slides.map(({ cluster, ratings }) => ({ cluster, values: valuesOf(ratings, readers) }));
  const pairs = pairsOf(readers);
  const numbers = numbersOf(categories, readers, pairs);
  return summaryOf(clusterBootstrap(sums, numbers, settings), pairs, categories - 1, readers);
}

/** The sums of a slide: moments of all categories, moments of each class against the rest, counts of each reader. */
function valuesOf(ratings: Ratings, readers: number): Float64Array {
  const classes = Array.from({ length: ratings.categories - 1 }, (_, index) => oneAgainstRest(ratings, index + 1));
  const moments = [ratings, ...classes].flatMap((each) => [...momentsOf(each, readers).values]);
  const counts = Array.from({ length: readers }, (_, reader) => competence(ratings, reader));
  return Float64Array.from([...moments, ...counts.flatMap(({ agreed, items }) => [agreed, items])]);
}

/** All numbers that the sums give, in the order in which `summaryOf` reads them. */
function numbersOf(categories: number, readers: number, pairs: readonly Pair[]): (values: Float64Array) => Measure[] {
  const [ofAll, ofClass] = [emptyMoments(categories, readers).values.length, emptyMoments(2, readers).values.length];
  return (values) => {
    const overall = { categories, readers, values: values.subarray(0, ofAll) };
    const numbers = [defined(1), ...agreementNumbers(overall)];
    numbers.push(krippendorffAlpha(overall, "ordinal"), gwetAc(overall, "quadratic").measure);
    for (const [a, b] of pairs) {
      const table = pairTableIn(overall, a, b);
      numbers.push(cohenKappa(table).measure, cohenKappa(table, "quadratic").measure);
    }
    let at = ofAll;
    for (let label = 1; label < categories; label++) {
      numbers.push(...classNumbers({ categories: 2, readers, values: values.subarray(at, at + ofClass) }, pairs));
      at += ofClass;
    }
    for (let reader = 0; reader < readers; reader++) {
      const [agreed = 0, items = 0] = values.subarray(at + 2 * reader, at + 2 * reader + 2);
      numbers.push(items > 0 ? defined(agreed / items) : undefinedBecause("no common items"));
    }
    return numbers;
  };
}

function agreementNumbers(moments: Moments): Measure[] {
  return [percentAgreement(moments), fleissKappa(moments).measure, krippendorffAlpha(moments), gwetAc(moments).measure];
}

/**
 * Of a class against the rest: prevalence and agreement, then kappa, Dice and IoU of each pair. A class that nobody marked
 * has no agreement: that all leave it out would count as all agreeing.
 */
function classNumbers(moments: Moments, pairs: readonly Pair[]): Measure[] {
  const [read = 0, , , marked = 0] = moments.values;
  const prevalence = read > 0 ? defined(marked / read) : undefinedBecause("no common items");
  const absent = undefinedBecause("class not marked");
  const agreement = agreementNumbers(moments).map((number) => (read > 0 && marked === 0 ? absent : number));
  const ofPairs = pairs.flatMap(([a, b]) => {
    const table = pairTableIn(moments, a, b);
    const [[, onlyB = 0] = [], [onlyA = 0, both = 0] = []] = table;
    const { dice, iou } = regionOverlap(onlyA + both, onlyB + both, both);
    return [dice.defined ? cohenKappa(table).measure : dice, dice, iou];
  });
  return [prevalence, ...agreement, ...ofPairs];
}

type Pair = readonly [a: number, b: number];

function summaryOf(
  estimates: readonly Estimate[],
  pairs: readonly Pair[],
  classes: number,
  readers: number,
): AgreementSummary {
  let place = 0;
  const next = (): Estimate => {
    const estimate = estimates[place++];
    if (estimate === undefined) throw new Error("an estimate is missing");
    return estimate;
  };
  const numbers = (): AgreementEstimates => ({
    prevalence: next(),
    percentAgreement: next(),
    fleiss: next(),
    alpha: next(),
    ac1: next(),
  });
  const overall = {
    ...numbers(),
    alphaOrdinal: next(),
    ac2: next(),
    pairs: pairs.map(([a, b]) => ({ a, b, cohen: next(), cohenWeighted: next() })),
  };
  const perClass = Array.from({ length: classes }, () => ({
    ...numbers(),
    pairs: pairs.map(([a, b]) => ({ a, b, cohen: next(), dice: next(), iou: next() })),
  }));
  return { overall, classes: perClass, competences: Array.from({ length: readers }, next) };
}

function pairsOf(readers: number): Pair[] {
  return Array.from({ length: readers }, (_, a) => a).flatMap((a) =>
    Array.from({ length: readers - a - 1 }, (_, step): Pair => [a, a + 1 + step]),
  );
}
