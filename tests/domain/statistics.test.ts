import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  averageRunLength,
  binomialCdf,
  classWeights,
  cusum,
  effectiveNumber,
  exactInterval,
  forClusters,
  giniCoefficient,
  labelQuality,
  normalQuantile,
  sampleSize,
  sampleSizeOf,
  spreadOf,
  USUAL_CUSUM,
  upperBound,
  upperBoundOf,
  wilsonInterval,
} from "#domain/statistics.ts";
import { expectNear, referenceCases } from "#tests/support/reference.ts";
import { describeWithData } from "#tests/support/slides.ts";

const numbers = z.array(z.number());
const ends = z.tuple([z.number(), z.number()]);

describeWithData("reference values of statistics", "reference-metrics/aggregation-and-statistics.json", (path) => {
  test("[STC1] exact, one-sided and score limits of a share are those of the reference data", () => {
    const input = z.object({ k: z.number(), n: z.number() });
    const expected = z.object({ clopper_pearson95: ends, upper95_one_sided: z.number(), wilson95: ends });
    for (const each of referenceCases(path, "binomial_interval", input, expected)) {
      const { k, n } = each.input;
      const [exact, wilson] = [exactInterval(k, n), wilsonInterval(k, n)];
      expectNear(exact.low, each.expected.clopper_pearson95[0], 1e-9, each.id);
      expectNear(exact.high, each.expected.clopper_pearson95[1], 1e-9, each.id);
      expectNear(upperBound(k, n), each.expected.upper95_one_sided, 1e-9, each.id);
      expectNear(wilson.low, each.expected.wilson95[0], 1e-9, each.id);
      expectNear(wilson.high, each.expected.wilson95[1], 1e-9, each.id);
    }
  });

  test("[STC2] the sizes of re-review samples from a large class are those of the reference data", () => {
    const plan = z.array(z.object({ p: z.number(), c: z.number(), alpha: z.number() }));
    for (const { input, expected } of referenceCases(path, "acceptance_sample_size", plan, numbers)) {
      const sizes = input.map(({ p, c, alpha }) => sampleSize({ share: p, allowedFailures: c, confidence: 1 - alpha }));
      expect(sizes).toEqual(expected);
    }
  });

  test("[STC4] a CUSUM chart and its first signal are those of the worked example", () => {
    const expected = z.object({ high: numbers, low: numbers, first_signal_index: z.number() });
    for (const each of referenceCases(path, "cusum", z.object({ x: numbers }), expected)) {
      const chart = cusum(each.input.x, { mean: 10, deviation: 1 });
      expect(chart.signal).toBe(each.expected.first_signal_index);
      for (const [place, { high, low }] of chart.points.entries()) {
        expectNear(high, each.expected.high[place]!, each.tolerance);
        expectNear(low, each.expected.low[place]!, each.tolerance);
      }
    }
  });

  test("[STC5] average run lengths are within 0.1% of the reference data", () => {
    const input = z.array(z.object({ k: z.number(), h: z.number(), mu: z.number() }));
    const expected = z.array(z.object({ one_sided: z.number(), two_sided: z.number() }));
    for (const each of referenceCases(path, "cusum_average_run_length", input, expected)) {
      for (const [place, { k, h, mu }] of each.input.entries()) {
        const { oneSided, twoSided } = averageRunLength({ slack: k, limit: h }, mu);
        const { one_sided, two_sided } = each.expected[place]!;
        expectNear(oneSided, one_sided, 1e-3 * one_sided, `k ${k} h ${h} mu ${mu}`);
        expectNear(twoSided, two_sided, 1e-3 * two_sided, `k ${k} h ${h} mu ${mu}`);
      }
    }
  });

  test("[STC6] evenness of classes and weights for training are those of the reference data", () => {
    const expected = z.object({
      total: z.number(),
      share: numbers,
      shannon_entropy_nats: z.number(),
      normalized_entropy: z.number(),
      gini_simpson: z.number(),
      effective_classes: z.number(),
      imbalance_ratio: z.number(),
      ir_per_class: numbers,
      effective_number_beta_0_999: numbers,
      class_weight_inverse: numbers,
      class_balanced_weights_beta_0_999: numbers,
      gini_coefficient: z.number(),
    });
    const counted = z.object({ counts: z.record(z.string(), z.number()) });
    for (const { input, expected: wanted } of referenceCases(path, "class_balance", counted, expected)) {
      const counts = Object.values(input.counts);
      const [spread, weights] = [spreadOf(counts), classWeights(counts)];
      const each = (actual: readonly (number | null)[], values: readonly number[]) => {
        expect(actual.length).toBe(values.length);
        for (const [place, value] of values.entries()) expectNear(actual[place], value, 1e-9);
      };
      each(spread.shares, wanted.share);
      each(spread.imbalance, wanted.ir_per_class);
      each(weights.effective, wanted.effective_number_beta_0_999);
      each(weights.inverse, wanted.class_weight_inverse);
      each(weights.balanced, wanted.class_balanced_weights_beta_0_999);
      each(
        [
          spread.total,
          spread.entropy,
          spread.normalisedEntropy,
          spread.giniSimpson,
          spread.effectiveClasses,
          spread.imbalanceRatio,
          giniCoefficient(counts),
        ],
        [
          wanted.total,
          wanted.shannon_entropy_nats,
          wanted.normalized_entropy,
          wanted.gini_simpson,
          wanted.effective_classes,
          wanted.imbalance_ratio,
          wanted.gini_coefficient,
        ],
      );
    }
  });

  test("[STC7] the effective number of slides behind a class is that of the reference data", () => {
    const expected = z.object({ n_eff: z.number(), gini: z.number() });
    for (const each of referenceCases(path, "kish_effective_n", z.object({ weights: numbers }), expected)) {
      expectNear(effectiveNumber(each.input.weights), each.expected.n_eff, each.tolerance);
      expectNear(giniCoefficient(each.input.weights), each.expected.gini, each.tolerance);
    }
  });

  test("[STC8] labels that predictions contradict are those of the reference data", () => {
    const input = z.object({ labels: numbers, pred_probs: z.array(numbers) });
    const expected = z.object({
      thresholds: numbers,
      confident_joint: z.array(numbers),
      self_confidence: numbers,
      normalized_margin: numbers,
      issue_flags_off_diagonal: z.array(z.boolean()),
    });
    for (const each of referenceCases(path, "confident_learning", input, expected)) {
      const { labels, pred_probs } = each.input;
      const found = labelQuality(
        labels.map((label, place) => ({ label, probabilities: pred_probs[place] ?? [] })),
        each.expected.thresholds.length,
      );
      for (const [place, value] of each.expected.thresholds.entries()) expectNear(found.thresholds[place], value, 1e-9);
      expect(found.confidentJoint).toEqual(each.expected.confident_joint);
      expect(found.items.map((item) => item.suspect)).toEqual(each.expected.issue_flags_off_diagonal);
      for (const [place, item] of found.items.entries()) {
        expectNear(item.selfConfidence, each.expected.self_confidence[place]!, 1e-9);
        expectNear(item.normalisedMargin, each.expected.normalized_margin[place]!, 1e-9);
      }
    }
  });
});

describe("re-review samples", () => {
  const claim = (share: number, allowedFailures: number) => ({ share, allowedFailures, confidence: 0.95 });

  test("[STC3] from a class of known size fewer are needed, and all of a class that is too small", () => {
    const sizes = (objects: number) => [0, 1, 2].map((allowed) => sampleSizeOf(objects, claim(0.05, allowed)));
    expect([1240, 310, 96, 48].map(sizes)).toEqual([
      [57, 89, 118],
      [52, 81, 105],
      [43, 63, 78],
      [30, 42, 48],
    ]);
    expect(sampleSizeOf(48, claim(0.02, 1))).toBe(48);
    expect(sampleSizeOf(1_000_000, claim(0.05, 1))).toBeCloseTo(sampleSize(claim(0.05, 1)), -1);
  });

  test("[STC3] a class that breaks the claim by one object passes with at most the risk that was allowed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 400 }), fc.constantFrom(0.01, 0.02, 0.05, 0.1), fc.nat(3), (N, p, c) => {
        const size = sampleSizeOf(N, claim(p, c));
        if (size < N) expect(upperBoundOf(N, size, c)).toBeLessThanOrEqual(p);
        expect(size).toBeLessThanOrEqual(N);
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  test("[STC3] the upper bound of a class that was looked at whole is what was found", () => {
    expect(upperBoundOf(40, 40, 3)).toBe(3 / 40);
    expect(upperBoundOf(1240, 89, 1)).toBeLessThanOrEqual(0.05);
    expect(upperBoundOf(1240, 89, 2)).toBeGreaterThan(0.05);
  });

  test("[STC3] objects that come in slides need more", () => {
    expect(forClusters(93, 5, 0.1)).toBe(131);
    expect([89, 88, 81, 63].map((size) => forClusters(size, 3, 0.1))).toEqual([107, 106, 98, 76]);
    expect(forClusters(50, 1, 0.5)).toBe(50);
  });
});

describe("limits and edges", () => {
  test("[STC1] limits hold the share that was counted, and an impossible count is refused", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (n, some) => {
        const k = Math.min(n, some);
        for (const { low, high } of [exactInterval(k, n), wilsonInterval(k, n)]) {
          expect(low).toBeLessThanOrEqual(k / n + 1e-12);
          expect(high).toBeGreaterThanOrEqual(k / n - 1e-12);
        }
        const mirrored = exactInterval(n - k, n);
        expectNear(mirrored.low, 1 - exactInterval(k, n).high, 1e-12);
        if (k < n) expectNear(binomialCdf(k, n, upperBound(k, n)), 0.05, 1e-9);
      }),
      { seed: 1, numRuns: 100 },
    );
    expect(() => exactInterval(3, 2)).toThrow(RangeError);
    expect(() => upperBound(0, 0)).toThrow(RangeError);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
  });

  test("[STC5] the usual chart runs 465 points in control and sees one deviation after 10.4", () => {
    expect(averageRunLength(USUAL_CUSUM, 0).twoSided).toBeCloseTo(465, 0);
    expect(averageRunLength(USUAL_CUSUM, 1).twoSided).toBeCloseTo(10.4, 1);
  });

  test("[STC6] nothing has no evenness, and a missing class no ratio and no weight", () => {
    expect(spreadOf([])).toMatchObject({ total: 0, entropy: null, imbalanceRatio: null });
    expect(spreadOf([0, 0])).toMatchObject({ total: 0, giniSimpson: null, effectiveClasses: null });
    expect(spreadOf([4, 0])).toMatchObject({ effectiveClasses: 1, imbalanceRatio: null, imbalance: [1, null] });
    expect(classWeights([10, 0]).balanced).toEqual([1, null]);
    expect([giniCoefficient([]), effectiveNumber([0])]).toEqual([null, null]);
  });
});
