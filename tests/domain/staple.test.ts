import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { byPattern, type Ratings, ratingsOf } from "#domain/agreement.ts";
import { stapleOfClasses, stapleOfMarks } from "#domain/staple.ts";
import { expectNear, referenceCases } from "#tests/support/reference.ts";
import { describeWithData } from "#tests/support/slides.ts";

const numbers = z.array(z.number());

describeWithData("reference values of STAPLE", "reference-metrics/regions.json", (path) => {
  test("[STP1] STAPLE of masks has the skills, probabilities and area of the reference data", () => {
    const input = z.object({ shape: z.tuple([z.number(), z.number()]), masks_rle: z.array(numbers) });
    const expected = z.object({
      sensitivity: numbers,
      specificity: numbers,
      probability_sum: z.number(),
      area_ge_half: z.number(),
      majority_area: z.number(),
      probability_rle: numbers,
    });
    const cases = referenceCases(path, "staple_binary", input, expected);
    for (const each of cases) {
      const masks = each.input.masks_rle.map(unpacked);
      const pixels = masks[0]!.map((_, pixel) => masks.map((mask) => mask[pixel]!));
      expect(pixels.length).toBe(each.input.shape[0] * each.input.shape[1]);
      const whole = ratingsOf(pixels, [0, 1]);
      const patterns = byPattern(whole);
      expect(patterns.rows.length).toBeLessThan(whole.rows.length);
      const found = stapleOfMarks(patterns);
      for (const [reader, { sensitivity, specificity }] of found.skills.entries()) {
        expectNear(sensitivity, each.expected.sensitivity[reader]!, each.tolerance, each.id);
        expectNear(specificity, each.expected.specificity[reader]!, each.tolerance, each.id);
      }
      const probabilities = patterns.rows.map((row, place) => row.weight * found.posterior[place]![1]!);
      // The sum of some hundred pixels, each to the tolerance of a probability.
      expectNear(sum(probabilities), each.expected.probability_sum, pixels.length * each.tolerance, each.id);
      const marked = patterns.rows.filter((_, place) => found.posterior[place]![1]! >= 0.5);
      expect(sum(marked.map((row) => row.weight))).toBe(each.expected.area_ge_half);
      const majority = patterns.rows.filter(({ labels }) => 2 * sum(labels.map((label) => label ?? 0)) > labels.length);
      expect(sum(majority.map((row) => row.weight))).toBe(each.expected.majority_area);
      const byPixel = stapleOfMarks(whole).posterior.map((row) => Number(row[1]! >= 0.5));
      expect(byPixel).toEqual(unpacked(each.expected.probability_rle));
    }
  });

  test("[STP2] STAPLE of several classes has the confusion and the labels of the reference data", () => {
    const grid = z.array(numbers);
    const input = z.object({ classes: z.number(), masks: z.array(grid) });
    const expected = z.object({ labels: grid, confusion: z.array(grid), label_for_undecided: z.number() });
    for (const each of referenceCases(path, "staple_multilabel", input, expected)) {
      const masks = each.input.masks.map((mask) => mask.flat());
      const pixels = masks[0]!.map((_, pixel) => masks.map((mask) => mask[pixel]!));
      const categories = Array.from({ length: each.input.classes }, (_, label) => label);
      const found = stapleOfClasses(ratingsOf(pixels, categories));
      for (const [reader, table] of each.expected.confusion.entries()) {
        for (const [said, row] of table.entries()) {
          for (const [truth, share] of row.entries())
            expectNear(found.confusion[reader]![truth]![said], share, each.tolerance, `${each.id} ${reader}`);
        }
      }
      const labels = each.expected.labels.flat();
      const undecided = each.expected.label_for_undecided;
      const same = found.labels.filter((label, pixel) => (label ?? undecided) === labels[pixel]).length;
      expect(same / labels.length).toBeGreaterThanOrEqual(0.995);
    }
  });
});

describe("STAPLE", () => {
  const votes = fc
    .array(fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }), { minLength: 5, maxLength: 40 })
    .map((matrix) => ratingsOf(matrix, [0, 1, 2]));

  test("[STP3] combinations of votes with their areas give what the single places give", () => {
    fc.assert(
      fc.property(votes, (ratings) => {
        const [single, patterns] = [stapleOfClasses(ratings), byPattern(ratings)];
        const merged = stapleOfClasses(patterns);
        for (const [place, row] of ratings.rows.entries()) {
          const pattern = patterns.rows.findIndex(({ labels }) => labels.join() === row.labels.join());
          for (const truth of [0, 1, 2])
            expectNear(single.posterior[place]![truth], merged.posterior[pattern]![truth]!, 1e-6);
        }
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  test("[STP3] every row of a confusion, and every place's probabilities, add up to 1; nothing is NaN", () => {
    fc.assert(
      fc.property(votes, ({ categories, rows }) => {
        const missing: Ratings = { categories, rows: rows.map((row) => ({ ...row, labels: [...row.labels, null] })) };
        const found = stapleOfClasses(missing);
        for (const row of [...found.confusion.flat(), ...found.posterior]) expectNear(sum(row), 1, 1e-9);
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  test("[STP3] the order of readers does not matter, and a reader without reads changes nothing", () => {
    const matrix = [...times(40, [1, 1, 1]), ...times(80, [0, 0, 0]), ...times(9, [1, 0, 0]), ...times(6, [0, 1, 1])];
    const found = stapleOfMarks(ratingsOf(matrix, [0, 1]));
    const turned = stapleOfMarks(
      ratingsOf(
        matrix.map((row) => [...row.toReversed(), null]),
        [0, 1],
      ),
    );
    for (const reader of [0, 1, 2])
      expectNear(turned.skills[2 - reader]!.sensitivity, found.skills[reader]!.sensitivity, 1e-8);
    for (const [place, row] of found.posterior.entries()) expectNear(turned.posterior[place]![1], row[1]!, 1e-8);
  });

  test("[STP3] other names of classes change nothing", () => {
    const matrix = [...times(40, [1, 1, 2]), ...times(80, [0, 0, 0]), ...times(9, [1, 0, 1]), ...times(20, [2, 2, 2])];
    const [found, renamed] = [
      [0, 1, 2],
      [2, 0, 1],
    ].map((names) => stapleOfClasses(ratingsOf(matrix, names)));
    for (const [place, row] of found!.posterior.entries())
      for (const truth of [0, 1, 2]) expectNear(renamed!.posterior[place]![(truth + 1) % 3], row[truth]!, 1e-8);
  });

  test("[STP3] three classes are not marks", () => {
    expect(() => stapleOfMarks({ categories: 3, rows: [] })).toThrow(RangeError);
  });
});

function unpacked(runs: readonly number[]): number[] {
  return runs.flatMap((length, place) => times(length, place % 2));
}

function times<Item>(count: number, item: Item): Item[] {
  return Array.from({ length: count }, () => item);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
