import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defined,
  emptyMoments,
  fleissKappa,
  krippendorffAlpha,
  type Measure,
  momentsOf,
  percentAgreement,
  type Ratings,
  ratingsOf,
  undefinedBecause,
} from "#domain/agreement.ts";
import { clusterBootstrap, clusteredRatio, type Estimate, LEAST_CLUSTERS, type Sums } from "#domain/bootstrap.ts";
import { seededRandom, shuffled } from "#domain/random.ts";
import { expectNear, referenceCases } from "#tests/support/reference.ts";
import { describeWithData } from "#tests/support/slides.ts";

const ratio = ([hits = 0, total = 0]: Float64Array): Measure =>
  total > 0 ? defined(hits / total) : undefinedBecause("no common items");
const counted = (hits: readonly number[], totals: readonly number[]): Sums[] =>
  hits.map((count, slide) => ({ cluster: `slide ${slide}`, values: Float64Array.of(count, totals[slide] ?? 0) }));

describeWithData("reference values of intervals", "reference-metrics/aggregation-and-statistics.json", (path) => {
  const numbers = z.array(z.number());
  const ends = z.tuple([z.number(), z.number()]);
  const cases = () =>
    referenceCases(
      path,
      "cluster_bootstrap_ratio",
      z.object({ agree: numbers, total: numbers }),
      z.object({
        estimate: z.number(),
        ci95_percentile: ends,
        bootstrap_mean: z.number(),
        bootstrap_sd: z.number(),
        linearized_se: z.number(),
        naive_binomial_se: z.number(),
        design_effect: z.number(),
        ci95_t: ends,
      }),
    );

  test("[BST1] a bootstrap by slides comes as near to all possible draws as chance lets it", () => {
    for (const { input, expected, tolerance } of cases()) {
      const [found] = clusterBootstrap(counted(input.agree, input.total), (values) => [ratio(values)], {
        seed: 1,
        resamples: 5_000,
      });
      expectNear(found?.value, expected.estimate, tolerance);
      expectNear(lowOf(found), expected.ci95_percentile[0], 0.01);
      expectNear(highOf(found), expected.ci95_percentile[1], 0.01);
      expectNear(found?.resampled.mean, expected.bootstrap_mean, 0.002);
      expectNear(found?.resampled.deviation, expected.bootstrap_sd, 0.03 * expected.bootstrap_sd);
    }
  });

  test("[BST2] the error of a share over slides, its design effect and t interval are those of the reference data", () => {
    for (const { input, expected, tolerance } of cases()) {
      const found = clusteredRatio(input.agree.map((hits, slide) => ({ hits, total: input.total[slide]! })));
      expectNear(found.value, expected.estimate, tolerance);
      expectNear(found.standardError, expected.linearized_se, tolerance);
      expectNear(found.naiveError, expected.naive_binomial_se, tolerance);
      expectNear(found.designEffect, expected.design_effect, tolerance);
      expectNear(lowOf(found), expected.ci95_t[0], tolerance);
      expectNear(highOf(found), expected.ci95_t[1], tolerance);
    }
  });
});

describe("intervals over slides", () => {
  const random = seededRandom(7);
  const slides: { cluster: string; ratings: Ratings }[] = Array.from({ length: 12 }, (_, slide) => {
    const hard = random();
    const items = Array.from({ length: 30 }, () => {
      const truth = Math.floor(3 * random());
      return Array.from({ length: 4 }, () => (random() < 0.5 * hard ? Math.floor(3 * random()) : truth));
    });
    return { cluster: `slide ${slide}`, ratings: ratingsOf(items, [0, 1, 2]) };
  });
  const sums = slides.map(({ cluster, ratings }): Sums => ({ cluster, values: momentsOf(ratings, 4).values }));
  const statistics = (values: Float64Array): Measure[] => {
    const moments = { ...emptyMoments(3, 4), values };
    return [percentAgreement(moments), fleissKappa(moments).measure, krippendorffAlpha(moments)];
  };
  const settings = { seed: 3, resamples: 1_000 };
  const estimates = clusterBootstrap(sums, statistics, settings);

  test("[BST1] the number is that of all slides, and lies within its interval", () => {
    const all: Ratings = { categories: 3, rows: slides.flatMap(({ ratings }) => ratings.rows) };
    const direct = [percentAgreement(all), fleissKappa(all).measure, krippendorffAlpha(all)];
    for (const [place, estimate] of estimates.entries()) {
      expectNear(estimate.value, numberIn(direct[place]!), 1e-12);
      expect(lowOf(estimate)).toBeLessThan(numberIn(estimate.value));
      expect(highOf(estimate)).toBeGreaterThan(numberIn(estimate.value));
      expect(estimate.clusters).toBe(12);
    }
  });

  test("[BST3] every slide twice keeps the number and narrows the interval by about the square root of two", () => {
    const twice = [...sums, ...sums.map(({ cluster, values }) => ({ cluster: `${cluster} again`, values }))];
    const narrow = clusterBootstrap(twice, statistics, settings);
    for (const [place, estimate] of estimates.entries()) {
      // Alpha's small-sample term goes as one over the number of reads.
      expectNear(narrow[place]?.value, numberIn(estimate.value), place === 2 ? 1e-3 : 1e-12);
      const shrunk = (highOf(estimate) - lowOf(estimate)) / (highOf(narrow[place]) - lowOf(narrow[place]));
      expect(shrunk).toBeGreaterThan(1.25);
      expect(shrunk).toBeLessThan(1.6);
    }
  });

  test("[BST4] neither the order of slides nor how a slide is cut into parts changes a bit; another seed does", () => {
    expect(clusterBootstrap(shuffled(sums, random), statistics, settings)).toEqual(estimates);
    const halves = counted([1, 2, 3, 4, 5, 6, 7, 8], [9, 9, 9, 9, 9, 9, 9, 9]);
    const parts = halves.flatMap(({ cluster, values }) => [
      { cluster, values: values.map((value) => value / 2) },
      { cluster, values: values.map((value) => value / 2) },
    ]);
    expect(clusterBootstrap(parts, (values) => [ratio(values)], settings)).toEqual(
      clusterBootstrap(halves, (values) => [ratio(values)], settings),
    );
    expect(clusterBootstrap(sums, statistics, { ...settings, seed: 4 })).not.toEqual(estimates);
  });

  test("[BST4] slides of one case are drawn together", () => {
    const byCase = sums.map(({ values }, slide) => ({ cluster: `case ${slide % 6}`, values }));
    expect(clusterBootstrap(byCase, statistics, settings)[0]?.clusters).toBe(6);
  });

  test("[BST5] below six slides there is a number and no interval", () => {
    const few = sums.slice(0, LEAST_CLUSTERS - 1);
    const [estimate] = clusterBootstrap(few, statistics, settings);
    expect(estimate?.value.defined).toBe(true);
    expect(estimate?.limits).toEqual({ defined: false, reason: "too few slides" });
    const counts = Array.from({ length: 5 }, () => ({ hits: 1, total: 2 }));
    expect(clusteredRatio(counts)).toMatchObject({
      value: { defined: true, value: 0.5 },
      limits: { defined: false, reason: "too few slides" },
    });
    expect(clusteredRatio([]).value).toEqual({ defined: false, reason: "no common items" });
  });

  test("[BST5] a number that hangs on one slide has no interval, and one that is not defined says why", () => {
    const lone = counted([3, 0, 0, 0, 0, 0, 0, 0], [5, 0, 0, 0, 0, 0, 0, 0]);
    const [estimate] = clusterBootstrap(lone, (values) => [ratio(values)], settings);
    expect(estimate?.value).toEqual({ defined: true, value: 0.6 });
    expect(estimate?.limits).toEqual({ defined: false, reason: "too few slides" });
    const [none] = clusterBootstrap(
      counted([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]),
      (values) => [ratio(values)],
      settings,
    );
    expect(none?.limits).toEqual({ defined: false, reason: "no common items" });
  });
});

function lowOf(estimate: Pick<Estimate, "limits"> | undefined): number {
  return estimate?.limits.defined ? estimate.limits.low : Number.NaN;
}

function highOf(estimate: Pick<Estimate, "limits"> | undefined): number {
  return estimate?.limits.defined ? estimate.limits.high : Number.NaN;
}

function numberIn(measure: Measure): number {
  return measure.defined ? measure.value : Number.NaN;
}
