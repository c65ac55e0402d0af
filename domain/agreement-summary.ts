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
/** Dice of areas, or for ratings of objects the F1 of detecting this class. */
export type ClassPairEstimates = PairEstimates & { readonly dice: Estimate; readonly iou: Estimate };

/** Agreement over all slides, every number with its interval over slides. */
export type AgreementSummary = {
  readonly overall: AgreementEstimates & { readonly pairs: readonly PairEstimates[] };
  /** In the order of the classes; those that nobody marked have no numbers and say so. */
  readonly classes: readonly (AgreementEstimates & { readonly pairs: readonly ClassPairEstimates[] })[];
  /** Per reader, agreement with the majority of the others. */
  readonly competences: readonly Estimate[];
};

type Statistic = (values: Float64Array) => Measure;
type Part = (values: Float64Array) => Moments;

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
  const layout = layoutOf(categories, readers);
  const sums = slides.map(({ cluster, ratings }) => ({ cluster, values: valuesOf(ratings, readers) }));
  const plan = planOf(layout, categories, readers);
  return plan.read(clusterBootstrap(sums, plan.statistics, settings));
}

type Layout = { readonly overall: Part; readonly classes: readonly Part[]; readonly competencesAt: number };

/** Where in the sums of a slide its parts are: moments of all categories, of each class, counts of each reader. */
function layoutOf(categories: number, readers: number): Layout {
  const all = emptyMoments(categories, readers);
  const single = emptyMoments(2, readers);
  const part =
    ({ categories: size, values }: Moments, start: number): Part =>
    (sums) => ({ categories: size, readers, values: sums.subarray(start, start + values.length) });
  const classes = Array.from({ length: categories - 1 }, (_, index) =>
    part(single, all.values.length + index * single.values.length),
  );
  const competencesAt = all.values.length + classes.length * single.values.length;
  return { overall: part(all, 0), classes, competencesAt };
}

function valuesOf(ratings: Ratings, readers: number): Float64Array {
  const classes = Array.from({ length: ratings.categories - 1 }, (_, index) => oneAgainstRest(ratings, index + 1));
  const moments = [ratings, ...classes].flatMap((each) => [...momentsOf(each, readers).values]);
  const counts = Array.from({ length: readers }, (_, reader) => competence(ratings, reader));
  return Float64Array.from([...moments, ...counts.flatMap(({ agreed, items }) => [agreed, items])]);
}

/** What is asked of every resample, and how its answers become the summary. */
type Plan = {
  readonly statistics: readonly Statistic[];
  readonly read: (estimates: readonly Estimate[]) => AgreementSummary;
};

function planOf({ overall, classes, competencesAt }: Layout, categories: number, readers: number): Plan {
  const pairs = pairsOf(readers);
  const overallShare: Statistic = () => defined(1);
  const overallNumbers = [overallShare, ...numbersOf(overall)];
  const overallPairs = pairs.map(
    ([a, b]): Statistic =>
      (values) =>
        cohenKappa(pairTableIn(overall(values), a, b)).measure,
  );
  const classNumbers = classes.map((part) => {
    const share: Statistic = (values) => prevalenceIn(part(values));
    const numbers = [share, ...numbersOf(part).map((number) => whereMarked(part, number))];
    return [...numbers, ...pairs.flatMap(([a, b]) => classPair(part, a, b))];
  });
  const perReader = Array.from(
    { length: readers },
    (_, reader): Statistic =>
      (values) => {
        const [agreed = 0, items = 0] = values.subarray(competencesAt + 2 * reader, competencesAt + 2 * reader + 2);
        return items > 0 ? defined(agreed / items) : undefinedBecause("no common items");
      },
  );
  const statistics = [...overallNumbers, ...overallPairs, ...classNumbers.flat(), ...perReader];
  return { statistics, read: (estimates) => summaryOf(estimates, pairs, categories - 1, readers) };
}

function numbersOf(part: Part): Statistic[] {
  return [
    (values) => percentAgreement(part(values)),
    (values) => fleissKappa(part(values)).measure,
    (values) => krippendorffAlpha(part(values)),
    (values) => gwetAc(part(values)).measure,
  ];
}

/** Of a class against the rest: kappa, Dice and IoU of two readers. */
function classPair(part: Part, a: number, b: number): Statistic[] {
  const tableIn = (values: Float64Array) => pairTableIn(part(values), a, b);
  const overlap = (values: Float64Array) => {
    const [[, onlyB = 0] = [], [onlyA = 0, both = 0] = []] = tableIn(values);
    return regionOverlap(onlyA + both, onlyB + both, both);
  };
  return [
    (values) => {
      const { dice } = overlap(values);
      return dice.defined ? cohenKappa(tableIn(values)).measure : dice;
    },
    (values) => overlap(values).dice,
    (values) => overlap(values).iou,
  ];
}

function prevalenceIn({ values }: Moments): Measure {
  const [read = 0, , , marked = 0] = values;
  return read > 0 ? defined(marked / read) : undefinedBecause("no common items");
}

/** A class that nobody marked has no agreement: that all leave it out would count as all agreeing. */
function whereMarked(part: Part, number: Statistic): Statistic {
  return (values) => {
    const share = prevalenceIn(part(values));
    return share.defined && share.value === 0 ? undefinedBecause("class not marked") : number(values);
  };
}

function summaryOf(
  estimates: readonly Estimate[],
  pairs: readonly (readonly [number, number])[],
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
  const overall = { ...numbers(), pairs: pairs.map(([a, b]) => ({ a, b, cohen: next() })) };
  const perClass = Array.from({ length: classes }, () => ({
    ...numbers(),
    pairs: pairs.map(([a, b]) => ({ a, b, cohen: next(), dice: next(), iou: next() })),
  }));
  return { overall, classes: perClass, competences: Array.from({ length: readers }, next) };
}

function pairsOf(readers: number): [number, number][] {
  return Array.from({ length: readers }, (_, a) => a).flatMap((a) =>
    Array.from({ length: readers - a - 1 }, (_, step): [number, number] => [a, a + 1 + step]),
  );
}
