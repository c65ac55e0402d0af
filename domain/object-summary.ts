import { defined, type Measure, undefinedBecause } from "./agreement.ts";
import { type BootstrapSettings, clusterBootstrap, type Estimate } from "./bootstrap.ts";
import { type BoundaryDistances, boundaryDistances } from "./boundary.ts";
import { Kept, Memory } from "./consensus/memory.ts";
import type { Read } from "./consensus/partition.ts";
import type { ClassId } from "./ids.ts";
import {
  type ClassMatching,
  countsOfPairs,
  LEAST_IOU,
  matchClasses,
  matchedOverlaps,
  type Overlaps,
  overlapsOf,
} from "./matching.ts";
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
/** So many objects of a class and pair are measured, evenly among all: means of more are no surer. */
const MOST_MEASURED = 40;
/** Small outlines need no finer steps where what counts is the mean over many. */
const STEP_PX = 0.25;

type Pair = { readonly a: number; readonly b: number };
/** What one slide adds to the numbers of two of its readers, whom it names by key; nothing of it is a mean. */
export type PairTally = { readonly a: string; readonly b: string; readonly values: readonly number[] };

/**
 * The sums of every two readers of one slide, over all classes. Cost is that of matching it once.
 */
export function pairTallies(
  { reads, mpp }: Omit<SlideReads, "cluster">,
  classIds: readonly ClassId[],
  distances: ObjectSettings["distances"],
): PairTally[] {
  const memory = new Memory();
  return overlapTallies(overlapsOf(reads, memory), mpp, classIds, distances, () => true, memory);
}

/** The same of outlines whose overlaps are known. @param isMeasured classes between whose outlines distances are taken */
export function overlapTallies(
  overlaps: Overlaps,
  mpp: MicronPerPx | null,
  classIds: readonly ClassId[],
  distances: ObjectSettings["distances"],
  isMeasured: (classId: ClassId) => boolean,
  memory: Memory,
): PairTally[] {
  const { readerKeys } = overlaps.objects;
  const matched = matchedOverlaps(overlaps, LEAST_IOU, memory);
  const found = matchClasses(overlaps, matched, classIds);
  return countsOfPairs(overlaps, matched).map(({ a, b, both, onlyA, onlyB, regroupings }, place): PairTally => {
    const classes = classIds.flatMap((classId, label) => {
      const matching = found[place]?.classes[label] ?? { both: [], onlyA: 0, onlyB: 0 };
      const iou = matching.both.reduce((sum, pair) => sum + pair.iou, 0);
      const measured = isMeasured(classId) ? distances : undefined;
      return [
        matching.both.length,
        matching.onlyA,
        matching.onlyB,
        iou,
        ...distancesOf(matching, mpp, measured, memory),
      ];
    });
    const objects = [both, onlyA, onlyB, regroupings];
    return { a: readerKeys[a] ?? "", b: readerKeys[b] ?? "", values: [...objects, ...classes] };
  });
}

/**
 * Detection and panoptic quality of every pair of readers over all slides that both have read.
 * @param readerKeys all readers of the study in order
 * Cost is that of `pairTallies` for each slide.
 */
export function summariseObjects(
  slides: readonly SlideReads[],
  readerKeys: readonly string[],
  classIds: readonly ClassId[],
  settings: ObjectSettings,
): ObjectSummary {
  const tallies = slides.map(({ cluster, reads, mpp }) => ({
    cluster,
    tallies: pairTallies({ reads, mpp }, classIds, settings.distances),
  }));
  return summarisePairs(tallies, readerKeys, classIds, settings);
}

/** The same from what each slide added. @param settings distances as they were when the tallies were made */
export function summarisePairs(
  slides: readonly { readonly cluster: string; readonly tallies: readonly PairTally[] }[],
  readerKeys: readonly string[],
  classIds: readonly ClassId[],
  settings: ObjectSettings,
): ObjectSummary {
  const pairs = readerKeys.flatMap((_, a) => readerKeys.slice(a + 1).map((__, step) => ({ a, b: a + 1 + step })));
  const sums = slides.map(({ cluster, tallies }) => ({
    cluster,
    values: valuesOf(tallies, readerKeys, pairs, classIds.length),
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

/** The sums of a slide at the places of the study's readers; who has not read the slide adds nothing. */
function valuesOf(
  tallies: readonly PairTally[],
  readerKeys: readonly string[],
  pairs: readonly Pair[],
  classes: number,
): Float64Array {
  const ofPair = pairs.map(({ a, b }) => {
    const [first, second] = [readerKeys[a], readerKeys[b]];
    const found = tallies.find(
      (each) => (each.a === first && each.b === second) || (each.a === second && each.b === first),
    );
    if (found === undefined) return null;
    return found.a === first ? found.values : turned(found.values);
  });
  const objects = ofPair.flatMap((values) => values?.slice(0, OF_OBJECTS) ?? [0, 0, 0, 0]);
  const ofClasses = Array.from({ length: classes }, (_, label) => {
    const from = OF_OBJECTS + OF_CLASS * label;
    return ofPair.flatMap(
      (values) => values?.slice(from, from + OF_CLASS) ?? Array.from({ length: OF_CLASS }, () => 0),
    );
  });
  return Float64Array.from([...objects, ...ofClasses.flat()]);
}

/** As seen from the other reader. */
function turned(values: readonly number[]): number[] {
  const swapped = [...values];
  for (let at = 0; at < values.length; at += at === 0 ? OF_OBJECTS : OF_CLASS) {
    swapped[at + 1] = values[at + 2] ?? 0;
    swapped[at + 2] = values[at + 1] ?? 0;
  }
  return swapped;
}

const DISTANCES = new Kept<BoundaryDistances>();

/** Objects that were measured, and the sums of their three distances. */
function distancesOf(
  { both }: ClassMatching,
  mpp: MicronPerPx | null,
  distances: ObjectSettings["distances"],
  memory: Memory,
): number[] {
  if (mpp === null || distances === undefined) return [0, 0, 0, 0];
  const sums = [0, 0, 0, 0];
  const every = Math.max(1, Math.ceil(both.length / MOST_MEASURED));
  for (const [place, { a, b }] of both.entries()) {
    if (place % every !== 0) continue;
    const found = DISTANCES.of(memory, memory.names([a, b]), () =>
      boundaryDistances(a.geometry, b.geometry, { stepPx: STEP_PX, tolerancePx: distances.toleranceUm / mpp }),
    );
    const { hausdorff95, mean, within } = found;
    if (!hausdorff95.defined || !mean.defined || !within.defined) continue;
    for (const [at, amount] of [1, hausdorff95.value * mpp, mean.value * mpp, within.value].entries()) {
      sums[at] = (sums[at] ?? 0) + amount;
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
