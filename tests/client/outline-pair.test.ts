import fc from "fast-check";
import { expect, it } from "vitest";
import { boxToShow, pairTrim } from "#client/outline-pair.ts";
import type { Geometry } from "#domain/annotation.ts";
import { geometryArea, geometryBbox, polygonsArea } from "#domain/geometry.ts";
import { overlapArea } from "#domain/overlay.ts";
import { square } from "#tests/support/builders.ts";

const anySquare = fc
  .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 20, max: 200 }))
  .map(([x, y, size]) => square(x, y, size));
const bboxTuple = (geometry: Geometry): [number, number, number, number] => {
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  return [minX, minY, maxX, maxY];
};
const paired = (geometry: Geometry) => {
  const about = { annotationId: "other", classId: "b", contentHash: "hash", shared: null, mayTrim: true };
  return { ...about, geometry };
};

it("[PAI24] either trim takes off what the two share and nothing else; afterwards they share nothing", () => {
  fc.assert(
    fc.property(anySquare, fc.array(anySquare, { minLength: 1, maxLength: 3 }), (item, others) => {
      const { cut, item: left, others: rest } = pairTrim(item, others);
      if (cut.length === 0) expect([left, rest]).toEqual([null, null]);
      if (left !== null) {
        expect(geometryArea(left)).toBeCloseTo(geometryArea(item) - polygonsArea(cut), 3);
        for (const other of others) expect(overlapArea(left, other)).toBeCloseTo(0, 3);
      }
      for (const [at, other] of (rest ?? []).entries()) {
        expect(overlapArea(other, item)).toBeCloseTo(0, 3);
        const before = others[at] as Geometry;
        expect(geometryArea(other)).toBeCloseTo(geometryArea(before) - overlapArea(before, item), 3);
      }
    }),
  );
  const [small, large] = [square(100, 100, 50), square(0, 0, 400)];
  expect(pairTrim(small, [large]).item).toBeNull();
  expect(pairTrim(large, [small]).others).toBeNull();
  expect(pairTrim({ type: "point", at: [120, 120] }, [large])).toEqual({ cut: [], item: null, others: null });
});

it("[PAI24] the camera shows both outlines, and of one that is much larger as much as lets the smaller be judged", () => {
  const item = square(1_000, 1_000, 100);
  const of = (...others: Geometry[]) => boxToShow({ bbox: bboxTuple(item), pairs: others.map(paired) });
  expect(of()).toEqual({ minX: 1_000, minY: 1_000, maxX: 1_100, maxY: 1_100 });
  expect(of(square(1_050, 900, 200))).toEqual({ minX: 1_000, minY: 900, maxX: 1_250, maxY: 1_100 });
  expect(of(square(0, 0, 9_000))).toEqual({ minX: 650, minY: 650, maxX: 1_450, maxY: 1_450 });
});
