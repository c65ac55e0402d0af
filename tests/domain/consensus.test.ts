import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Measure } from "#domain/agreement.ts";
import { type Geometry, GRID, geometryOf, type Point } from "#domain/annotation.ts";
import {
  type Consensus,
  type ConsensusParameters,
  computeConsensus,
  majorityShapeAt,
  type Read,
  voteLevels,
  withDecisions,
} from "#domain/consensus.ts";
import {
  containsPoint,
  distanceToOutline,
  geometryArea,
  geometryPerimeter,
  labelPoint,
  moveBy,
  polygonsArea,
} from "#domain/geometry.ts";
import { annotationId, type ClassId, classId } from "#domain/ids.ts";
import { normalise, overlapArea, union } from "#domain/overlay.ts";
import { seededRandom, shuffled } from "#domain/random.ts";
import { micronPerPx } from "#domain/units.ts";
import { anyOutline, blob, square } from "#tests/support/outlines.ts";
import { describeWithData } from "#tests/support/slides.ts";

const tumour = classId.parse("tumour00");
const stroma = classId.parse("stroma00");
const lumen = classId.parse("lumen000");
const region = { minX: 0, minY: 0, maxX: 4000, maxY: 4000 };
const parameters: ConsensusParameters = { quorum: 2, minDisputeUm2: 0, mpp: micronPerPx(0.5), region };

describe("three reads of one tumour", () => {
  // a: 100 x 100; b: the same; c: shifted by half to the right and of another class in the shifted part
  const reads = [
    read("a", [tumour, square(1000, 1000, 100)]),
    read("b", [tumour, square(1000, 1000, 100)]),
    read("c", [tumour, square(1050, 1000, 100)], [stroma, square(2000, 2000, 100)]),
  ];
  const result = computeConsensus(reads, parameters);

  test("[CON1] Dice, IoU and kappa of each pair come from the areas where both, one or neither marked", () => {
    const pairs = result.classes.find((each) => each.classId === tumour)?.pairs ?? [];
    expect(pairs.map(({ a, b, dice, iou }) => [a, b, value(dice), value(iou)])).toEqual([
      [0, 1, 1, 1],
      [0, 2, 0.5, 1 / 3],
      [1, 2, 0.5, 1 / 3],
    ]);
    const { areaPx } = result.evaluated;
    const [po, share] = [(areaPx - 10_000) / areaPx, 10_000 / areaPx];
    const pe = share * share + (1 - share) * (1 - share);
    expect(value(pairs[1]!.cohen)).toBeCloseTo((po - pe) / (1 - pe), 9);
  });

  test("[CON1] the evaluated region is what lies within 100 um of the box of an outline, on the slide", () => {
    expect(result.evaluated.marginPx).toBe(200);
    expect(result.evaluated.areaPx).toBe(550 * 500 + 500 * 500);
    const corner = computeConsensus([read("a", [tumour, square(0, 0, 100)])], parameters);
    expect(corner.evaluated.areaPx).toBe(300 * 300);
  });

  test("[CON2] the confusion adds up to the evaluated area and is the mean over ordered pairs", () => {
    const [none, tumourRow] = [0, 1 + result.classIds.indexOf(tumour)];
    expect(result.confusionPx.flat().reduce((a, b) => a + b, 0)).toBeCloseTo(result.evaluated.areaPx, 6);
    expect(result.confusionPx[tumourRow]?.[tumourRow]).toBeCloseTo((10_000 + 5_000 + 5_000) / 3, 6);
    expect(result.confusionPx[none]?.[tumourRow]).toBeCloseTo(20_000 / 6, 6);
  });

  test("[CON3] each dispute says who voted what with which outlines, the worst first", () => {
    const [largest, ...halves] = result.disputes;
    expect(result.disputes.map(({ areaPx, areaUm2, kind }) => [areaPx, areaUm2, kind])).toEqual([
      [10_000, 2_500, "missed"],
      [5_000, 1_250, "missed"],
      [5_000, 1_250, "missed"],
    ]);
    expect([largest?.majority, largest?.verdict]).toEqual([null, "not-marked"]);
    const left = halves.find((dispute) => dispute.bbox.minX === 1000)!;
    expect([left.areaPx, left.majority, left.verdict]).toEqual([5_000, tumour, "class"]);
    expect(
      left.votes.map(({ readerKey, classId: id, annotationIds }) => [readerKey, id, annotationIds.length]),
    ).toEqual([
      ["a", tumour, 1],
      ["b", tumour, 1],
      ["c", null, 0],
    ]);
    const right = halves.find((dispute) => dispute.bbox.minX === 1100)!;
    expect([right.areaPx, right.majority, right.verdict]).toEqual([5_000, null, "not-marked"]);
  });

  test("[CON4] the consensus of a class is what at least a quorum gave it", () => {
    const of = (quorum: number) =>
      computeConsensus(reads, { ...parameters, quorum }).consensus.find((each) => each.classId === tumour)?.polygons ??
      [];
    expect([1, 2, 3, 4].map((quorum) => polygonsArea(of(quorum)))).toEqual([15_000, 10_000, 5_000, 0]);
  });

  test("[CON4] the majority's shape at a dispute is the whole structure, and none where the quorum marked nothing", () => {
    const left = result.disputes.find((dispute) => dispute.bbox.minX === 1000)!;
    expect(polygonsArea(majorityShapeAt(result, left))).toBe(10_000);
    expect(majorityShapeAt(result, result.disputes[0]!)).toEqual([]);
  });
});

describe("disputes", () => {
  test("[CON5] a strip between two hands is a boundary, other classes a conflict, a gap a miss", () => {
    const reads = [
      read("a", [tumour, blob([600, 600], 200)], [stroma, blob([1500, 600], 100)], [tumour, blob([2500, 600], 30)]),
      read("b", [tumour, blob([600, 600], 210)], [tumour, blob([1500, 600], 100)]),
    ];
    const { disputes } = computeConsensus(reads, parameters);
    expect(disputes.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ["class-conflict", "tie"],
      ["boundary", "tie"],
      ["missed", "tie"],
    ]);
  });

  test("[CON5] disputes below the least area are not listed; without a scale all that can be seen are", () => {
    const reads = [
      read("a", [tumour, square(100, 100, 20)], [tumour, square(300, 300, 1)]),
      read("b", [tumour, square(500, 500, 40)]),
    ];
    const listed = (mpp: number | null, minDisputeUm2: number) =>
      computeConsensus(reads, { ...parameters, mpp: mpp === null ? null : micronPerPx(mpp), minDisputeUm2 }).disputes;
    expect(listed(0.5, 101).map(({ areaUm2 }) => areaUm2)).toEqual([400]);
    expect(listed(0.5, 100).map(({ areaUm2 }) => areaUm2)).toEqual([400, 100]);
    expect(listed(null, 1e9).map(({ areaPx, areaUm2 }) => [areaPx, areaUm2])).toEqual([
      [1600, null],
      [400, null],
    ]);
  });

  test("[CON5] two classes with equal votes make a tie even where both reach the quorum", () => {
    const reads = ["a", "b", "c", "d"].map((key) => read(key, [key < "c" ? tumour : stroma, square(100, 100, 50)]));
    const [dispute] = computeConsensus(reads, parameters).disputes;
    expect([dispute?.verdict, dispute?.majority]).toEqual(["tie", null]);
  });

  test("[CON6] a dispute keeps its key when something else changes, and loses it when a vote or its place does", () => {
    const a = read("a", [tumour, square(100, 100, 50)]);
    const alone = computeConsensus([a, read("b")], parameters).disputes;
    const beside = computeConsensus([a, read("b", [tumour, square(900, 900, 60)])], parameters).disputes;
    const changed = computeConsensus([a, read("b", [stroma, square(100, 100, 50)])], parameters).disputes;
    const moved = computeConsensus([read("a", [tumour, square(102, 100, 50)]), read("b")], parameters).disputes;
    expect(beside.map(({ key }) => key)).toContain(alone[0]?.key);
    expect(changed[0]?.key).not.toBe(alone[0]?.key);
    expect(moved[0]?.key).not.toBe(alone[0]?.key);
    expect(alone[0]?.key).toMatch(/^[0-9a-f]{16}$/);
  });

  test("[CON7] where outlines lie on one another the smallest is on top", () => {
    const nested = read(
      "a",
      [tumour, square(100, 100, 100)],
      [lumen, square(120, 120, 40)],
      [tumour, square(130, 130, 10)],
    );
    const plain = read("b", [tumour, square(100, 100, 100)]);
    const { disputes, classes } = computeConsensus([nested, plain], parameters);
    expect(disputes.map(({ areaPx, votes }) => [areaPx, votes.map((vote) => vote.classId)])).toEqual([
      [1_500, [lumen, tumour]],
    ]);
    expect(value(classes.find((each) => each.classId === lumen)!.pairs[0]!.dice)).toBe(0);
  });
});

describe("what is not defined", () => {
  test("[CON8] a class that a reader never uses gives 0 or a reason, never NaN", () => {
    const classIds = [tumour, stroma, lumen];
    const reads = [read("a", [tumour, square(100, 100, 50)]), read("b", [stroma, square(100, 100, 50)]), read("c")];
    const result = computeConsensus(reads, { ...parameters, classIds });
    const absent = result.classes.find((each) => each.classId === lumen)!;
    for (const measure of [absent.alpha, absent.ac1, absent.fleiss, absent.percentAgreement, absent.pairs[0]!.dice]) {
      expect(measure).toEqual({ defined: false, reason: "class not marked" });
    }
    expect(value(result.classes[0]!.pairs[0]!.dice)).toBe(0);
    for (const measure of measuresOf(result)) if (measure.defined) expect(measure.value).not.toBeNaN();
  });

  test("[CON8] one read, no read and reads without outlines have no numbers and no disputes", () => {
    const one = computeConsensus([read("a", [tumour, square(1, 1, 50)])], parameters);
    expect(one.overall.alpha).toEqual({ defined: false, reason: "fewer than two reads" });
    expect([one.disputes, one.overall.pairs]).toEqual([[], []]);
    const empty = computeConsensus([read("a"), read("b")], parameters);
    expect(empty.overall.percentAgreement).toEqual({ defined: false, reason: "no common items" });
    expect([empty.raster.columns, empty.disputes.length, empty.evaluated.areaPx]).toEqual([0, 0, 0]);
    expect(computeConsensus([], parameters).classes).toEqual([]);
  });

  test("[CON8] points, lines, undeclared classes and rings without area say nothing", () => {
    const line: Geometry = {
      type: "line",
      points: [
        [1, 1],
        [9, 9],
      ],
    };
    const reads = [
      read(
        "a",
        [tumour, { type: "point", at: [5, 5] }],
        [tumour, line],
        [stroma, square(1, 1, 90)],
        [tumour, square(5, 5, 0)],
      ),
      read("b"),
    ];
    const result = computeConsensus(reads, { ...parameters, classIds: [tumour] });
    expect([result.disputes, result.evaluated.areaPx]).toEqual([[], 0]);
  });

  test("[CON8] two reads of the same key are refused", () => {
    expect(() => computeConsensus([read("a"), read("a")], parameters)).toThrow(RangeError);
  });
});

describe("properties", () => {
  const classIds = [tumour, stroma, lumen];
  const outlines = fc.array(fc.tuple(fc.constantFrom(...classIds), anyOutline(60)), { maxLength: 4 });
  const reads = fc
    .tuple(outlines, outlines, outlines)
    .map((lists) => lists.map((list, index) => read(`reader${index}`, ...list)));
  const small = { ...parameters, region: { minX: 0, minY: 0, maxX: 200, maxY: 200 } };

  test("[CON9] the order of reads and outlines changes no bit of the result", () => {
    fc.assert(
      fc.property(reads, fc.nat(), (given, seed) => {
        const random = seededRandom(seed);
        const mixed = shuffled(given, random).map((each) => ({ ...each, outlines: shuffled(each.outlines, random) }));
        expect(computeConsensus(mixed, small)).toEqual(computeConsensus(given, small));
      }),
      { numRuns: 40, seed: 9 },
    );
  });

  test("[CON9] 60,000 px away the same reads give the same numbers, disputes and consensus", () => {
    fc.assert(
      fc.property(reads, (given) => {
        const far = given.map((each) => ({
          ...each,
          outlines: each.outlines.map((outline) => ({
            ...outline,
            geometry: moveBy(outline.geometry, 60_000, 60_000),
          })),
        }));
        const away = { ...small, region: { minX: 60_000, minY: 60_000, maxX: 60_200, maxY: 60_200 } };
        const [here, there] = [computeConsensus(given, small), computeConsensus(far, away)];
        expect(there.overall).toEqual(here.overall);
        expect(there.classes).toEqual(here.classes);
        expect(there.disputes.map(({ areaPx, kind, majority }) => [areaPx, kind, majority])).toEqual(
          here.disputes.map(({ areaPx, kind, majority }) => [areaPx, kind, majority]),
        );
        expect(there.consensus.map(({ polygons }) => polygonsArea(polygons))).toEqual(
          here.consensus.map(({ polygons }) => polygonsArea(polygons)),
        );
        expect(there.raster.entropy).toEqual(here.raster.entropy);
      }),
      { numRuns: 40, seed: 10 },
    );
  });

  test("[CON10] inside each dispute every read says what its smallest outline there says", () => {
    let seen = 0;
    fc.assert(
      fc.property(reads, (given) => {
        const clean = given.map(normalised);
        for (const { geometry, votes } of computeConsensus(given, small).disputes) {
          const point = labelPoint(geometry);
          if (clean.some((each) => nearOutline(each, point))) continue;
          seen += 1;
          expect(votes.map((vote) => vote.classId)).toEqual(clean.map((each) => classAt(each, point)));
        }
      }),
      { numRuns: 60, seed: 11 },
    );
    expect(seen).toBeGreaterThan(200);
  });

  test("[CON10] areas from the map of votes are those of the outlines themselves", () => {
    const pair = fc
      .tuple(anyOutline(60), anyOutline(60))
      .map(([a, b]) => [read("a", [tumour, a]), read("b", [tumour, b])]);
    fc.assert(
      fc.property(pair, (given) => {
        const [a, b] = given.map((each) => normalise(each.outlines[0]!.geometry));
        fc.pre(a !== null && a !== undefined && b !== null && b !== undefined);
        if (!a || !b) return;
        const result = computeConsensus(given, small);
        const slack = (geometryPerimeter(a) + geometryPerimeter(b)) / 16;
        const common = result.confusionPx[1]?.[1] ?? 0;
        expect(Math.abs(common - overlapArea(a, b))).toBeLessThan(slack);
        expect(Math.abs(polygonsArea(result.consensus[0]?.polygons ?? []) - overlapArea(a, b))).toBeLessThan(slack);
      }),
      { numRuns: 60, seed: 12 },
    );
  });

  test("[CON11] the areas of all vote levels add up to the areas of all shapes, each level within the one before", () => {
    fc.assert(
      fc.property(fc.array(anyOutline(40), { minLength: 1, maxLength: 5 }), (drawn) => {
        const shapes = drawn.flatMap((each) => normalise(each) ?? []);
        const levels = voteLevels(shapes);
        const slack = shapes.reduce((sum, shape) => sum + geometryPerimeter(shape), 0) / GRID;
        const areas = levels.map((level) => polygonsArea(level));
        const all = shapes.reduce((sum, shape) => sum + geometryArea(shape), 0);
        expect(Math.abs(areas.reduce((a, b) => a + b, 0) - all)).toBeLessThan(slack + 0.01);
        expect(Math.abs((areas[0] ?? 0) - polygonsArea(union(shapes)))).toBeLessThan(slack + 0.01);
        for (let level = 1; level < levels.length; level++) {
          expect(overlapArea(levels[level]!, levels[level - 1]!)).toBeGreaterThan((areas[level] ?? 0) - slack - 0.01);
        }
      }),
      { numRuns: 80, seed: 13 },
    );
  });

  test("[CON12] the raster is 0 where all agree and marks the disputed area", () => {
    const given = [
      read("a", [tumour, square(104, 104, 400)], [stroma, square(1000, 1000, 80)]),
      read("b", [tumour, square(304, 104, 400)], [stroma, square(1000, 1000, 80)]),
    ];
    const { raster } = computeConsensus(given, parameters);
    expect(raster).toMatchObject({ cellPx: 8, originX: 104, originY: 104, columns: 122, rows: 122 });
    const marked = raster.entropy.filter((byte) => byte > 0).length * raster.cellPx ** 2;
    expect(marked).toBe(160_000);
    expect(Math.max(...raster.entropy)).toBe(255);
    expect(raster.entropy[raster.entropy.length - 1]).toBe(0);
  });

  test("[CON12] a large slide gets coarser cells, never more than 1,024 across", () => {
    const given = [read("a", [tumour, square(0, 0, 60_000)]), read("b")];
    const { raster } = computeConsensus(given, { ...parameters, region: { ...region, maxX: 1e5, maxY: 1e5 } });
    expect([raster.cellPx, raster.columns, raster.rows]).toEqual([59, 1017, 1017]);
  });

  test("[CON13] where every dispute is decided nothing is disputed any more, and agreement is complete", () => {
    const given = [
      read("a", [tumour, square(104, 104, 400)], [stroma, square(1000, 1000, 80)]),
      read("b", [tumour, square(304, 104, 400)]),
      read("c", [stroma, square(304, 104, 400)]),
    ];
    const before = computeConsensus(given, parameters);
    expect(before.disputes.length).toBeGreaterThan(2);
    const truth = read("truth", [tumour, square(104, 104, 600)]).outlines;
    const decided = before.disputes.map(({ geometry }) => ({ region: geometry, outlines: truth }));
    const after = computeConsensus(withDecisions(given, decided), parameters);
    expect(after.disputes).toEqual([]);
    expect(after.overall.percentAgreement).toEqual({ defined: true, value: 1 });
    const some = computeConsensus(withDecisions(given, decided.slice(0, 1)), parameters);
    expect(value(some.overall.alpha)).toBeGreaterThan(value(before.overall.alpha) ?? 2);
  });
});

const levelCase = z.object({
  id: z.string(),
  input: z.object({ annotators: z.array(z.array(z.array(z.tuple([z.number(), z.number()])))) }),
  expected: z.object({ area_votes_ge: z.record(z.string(), z.number()), majority_area: z.number() }),
});

describeWithData("reference values of vote levels", "reference-metrics/regions.json", (path) => {
  const all =
    path === ""
      ? []
      : z
          .object({ cases: z.array(z.looseObject({ metric: z.string() })) })
          .parse(JSON.parse(readFileSync(path, "utf8"))).cases;
  const cases = all.filter((each) => each.metric === "vote_level_areas").map((each) => levelCase.parse(each));

  test("[CON11] the areas of the vote levels are those of the reference data, to half their outline times the grid", () => {
    expect(cases.length).toBeGreaterThan(0);
    for (const { id, input, expected } of cases) {
      const shapes = input.annotators.map((rings) => normalise(geometryOf(rings.map((ring) => [ring]))) ?? []);
      const levels = voteLevels(shapes);
      for (const [votes, area] of Object.entries(expected.area_votes_ge)) {
        const level = levels[Number(votes) - 1] ?? [];
        const slack = geometryPerimeter(geometryOf(level)) / 2 / GRID;
        expect(Math.abs(polygonsArea(level) - area), `${id} ${votes}`).toBeLessThan(slack);
      }
      const majority = Math.floor(shapes.length / 2) + 1;
      expect(Math.abs(polygonsArea(levels[majority - 1] ?? []) - expected.majority_area)).toBeLessThan(
        expected.majority_area * 1e-3,
      );
    }
  });
});

function read(readerKey: string, ...outlines: readonly (readonly [ClassId, Geometry])[]): Read {
  return {
    readerKey,
    outlines: outlines.map(([id, geometry], index) => ({
      annotationId: annotationId.parse(`${readerKey}outline${index}`),
      classId: id,
      geometry,
    })),
  };
}

function value(measure: Measure): number | null {
  return measure.defined ? measure.value : null;
}

function measuresOf({ overall, classes }: Consensus): Measure[] {
  const agreement = ({ percentAgreement, fleiss, alpha, ac1 }: Omit<Consensus["overall"], "pairs">) => [
    percentAgreement,
    fleiss,
    alpha,
    ac1,
  ];
  return [
    ...agreement(overall),
    ...overall.pairs.map((pair) => pair.cohen),
    ...classes.flatMap((each) => [
      ...agreement(each),
      each.prevalence,
      ...each.pairs.flatMap((pair) => [pair.dice, pair.iou, pair.cohen]),
    ]),
  ];
}

function normalised({ readerKey, outlines }: Read): Read {
  const clean = outlines.flatMap((outline) => {
    const geometry = normalise(outline.geometry);
    return geometry === null ? [] : [{ ...outline, geometry }];
  });
  return { readerKey, outlines: clean };
}

/** The class of the smallest outline on a place, found the slow way. */
function classAt({ outlines }: Read, point: Point): ClassId | null {
  const on = outlines
    .filter(({ geometry }) => containsPoint(geometry, point))
    .sort((a, b) => geometryArea(a.geometry) - geometryArea(b.geometry) || (a.annotationId > b.annotationId ? -1 : 1));
  return on[0]?.classId ?? null;
}

/** Whether a place is so near an outline that rounding may decide the side. */
function nearOutline({ outlines }: Read, point: Point): boolean {
  return outlines.some(({ geometry }) => distanceToOutline(geometry, point) < 0.05);
}
