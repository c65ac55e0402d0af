import { describe, expect, test } from "vitest";
import {
  cohenKappa,
  competence,
  fleissKappa,
  gwetAc,
  krippendorffAlpha,
  oneAgainstRest,
  pairConfusion,
  percentAgreement,
  type Ratings,
  ratingsOf,
} from "#domain/agreement.ts";
import { type SlideRatings, summariseAgreement } from "#domain/agreement-summary.ts";
import type { Estimate } from "#domain/bootstrap.ts";
import { seededRandom, shuffled } from "#domain/random.ts";

const READERS = 3;
const random = seededRandom(11);
/** Twelve slides of 25 objects, of which readers miss some; nobody ever marks class 3. */
const slides: SlideRatings[] = Array.from({ length: 12 }, (_, slide) => ({
  cluster: `slide ${slide}`,
  ratings: ratingsOf(
    Array.from({ length: 25 }, () => {
      const truth = 1 + Math.floor(2 * random());
      return Array.from({ length: READERS }, (__, reader) => {
        if (reader === 2 && slide === 4) return null;
        const luck = random();
        return luck < 0.75 ? truth : luck < 0.9 ? 0 : 3 - truth;
      });
    }),
    [0, 1, 2, 3],
  ),
}));
const all: Ratings = { categories: 4, rows: slides.flatMap(({ ratings }) => ratings.rows) };
const settings = { seed: 1, resamples: 400 };
const summary = summariseAgreement(slides, READERS, settings);

describe("summary of a study", () => {
  test("[AGR15] every number is that of all slides together", () => {
    same(summary.overall.percentAgreement, percentAgreement(all));
    same(summary.overall.fleiss, fleissKappa(all).measure);
    same(summary.overall.alpha, krippendorffAlpha(all));
    same(summary.overall.ac1, gwetAc(all).measure);
    for (const { a, b, cohen } of summary.overall.pairs) same(cohen, cohenKappa(pairConfusion(all, a, b)).measure);
    for (const [index, numbers] of summary.classes.slice(0, 2).entries()) {
      const single = oneAgainstRest(all, index + 1);
      same(numbers.percentAgreement, percentAgreement(single));
      same(numbers.alpha, krippendorffAlpha(single));
      for (const { a, b, dice, iou, cohen } of numbers.pairs) {
        const [[, onlyB], [onlyA, both]] = pairConfusion(single, a, b) as [[number, number], [number, number]];
        same(dice, { defined: true, value: (2 * both) / (2 * both + onlyA + onlyB) });
        same(iou, { defined: true, value: both / (both + onlyA + onlyB) });
        same(cohen, cohenKappa(pairConfusion(single, a, b)).measure);
      }
    }
    for (const reader of [0, 1, 2]) same(summary.competences[reader]!, competence(all, reader).accuracy);
    const shares = summary.classes.map(({ prevalence }) => numberOf(prevalence));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(1);
  });

  test("[AGR15] every number has an interval around it", () => {
    const estimates = [
      summary.overall.alpha,
      summary.overall.ac1,
      summary.classes[0]!.fleiss,
      summary.classes[1]!.pairs[2]!.dice,
      ...summary.competences,
    ];
    for (const estimate of estimates) {
      if (!estimate.limits.defined) throw new Error(estimate.limits.reason);
      expect(estimate.limits.low).toBeLessThan(numberOf(estimate));
      expect(estimate.limits.high).toBeGreaterThan(numberOf(estimate));
    }
  });

  test("[AGR15] a class that nobody marked has no agreement, and few slides no interval", () => {
    expect(summary.classes[2]).toMatchObject({
      prevalence: { value: { value: 0 } },
      alpha: { value: { reason: "class not marked" }, limits: { reason: "class not marked" } },
      percentAgreement: { value: { reason: "class not marked" } },
    });
    expect(summary.classes[2]!.pairs[0]!.dice.value).toEqual({ defined: false, reason: "class not marked" });
    const few = summariseAgreement(slides.slice(0, 5), READERS, settings);
    expect(few.overall.alpha).toMatchObject({ value: { defined: true }, limits: { reason: "too few slides" } });
  });

  test("[AGR15] the order of slides changes no bit; slides with other categories, or none, are told apart", () => {
    expect(summariseAgreement(shuffled(slides, random), READERS, settings)).toEqual(summary);
    expect(() =>
      summariseAgreement([...slides, { cluster: "z", ratings: ratingsOf([[0, 1]], [0, 1]) }], READERS, settings),
    ).toThrow(RangeError);
    expect(summariseAgreement([], READERS, settings).overall.alpha.value).toEqual({
      defined: false,
      reason: "no common items",
    });
  });
});

function same({ value }: Estimate, measure: Estimate["value"]): void {
  expect(value.defined).toBe(measure.defined);
  if (value.defined && measure.defined) expect(value.value).toBeCloseTo(measure.value, 10);
}

function numberOf({ value }: Estimate): number {
  return value.defined ? value.value : Number.NaN;
}
