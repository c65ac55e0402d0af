import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  byPattern,
  cohenKappa,
  competence,
  emptyMoments,
  fleissKappa,
  gwetAc,
  kappaError,
  krippendorffAlpha,
  type Level,
  type Measure,
  majorityOf,
  momentsOf,
  oneAgainstRest,
  pairConfusion,
  pairTableIn,
  percentAgreement,
  type Ratings,
  ratingsOf,
  regionOverlap,
  tally,
  voteEntropy,
  type Weights,
} from "#domain/agreement.ts";
import { polygonsArea } from "#domain/geometry.ts";
import { dice, intersection, iou, overlapArea, union } from "#domain/overlay.ts";
import { expectNear, referenceCases } from "#tests/support/reference.ts";
import { describeWithData } from "#tests/support/slides.ts";

const label = z.union([z.number(), z.string()]);
const table = z.array(z.array(z.number()));
const dataset = z.union([
  z.object({ table }),
  z.object({ ratings: z.array(z.array(label.nullable())), categories: z.array(label) }),
]);
const labelCase = z.object({
  id: z.string(),
  metric: z.string(),
  params: z.object({ weights: z.string().optional(), level: z.string().optional() }),
  expected: z.record(z.string(), z.unknown()),
  tolerance_abs: z.number(),
  dataset: z.string().optional(),
  input: dataset.optional(),
});
const labelFile = z.object({ datasets: z.record(z.string(), dataset), cases: z.array(labelCase) });

describeWithData("reference values of label agreement", "reference-metrics/agreement-labels.json", (path) => {
  const { datasets, cases } =
    path === "" ? { datasets: {}, cases: [] } : labelFile.parse(JSON.parse(readFileSync(path, "utf8")));

  const inputOf = (each: z.infer<typeof labelCase>) => {
    const input = each.input ?? datasets[each.dataset ?? ""];
    if (input === undefined) throw new Error(`${each.id} names no data`);
    return input;
  };
  const run = (metric: string, check: (each: z.infer<typeof labelCase>, ratings: Ratings) => void) => {
    const chosen = cases.filter((each) => each.metric === metric);
    expect(chosen.length).toBeGreaterThan(0);
    for (const each of chosen) {
      const input = inputOf(each);
      check(each, "table" in input ? ratingsOfTable(input.table) : ratingsOf(input.ratings, input.categories));
    }
  };
  const compare = (each: z.infer<typeof labelCase>, name: string, measure: Measure) => {
    const expected = each.expected[name];
    const actual = measure.defined ? measure.value : null;
    if (expected === null || expected === undefined || actual === null)
      expect(actual, `${each.id} ${name}`).toBe(expected ?? null);
    else expect(Math.abs(actual - Number(expected)), `${each.id} ${name}`).toBeLessThanOrEqual(each.tolerance_abs);
  };

  test("[AGR1] Cohen's kappa, unweighted and weighted, is that of the reference tables", () => {
    run("cohen_kappa", (each, ratings) => {
      const { measure, observed, expected } = cohenKappa(pairConfusion(ratings, 0, 1), weightsOf(each.params.weights));
      compare(each, "kappa", measure);
      if ("po" in each.expected) compare(each, "po", observed);
      if ("pe" in each.expected) compare(each, "pe", expected);
      if (!measure.defined && "reason" in each.expected) expect(measure.reason).toBe(each.expected["reason"]);
    });
  });

  test("[AGR12] standard errors and the interval of kappa are those of the reference tables", () => {
    let checked = 0;
    run("cohen_kappa", (each, ratings) => {
      const error = kappaError(pairConfusion(ratings, 0, 1), weightsOf(each.params.weights));
      if (each.expected["kappa"] === null) expect(error).toBeNull();
      if (!("ase" in each.expected)) return;
      const wanted = z
        .object({ ase: z.number(), ase_null: z.number(), ci95: z.tuple([z.number(), z.number()]) })
        .parse(each.expected);
      expectNear(error?.standardError, wanted.ase, each.tolerance_abs, each.id);
      expectNear(error?.nullError, wanted.ase_null, each.tolerance_abs, each.id);
      for (const end of [0, 1] as const)
        expectNear(error?.interval95[end], wanted.ci95[end], each.tolerance_abs, each.id);
      checked++;
    });
    expect(checked).toBeGreaterThan(10);
  });

  test("[AGR2] Fleiss' kappa, overall and per category, is that of the reference data", () => {
    run("fleiss_kappa", (each, ratings) => {
      const { measure, observed, expected } = fleissKappa(ratings);
      compare(each, "kappa", measure);
      compare(each, "po", observed);
      compare(each, "pe", expected);
      const perCategory = z.array(z.number().nullable()).optional().parse(each.expected["per_category"]) ?? [];
      for (const [category, value] of perCategory.entries()) {
        const single = { ...each, expected: { value } };
        compare(single, "value", fleissKappa(oneAgainstRest(ratings, category)).measure);
      }
    });
  });

  test("[AGR2] Fleiss' kappa with missing reads is that of the reference data", () => {
    run("fleiss_kappa_missing", (each, ratings) => {
      const { measure, observed, expected } = fleissKappa(ratings);
      compare(each, "kappa", measure);
      compare(each, "pa", observed);
      compare(each, "pe", expected);
    });
  });

  test("[AGR3] Krippendorff's alpha, nominal, ordinal and interval, is that of the reference data", () => {
    run("krippendorff_alpha", (each, ratings) => {
      compare(
        each,
        "alpha",
        krippendorffAlpha(ratings, z.enum(["nominal", "ordinal", "interval"]).parse(each.params.level)),
      );
    });
  });

  test("[AGR4] Gwet's AC1 and AC2 are those of the reference data", () => {
    for (const name of ["ac1", "ac2"]) {
      run(`gwet_${name}`, (each, ratings) => {
        const { measure, observed, expected } = gwetAc(ratings, weightsOf(each.params.weights));
        compare(each, name, measure);
        compare(each, "pa", observed);
        compare(each, "pe", expected);
      });
    }
  });

  test("[AGR5] percent agreement is that of the reference data", () => {
    run("percent_agreement", (each, ratings) => compare(each, "pa", percentAgreement(ratings)));
  });

  test("[AGR6] the confusion of each pair of readers is that of the reference data", () => {
    run("pairwise_confusion", (each, ratings) => {
      for (const [pair, expected] of Object.entries(z.record(z.string(), table).parse(each.expected["tables"]))) {
        const [a = 0, b = 0] = pair.split("-").map(Number);
        expect(pairConfusion(ratings, a, b), `${each.id} ${pair}`).toEqual(expected);
      }
    });
  });

  test("[AGR7] a reader's competence against the others is that of the reference data", () => {
    const expectedReader = z.object({
      n: z.number(),
      agree: z.number(),
      accuracy: z.number(),
      ties_or_empty: z.number(),
      confusion_consensus_by_rater: table,
    });
    run("leave_one_out_competence", (each, ratings) => {
      for (const [reader, expected] of z.array(expectedReader).parse(each.expected["per_rater"]).entries()) {
        const { items, agreed, undecided, accuracy, confusion } = competence(ratings, reader);
        expect([items, agreed, undecided]).toEqual([expected.n, expected.agree, expected.ties_or_empty]);
        expect(confusion).toEqual(expected.confusion_consensus_by_rater);
        compare({ ...each, expected: { accuracy: expected.accuracy } }, "accuracy", accuracy);
      }
    });
  });

  test("[AGR7] the reader's own vote would flatter by as much as the reference data say", () => {
    run("leave_one_out_competence", (each, ratings) => {
      for (const [reader, expected] of z.array(z.number()).parse(each.expected["wawa_with_self"]).entries()) {
        const read = ratings.rows.filter(({ labels }) => (labels[reader] ?? null) !== null);
        const agreed = read.filter(({ labels }) => majorityOf(labels) === labels[reader]);
        expectNear(agreed.length / read.length, expected, 0.02, `${each.id} ${reader}`);
      }
    });
  });
});

describeWithData("reference values of votes", "reference-metrics/aggregation-and-statistics.json", (path) => {
  const votes = z.array(z.array(z.number().nullable()));
  const column = z.array(z.number().nullable());

  test("[AGR13] majorities, ties and their support are those of the reference data", () => {
    const expected = z.object({ label: column, share: column, tie: z.array(z.boolean()), support: column });
    for (const each of referenceCases(path, "majority_vote", z.object({ ratings: votes }), expected)) {
      for (const [item, labels] of each.input.ratings.entries()) {
        const { label, share, standing, support } = tally(labels, { kind: "majority", quorum: 0 });
        expect([label, standing === "tie", support]).toEqual([
          each.expected.label[item],
          each.expected.tie[item],
          each.expected.support[item],
        ]);
        expectNear(share, each.expected.share[item] ?? null, each.tolerance);
      }
    }
  });

  test("[AGR13] weighted votes are those of the reference data", () => {
    const input = z.object({ ratings: votes, weights: z.array(z.number()) });
    const expected = z.object({ label: column, share: column });
    for (const each of referenceCases(path, "weighted_vote", input, expected)) {
      for (const [item, labels] of each.input.ratings.entries()) {
        const { label, share } = tally(labels, { kind: "weighted", quorum: 0, weights: each.input.weights });
        expect(label).toBe(each.expected.label[item]);
        expectNear(share, each.expected.share[item] ?? null, each.tolerance);
      }
    }
  });
});

const point = z.tuple([z.number(), z.number()]);
const regionCase = z.object({
  id: z.string(),
  input: z.object({ a: z.array(point), b: z.array(point) }),
  expected: z.object({
    area_a: z.number(),
    area_b: z.number(),
    intersection: z.number(),
    union: z.number(),
    iou: z.number(),
    dice: z.number(),
  }),
});

describeWithData("reference values of region agreement", "reference-metrics/regions.json", (path) => {
  const all =
    path === ""
      ? []
      : z
          .object({ cases: z.array(z.looseObject({ metric: z.string() })) })
          .parse(JSON.parse(readFileSync(path, "utf8"))).cases;
  const cases = all.filter((each) => each.metric === "region_pair").map((each) => regionCase.parse(each));

  test("[AGR8] areas, overlap, IoU and Dice of two regions are those of the reference data", () => {
    expect(cases.length).toBeGreaterThan(0);
    for (const { id, input, expected } of cases) {
      const [a, b] = [[[input.a]], [[input.b]]];
      const near = (actual: number | null, value: number) =>
        expect(Math.abs((actual ?? Number.NaN) - value), id).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
      near(polygonsArea(a), expected.area_a);
      near(polygonsArea(b), expected.area_b);
      near(overlapArea(a, b), expected.intersection);
      near(iou(a, b), expected.iou);
      near(dice(a, b), expected.dice);
      const measures = regionOverlap(polygonsArea(a), polygonsArea(b), overlapArea(a, b));
      near(numberIn(measures.dice), expected.dice);
      near(numberIn(measures.iou), expected.iou);
      const onGrid = 1e-3 * expected.union;
      expect(Math.abs(polygonsArea(union([a, b])) - expected.union)).toBeLessThan(onGrid);
      expect(Math.abs(polygonsArea(intersection(a, b)) - expected.intersection)).toBeLessThan(onGrid);
    }
  });
});

describe("what is not defined", () => {
  const nobody = ratingsOf<string>([], ["a", "b"]);
  const alone = ratingsOf([["a", null]], ["a", "b"]);
  const unanimous = ratingsOf(
    [
      ["a", "a"],
      ["a", "a"],
    ],
    ["a", "b"],
  ); // two items, both "a"

  test("[AGR9] without items that two have read there is no number, and the reason is told", () => {
    for (const ratings of [nobody, alone]) {
      expect(percentAgreement(ratings)).toEqual({ defined: false, reason: "no common items" });
      expect(fleissKappa(ratings).measure).toEqual({ defined: false, reason: "no common items" });
      expect(gwetAc(ratings).measure).toEqual({ defined: false, reason: "no common items" });
      expect(krippendorffAlpha(ratings)).toEqual({ defined: false, reason: "no common items" });
    }
    expect(competence(alone, 0).accuracy).toEqual({ defined: false, reason: "no common items" });
  });

  test("[AGR9] where all say the same one thing kappa and alpha are not defined, AC1 and percent agreement are 1", () => {
    expect(fleissKappa(unanimous).measure).toEqual({ defined: false, reason: "chance agreement is 1" });
    expect(krippendorffAlpha(unanimous)).toEqual({ defined: false, reason: "chance agreement is 1" });
    expect(gwetAc(unanimous).measure).toEqual({ defined: true, value: 1 });
    expect(percentAgreement(unanimous)).toEqual({ defined: true, value: 1 });
  });

  test("[AGR9] a class that neither reader marks has no Dice, one that a single reader marks has 0", () => {
    expect(regionOverlap(0, 0, 0).dice).toEqual({ defined: false, reason: "class not marked" });
    expect(regionOverlap(5, 0, 0)).toEqual({ dice: { defined: true, value: 0 }, iou: { defined: true, value: 0 } });
  });

  test("[AGR9] a label that is not declared is refused", () => {
    expect(() => ratingsOf([["c"]], ["a"])).toThrow(RangeError);
  });
});

describe("properties", () => {
  const reads = fc
    .array(fc.array(fc.option(fc.nat(3)), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 20 })
    .map((matrix) => ratingsOf(matrix, [0, 1, 2, 3]));
  const everyMeasure = (ratings: Ratings): Measure[] => [
    percentAgreement(ratings),
    fleissKappa(ratings).measure,
    gwetAc(ratings).measure,
    gwetAc(ratings, "linear").measure,
    ...(["nominal", "ordinal", "interval"] satisfies Level[]).map((level) => krippendorffAlpha(ratings, level)),
    cohenKappa(pairConfusion(ratings, 0, 1)).measure,
  ];

  test("[AGR10] no input gives NaN, and no coefficient is above 1", () => {
    fc.assert(
      fc.property(reads, (ratings) => {
        for (const measure of everyMeasure(ratings))
          if (measure.defined) expect(measure.value).toBeLessThanOrEqual(1 + 1e-12);
      }),
      { seed: 10 },
    );
  });

  test("[AGR10] the order of items and of readers changes nothing, nor does a reader without reads", () => {
    fc.assert(
      fc.property(reads, ({ categories, rows }) => {
        const turned: Ratings = {
          categories,
          rows: rows.toReversed().map(({ labels, weight }) => ({ labels: [...labels.toReversed(), null], weight })),
        };
        const measures = everyMeasure({ categories, rows }).slice(0, -1);
        for (const [index, measure] of everyMeasure(turned).slice(0, -1).entries())
          sameMeasure(measure, measures[index]!);
      }),
      { seed: 11 },
    );
  });

  test("[AGR10] a row of weight 3 is three items", () => {
    fc.assert(
      fc.property(reads, ({ categories, rows }) => {
        const tripled = everyMeasure({ categories, rows: rows.flatMap((row) => [row, row, row]) });
        const weighted = everyMeasure({ categories, rows: rows.map((row) => ({ ...row, weight: 3 })) });
        for (const [index, measure] of tripled.entries()) sameMeasure(measure, weighted[index]!);
      }),
      { seed: 12 },
    );
  });

  test("[AGR10] renaming categories changes no nominal measure", () => {
    const renamed = [2, 0, 3, 1];
    fc.assert(
      fc.property(reads, ({ categories, rows }) => {
        const other: Ratings = {
          categories,
          rows: rows.map(({ labels, weight }) => ({
            labels: labels.map((label) => (label === null ? null : renamed[label]!)),
            weight,
          })),
        };
        const nominal = (ratings: Ratings) => [
          percentAgreement(ratings),
          fleissKappa(ratings).measure,
          gwetAc(ratings).measure,
          krippendorffAlpha(ratings),
          cohenKappa(pairConfusion(ratings, 1, 3)).measure,
        ];
        const before = nominal({ categories, rows });
        for (const [index, measure] of nominal(other).entries()) sameMeasure(measure, before[index]!);
      }),
      { seed: 13 },
    );
  });

  test("[AGR14] the sums over the items of two slides, added, give the numbers of both slides together", () => {
    fc.assert(
      fc.property(reads, reads, (one, other) => {
        const added = emptyMoments(4, 4);
        for (const part of [one, other])
          for (const [place, value] of momentsOf(part).values.entries()) added.values[place]! += value;
        const together: Ratings = { categories: 4, rows: [...one.rows, ...other.rows] };
        sameMeasure(percentAgreement(added), percentAgreement(together));
        sameMeasure(fleissKappa(added).measure, fleissKappa(together).measure);
        sameMeasure(gwetAc(added, "quadratic").measure, gwetAc(together, "quadratic").measure);
        sameMeasure(krippendorffAlpha(added, "ordinal"), krippendorffAlpha(together, "ordinal"));
        for (const [a, b] of [
          [0, 1],
          [3, 1],
        ] as const)
          expect(pairTableIn(added, a, b)).toEqual(pairConfusion(together, a, b));
        sameMeasure(krippendorffAlpha(byPattern(together)), krippendorffAlpha(together));
      }),
      { seed: 14 },
    );
  });

  test("[AGR14] nominal alpha is 1 - Do/De of the tables of all pairs, where everybody read everything", () => {
    const complete = fc
      .array(fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 20 })
      .map((matrix) => ratingsOf(matrix, [0, 1, 2]));
    fc.assert(
      fc.property(complete, (ratings) => {
        const moments = momentsOf(ratings);
        const pairs = [pairTableIn(moments, 0, 1), pairTableIn(moments, 0, 2), pairTableIn(moments, 1, 2)];
        let [off, all] = [0, 0];
        const totals = [0, 0, 0];
        for (const cells of pairs) {
          for (const [i, row] of cells.entries()) {
            for (const [j, count] of row.entries()) {
              all += count;
              if (i !== j) off += count;
              totals[i]! += count / 2;
              totals[j]! += count / 2;
            }
          }
        }
        const reads = ratings.rows.length * 3;
        const agreeing = totals.reduce((sum, total) => sum + total * (total - 1), 0);
        const expected = 1 - agreeing / (reads * (reads - 1));
        const alpha = krippendorffAlpha(ratings);
        if (alpha.defined) expect(alpha.value).toBeCloseTo(1 - off / all / expected, 9);
        else expect(expected).toBe(0);
      }),
      { seed: 15 },
    );
  });

  test("[AGR13] a quorum that is not reached, a lone read of two, and a tie are no label", () => {
    expect(tally([1, 1, 2, 0], { kind: "majority", quorum: 0.6 })).toMatchObject({
      label: null,
      standing: "no quorum",
    });
    expect(tally([1, 1, 2], { kind: "majority", quorum: 0.6 })).toMatchObject({ label: 1, standing: "decided" });
    expect(tally([0, 1, 2], { kind: "weighted", quorum: 0, weights: [0.3, 0.1, 0.3] })).toMatchObject({
      label: null,
      standing: "tie",
    });
    const third = { kind: "two-plus-one", readers: [0, 1], third: 2 } as const;
    expect(tally([1, 1, null], third)).toMatchObject({ label: 1, standing: "decided" });
    expect(tally([1, 1, 0], third)).toMatchObject({ label: 1, share: 1 });
    expect(tally([1, 0, null], third)).toMatchObject({ label: null, standing: "tie" });
    expect(tally([1, 0, 2], third)).toMatchObject({ label: 2, standing: "decided" });
    expect(tally([1, null, null], third)).toMatchObject({ label: null, standing: "no quorum" });
    expect(tally([1, 0, 2], { kind: "adjudicator", reader: 1 })).toMatchObject({ label: 0, support: 1 });
    expect(tally([1, null], { kind: "adjudicator", reader: 1 })).toMatchObject({ label: null, standing: "no votes" });
  });

  test("[AGR11] a tie has no majority; the spread of votes runs from 0 to 1", () => {
    expect([majorityOf([1, 1, 2]), majorityOf([1, 2]), majorityOf([null]), majorityOf([])]).toEqual([
      1,
      null,
      null,
      null,
    ]);
    expect(voteEntropy([1, 1, 1], 4)).toBe(0);
    expect(voteEntropy([0, 1, 2], 4)).toBeCloseTo(1, 12);
    expect(voteEntropy([0, 1, 1], 2)).toBeCloseTo(1, 12);
    expect(voteEntropy([0, 1, 1], 3)).toBeGreaterThan(0.5);
    expect(voteEntropy([0], 3)).toBe(0);
  });
});

function ratingsOfTable(cells: readonly (readonly number[])[]): Ratings {
  const rows = cells.flatMap((row, i) => row.map((weight, j) => ({ labels: [i, j], weight })));
  return { categories: cells.length, rows: rows.filter((row) => row.weight > 0) };
}

function weightsOf(name: string | undefined): Weights {
  return z.enum(["unweighted", "linear", "quadratic"]).parse(name ?? "unweighted");
}

function numberIn(measure: Measure): number | null {
  return measure.defined ? measure.value : null;
}

function sameMeasure(a: Measure, b: Measure): void {
  if (a.defined && b.defined) expect(Math.abs(a.value - b.value)).toBeLessThan(1e-9);
  else expect(a).toEqual(b);
}
