import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Geometry, Point } from "#domain/annotation.ts";
import { type OffsetSettings, outlineOffset } from "#domain/boundary.ts";
import { changedBetween, meanOffset, pairAgreement, type UsePoint, usageChanges, weekOf } from "#domain/drift.ts";
import { moveBy } from "#domain/geometry.ts";
import type { LayerId } from "#domain/ids.ts";
import { chooseRepeats, type PastRead, repeatable } from "#domain/repeat.ts";
import { changePoints, selfStartingScores } from "#domain/statistics.ts";
import { aClassId, aLayerId, aPersonId, aSlideId } from "#tests/support/builders.ts";

const SETTINGS: OffsetSettings = { bandPx: 50, stepPx: 0.5 };

function disc(radius: number, [x, y]: Point = [0, 0]): Point[] {
  return Array.from({ length: 720 }, (_, step): Point => {
    const angle = (step * Math.PI) / 360;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}
const shape = (...rings: Point[][]): Geometry => ({ type: "polygon", rings });
const offsetOf = (drawn: Geometry, truth: Geometry, settings = SETTINGS) => {
  const { integralPx2, lengthPx, beyondPx } = outlineOffset(drawn, truth, settings);
  return { mean: integralPx2 / lengthPx, lengthPx, beyondPx };
};

describe("the offset of outlines", () => {
  test("[OFS1] of a shape grown or shrunk by a distance all around is that distance, loose above 0 and tight below", () => {
    const truth = shape(disc(100));
    for (const grown of [12, 3, 0.5, -0.5, -3, -12]) {
      expect(offsetOf(shape(disc(100 + grown)), truth).mean).toBeCloseTo(grown, 2);
    }
    expect(offsetOf(truth, truth)).toMatchObject({ mean: 0, beyondPx: 0 });
  });

  test("[OFS2] of a hole counts like any border: a lumen drawn too small is loose", () => {
    const gland = (lumen: number) => shape(disc(100), disc(lumen).reverse());
    const { mean } = offsetOf(gland(36), gland(40));
    const share = (2 * Math.PI * 76) / (2 * Math.PI * (200 + 76));
    expect(mean).toBeCloseTo(4 * share, 2);
  });

  test("[OFS3] turns its sign when the two are swapped, and does not depend on the place on the slide", () => {
    const radius = fc.double({ min: 20, max: 120, noNaN: true });
    const shift = fc.double({ min: -25, max: 25, noNaN: true });
    fc.assert(
      fc.property(radius, radius, shift, shift, (a, b, dx, dy) => {
        const [drawn, truth] = [shape(disc(a)), shape(disc(b, [dx, dy]))];
        const [there, back] = [outlineOffset(drawn, truth, SETTINGS), outlineOffset(truth, drawn, SETTINGS)];
        expect(there.integralPx2).toBeCloseTo(-back.integralPx2, 6);
        expect(there.lengthPx).toBeCloseTo(back.lengthPx, 6);
        const far = outlineOffset(moveBy(drawn, 60_000, 48_000), moveBy(truth, 60_000, 48_000), SETTINGS);
        expect(Math.abs(far.integralPx2 - there.integralPx2)).toBeLessThan(1e-3 * there.lengthPx + 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  test("[OFS4] leaves out what only one of the two outlined, and says how long that is", () => {
    const truth: Geometry = { type: "multipolygon", polygons: [[disc(100)], [disc(80, [1_000, 0])]] };
    const { mean, beyondPx } = offsetOf(shape(disc(105)), truth);
    expect(mean).toBeCloseTo(5, 2);
    expect(beyondPx).toBeCloseTo(2 * Math.PI * 80, 0);
    expect(outlineOffset(shape(disc(10)), [], SETTINGS)).toMatchObject({ integralPx2: 0, lengthPx: 0 });
  });

  test("[OFS5] is averaged in um over slides of any scale, with an interval from six cases on", () => {
    const slide = (cluster: string, mpp: number, um: number) => ({
      cluster,
      mpp,
      offset: outlineOffset(shape(disc((100 + um) / mpp)), shape(disc(100 / mpp)), {
        bandPx: 25 / mpp,
        stepPx: 1 / mpp,
      }),
    });
    const few = meanOffset([slide("a", 0.25, 2), slide("b", 0.5, 2)], { seed: 1 });
    expect(few.value).toMatchObject({ defined: true });
    expect(few.value.defined && few.value.value).toBeCloseTo(2, 1);
    expect(few.limits).toEqual({ defined: false, reason: "too few slides" });
    const many = meanOffset(
      ["a", "b", "c", "d", "e", "f", "g"].map((name, index) => slide(name, 0.5, index - 2)),
      { seed: 1 },
    );
    expect(many.value.defined && many.value.value).toBeCloseTo(1, 0);
    expect(many.limits).toMatchObject({ defined: true });
    expect(meanOffset([], { seed: 1 }).value).toEqual({ defined: false, reason: "missing outline" });
  });
});

describe("agreement with oneself", () => {
  test("[RPT1] is Dice and kappa of the two reads per class, over all slides, by hand", () => {
    const pairs = [
      {
        cluster: "a",
        areaPx: [
          [50, 10],
          [5, 35],
        ],
      },
      {
        cluster: "b",
        areaPx: [
          [60, 0],
          [5, 35],
        ],
      },
    ];
    const { overall, classes } = pairAgreement(pairs, 1, { seed: 1 });
    expect(classes[0]?.dice.value).toEqual({ defined: true, value: 140 / 160 });
    // Together 110 and 70 agree, 10 and 10 do not: 120 and 80 of 200 in either read.
    const chance = (120 * 120 + 80 * 80) / 200 ** 2;
    const kappa = (180 / 200 - chance) / (1 - chance);
    expect(overall.value.defined && overall.value.value).toBeCloseTo(kappa, 12);
    expect(classes[0]?.kappa.value.defined && classes[0].kappa.value.value).toBeCloseTo(kappa, 12);
    expect(overall.limits).toEqual({ defined: false, reason: "too few slides" });
  });

  test("[RPT2] has no number for a class that neither read marks, and none at all without pairs", () => {
    const silent = pairAgreement(
      [
        {
          cluster: "a",
          areaPx: [
            [90, 0, 0],
            [0, 10, 0],
            [0, 0, 0],
          ],
        },
      ],
      2,
      { seed: 1 },
    );
    expect(silent.classes[1]?.dice.value).toEqual({ defined: false, reason: "class not marked" });
    expect(silent.classes[1]?.kappa.value).toEqual({ defined: false, reason: "class not marked" });
    expect(pairAgreement([], 1, { seed: 1 }).overall.value.defined).toBe(false);
  });

  test("[RPT3] across versions is told apart from the reader for classes whose meaning changed in between", () => {
    const [a, b, c, d] = ["a", "b", "c", "d"].map(aClassId) as [
      ReturnType<typeof aClassId>,
      ...ReturnType<typeof aClassId>[],
    ];
    const history = [
      { number: 2, changes: [{ kind: "narrow" as const, classId: a }] },
      {
        number: 3,
        changes: [
          { kind: "merge" as const, from: [b!, c!], into: d! },
          { kind: "reword" as const, classId: b! },
        ],
      },
    ];
    expect([...changedBetween(history, 1, 3)]).toEqual([a]);
    expect([...changedBetween(history, 2, 3)]).toEqual([]);
    expect([...changedBetween(history, 1, 1)]).toEqual([]);
  });
});

describe("repeats", () => {
  const now = new Date("2026-03-01T12:00:00Z");
  const day = (days: number) => new Date(now.getTime() - days * 86_400_000);
  const [ada, bea] = [aPersonId("ada"), aPersonId("bea")];
  const read = (slide: string, readerId = ada, change: Partial<PastRead> = {}): PastRead => ({
    layerId: aLayerId(`${slide}${readerId}`.slice(0, 12)) as LayerId,
    slideId: aSlideId(slide),
    readerId,
    purpose: "work",
    submittedAt: day(30),
    ...change,
  });
  const plan = { slideIds: [], washoutDays: 14, now };

  test("[RPT4] are drawn from reads whose washout is over, never of a slide that is open or in the round anyhow", () => {
    const past = [
      read("s1"),
      read("s2", ada, { submittedAt: day(13) }),
      read("s3", ada, { submittedAt: null }),
      read("s4", bea),
    ];
    expect(repeatable(past, ada, plan).map(({ slideId }) => slideId)).toEqual([aSlideId("s1")]);
    expect(repeatable(past, ada, { ...plan, slideIds: [aSlideId("s1")] })).toEqual([]);
    expect(repeatable(past, ada, { ...plan, washoutDays: 13 })).toHaveLength(2);
    const again = [...past, read("s1", ada, { layerId: aLayerId("again"), purpose: "repeat", submittedAt: day(5) })];
    expect(repeatable(again, ada, plan)).toEqual([]);
  });

  test("[RPT5] are chosen by the seed, for each reader by themselves, whatever the order of the reads", () => {
    const past = ["s1", "s2", "s3", "s4", "s5", "s6"].flatMap((slide) => [read(slide, ada), read(slide, bea)]);
    const chosen = chooseRepeats(past, { ...plan, readerIds: [ada, bea], perReader: 2, seed: 7 });
    expect(chosen.filter(({ readerId }) => readerId === ada)).toHaveLength(2);
    expect(chosen.filter(({ readerId }) => readerId === bea)).toHaveLength(2);
    expect(chooseRepeats([...past].reverse(), { ...plan, readerIds: [bea, ada], perReader: 2, seed: 7 })).toEqual(
      chosen,
    );
    const seeds = Array.from({ length: 20 }, (_, seed) =>
      JSON.stringify(chooseRepeats(past, { ...plan, readerIds: [ada], perReader: 2, seed })),
    );
    expect(new Set(seeds).size).toBeGreaterThan(3);
    expect(chooseRepeats(past, { ...plan, readerIds: [ada], perReader: 50, seed: 7 })).toHaveLength(6);
  });
});

describe("change points", () => {
  const steady = [0.3, 0.32, 0.28, 0.31, 0.29, 0.3, 0.33, 0.27, 0.3, 0.31];

  test("[DRF1] a steady series has none, and a lasting shift is found where it begins, up or down", () => {
    expect(changePoints(steady)).toEqual([]);
    const up = changePoints([...steady, ...steady.map((value) => value + 0.1)]);
    expect(up).toMatchObject([{ at: 10, direction: "up" }]);
    expect(up[0]?.seenAt).toBeGreaterThanOrEqual(10);
    expect(changePoints([...steady, ...steady.map((value) => value - 0.1)])).toMatchObject([
      { at: 10, direction: "down" },
    ]);
    const twice = [...steady, ...steady.map((value) => value + 0.1), ...steady];
    expect(changePoints(twice).map(({ at, direction }) => [at, direction])).toEqual([
      [10, "up"],
      [20, "down"],
    ]);
  });

  test("[DRF2] scores of a series without change are standard normal, and depend on neither its mean nor its scale", () => {
    const random = fc
      .sample(fc.integer({ min: 1, max: 2 ** 30 }), { seed: 3, numRuns: 4_000 })
      .map((each) => each / 2 ** 30);
    const normal = random
      .slice(0, 2_000)
      .map((u, index) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * (random[2_000 + index] ?? 0)));
    const scores = selfStartingScores(normal).slice(2);
    const mean = scores.reduce((sum, each) => sum + each, 0) / scores.length;
    const spread = Math.sqrt(scores.reduce((sum, each) => sum + (each - mean) ** 2, 0) / scores.length);
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(Math.abs(spread - 1)).toBeLessThan(0.1);
    const moved = selfStartingScores(normal.slice(0, 200).map((value) => 40 + 7 * value));
    for (const [place, score] of selfStartingScores(normal.slice(0, 200)).entries())
      expect(moved[place]).toBeCloseTo(score, 6);
  });

  test("[DRF3] what varies less than matters is no change, and an exact past is no reason to divide by nothing", () => {
    const flat = Array.from({ length: 12 }, () => 0.2);
    expect(changePoints([...flat, ...flat.map(() => 0.203)], { leastDeviation: 0.01 })).toEqual([]);
    expect(changePoints([...flat, ...flat.map(() => 0.4)])).toMatchObject([{ at: 12, direction: "up" }]);
    expect(selfStartingScores(flat).every((score) => score === 0)).toBe(true);
    expect(changePoints([])).toEqual([]);
  });

  const points = (
    shares: readonly number[],
    others: (place: number) => number | null,
    version = (_: number) => 1,
  ): UsePoint[] =>
    shares.map((share, place) => ({
      at: new Date(place),
      guidelineNumber: version(place),
      share,
      others: others(place),
    }));

  test("[DRF4] of class use follow the difference from the others on the same slide, so a rich slide is no drift", () => {
    const rich = [...steady, ...steady.map((value) => value + 0.3)];
    const same = usageChanges(points(rich, (place) => (rich[place] ?? 0) - 0.01));
    expect(same).toEqual({ relative: true, changes: [] });
    const alone = usageChanges(points(rich, () => null));
    expect(alone).toMatchObject({ relative: false, changes: [{ at: 10, direction: "up" }] });
    const drifted = usageChanges(points(rich, () => 0.3));
    expect(drifted).toMatchObject({ relative: true, changes: [{ at: 10, version: null }] });
  });

  test("[DRF5] a change that comes with a guideline version names it", () => {
    const shifted = [...steady, ...steady.map((value) => value + 0.2)];
    const named = usageChanges(
      points(
        shifted,
        () => null,
        (place) => (place < 10 ? 1 : 2),
      ),
    );
    expect(named.changes).toMatchObject([{ at: 10, version: 2 }]);
    const unnamed = usageChanges(
      points(
        shifted,
        () => null,
        (place) => (place < 5 ? 1 : 2),
      ),
    );
    expect(unnamed.changes).toMatchObject([{ at: 10, version: null }]);
  });

  test("[DRF6] weeks begin on Monday", () => {
    expect(weekOf(new Date("2026-03-01T23:59:59Z"))).toBe("2026-02-23");
    expect(weekOf(new Date("2026-03-02T00:00:00Z"))).toBe("2026-03-02");
    expect(weekOf(new Date("2027-01-01T12:00:00Z"))).toBe("2026-12-28");
  });
});
