import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Geometry, Point, Polygon } from "#domain/annotation.ts";
import { borderDistances, boundaryDistances, compactness, sharedBorder, surfaceDistances } from "#domain/boundary.ts";
import { geometryArea, geometryPerimeter, moveBy, nearestEdge, polygonsArea } from "#domain/geometry.ts";
import { normalise, overlapArea, union } from "#domain/overlay.ts";
import { anyOutline, blob, square } from "#tests/support/outlines.ts";
import { expectNear, referenceCases } from "#tests/support/reference.ts";
import { describeWithData } from "#tests/support/slides.ts";

const ring = z.array(z.tuple([z.number(), z.number()]));
const numbers = z.array(z.number());

describeWithData("reference values of boundaries", "reference-metrics/regions.json", (path) => {
  test("[BND1] distances between two outlines are those of the reference data", () => {
    const expected = z.object({
      hd: z.number(),
      hd95: z.number(),
      assd: z.number(),
      asd_ab: z.number(),
      asd_ba: z.number(),
      nsd_1px: z.number(),
    });
    for (const each of referenceCases(path, "region_pair", z.object({ a: ring, b: ring }), expected)) {
      const found = boundaryDistances([[each.input.a]], [[each.input.b]], { tolerancePx: 1 });
      // The reference leaves 0.15 px for the step along the outline; at a step of 0.25 px a tenth of that is enough.
      expectNear(found.hausdorff, each.expected.hd, 0.015, each.id);
      expectNear(found.hausdorff95, each.expected.hd95, 0.015, each.id);
      expectNear(found.mean, each.expected.assd, 0.015, each.id);
      expectNear(found.meanFromA, each.expected.asd_ab, 0.015, each.id);
      expectNear(found.meanFromB, each.expected.asd_ba, 0.015, each.id);
      expectNear(found.within, each.expected.nsd_1px, 0.02, each.id);
    }
  });

  test("[BND2] distances between two masks are those of both conventions that others use", () => {
    const input = z.object({
      shape: z.tuple([z.number(), z.number()]),
      a_rle: numbers,
      b_rle: numbers,
      spacing: z.tuple([z.number(), z.number()]),
    });
    const expected = z.object({
      dice: z.number(),
      iou: z.number(),
      deepmind: z.object({
        asd_gt_to_pred: z.number(),
        asd_pred_to_gt: z.number(),
        hd100: z.number(),
        hd95: z.number(),
        nsd_1: z.number(),
      }),
      border_pixels: z.object({
        hd: z.number(),
        hd95_pooled: z.number(),
        asd_a_to_b: z.number(),
        assd: z.number(),
        hd95_max_directed: z.number(),
      }),
    });
    for (const { id, input: given, expected: wanted, tolerance } of referenceCases(
      path,
      "region_mask",
      input,
      expected,
    )) {
      const [rows, columns] = given.shape;
      const [a, b] = [given.a_rle, given.b_rle].map((runs) => ({ rows, columns, pixels: unpacked(runs) }));
      const spacing = { row: given.spacing[0], column: given.spacing[1] };
      const surface = surfaceDistances(a!, b!, spacing, 1);
      expectNear(surface?.meanFromA, wanted.deepmind.asd_gt_to_pred, tolerance, id);
      expectNear(surface?.meanFromB, wanted.deepmind.asd_pred_to_gt, tolerance, id);
      expectNear(surface?.hausdorff, wanted.deepmind.hd100, tolerance, id);
      expectNear(surface?.hausdorff95, wanted.deepmind.hd95, tolerance, id);
      expectNear(surface?.within, wanted.deepmind.nsd_1, tolerance, id);
      const border = borderDistances(a!, b!, spacing);
      expectNear(border?.hausdorff, wanted.border_pixels.hd, tolerance, id);
      expectNear(border?.hausdorff95Pooled, wanted.border_pixels.hd95_pooled, tolerance, id);
      expectNear(border?.hausdorff95, wanted.border_pixels.hd95_max_directed, tolerance, id);
      expectNear(border?.meanFromA, wanted.border_pixels.asd_a_to_b, tolerance, id);
      expectNear(border?.mean, wanted.border_pixels.assd, tolerance, id);
      const common = a!.pixels.filter((value, pixel) => value === 1 && b!.pixels[pixel] === 1).length;
      const [sizeA, sizeB] = [a!, b!].map(({ pixels }) => pixels.filter((value) => value === 1).length);
      expectNear((2 * common) / (sizeA! + sizeB!), wanted.dice, tolerance, id);
      expectNear(common / (sizeA! + sizeB! - common), wanted.iou, tolerance, id);
    }
  });

  test("[BND3] transitions, overlaps and roundness of classes are those of the reference data", () => {
    const input = z.object({ tissue: ring, shapes: z.array(z.object({ cls: z.string(), ring })), delta: z.number() });
    const object = z.object({
      area: z.number(),
      background_fraction: z.number(),
      overlap_other_fraction: z.number(),
      perimeter: z.number(),
      compactness: z.number(),
    });
    const expected = z.object({ objects: z.array(object), pairs: z.record(z.string(), z.number()) });
    for (const { input: given, expected: wanted } of referenceCases(path, "purity_transition", input, expected)) {
      const tissue: Polygon[] = [[given.tissue]];
      for (const [place, { cls, ring: points }] of given.shapes.entries()) {
        const [own, want] = [[[points]], wanted.objects[place]!];
        const others = union(given.shapes.filter((shape) => shape.cls !== cls).map((shape) => [[shape.ring]]));
        const [area, perimeter] = [polygonsArea(own), geometryPerimeter({ type: "polygon", rings: [points] })];
        expectNear(area, want.area, 1e-6 * area);
        expectNear(perimeter, want.perimeter, 1e-6 * perimeter);
        expectNear(1 - overlapArea(own, tissue) / area, want.background_fraction, 1e-6);
        // A union lies on the grid of outlines, 1/64 px.
        expectNear(overlapArea(own, others) / area, want.overlap_other_fraction, 1e-3);
        expectNear(compactness(area, perimeter), want.compactness, 1e-6);
      }
      const classes = [...new Set(given.shapes.map(({ cls }) => cls))];
      const shapeOf = (cls: string) => given.shapes.filter((shape) => shape.cls === cls).map((shape) => [shape.ring]);
      for (const cls of classes) {
        const others = classes.filter((other) => other !== cls);
        const border = sharedBorder(shapeOf(cls), others.map(shapeOf), { distancePx: given.delta, within: tissue });
        const near = (actual: number, name: string) =>
          expectNear(actual, wanted.pairs[name]!, 0.01 * wanted.pairs[name]!, name);
        near(border.lengthPx, `${cls}.inner_border`);
        near(border.nearAnyPx / border.lengthPx, `${cls}.coverage`);
        for (const [place, other] of others.entries()) near(border.nearPx[place]!, `${cls}->${other}`);
      }
    }
  });

  test("[BND4] a missing outline has no distance, and two missing ones say so", () => {
    const [case_] = referenceCases(path, "region_mask_empty", z.unknown(), z.unknown());
    expect(case_?.expected).toMatchObject({ both_empty: { hd: null }, one_empty: { hd: "inf" } });
    expect(boundaryDistances([], [], { tolerancePx: 1 }).hausdorff).toEqual({
      defined: false,
      reason: "class not marked",
    });
    expect(boundaryDistances(square(0, 0, 5), [], { tolerancePx: 1 }).hausdorff95).toEqual({
      defined: false,
      reason: "missing outline",
    });
    const empty = { rows: 2, columns: 2, pixels: [0, 0, 0, 0] };
    expect(surfaceDistances(empty, empty, { row: 1, column: 1 }, 1)).toBeNull();
    expect(borderDistances({ ...empty, pixels: [1, 0, 0, 0] }, empty, { row: 1, column: 1 })).toBeNull();
  });
});

describe("properties", () => {
  const settings = { tolerancePx: 2 };
  const valid = anyOutline(40)
    .map((drawn) => normalise(drawn))
    .filter((outline) => outline !== null);

  test("[BND5] the distances are those of a search through every edge", () => {
    fc.assert(
      fc.property(valid, valid, (a, b) => {
        const found = boundaryDistances(a, b, { tolerancePx: 1, stepPx: 1 });
        expectNear(found.meanFromA, slowMean(a, b), 1e-9);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test("[BND5] the same from either side, none of an outline to itself, and none changes 60,000 px away", () => {
    fc.assert(
      fc.property(valid, valid, (a, b) => {
        const [one, other] = [boundaryDistances(a, b, settings), boundaryDistances(b, a, settings)];
        expect(other).toMatchObject({ hausdorff: one.hausdorff, hausdorff95: one.hausdorff95 });
        expectNear(other.mean, one.mean.defined ? one.mean.value : null, 1e-9);
        expect(boundaryDistances(moveBy(a, 60_000, 48_000), moveBy(b, 60_000, 48_000), settings)).toEqual(one);
        const self = boundaryDistances(a, a, settings);
        expectNear(self.hausdorff, 0, 1e-6);
        expectNear(self.within, 1, 1e-9);
      }),
      { seed: 2, numRuns: 40 },
    );
  });

  test("[BND5] a disc inside another is as far from it as their radii differ", () => {
    const [outer, inner] = [100, 90].map((radius) => blob([500, 500], radius, { vertices: 720, wobble: 0 }));
    const found = boundaryDistances(outer!, inner!, settings);
    for (const distance of [found.hausdorff, found.hausdorff95, found.mean]) expectNear(distance, 10, 0.01);
    expect(found.within).toEqual({ defined: true, value: 0 });
  });

  test("[BND3] a border within another class is all transition, one by itself none", () => {
    const within = square(-1_000, -1_000, 3_000);
    const found = sharedBorder(square(0, 0, 40), [square(-10, -10, 100), square(500, 500, 10)], {
      distancePx: 2,
      within,
    });
    expect(found).toEqual({ lengthPx: 160, nearPx: [160, 0], nearAnyPx: 160 });
    expect(sharedBorder([], [square(0, 0, 1)], { distancePx: 2, within }).lengthPx).toBe(0);
    const half = sharedBorder(square(0, 0, 40), [], { distancePx: 2, within: square(-20, 10, 40) });
    // Of the left edge and the lower one what lies in the region, 2 px or more from its edge.
    expectNear(half.lengthPx, 40 - 12 + 18, 0.5);
  });
});

function slowMean(a: Geometry, b: Geometry): number {
  let [length, total] = [0, 0];
  const polygons = a.type === "polygon" ? [a.rings] : a.type === "multipolygon" ? a.polygons : [];
  for (const points of polygons.flat()) {
    for (const [index, from] of points.entries()) {
      const to: Point = points[(index + 1) % points.length]!;
      const side = Math.hypot(to[0] - from[0], to[1] - from[1]);
      const steps = Math.ceil(side);
      for (let step = 0; step < steps; step++) {
        const share = (step + 0.5) / steps;
        const at: Point = [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
        total += (nearestEdge(b, at)!.distance * side) / steps;
        length += side / steps;
      }
    }
  }
  expect(geometryArea(a)).toBeGreaterThan(0);
  return total / length;
}

function unpacked(runs: readonly number[]): number[] {
  return runs.flatMap((length, place) => Array.from({ length }, () => place % 2));
}
