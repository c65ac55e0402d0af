import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { krippendorffAlpha, percentAgreement } from "#domain/agreement.ts";
import type { Geometry, Point } from "#domain/annotation.ts";
import type { Outline, Read } from "#domain/consensus.ts";
import { moveBy } from "#domain/geometry.ts";
import { annotationId, type ClassId, classId } from "#domain/ids.ts";
import {
  bestAssignment,
  detectionOf,
  leastCost,
  type Matching,
  matchOutlines,
  matchPoints,
  panopticByClass,
  panopticOf,
  ratingsOfClusters,
} from "#domain/matching.ts";
import { seededRandom, shuffled } from "#domain/random.ts";
import { micronPerPx } from "#domain/units.ts";
import { blob, square } from "#tests/support/outlines.ts";
import { expectNear, referenceCases } from "#tests/support/reference.ts";
import { describeWithData } from "#tests/support/slides.ts";

const tumour = classId.parse("tumour00");
const stroma = classId.parse("stroma00");
const mpp = micronPerPx(1);
const point = z.tuple([z.number(), z.number()]);
const numbers = z.array(z.number());

describeWithData("reference values of matching", "reference-metrics/regions.json", (path) => {
  const ring = z.array(point);

  test("[MAT1] outlines are matched as in the reference data, at both least overlaps", () => {
    const pairs = z.object({
      pairs: z.array(z.tuple([z.number(), z.number()])),
      tp: z.number(),
      only_a: z.number(),
      only_b: z.number(),
      f1: z.number(),
      sum_iou: z.number(),
      mean_iou: z.number(),
    });
    const expected = z.object({ iou: z.array(numbers), "hungarian_0.3": pairs, "hungarian_0.5": pairs });
    const input = z.object({ a: z.array(ring), b: z.array(ring) });
    for (const each of referenceCases(path, "object_matching", input, expected)) {
      const [a, b] = [each.input.a, each.input.b].map((rings, reader) =>
        readOf(
          "ab"[reader]!,
          rings.map((points): [ClassId, Geometry] => [tumour, { type: "polygon", rings: [points] }]),
        ),
      );
      for (const [least, wanted] of [
        [0.3, each.expected["hungarian_0.3"]],
        [0.5, each.expected["hungarian_0.5"]],
      ] as const) {
        const [found] = matchOutlines([a!, b!], least).pairs;
        const chosen = found!.matches.map((match) => [placeOf(match.a), placeOf(match.b)]);
        expect(chosen).toEqual(wanted.pairs);
        for (const [place, { fit }] of found!.matches.entries())
          expectNear(fit, each.expected.iou[chosen[place]![0]!]![chosen[place]![1]!]!, each.tolerance);
        expectNear(sum(found!.matches.map(({ fit }) => fit)), wanted.sum_iou, each.tolerance);
        const { both, onlyA, onlyB, f1 } = detectionOf(chosen.length, found!.onlyA.length, found!.onlyB.length);
        expect([both, onlyA, onlyB]).toEqual([wanted.tp, wanted.only_a, wanted.only_b]);
        expectNear(f1, wanted.f1, each.tolerance);
      }
    }
  });

  test("[MAT2] the assignment is the best there is, also where the best pair must be given up", () => {
    const trap = z.object({ score: z.array(numbers), threshold: z.number() });
    const best = z.object({ hungarian: z.array(z.tuple([z.number(), z.number()])), hungarian_sum: z.number() });
    for (const { input, expected } of referenceCases(path, "assignment", trap, best)) {
      const chosen = bestAssignment(
        input.score.flatMap((row, i) => row.map((worth, j) => ({ row: i, column: j, worth }))),
      );
      expect(chosen.map(({ row, column }) => [row, column])).toEqual(expected.hungarian);
      expectNear(sum(chosen.map(({ worth }) => worth)), expected.hungarian_sum, 1e-12);
    }
    const costs = z.object({ cost: z.array(numbers) });
    const least = z.object({ total: z.number() });
    for (const { input, expected } of referenceCases(path, "assignment_min_cost", costs, least)) {
      const chosen = leastCost(input.cost);
      expect(new Set(chosen).size).toBe(input.cost.length);
      expect(sum(chosen.map((column, row) => input.cost[row]![column]!))).toBe(expected.total);
    }
  });

  test("[MAT3] points are matched as in the reference data: most pairs, then nearest", () => {
    const input = z.object({ a: z.array(point), b: z.array(point), max_distance: z.number() });
    const expected = z.object({
      tp: z.number(),
      only_a: z.number(),
      only_b: z.number(),
      f1: z.number(),
      sum_distance: z.number(),
    });
    for (const each of referenceCases(path, "point_matching", input, expected)) {
      const [a, b] = [pointsOf("a", each.input.a), pointsOf("b", each.input.b)];
      const [found] = matchPoints([a, b], mpp, each.input.max_distance).pairs;
      const { both, onlyA, onlyB, f1 } = detectionOf(found!.matches.length, found!.onlyA.length, found!.onlyB.length);
      expect([both, onlyA, onlyB]).toEqual([each.expected.tp, each.expected.only_a, each.expected.only_b]);
      expectNear(f1, each.expected.f1, each.tolerance);
      expectNear(sum(found!.matches.map(({ fit }) => fit)), each.expected.sum_distance, each.tolerance);
    }
  });

  test("[MAT4] panoptic quality of label images is that of the reference data", () => {
    const pixels = z.array(z.array(z.tuple([z.number(), z.number()])));
    const input = z.object({ pred: pixels, target: pixels, categories: numbers });
    const quality = z.object({
      tp: z.number(),
      fp: z.number(),
      fn: z.number(),
      sq: z.number(),
      rq: z.number(),
      pq: z.number(),
    });
    const expected = z.object({ per_class: z.record(z.string(), quality), pq_mean: z.number() });
    for (const each of referenceCases(path, "panoptic_quality", input, expected)) {
      const qualities = each.input.categories.map((category) => {
        const { ious, objectsA, objectsB } = segmentsOf(each.input.target.flat(), each.input.pred.flat(), category);
        const found = panopticOf(ious, objectsA, objectsB);
        const wanted = each.expected.per_class[String(category)]!;
        expect([found.both, found.onlyB, found.onlyA]).toEqual([wanted.tp, wanted.fp, wanted.fn]);
        expectNear(found.sq, wanted.sq, each.tolerance);
        expectNear(found.rq, wanted.rq, each.tolerance);
        expectNear(found.pq, wanted.pq, each.tolerance);
        return found.pq.defined ? found.pq.value : Number.NaN;
      });
      expectNear(sum(qualities) / qualities.length, each.expected.pq_mean, each.tolerance);
    }
  });
});

describe("matching by hand", () => {
  test("[MAT5] one object of one reader that is two of another is a split from there and a merge from here", () => {
    const whole = readOf("a", [[tumour, square(0, 0, 100)]]);
    const halves = readOf("b", [
      [tumour, rectangleAt(0, 0, 49, 100)],
      [tumour, rectangleAt(51, 0, 49, 100)],
    ]);
    const [pair] = matchOutlines([whole, halves]).pairs;
    expect(pair!.matches).toMatchObject([{ a: "a0000000", b: "b0000000", fit: 0.49 }]);
    expect(pair!.onlyB).toEqual(["b0000001"]);
    expect(pair!.regroupings).toEqual([
      { kind: "split", one: "a0000000", several: ["b0000000", "b0000001"], iou: 0.98 },
    ]);
    const [turned] = matchOutlines([
      { ...whole, readerKey: "c" },
      { ...halves, readerKey: "b" },
    ]).pairs;
    expect(turned!.regroupings).toMatchObject([{ kind: "merge", one: "a0000000" }]);
  });

  test("[MAT5] a small neighbour inside a matched object is no split", () => {
    const large = readOf("a", [[tumour, square(0, 0, 100)]]);
    const other = readOf("b", [
      [tumour, square(0, 0, 100)],
      [stroma, square(10, 10, 10)],
    ]);
    expect(matchOutlines([large, other]).pairs[0]!.regroupings).toEqual([]);
  });

  test("[MAT6] a cluster has at most one member of each reader, and who has none did not mark", () => {
    const reads = [
      readOf("a", [[tumour, square(0, 0, 100)]]),
      readOf("b", [
        [tumour, square(5, 0, 100)],
        [stroma, square(10, 0, 100)],
      ]),
      readOf("c", [
        [stroma, square(5, 0, 100)],
        [tumour, square(500, 500, 40)],
      ]),
    ];
    const { clusters } = matchOutlines(reads);
    expect(clusters.map(({ id, support }) => [id, support])).toEqual([
      ["a0000000", 3],
      ["b0000001", 1],
      ["c0000001", 1],
    ]);
    expect(clusters[0]!.members.map((member) => member?.annotationId)).toEqual(["a0000000", "b0000000", "c0000000"]);
    const ratings = ratingsOfClusters(clusters, [tumour, stroma], (reader) => reader !== 1);
    expect(ratings.rows.map(({ labels }) => labels)).toEqual([
      [1, 1, 2],
      [0, 2, 0],
      [0, null, 1],
    ]);
  });

  test("[MAT6] ties go to the lower id: of two equal outlines the first is matched", () => {
    const one = readOf("a", [[tumour, square(0, 0, 10)]]);
    const twice = readOf("b", [
      [tumour, square(0, 0, 10)],
      [tumour, square(0, 0, 10)],
    ]);
    expect(matchOutlines([one, twice]).pairs[0]).toMatchObject({ matches: [{ b: "b0000000" }], onlyB: ["b0000001"] });
    expect(matchOutlines([{ ...one, readerKey: "z" }, twice]).pairs[0]).toMatchObject({
      matches: [{ a: "b0000000" }],
      onlyA: ["b0000001"],
    });
  });

  test("[MAT7] two objects that overlap by exactly a half are no match of panoptic quality", () => {
    expect(panopticOf([0.5], 1, 1)).toMatchObject({ both: 0, pq: { value: 0 } });
    expect(panopticOf([], 0, 0).pq).toEqual({ defined: false, reason: "class not marked" });
    const [a, b] = [readOf("a", [[tumour, square(0, 0, 100)]]), readOf("b", [[tumour, rectangleAt(0, 0, 100, 50)]])];
    expect(panopticByClass(a, b, [tumour, stroma])).toMatchObject([
      { both: 0, onlyA: 1, onlyB: 1, pq: { value: 0 } },
      { pq: { defined: false } },
    ]);
    expect(detectionOf(3, 1, 2)).toMatchObject({
      precision: { value: 0.6 },
      recall: { value: 0.75 },
      f1: { value: 6 / 9 },
    });
  });

  test("[MAT8] two reads of one key are refused", () => {
    expect(() => matchOutlines([readOf("a", []), readOf("a", [])])).toThrow(RangeError);
  });
});

describe("properties", () => {
  const reads = readings(1, 4, 60, 2_000);

  test("[MAT9] shuffled reads and outlines give identical matches, splits and clusters", () => {
    const found = matchOutlines(reads);
    expect(found.pairs.flatMap(({ matches }) => matches).length).toBeGreaterThan(200);
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      const mixed = shuffled(reads, random).map((read) => ({ ...read, outlines: shuffled(read.outlines, random) }));
      expect(JSON.stringify(matchOutlines(mixed))).toBe(JSON.stringify(found));
    }
  });

  test("[MAT9] 60,000 px away the matches, their IoU and the clusters are the same to the bit", () => {
    const far = reads.map((read) => ({
      ...read,
      outlines: read.outlines.map((outline) => ({ ...outline, geometry: moveBy(outline.geometry, 60_000, 48_000) })),
    }));
    expect(withoutBoxes(matchOutlines(far))).toEqual(withoutBoxes(matchOutlines(reads)));
  });

  test("[MAT9] a reader who marked nothing and read nothing changes neither matches nor numbers", () => {
    const [before, after] = [matchOutlines(reads), matchOutlines([...reads, readOf("z", [])])];
    expect(after.clusters.map(({ id, support }) => [id, support])).toEqual(
      before.clusters.map(({ id, support }) => [id, support]),
    );
    const classIds = [tumour, stroma];
    const [with4, with5] = [
      ratingsOfClusters(before.clusters, classIds),
      ratingsOfClusters(after.clusters, classIds, (reader) => reader < 4),
    ];
    expect(percentAgreement(with5)).toEqual(percentAgreement(with4));
    expect(krippendorffAlpha(with5)).toEqual(krippendorffAlpha(with4));
  });

  test("[MAT10] every annotation is matched or left over, once for each other reader, and in one cluster", () => {
    const { pairs, clusters } = matchOutlines(reads);
    for (const { a, b, matches, onlyA, onlyB } of pairs) {
      expect([...matches.map((match) => match.a), ...onlyA].sort()).toEqual(idsOf(reads[a]!));
      expect([...matches.map((match) => match.b), ...onlyB].sort()).toEqual(idsOf(reads[b]!));
    }
    const members = clusters.flatMap((cluster) => cluster.members.flatMap((member) => member?.annotationId ?? []));
    expect(members.sort()).toEqual(reads.flatMap(idsOf).sort());
  });

  test("[MAT2] no other assignment is worth more", () => {
    const scores = fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(scores, (rows) => {
        const candidates = rows.flatMap((row, i) => row.map((worth, j) => ({ row: i, column: j, worth })));
        const chosen = bestAssignment(candidates);
        expect(new Set(chosen.map(({ column }) => column)).size).toBe(chosen.length);
        expect(sum(chosen.map(({ worth }) => worth))).toBe(bestByTrial(rows, []));
        expect(bestAssignment(candidates.toReversed())).toEqual(chosen);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test("[MAT7] PQ is SQ times RQ, and the same from either side", () => {
    const [a, b] = [reads[0]!, reads[1]!];
    for (const [place, one] of panopticByClass(a, b, [tumour, stroma]).entries()) {
      const other = panopticByClass(b, a, [tumour, stroma])[place]!;
      if (!one.pq.defined || !one.sq.defined || !one.rq.defined) throw new Error("not defined");
      expect(one.pq.value).toBeCloseTo(one.sq.value * one.rq.value, 12);
      expectNear(other.pq, one.pq.value, 1e-12);
      expect([other.onlyA, other.onlyB]).toEqual([one.onlyB, one.onlyA]);
    }
  });

  test("[MAT3] points far apart are not matched, and a nearer point is not preferred to a further pair", () => {
    const a = pointsOf("a", [
      [0, 0],
      [10, 0],
    ]);
    const b = pointsOf("b", [
      [6, 0],
      [100, 100],
      [16.5, 0],
    ]);
    const [pair] = matchPoints([a, b], mpp).pairs;
    expect(pair!.matches.map(({ fit }) => fit)).toEqual([6, 6.5]);
    expect(pair!.onlyB).toEqual(["b0000001"]);
    expect(matchPoints([a, b], micronPerPx(0.25)).pairs[0]!.matches[0]!.fit).toBe(1.5);
  });
});

function readOf(readerKey: string, outlines: readonly (readonly [ClassId, Geometry])[]): Read {
  return {
    readerKey,
    outlines: outlines.map(
      ([of, geometry], place): Outline => ({
        annotationId: annotationId.parse(`${readerKey}${String(place).padStart(7, "0")}`),
        classId: of,
        geometry,
      }),
    ),
  };
}

function pointsOf(readerKey: string, points: readonly Point[]): Read {
  return readOf(
    readerKey,
    points.map((at) => [tumour, { type: "point", at }]),
  );
}

/** Readers who each mark most of the same objects, shifted, some split, some of another class. */
function readings(seed: number, readers: number, objects: number, field: number): Read[] {
  const random = seededRandom(seed);
  const truth = Array.from({ length: objects }, (): [Point, number] => [
    [field * random(), field * random()],
    20 + 60 * random(),
  ]);
  const grid = (value: number) => Math.round(value * 64) / 64;
  return Array.from({ length: readers }, (_, reader) =>
    readOf(
      "abcdefgh"[reader]!,
      truth.flatMap(([[x, y], radius]): [ClassId, Geometry][] => {
        if (random() < 0.1) return [];
        const at: Point = [x + 8 * random(), y + 8 * random()];
        const of = random() < 0.8 ? tumour : stroma;
        const shape = blob(at, radius, { vertices: 24, wobble: 0.2 * random() });
        if (random() > 0.1 || shape.type !== "polygon") return [[of, onto(shape, grid)]];
        const half = square(grid(at[0] - radius), grid(at[1] - radius), grid(radius));
        return [
          [of, half],
          [of, moveBy(half, grid(radius), 0)],
        ];
      }),
    ),
  );
}

function onto(geometry: Geometry, grid: (value: number) => number): Geometry {
  if (geometry.type !== "polygon") return geometry;
  return { type: "polygon", rings: geometry.rings.map((ring) => ring.map(([x, y]): Point => [grid(x), grid(y)])) };
}

function rectangleAt(x: number, y: number, width: number, height: number): Geometry {
  const ring: Point[] = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
  return { type: "polygon", rings: [ring] };
}

function segmentsOf(target: readonly [number, number][], predicted: readonly [number, number][], category: number) {
  const areas = (pixels: readonly [number, number][]) => {
    const counts = new Map<string, number>();
    for (const [of, instance] of pixels)
      if (of === category) counts.set(`${instance}`, (counts.get(`${instance}`) ?? 0) + 1);
    return counts;
  };
  const [areasA, areasB, common] = [areas(target), areas(predicted), new Map<string, number>()];
  for (const [place, [of, instance]] of target.entries()) {
    const [otherOf, other] = predicted[place]!;
    if (of === category && otherOf === category)
      common.set(`${instance} ${other}`, (common.get(`${instance} ${other}`) ?? 0) + 1);
  }
  const ious = [...common].map(([key, count]) => {
    const [a, b] = key.split(" ");
    return count / (areasA.get(a!)! + areasB.get(b!)! - count);
  });
  return { ious, objectsA: areasA.size, objectsB: areasB.size };
}

function bestByTrial(rows: readonly (readonly number[])[], taken: readonly number[]): number {
  const [row, ...others] = rows;
  if (row === undefined) return 0;
  const without = bestByTrial(others, taken);
  const choices = row.map((worth, column) =>
    taken.includes(column) ? 0 : worth + bestByTrial(others, [...taken, column]),
  );
  return Math.max(without, ...choices);
}

function withoutBoxes({ pairs, clusters }: Matching) {
  return { pairs, clusters: clusters.map(({ id, support }) => ({ id, support })) };
}

function idsOf({ outlines }: Read): string[] {
  return outlines.map(({ annotationId: id }) => id).sort();
}

function placeOf(id: string): number {
  return Number(id.slice(1));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
