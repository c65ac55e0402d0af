import { describe, expect, test } from "vitest";
import type { Geometry } from "#domain/annotation.ts";
import type { Estimate } from "#domain/bootstrap.ts";
import { boundaryDistances } from "#domain/boundary.ts";
import type { Outline, Read } from "#domain/consensus.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { matchClass, matchOutlines, panopticByClass } from "#domain/matching.ts";
import { type SlideReads, summariseObjects } from "#domain/object-summary.ts";
import { seededRandom, shuffled } from "#domain/random.ts";
import { micronPerPx } from "#domain/units.ts";
import { square } from "#tests/support/outlines.ts";

const KEYS = ["a", "b", "c"];
const tumour = classId.parse("tumour00");
const stroma = classId.parse("stroma00");
const random = seededRandom(3);
const slides: SlideReads[] = Array.from({ length: 8 }, (_, slide) => ({
  cluster: `slide ${slide}`,
  mpp: micronPerPx(0.5),
  reads: KEYS.filter((key) => key !== "c" || slide !== 2).map(
    (readerKey): Read => ({
      readerKey,
      outlines: Array.from({ length: 12 }, (__, place): Outline[] => {
        if (random() < 0.2) return [];
        const geometry: Geometry = square(100 * place + Math.floor(30 * random()), 0, 60);
        const id = annotationId.parse(`${readerKey}${slide}${String(place).padStart(6, "0")}`);
        return [{ annotationId: id, classId: tumour, geometry }];
      }).flat(),
    }),
  ),
}));
const settings = { seed: 1, resamples: 300 };
const summary = summariseObjects(slides, KEYS, [tumour, stroma], settings);

describe("objects of a study", () => {
  test("[MAT11] detection and panoptic quality are those of all slides together, each with an interval", () => {
    for (const [pair, { a, b, f1, regroupings }] of summary.pairs.entries()) {
      let [both, only, inClass, iou, objects] = [0, 0, 0, 0, 0];
      for (const { reads } of slides) {
        const two = [KEYS[a], KEYS[b]].flatMap((key) => reads.filter(({ readerKey }) => readerKey === key));
        if (two.length < 2) continue;
        const [found] = matchOutlines(two).pairs;
        both += found!.matches.length;
        only += found!.onlyA.length + found!.onlyB.length;
        const [panoptic] = panopticByClass(two[0]!, two[1]!, [tumour]);
        inClass += panoptic!.both;
        iou += panoptic!.sq.defined ? panoptic!.sq.value * panoptic!.both : 0;
        objects += 2 * panoptic!.both + panoptic!.onlyA + panoptic!.onlyB;
      }
      expect(numberIn(f1)).toBeCloseTo((2 * both) / (2 * both + only), 12);
      const { pq, sq, rq } = summary.classes[0]!.pairs[pair]!;
      expect(numberIn(sq)).toBeCloseTo(iou / inClass, 12);
      expect(numberIn(rq)).toBeCloseTo((2 * inClass) / objects, 12);
      expect(numberIn(pq)).toBeCloseTo(numberIn(sq) * numberIn(rq), 12);
      for (const { limits } of [f1, pq, sq, rq]) expect(limits.defined).toBe(true);
      expect(regroupings).toBe(0);
    }
  });

  test("[MAT12] distances are means over the objects that both have, in um, and only where they are asked for", () => {
    expect(summary.classes[0]!.pairs[0]!.distances).toBeNull();
    const asked = summariseObjects(slides, KEYS, [tumour, stroma], { ...settings, distances: { toleranceUm: 2 } });
    let [objects, hausdorff, mean] = [0, 0, 0];
    for (const { reads } of slides) {
      for (const { a, b } of matchClass(reads[0]!, reads[1]!, tumour).both) {
        const found = boundaryDistances(a.geometry, b.geometry, { tolerancePx: 4 });
        if (!found.hausdorff95.defined || !found.mean.defined) throw new Error("not defined");
        objects++;
        hausdorff += found.hausdorff95.value / 2;
        mean += found.mean.value / 2;
      }
    }
    const { distances, pq } = asked.classes[0]!.pairs[0]!;
    expect(numberIn(distances!.hausdorff95Um)).toBeCloseTo(hausdorff / objects, 9);
    expect(numberIn(distances!.meanUm)).toBeCloseTo(mean / objects, 9);
    expect(distances!.within.limits.defined).toBe(true);
    expect(pq).toEqual(summary.classes[0]!.pairs[0]!.pq);
    expect(asked.classes[1]!.pairs[0]!.distances!.meanUm.value.defined).toBe(false);
    const unscaled = slides.map((slide) => ({ ...slide, mpp: null }));
    const none = summariseObjects(unscaled, KEYS, [tumour], { ...settings, distances: { toleranceUm: 2 } });
    expect(none.classes[0]!.pairs[0]!.distances!.meanUm.value.defined).toBe(false);
  });

  test("[MAT11] a class that nobody marks has no number, and the order of slides and reads changes no bit", () => {
    expect(summary.classes[1]!.pairs[0]!.pq).toMatchObject({ value: { reason: "class not marked" } });
    const mixed = shuffled(slides, random).map((slide) => ({ ...slide, reads: shuffled(slide.reads, random) }));
    expect(summariseObjects(mixed, KEYS, [tumour, stroma], settings)).toEqual(summary);
    const few = summariseObjects(slides.slice(0, 3), KEYS, [tumour], settings);
    expect(few.pairs[0]!.f1).toMatchObject({ value: { defined: true }, limits: { reason: "too few slides" } });
  });
});

function numberIn({ value }: Estimate): number {
  return value.defined ? value.value : Number.NaN;
}
