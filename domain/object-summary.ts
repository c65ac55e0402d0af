import { defined, type Measure, undefinedBecause } from "./agreement.ts";
import { type BootstrapSettings, clusterBootstrap, type Estimate } from "./bootstrap.ts";
import { boundaryDistances } from "./boundary.ts";
import type { Read } from "./consensus.ts";
import type { ClassId } from "./ids.ts";
import { type ClassMatching, matchClass, matchOutlines } from "./matching.ts";
import type { MicronPerPx } from "./units.ts";

/** The reads of one slide, and the slide or case that counts as one. Who has no read here has not read the slide. */
export type SlideReads = {
  readonly cluster: string;
  readonly reads: readonly Read[];
  /** Null where the scale is not known: then its outlines have no distance. */
  readonly mpp: MicronPerPx | null;
};

export type ObjectSettings = BootstrapSettings & {
  /** Distances between outlines cost much more than all else, so they are asked for; within how many um they agree. */
  readonly distances?: { readonly toleranceUm: number };
};

/** Mean over the objects that both have, um; an outline that is missing has no distance and is not averaged. */
export type DistanceEstimates = {
  readonly hausdorff95Um: Estimate;
  readonly meanUm: Estimate;
  /** Share of the outlines within the tolerance. */
  readonly within: Estimate;
};

/** Of two readers, by their places in the order of the readers. */
export type PanopticEstimates = {
  readonly a: number;
  readonly b: number;
  readonly pq: Estimate;
  readonly sq: Estimate;
  /** The share of objects that both have, F1 at an IoU above a half. */
  readonly rq: Estimate;
  /** Null where distances were not asked for. */
  readonly distances: DistanceEstimates | null;
};

/** How far readers see the same objects, every number with its interval over slides. */
export type ObjectSummary = {
  /** Objects whatever their class: F1 at the least IoU of matching, and how many were drawn as one here and several there. */
  readonly pairs: readonly {
    readonly a: number;
    readonly b: number;
    readonly f1: Estimate;
    readonly regroupings: number;
  }[];
  /** In the order of the classes, of the same class only. */
  readonly classes: readonly { readonly classId: ClassId; readonly pairs: readonly PanopticEstimates[] }[];
};

/** Per pair of readers: objects that both have, only the one, only the other, and regroupings. */
const OF_OBJECTS = 4;
/** Per class and pair of readers: counts at an IoU above a half, the sum of IoU; objects with distances, their sums. */
const OF_CLASS = 8;
/** Numbers of a class and pair: three of panoptic quality, three of distance. */
const NUMBERS = 6;

/**
 * Detection and panoptic quality of every pair of readers over all slides that both have read.
 * @param readerKeys all readers of the study in order
 * Cost is that of matching each slide once, and each class of it once for every pair.
 */
export function summariseObjects(
  slides: readonly SlideReads[],
  readerKeys: readonly string[],
  classIds: readonly ClassId[],
  settings: ObjectSettings,
): ObjectSummary {
  const pairs = readerKeys.flatMap((_, a) => readerKeys.slice(a + 1).map((__, step) => ({ a, b: a + 1 + step })));
  const sums = slides.map((slide) => ({
    cluster: slide.cluster,
    values: sumsOf(slide, readerKeys, pairs, classIds, settings),
  }));
  const objectsAt = (pair: number) => OF_OBJECTS * pair;
  const classAt = (label: number, pair: number) => OF_OBJECTS * pairs.length + OF_CLASS * (label * pairs.length + pair);
  const numbers = (values: Float64Array): Measure[] => [
    ...pairs.map((_, pair) => f1Of(values.subarray(objectsAt(pair)))),
    ...classIds.flatMap((_, label) => pairs.flatMap((__, pair) => classNumbers(values.subarray(classAt(label, pair))))),
  ];
  const estimates = clusterBootstrap(sums, numbers, settings);
  const estimateAt = (place: number): Estimate => {
    const estimate = estimates[place];
    if (estimate === undefined) throw new Error("an estimate is missing");
    return estimate;
  };
  const regroupings = (pair: number) => sums.reduce((sum, { values }) => sum + (values[objectsAt(pair) + 3] ?? 0), 0);
  return {
    pairs: pairs.map(({ a, b }, pair) => ({ a, b, f1: estimateAt(pair), regroupings: regroupings(pair) })),
    classes: classIds.map((classId, label) => ({
      classId,
      pairs: pairs.map(({ a, b }, pair) => {
        const at = pairs.length + NUMBERS * (label * pairs.length + pair);
        const distances =
          settings.distances === undefined
            ? null
            : { hausdorff95Um: estimateAt(at + 3), meanUm: estimateAt(at + 4), within: estimateAt(at + 5) };
        return { a, b, pq: estimateAt(at), sq: estimateAt(at + 1), rq: estimateAt(at + 2), distances };
      }),
    })),
  };
}

type Pair = { readonly a: number; readonly b: number };

function sumsOf(
  { reads, mpp }: SlideReads,
  readerKeys: readonly string[],
  pairs: readonly Pair[],
  classIds: readonly ClassId[],
  settings: ObjectSettings,
): Float64Array {
  const { readerKeys: here, pairs: matched } = matchOutlines(reads);
  const readOf = new Map(reads.map((read) => [read.readerKey, read]));
  const bothRead = pairs.map(({ a, b }) => {
    const [one, other] = [readerKeys[a], readerKeys[b]].map((key) => readOf.get(key ?? ""));
    return one === undefined || other === undefined ? null : ([one, other] as const);
  });
  const objects = bothRead.flatMap((both) => {
    const places = (both ?? []).map(({ readerKey }) => here.indexOf(readerKey));
    const found = matched.find(({ a, b }) => places.includes(a) && places.includes(b));
    if (found === undefined) return [0, 0, 0, 0];
    const { matches, onlyA, onlyB, regroupings } = found;
    return [matches.length, onlyA.length, onlyB.length, regroupings.length];
  });
  const classes = classIds.flatMap((classId) =>
    bothRead.flatMap((both) => {
      if (both === null) return Array.from({ length: OF_CLASS }, () => 0);
      const found = matchClass(both[0], both[1], classId);
      const iou = found.both.reduce((sum, pair) => sum + pair.iou, 0);
      return [found.both.length, found.onlyA, found.onlyB, iou, ...distancesOf(found, mpp, settings)];
    }),
  );
  return Float64Array.from([...objects, ...classes]);
}

/** Objects that were measured, and the sums of their three distances. */
function distancesOf({ both }: ClassMatching, mpp: MicronPerPx | null, { distances }: ObjectSettings): number[] {
  if (mpp === null || distances === undefined) return [0, 0, 0, 0];
  const sums = [0, 0, 0, 0];
  for (const { a, b } of both) {
    const found = boundaryDistances(a.geometry, b.geometry, { tolerancePx: distances.toleranceUm / mpp });
    const { hausdorff95, mean, within } = found;
    if (!hausdorff95.defined || !mean.defined || !within.defined) continue;
    for (const [place, amount] of [1, hausdorff95.value * mpp, mean.value * mpp, within.value].entries()) {
      sums[place] = (sums[place] ?? 0) + amount;
    }
  }
  return sums;
}

function f1Of([both = 0, onlyA = 0, onlyB = 0]: Float64Array): Measure {
  const all = 2 * both + onlyA + onlyB;
  return all > 0 ? defined((2 * both) / all) : undefinedBecause("class not marked");
}

function classNumbers(values: Float64Array): Measure[] {
  const rq = f1Of(values);
  const [both = 0, , , iou = 0, measured = 0, ...sums] = values.subarray(0, OF_CLASS);
  const quality = both > 0 ? iou / both : 0;
  const panoptic = rq.defined ? [defined(quality * rq.value), defined(quality), rq] : [rq, rq, rq];
  const distances = sums.map((sum) => (measured > 0 ? defined(sum / measured) : undefinedBecause("no common items")));
  return [...panoptic, ...distances];
}
