import { defined, type Measure, undefinedBecause } from "#domain/agreement.ts";

/** How far two readers mark the same objects. F1 is the same from either side; the others take `a` as the truth. */
export type Detection = {
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly f1: Measure;
  readonly precision: Measure;
  readonly recall: Measure;
};

/** Counts of objects that both have, and that one of them has; not defined where neither has marked anything. */
export function detectionOf(both: number, onlyA: number, onlyB: number): Detection {
  const share = (part: number, whole: number) =>
    whole > 0 ? defined(part / whole) : undefinedBecause("class not marked");
  return {
    both,
    onlyA,
    onlyB,
    f1: share(2 * both, 2 * both + onlyA + onlyB),
    precision: share(both, both + onlyB),
    recall: share(both, both + onlyA),
  };
}

/** Of one class: how well matched objects overlap (SQ), how many are matched (RQ), and both (PQ). */
export type Panoptic = Detection & { readonly pq: Measure; readonly sq: Measure; readonly rq: Measure };

/**
 * PQ = SQ x RQ from the IoU of pairs; those that overlap by a half or less are no match. Not defined for a class that
 * neither has; 0 where nothing is matched.
 * Source: Kirillov et al. 2019, CVPR.
 */
export function panopticOf(ious: readonly number[], objectsA: number, objectsB: number): Panoptic {
  const matched = ious.filter((iou) => iou > 0.5);
  const detection = detectionOf(matched.length, objectsA - matched.length, objectsB - matched.length);
  const { f1: rq } = detection;
  if (!rq.defined) return { ...detection, pq: rq, sq: rq, rq };
  const quality = matched.reduce((sum, iou) => sum + iou, 0) / Math.max(1, matched.length);
  return { ...detection, pq: defined(quality * rq.value), sq: defined(quality), rq };
}
