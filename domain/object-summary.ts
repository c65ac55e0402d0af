import { defined, type Measure, undefinedBecause } from "./agreement.ts";
import { type BootstrapSettings, clusterBootstrap, type Estimate } from "./bootstrap.ts";
import type { Read } from "./consensus.ts";
import type { ClassId } from "./ids.ts";
import { matchOutlines, type Panoptic, panopticByClass } from "./matching.ts";

/** The reads of one slide, and the slide or case that counts as one. Who has no read here has not read the slide. */
export type SlideReads = { readonly cluster: string; readonly reads: readonly Read[] };

/** Of two readers, by their places in the order of the readers. */
export type PanopticEstimates = {
  readonly a: number;
  readonly b: number;
  readonly pq: Estimate;
  readonly sq: Estimate;
  /** The share of objects that both have, F1 at an IoU above a half. */
  readonly rq: Estimate;
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
/** Per class and pair of readers: the same at an IoU above a half, and the sum of IoU. */
const OF_CLASS = 4;

/**
 * Detection and panoptic quality of every pair of readers over all slides that both have read.
 * @param readerKeys all readers of the study in order
 * Cost is that of matching each slide once, and each class of it once for every pair.
 */
export function summariseObjects(
  slides: readonly SlideReads[],
  readerKeys: readonly string[],
  classIds: readonly ClassId[],
  settings: BootstrapSettings,
): ObjectSummary {
  const pairs = readerKeys.flatMap((_, a) => readerKeys.slice(a + 1).map((__, step) => ({ a, b: a + 1 + step })));
  const sums = slides.map(({ cluster, reads }) => ({ cluster, values: sumsOf(reads, readerKeys, pairs, classIds) }));
  const objectsAt = (pair: number) => OF_OBJECTS * pair;
  const classAt = (label: number, pair: number) => OF_OBJECTS * pairs.length + OF_CLASS * (label * pairs.length + pair);
  const numbers = (values: Float64Array): Measure[] => [
    ...pairs.map((_, pair) => f1Of(values.subarray(objectsAt(pair)))),
    ...classIds.flatMap((_, label) => pairs.flatMap((__, pair) => panopticIn(values.subarray(classAt(label, pair))))),
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
        const at = pairs.length + 3 * (label * pairs.length + pair);
        return { a, b, pq: estimateAt(at), sq: estimateAt(at + 1), rq: estimateAt(at + 2) };
      }),
    })),
  };
}

type Pair = { readonly a: number; readonly b: number };

function sumsOf(
  reads: readonly Read[],
  readerKeys: readonly string[],
  pairs: readonly Pair[],
  classIds: readonly ClassId[],
): Float64Array {
  const { readerKeys: here, pairs: matched } = matchOutlines(reads);
  const readOf = new Map(reads.map((read) => [read.readerKey, read]));
  const bothRead = pairs.map(({ a, b }) => {
    const [one, other] = [readerKeys[a], readerKeys[b]].map((key) => readOf.get(key ?? ""));
    return one === undefined || other === undefined ? null : ([one, other] as const);
  });
  const objects = bothRead.flatMap((both) => {
    if (both === null) return [0, 0, 0, 0];
    const places = both.map(({ readerKey }) => here.indexOf(readerKey));
    const found = matched.find(({ a, b }) => places.includes(a) && places.includes(b));
    if (found === undefined) return [0, 0, 0, 0];
    const { matches, onlyA, onlyB, regroupings } = found;
    return [matches.length, onlyA.length, onlyB.length, regroupings.length];
  });
  const panoptic = bothRead.map((both) => (both === null ? null : panopticByClass(both[0], both[1], classIds)));
  const classes = classIds.flatMap((_, label) => panoptic.flatMap((found) => countsOf(found?.[label])));
  return Float64Array.from([...objects, ...classes]);
}

function countsOf(found: Panoptic | undefined): number[] {
  if (found === undefined) return [0, 0, 0, 0];
  const { both, onlyA, onlyB, sq } = found;
  return [both, onlyA, onlyB, sq.defined ? sq.value * both : 0];
}

function f1Of([both = 0, onlyA = 0, onlyB = 0]: Float64Array): Measure {
  const all = 2 * both + onlyA + onlyB;
  return all > 0 ? defined((2 * both) / all) : undefinedBecause("class not marked");
}

function panopticIn(values: Float64Array): Measure[] {
  const rq = f1Of(values);
  if (!rq.defined) return [rq, rq, rq];
  const [both = 0, , , iou = 0] = values;
  const quality = both > 0 ? iou / both : 0;
  return [defined(quality * rq.value), defined(quality), rq];
}
