import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ratings } from "#domain/agreement.ts";
import { type Geometry, polygonsOf } from "#domain/annotation.ts";
import {
  type ClassRule,
  type ConsensusMethod,
  type ConsensusParameters,
  computeConsensus,
  judgeOf,
  type Read,
  withDecisions,
} from "#domain/consensus.ts";
import { classRulesOf, methodOf, methodsFor, namedDeciders, solesOf, usualDecider } from "#domain/consensus-rules.ts";
import { geometryArea, polygonsArea } from "#domain/geometry.ts";
import type { ClassConsensus } from "#domain/guideline/rules.ts";
import { annotationId, type ClassId, classId } from "#domain/ids.ts";
import { overlapArea } from "#domain/overlay.ts";
import { seededRandom, shuffled } from "#domain/random.ts";
import { micronPerPx } from "#domain/units.ts";
import { aClass, aClassId, aGuideline, aPersonId, studyRules } from "#tests/support/builders.ts";
import { blob, square } from "#tests/support/outlines.ts";

const [A, B, MITOSIS] = [aClassId("a"), aClassId("b"), aClassId("m")];
const region = { minX: 0, minY: 0, maxX: 4000, maxY: 4000 };
const parameters: ConsensusParameters = { quorum: 2, minDisputeUm2: 0, mpp: micronPerPx(0.5), region };
const KEYS = ["r1", "r2", "r3"];

describe("methods", () => {
  const all: Ratings = {
    categories: 3,
    rows: [
      [1, 1, 1],
      [1, 1, 0],
      [1, 2, 0],
      [2, 2, 1],
      [0, 0, 0],
    ].map((labels) => ({ labels, weight: 10 })),
  };
  const verdict = (method: ConsensusMethod, labels: readonly (number | null)[]) => {
    const { label, standing } = judgeOf([method, method, method], KEYS, all)(labels);
    return [label, standing];
  };

  test("[CNS40] majority, quorum, weights, one reader and two with a third give the verdicts found by hand", () => {
    const quorum = (votes: number): ConsensusMethod => ({ kind: "quorum", votes });
    expect(verdict({ kind: "majority" }, [1, 1, 0])).toEqual([1, "class"]);
    expect(verdict({ kind: "majority" }, [0, 0, 1])).toEqual([0, "not-marked"]);
    expect(verdict({ kind: "majority" }, [1, 2, 0])).toEqual([null, "tie"]);
    expect(verdict({ kind: "majority" }, [1, null, null])).toEqual([1, "class"]);
    expect(verdict(quorum(3), [1, 1, 0])).toEqual([null, "no-consensus"]);
    expect(verdict(quorum(1), [1, 2, 2])).toEqual([2, "class"]);
    expect(verdict(quorum(1), [1, 2, null])).toEqual([null, "tie"]);
    const weighted: ConsensusMethod = { kind: "weighted", share: 0.5, weights: { r1: 3 } };
    expect(verdict(weighted, [1, 2, 2])).toEqual([1, "class"]);
    expect(verdict({ ...weighted, weights: { r1: 2 } }, [1, 2, 2])).toEqual([null, "no-consensus"]);
    expect(verdict({ ...weighted, weights: { r1: 2, r3: 0 } }, [1, 2, 0])).toEqual([1, "class"]);
    expect(verdict({ kind: "adjudicator", readerKey: "r3" }, [1, 1, 0])).toEqual([0, "not-marked"]);
    expect(verdict({ kind: "adjudicator", readerKey: "r3" }, [1, 1, null])).toEqual([null, "no-consensus"]);
    const third: ConsensusMethod = { kind: "two-plus-one", readerKeys: ["r1", "r2"], third: "r3" };
    expect(verdict(third, [1, 1, 2])).toEqual([1, "class"]);
    expect(verdict(third, [1, 0, 2])).toEqual([2, "class"]);
    expect(verdict(third, [1, 0, null])).toEqual([null, "tie"]);
    expect(verdict({ kind: "staple", probability: 0.5 }, [1, 1, 0])).toEqual([1, "class"]);
  });

  test("[CNS41] weights of 1 make of regions what a majority makes, also where no single reader's edge is the result", () => {
    const reads = [
      read("r1", [A, square(1000, 1000, 100)]),
      read("r2", [A, square(1050, 1000, 100)]),
      read("r3", [A, square(1020, 1030, 100)], [B, square(2000, 2000, 60)]),
    ];
    const made = (method: ConsensusMethod) =>
      computeConsensus(reads, {
        ...parameters,
        classIds: [A, B],
        method,
      }).consensus.map(({ polygons }) => polygonsArea(polygons));
    const majority = made({ kind: "majority" });
    expect(majority[0]).toBeGreaterThan(5_000);
    expect(majority[1]).toBe(0);
    expect(made({ kind: "weighted", share: 0.5, weights: {} })).toEqual(majority);
    expect(made({ kind: "adjudicator", readerKey: "r3" })).toEqual([10_000, 3_600]);
  });

  test("[CNS45] a guideline's rules become a method for the reads that there are", () => {
    const [ann, bob, cat] = ["n", "o", "p"].map(aPersonId);
    const voters = [ann, bob, cat].map((readerId, index) => ({ readerKey: `r${index + 1}`, readerId: readerId! }));
    const of = (change: Parameters<typeof studyRules>[0], count = 3) =>
      methodOf(studyRules(change), voters.slice(0, count));
    expect(of({ method: "quorum", quorum: 4 })).toEqual({ kind: "quorum", votes: 3 });
    expect(of({ method: "majority" })).toEqual({ kind: "majority" });
    expect(of({ method: "weighted", weights: { [bob!]: 2.5 } })).toEqual({
      kind: "weighted",
      share: 0.5,
      weights: { r1: 1, r2: 2.5, r3: 1 },
    });
    expect(of({ method: "staple" })).toEqual({ kind: "staple", probability: 0.5 });
    expect(of({ method: "single", adjudicatorId: cat! })).toEqual({ kind: "adjudicator", readerKey: "r3" });
    expect(of({ method: "single", adjudicatorId: cat! }, 2)).toEqual({ kind: "quorum", votes: 2 });
    expect(of({ method: "single" })).toEqual({ kind: "quorum", votes: 3 });
    expect(of({ method: "two-plus-one" })).toEqual({ kind: "quorum", votes: 2 });
    expect(of({ method: "two-plus-one", adjudicatorId: ann! })).toEqual({
      kind: "two-plus-one",
      readerKeys: ["r2", "r3"],
      third: "r1",
    });
    const guideline = aGuideline([
      aClass("a"),
      aClass("b", { matching: { by: "iou", min: 0.4 } }),
      aClass("m", { geometry: ["point"] }),
      aClass("z", { retired: true }),
    ]);
    expect(classRulesOf(guideline, voters).map(({ classId: id, objects }) => [id, objects])).toEqual([
      [A, null],
      [B, { leastIou: 0.4 }],
      [MITOSIS, {}],
    ]);
  });
});

describe("a method for each class", () => {
  const [ann, bob, cat] = [aPersonId("n"), aPersonId("o"), aPersonId("p")];
  const voters = [ann, bob, cat].map((readerId, index) => ({ readerKey: `r${index + 1}`, readerId }));
  const own = (method: ClassConsensus["method"], part: Partial<ClassConsensus> = {}): ClassConsensus => ({
    method,
    quorum: 2,
    adjudicatorId: null,
    ...part,
  });

  test("[GED24] each class is made into one by its own method, the others as the study has it", () => {
    const guideline = aGuideline(
      [
        aClass("a", { consensus: own("quorum", { quorum: 3 }) }),
        aClass("b", { consensus: own("single", { adjudicatorId: cat }) }),
        "m",
      ],
      { method: "majority" },
    );
    const rules = classRulesOf(guideline, voters);
    expect(rules.map(({ method }) => method)).toEqual([
      { kind: "quorum", votes: 3 },
      { kind: "adjudicator", readerKey: "r3" },
      undefined,
    ]);
    expect(methodsFor(guideline, [MITOSIS, A], voters)).toEqual([
      { kind: "majority" },
      { kind: "majority" },
      { kind: "quorum", votes: 3 },
    ]);
    const reads = [
      read("r1", [A, square(1000, 1000, 100)], [B, square(2000, 2000, 100)], [MITOSIS, square(3000, 1000, 100)]),
      read("r2", [A, square(1000, 1000, 100)], [B, square(2000, 2000, 100)], [MITOSIS, square(3000, 1000, 100)]),
      read("r3", [B, square(3000, 3000, 100)]),
    ];
    const made = computeConsensus(reads, {
      ...parameters,
      classIds: [A, B, MITOSIS],
      method: { kind: "majority" },
      rules,
    });
    expect(made.consensus.map(({ polygons }) => polygonsArea(polygons))).toEqual([0, 10_000, 10_000]);
    const rare: ConsensusMethod[] = [{ kind: "majority" }, { kind: "quorum", votes: 1 }, { kind: "majority" }];
    const judge = judgeOf(rare, KEYS, { categories: 3, rows: [] });
    expect(judge([1, 0, 0])).toEqual({ label: 1, standing: "class" });
    expect(judge([2, 0, 0])).toEqual({ label: 0, standing: "not-marked" });
    expect(judge([1, 2, 2])).toEqual({ label: 2, standing: "class" });
    expect(solesOf(guideline, [B])).toEqual([cat]);
    expect(solesOf(guideline, [A, B])).toEqual([]);
    expect(solesOf(guideline, [])).toEqual([]);
  });

  test("[ADJ10] whom a guideline names is found by what is disputed, as the one whose word is taken or as the third reader", () => {
    const classes = [aClass("a", { consensus: own("single", { adjudicatorId: cat }) }), aClass("b"), aClass("m")];
    const byClass = aGuideline(classes, { method: "majority", adjudicatorId: bob });
    expect([[A], [A, B], [B], []].map((named) => namedDeciders(byClass, named))).toEqual([[cat], [cat], [], []]);
    expect(usualDecider(byClass)).toBe(cat);
    const third = aGuideline(classes, { method: "two-plus-one", adjudicatorId: ann });
    expect([[A], [A, B], []].map((named) => namedDeciders(third, named))).toEqual([[cat], [ann, cat].sort(), [ann]]);
    expect(usualDecider(third)).toBe(ann);
    const several = [...classes.slice(0, 2), aClass("m", { consensus: own("single", { adjudicatorId: bob }) })];
    expect(usualDecider(aGuideline(several))).toBeNull();
    expect(usualDecider(aGuideline(["a"]))).toBeNull();
  });

  test("[GED24] classes that are decided in several ways do not overlap in the consensus", () => {
    const method = fc.constantFrom<ConsensusMethod>(
      { kind: "majority" },
      { kind: "quorum", votes: 1 },
      { kind: "quorum", votes: 2 },
      { kind: "weighted", share: 0.5, weights: { r1: 3 } },
      { kind: "adjudicator", readerKey: "r2" },
    );
    const outline = fc.tuple(fc.constantFrom(A, B), fc.integer({ min: 10, max: 20 }), fc.integer({ min: 2, max: 8 }));
    const shapes = fc.array(outline, { maxLength: 3 });
    fc.assert(
      fc.property(method, method, method, fc.tuple(shapes, shapes, shapes), (usual, ofA, ofB, drawn) => {
        fc.pre(JSON.stringify(ofA) !== JSON.stringify(ofB) && JSON.stringify(usual) !== JSON.stringify(ofA));
        const reads = drawn.map((list, index) =>
          read(
            `r${index + 1}`,
            ...list.map(([id, at, side]): [ClassId, Geometry] => [id, square(at * 10, 100, side * 10)]),
          ),
        );
        const rules: ClassRule[] = [
          { classId: A, objects: null, method: ofA },
          { classId: B, objects: null, method: ofB },
        ];
        const { consensus } = computeConsensus(reads, { ...parameters, classIds: [A, B], method: usual, rules });
        const [a = [], b = []] = consensus.map(({ polygons }) => polygons);
        expect(overlapArea(a, b)).toBeLessThan(1);
      }),
      { numRuns: 60 },
    );
  });
});

describe("objects", () => {
  const rules: ClassRule[] = [
    { classId: B, objects: { leastIou: 0.3 } },
    { classId: MITOSIS, objects: { radiusUm: 7.5 } },
  ];
  const study = { ...parameters, classIds: [A, B, MITOSIS], rules };
  const point = (x: number, y: number): Geometry => ({ type: "point", at: [x, y] });
  const reads = [
    read(
      "r1",
      [B, blob([500, 500], 20)],
      [B, blob([800, 500], 20)],
      [MITOSIS, point(1000, 1000)],
      [B, square(1500, 1500, 40)],
    ),
    read("r2", [B, blob([503, 500], 20)], [MITOSIS, point(1010, 1000)], [B, half(1500, 1500)], [B, half(1520, 1500)]),
    read(
      "r3",
      [B, blob([498, 502], 21)],
      [B, blob([801, 500], 20)],
      [MITOSIS, point(1200, 1000)],
      [A, square(2000, 2000, 100)],
    ),
  ];
  const result = computeConsensus(reads, study);

  test("[CNS42] objects are matched by overlap or distance; who did not mark one is a vote, and a split is told", () => {
    const said = result.disputes
      .filter(({ basis }) => basis === "object")
      .map(({ kind, votes, verdict }) => [kind, votes.map((vote) => vote.classId), verdict]);
    expect(said).toContainEqual(["missed", [B, null, B], "class"]);
    expect(said).toContainEqual(["missed", [MITOSIS, MITOSIS, null], "class"]);
    expect(said).toContainEqual(["missed", [null, null, MITOSIS], "not-marked"]);
    expect(said.filter(([kind]) => kind === "regrouped").length).toBeGreaterThan(0);
    expect(said).not.toContainEqual([expect.anything(), [B, B, B], expect.anything()]);
    const agreed = result.objects.filter(({ support }) => support === 3);
    expect(agreed.map(({ classId: id }) => id)).toEqual([B]);
    expect(geometryArea(agreed[0]!.geometry)).toBeGreaterThan(0.8 * geometryArea(blob([500, 500], 20)));
    const seen = result.objects.find(({ classId: id }) => id === MITOSIS);
    expect(seen?.geometry).toEqual(point(1005, 1000));
    expect([result.regionIds, result.objectIds]).toEqual([[A], [B, MITOSIS]]);
    expect(result.consensus.map(({ classId: id }) => id)).toEqual([A]);
  });

  test("[CNS42] other classes for one object are a conflict; without a scale points are still told apart", () => {
    const two = [read("r1", [B, square(100, 100, 50)]), read("r2", [MITOSIS, square(102, 100, 50)])];
    const [dispute] = computeConsensus(two, { ...study, mpp: null }).disputes;
    expect([dispute?.kind, dispute?.verdict, dispute?.areaUm2]).toEqual(["class-conflict", "tie", null]);
    const points = [read("r1", [MITOSIS, point(10, 10)]), read("r2", [MITOSIS, point(50, 10)])];
    expect(computeConsensus(points, { ...study, mpp: null }).disputes).toHaveLength(2);
  });

  test("[CNS42] whatever the order of reads and outlines the result is the same", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        const mixed = shuffled(
          reads.map((each) => ({ ...each, outlines: shuffled(each.outlines, random) })),
          random,
        );
        expect(JSON.stringify(computeConsensus(mixed, study))).toBe(JSON.stringify(result));
      }),
      { numRuns: 10 },
    );
  });

  test("[CNS43] a decided object stands in place of what each read drew of it, and regions leave objects alone", () => {
    const missed = result.disputes.find(({ votes }) => votes.map((vote) => vote.classId).join() === [B, "", B].join());
    const members = new Set(missed!.votes.flatMap((vote) => vote.annotationIds));
    const truth = { annotationId: annotationId.parse("truth0000"), classId: B, geometry: blob([800, 500], 20) };
    const isObject = (id: ClassId) => id !== A;
    const decided = withDecisions(reads, [{ members, outlines: [truth] }], isObject);
    const after = computeConsensus(decided, study);
    expect(after.disputes.filter(({ bbox }) => bbox.minX > 700 && bbox.maxX < 900)).toEqual([]);
    expect(after.objects.filter(({ support, classId: id }) => support === 3 && id === B)).toHaveLength(2);
    const excluded = withDecisions(reads, [{ members, outlines: [] }], isObject);
    expect(computeConsensus(excluded, study).disputes.some(({ bbox }) => bbox.minX > 700 && bbox.maxX < 900)).toBe(
      false,
    );
    const cutAway = withDecisions(reads, [{ region: polygonsOf(square(0, 0, 4000)), outlines: [] }], isObject);
    expect(cutAway.map(({ outlines }) => outlines.length)).toEqual([4, 4, 3]);
  });

  test("[CNS44] disputes are ranked by area, by rarity of the rarest class named, and by how divided the votes are", () => {
    const three = [
      read("r1", [A, square(100, 100, 400)], [A, square(1000, 1000, 40)], [B, square(2000, 2000, 40)]),
      read("r2", [A, square(100, 100, 400)], [A, square(1000, 1000, 40)], [A, square(2000, 2000, 40)]),
      read("r3", [A, square(100, 100, 400)]),
    ];
    const { disputes } = computeConsensus(three, { ...parameters, classIds: [A, B] });
    expect(disputes.map(({ bbox, areaPx }) => [bbox.minX, areaPx])).toEqual([
      [2000, 1600],
      [1000, 1600],
    ]);
    expect(disputes.map(({ spread }) => spread)).toEqual([1, expect.closeTo(0.579_380_164, 6)]);
    expect(disputes[0]!.score).toBeGreaterThan(disputes[1]!.score);
  });
});

function half(x: number, y: number): Geometry {
  return {
    type: "polygon",
    rings: [
      [
        [x, y],
        [x + 20, y],
        [x + 20, y + 40],
        [x, y + 40],
      ],
    ],
  };
}

function read(readerKey: string, ...outlines: readonly (readonly [ClassId, Geometry])[]): Read {
  return {
    readerKey,
    outlines: outlines.map(([id, geometry], index) => ({
      annotationId: annotationId.parse(`${readerKey}outline${index}`),
      classId: classId.parse(id),
      geometry,
    })),
  };
}
