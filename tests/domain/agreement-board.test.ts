import { describe, expect, test } from "vitest";
import { agreementBoard, type BoardSlide } from "#domain/agreement-board.ts";
import { summariseAgreement } from "#domain/agreement-summary.ts";
import type { Estimate } from "#domain/bootstrap.ts";
import { computeConsensus, type Read } from "#domain/consensus.ts";
import { annotationId } from "#domain/ids.ts";
import { seededRandom, shuffled } from "#domain/random.ts";
import { micronPerPx } from "#domain/units.ts";
import { aClassId } from "#tests/support/builders.ts";
import { square } from "#tests/support/outlines.ts";

const [A, B] = [aClassId("a"), aClassId("b")];
const READERS = ["ann", "bob", "cat"];
const settings = { classIds: [A, B], regionIds: [A], objectIds: [B], toleranceUm: 5, seed: 7, resamples: 200 };

/** Reads of a slide by three people who differ more and more; a is a region, b an object. */
function slide(number: number, cluster = `case ${number}`): BoardSlide {
  const shift = 4 * (number % 5);
  const reads = READERS.map((reader, place): Read => {
    const drawn = [
      { classId: A, geometry: square(400 + shift * place, 400, 200) },
      { classId: B, geometry: square(1000, 1000, 30) },
      ...(place === number % 3 ? [] : [{ classId: B, geometry: square(1200, 1000 + place, 30) }]),
    ];
    const outlines = drawn.map((each, index) => ({
      ...each,
      annotationId: annotationId.parse(`s${number}${reader}${String(index).padStart(4, "0")}`),
    }));
    return { readerKey: `read-${reader}-${number}`, outlines };
  });
  const consensus = computeConsensus(reads, {
    quorum: 2,
    minDisputeUm2: 0,
    mpp: micronPerPx(0.5),
    region: { minX: 0, minY: 0, maxX: 2000, maxY: 2000 },
    classIds: [A, B],
    rules: [{ classId: B, objects: {} }],
    toleranceUm: 5,
  });
  const majority = { kind: "majority" } as const;
  return {
    key: `round/slide ${number}`,
    cluster,
    guidelineNumber: number < 4 ? 1 : 2,
    readKeys: consensus.readerKeys,
    readerKeys: consensus.readerKeys.map((key) => key.split("-")[1] ?? ""),
    methods: { regions: [majority, majority], objects: [majority, majority] },
    tally: consensus.tally,
  };
}

const slides = Array.from({ length: 8 }, (_, number) => slide(number));
const board = agreementBoard(slides, READERS, settings);

describe("the board of a study", () => {
  test("[CNS46] every number is that of the slides together and has an interval over cases", () => {
    const ratings = slides.map(({ cluster, tally }) => ({ cluster, ratings: tally.regions }));
    const alone = summariseAgreement(ratings, 3, settings);
    expect(board.classes[0]?.alpha).toEqual(alone.classes[0]?.alpha);
    expect(board.bases[0]?.overall.ac1).toEqual(alone.overall.ac1);
    const numbers = estimatesIn(board);
    expect(numbers.length).toBeGreaterThan(60);
    expect(board.clusters).toBe(8);
    const whole = board.classes.flatMap((each) => [each.percentAgreement, each.alpha, each.ac1, each.prevalence]);
    for (const { value, limits, clusters } of whole) {
      expect(clusters).toBe(8);
      if (!value.defined || !limits.defined) throw new Error(`not defined: ${JSON.stringify({ value, limits })}`);
      expect(limits.low).toBeLessThanOrEqual(value.value + 1e-9);
      expect(limits.high).toBeGreaterThanOrEqual(value.value - 1e-9);
    }
    expect(JSON.stringify(board)).not.toMatch(/NaN|Infinity|:null,"?high/);
  });

  test("[CNS46] objects have F1 and panoptic quality with PQ = SQ x RQ; outlines of regions have distances in um", () => {
    const [pair] = board.classes[1]?.pairs ?? [];
    const [pq, sq, rq] = [pair?.pq, pair?.sq, pair?.rq].map(numberOf);
    expect(pq).toBeCloseTo((sq ?? 0) * (rq ?? 0), 12);
    expect(pair?.distances?.meanUm.value.defined).toBe(false);
    const [region] = board.classes[0]?.pairs ?? [];
    const [mean, far] = [region?.distances?.meanUm, region?.distances?.hausdorff95Um].map(numberOf);
    expect(mean).toBeGreaterThan(0);
    expect(far).toBeGreaterThan(mean ?? 0);
    expect(far).toBeLessThan(9);
    expect(numberOf(board.detection[0]?.f1)).toBeGreaterThan(0.5);
  });

  test("[CNS47] against the consensus each reader has a confusion, precision and recall as counted by hand", () => {
    // Of the second object of a slide two of three have it, so it is the truth; who misses it changes slide by slide.
    const objects = board.bases.find(({ basis }) => basis === "objects");
    const missed = [0, 1, 2].map((reader) => slides.filter((_, number) => number % 3 === reader).length);
    expect(objects?.againstConsensus.map((table) => [table[1]?.[0], table[1]?.[1]])).toEqual(
      missed.map((count) => [count, 16 - count]),
    );
    const numbers = board.classes[1]?.against.map(({ precision, recall }) => [numberOf(precision), numberOf(recall)]);
    expect(numbers).toEqual(missed.map((count) => [1, (16 - count) / 16]));
    const regions = board.bases.find(({ basis }) => basis === "regions");
    const areas = regions?.againstConsensus.map((table) => table.flat().reduce((sum, value) => sum + value, 0)) ?? [];
    expect(Math.max(...areas)).toBeCloseTo(Math.min(...areas), 6);
  });

  test("[CNS46] parts are those of the slides alone, the slide with most disagreement first", () => {
    expect(board.versions.map(({ guidelineNumber, slides: count }) => [guidelineNumber, count])).toEqual([
      [1, 4],
      [2, 4],
    ]);
    const shares = board.slides.map(({ disagreementShare }) => disagreementShare);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    const first = slides.find(({ key }) => key === board.slides[0]?.key);
    const own = summariseAgreement([{ cluster: "x", ratings: first!.tally.regions }], 3, settings);
    expect(board.slides[0]?.classes[0]?.alpha.value).toEqual(own.classes[0]?.alpha.value);
    expect(board.slides[0]?.overall[0]?.alpha.limits).toEqual({ defined: false, reason: "too few slides" });
  });

  test("[CNS46] the order of slides changes nothing; twice the slides keep each number and narrow its interval", () => {
    const again = agreementBoard(shuffled(slides, seededRandom(3)), READERS, settings);
    expect(JSON.stringify(again)).toBe(JSON.stringify(board));
    const twice = [
      ...slides,
      ...slides.map((each, number) => ({ ...each, key: `again ${number}`, cluster: `more ${number}` })),
    ];
    const doubled = agreementBoard(twice, READERS, { ...settings, resamples: 1_000 });
    const [once, more] = [board, doubled].map((each) => each.classes[0]?.percentAgreement);
    expect(numberOf(more)).toBeCloseTo(numberOf(once) ?? 0, 12);
    expect(widthOf(more)).toBeLessThan(widthOf(once));
  });

  test("[CNS76] objects that resemble each other within a case have a design effect; areas and few cases have none", () => {
    const agreeing = { labels: [1, 1, 1], weight: 10 };
    const split = { labels: [1, 1, 0], weight: 10 };
    // Half of the cases agree on everything and half on a third, against the same mixed alike.
    const of = (rowsOf: (number: number) => readonly { labels: number[]; weight: number }[]) =>
      agreementBoard(
        slides.map((each, number) => ({
          ...each,
          tally: { ...each.tally, objects: { categories: 2, rows: rowsOf(number) } },
        })),
        READERS,
        settings,
      ).bases.find(({ basis }) => basis === "objects")?.designEffect;
    const apart = of((number) => [number % 2 === 0 ? agreeing : split]);
    const alike = of(() => [agreeing, split]);
    // Eight cases of 10 objects that agree by 1 or by 1/3, on the whole by 2/3: by hand 80/7 x (1/3)^2 / (2/3 x 1/3).
    expect(apart).toEqual({ defined: true, value: expect.closeTo(40 / 7, 9) });
    expect(alike).toEqual({ defined: true, value: expect.closeTo(0, 9) });
    expect(board.bases.find(({ basis }) => basis === "regions")?.designEffect).toBeNull();
    const few = agreementBoard(slides.slice(0, 5), READERS, settings).bases;
    expect(few.find(({ basis }) => basis === "objects")?.designEffect).toMatchObject({ reason: "too few slides" });
  });

  test("[CNS72] what reliability would decide otherwise than the majority is listed by what each says, the most first", () => {
    const votes: readonly (readonly [number[], number])[] = [
      [[1, 1, 1], 40],
      [[0, 0, 0], 40],
      ...[
        [1, 0, 0],
        [0, 1, 0],
        [1, 0, 1],
        [0, 1, 1],
      ].map((labels): [number[], number] => [labels, 20]),
      [[1, 1, 0], 6],
      [[0, 0, 1], 4],
    ];
    const rows = votes.map(([labels, weight]) => ({ labels, weight }));
    const [first] = slides;
    const one = { ...first!, tally: { ...first!.tally, objects: { categories: 2, rows } } };
    const found = agreementBoard([one], READERS, settings).bases.find(({ basis }) => basis === "objects");
    expect(found?.reliability.moved).toEqual([
      { majority: 1, probable: 0, weight: 6, patterns: [[1, 1, 0]] },
      { majority: 0, probable: 1, weight: 4, patterns: [[0, 0, 1]] },
    ]);
    expect(found?.reliability.movedShare).toBeCloseTo(10 / 170, 12);
    expect(board.bases.every(({ reliability }) => reliability.movedShare > 0 === reliability.moved.length > 0)).toBe(
      true,
    );
  });

  test("[CNS46] fewer than six cases have numbers and no interval; nothing at all says why", () => {
    const few = agreementBoard(slides.slice(0, 5), READERS, settings);
    expect(few.classes[0]?.alpha.value.defined).toBe(true);
    expect(few.classes[0]?.alpha.limits).toEqual({ defined: false, reason: "too few slides" });
    const oneCase = agreementBoard(
      slides.map((each) => ({ ...each, cluster: "one" })),
      READERS,
      settings,
    );
    expect([oneCase.clusters, oneCase.classes[0]?.alpha.limits]).toEqual([
      1,
      { defined: false, reason: "too few slides" },
    ]);
    const none = agreementBoard([], [], settings);
    expect(none.classes.map(({ alpha }) => alpha.value.defined)).toEqual([false, false]);
  });
});

function numberOf(estimate: Estimate | undefined): number | undefined {
  return estimate?.value.defined === true ? estimate.value.value : undefined;
}

function widthOf(estimate: Estimate | undefined): number {
  return estimate?.limits.defined === true ? estimate.limits.high - estimate.limits.low : Number.NaN;
}

function estimatesIn(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return "limits" in value ? [value] : Object.values(value).flatMap(estimatesIn);
}
