import { expect, test } from "vitest";
import { Scene } from "#client/scene.ts";
import { objectBands, PROBABILITIES } from "#client/vote-bands.ts";
import { computeConsensus, type Outline, type Read, stapleProbabilities } from "#domain/consensus.ts";
import { bboxOf, polygonsArea } from "#domain/geometry.ts";
import { union } from "#domain/overlay.ts";
import { micronPerPx } from "#domain/units.ts";
import { aClassId, anAnnotation, anAnnotationId, square } from "#tests/support/builders.ts";
import { CELL, cellsDrawnBy, cornerOf, DISPUTED, LYMPHOCYTE, MITOSIS, READERS } from "#tests/support/cell-study.ts";

const NAMES = [CELL, LYMPHOCYTE, MITOSIS];
const classIds = NAMES.map((name) => aClassId(name.toLowerCase()));
const cell = aClassId(CELL.toLowerCase());
const mpp = micronPerPx(0.5);

const reads = Array.from({ length: READERS }, (_, reader): Read => {
  const outlines = cellsDrawnBy(reader).flatMap(({ id, className, x, y, side }): Outline[] => {
    const classId = classIds[NAMES.indexOf(className)];
    const geometry = side === 0 ? ({ type: "point", at: [x, y] } as const) : square(x, y, side);
    return classId === undefined ? [] : [{ annotationId: anAnnotationId(id), classId, geometry }];
  });
  return { readerKey: `read${reader}`, outlines };
});

test("[CVW9] what many readers' cells are so probable as has as many lines, around it and around nothing else", () => {
  const { disputes, tally, readerKeys } = computeConsensus(reads, {
    ...{ quorum: 2, minDisputeUm2: 0, mpp, region: { minX: 0, minY: 0, maxX: 2_048, maxY: 2_048 } },
    ...{ classIds, rules: classIds.map((classId) => ({ classId, objects: {} })) },
  });
  const probabilityOf = stapleProbabilities(tally.objects);
  const scene = new Scene();
  for (const { readerKey, outlines } of reads) {
    scene
      .add(readerKey, "read")
      .load(outlines.map(({ annotationId: id, classId, geometry }) => anAnnotation(id, { id, classId, geometry })));
  }
  for (const { what, place, lines } of DISPUTED) {
    const [x, y] = cornerOf(place);
    const dispute = disputes.find(({ bbox }) => bbox.minY === y && bbox.minX >= x && bbox.minX < x + READERS);
    const probability = probabilityOf(dispute?.labels ?? [], 1) ?? Number.NaN;
    const margin = Math.min(...PROBABILITIES.map((level) => Math.abs(probability - level)));
    expect(margin, `${what}: ${probability}`).toBeGreaterThan(0.02);
    expect(PROBABILITIES.filter((level) => probability >= level)).toEqual(lines);
    const bands = objectBands(
      {
        ...{ scene, layerIds: readerKeys, classId: cell, box: dispute?.bbox ?? bboxOf([]) },
        standingOf: ({ classId }) => ({ classId, name: "", colour: "", state: "current" }),
      },
      { classIds, matchingOf: () => ({}), mpp },
      probabilityOf,
    );
    expect(bands?.map(({ level }) => level)).toEqual(lines);
    const ids = new Set(dispute?.votes.flatMap((vote) => (vote.classId === cell ? vote.annotationIds : [])));
    const own = reads.flatMap(({ outlines }) => outlines.filter(({ annotationId }) => ids.has(annotationId)));
    const drawn = union(own.map(({ geometry }) => geometry));
    for (const { polygons } of bands ?? []) {
      expect(polygonsArea(polygons)).toBe(polygonsArea(drawn));
      expect(bboxOf(polygons.flat(2))).toEqual(bboxOf(drawn.flat(2)));
    }
  }
});
