import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Ratings, ratingsOf } from "#domain/agreement.ts";
import type { Estimate } from "#domain/bootstrap.ts";
import { seededRandom, shuffled } from "#domain/random.ts";
import { accuracyEstimates, dawidSkene } from "#domain/reliability.ts";
import { expectNear, referenceCases } from "#tests/support/reference.ts";
import { describeWithData } from "#tests/support/slides.ts";

const table = z.array(z.array(z.number()));

describeWithData("reference values of reliability", "reference-metrics/aggregation-and-statistics.json", (path) => {
  test("[DSK1] error rates, prevalence and classes of items are those of the reference data", () => {
    const input = z.object({
      items: z.number(),
      raters: z.array(z.string()),
      categories: z.array(z.number()),
      ratings: z.array(z.tuple([z.number(), z.number(), z.number()])),
    });
    const expected = z.object({
      class_prevalence: z.array(z.number()),
      error_rates: z.array(table),
      log_likelihood: z.number(),
      posterior: table,
    });
    for (const each of referenceCases(path, "dawid_skene", input, expected)) {
      const { ratings, readerOf } = columnsOf(each.input);
      const found = dawidSkene(ratings, { readerOf, smoothing: { same: 0, other: 0 }, leastReads: 0 });
      for (const [truth, share] of each.expected.class_prevalence.entries())
        expectNear(found.prevalence[truth], share, each.tolerance, each.id);
      for (const [reader, rates] of each.expected.error_rates.entries())
        for (const [truth, row] of rates.entries())
          for (const [said, rate] of row.entries())
            expectNear(found.readers[reader]!.confusion![truth]![said], rate, each.tolerance, `${each.id} ${reader}`);
      expectNear(found.logLikelihood, each.expected.log_likelihood, each.tolerance, each.id);
      for (const [item, row] of each.expected.posterior.entries())
        for (const [truth, share] of row.entries())
          expectNear(found.posterior[item]![truth], share, each.tolerance, each.id);
    }
  });
});

describe("reliability", () => {
  const random = seededRandom(5);
  const skills = [0.95, 0.9, 0.6];
  const items = Array.from({ length: 300 }, () => {
    const truth = Math.floor(2 * random());
    return skills.map((skill) => (random() < skill ? truth : 1 - truth));
  });

  test("[DSK2] readers who are right more often have the higher accuracy", () => {
    const [first, second, third] = dawidSkene(ratingsOf(items, [0, 1])).readers.map(({ accuracy }) =>
      accuracy.defined ? accuracy.value : Number.NaN,
    );
    expect(first).toBeGreaterThan(0.88);
    expect(second).toBeGreaterThan(0.85);
    expect(third).toBeLessThan(0.7);
  });

  test("[DSK2] a reader with fewer than 20 reads is not estimated, and a single slip is smoothed", () => {
    const few = items.map((row, place) => [...row, place < 19 ? row[0]! : null]);
    const reader = dawidSkene(ratingsOf(few, [0, 1])).readers[3];
    expect(reader).toMatchObject({ reads: 19, confusion: null, accuracy: { reason: "too few reads" } });
    const agreed = Array.from({ length: 25 }, () => [0, 0, 0]);
    const smooth = dawidSkene(ratingsOf(agreed, [0, 1])).readers[0]?.confusion;
    expect(smooth?.[1]?.[1]).toBeGreaterThan(0.5);
    expect(smooth?.[0]?.[1]).toBeGreaterThan(0);
  });

  test("[DSK2] other names of classes, another order of readers and a reader without reads change nothing", () => {
    const [found, turned] = [items, items.map((row) => [...row.toReversed(), null])].map((rows, place) =>
      dawidSkene(ratingsOf(rows, place === 0 ? [0, 1] : [1, 0])),
    );
    for (const truth of [0, 1]) expectNear(turned!.prevalence[1 - truth], found!.prevalence[truth]!, 1e-8);
    for (const reader of [0, 1, 2]) {
      for (const [truth, row] of found!.readers[reader]!.confusion!.entries())
        for (const [said, rate] of row.entries())
          expectNear(turned!.readers[2 - reader]!.confusion![1 - truth]![1 - said], rate, 1e-8);
    }
  });

  test("[DSK4] a reader's accuracy has an interval over cases, which narrows with more of them", () => {
    const casesOf = (rows: readonly (readonly (number | null)[])[], size: number) =>
      Array.from({ length: rows.length / size }, (_, place) => ({
        cluster: `case ${String(place).padStart(2, "0")}`,
        ratings: ratingsOf(rows.slice(size * place, size * (place + 1)), [0, 1]),
      }));
    const estimates = (slides: ReturnType<typeof casesOf>, readers = 3) => {
      const all: Ratings = { categories: 2, rows: slides.flatMap(({ ratings }) => ratings.rows) };
      const readerOf = Array.from({ length: readers }, (_, reader) => reader);
      const found = dawidSkene(all, { readerOf });
      return { found, accuracies: accuracyEstimates(slides, found, readers, { seed: 3 }) };
    };
    const { found, accuracies } = estimates(casesOf(items, 25));
    const widths = accuracies.map(({ value, limits, clusters }, reader) => {
      expect([value, clusters]).toEqual([found.readers[reader]?.accuracy, 12]);
      if (!value.defined || !limits.defined) throw new Error("no interval");
      expect(limits.low).toBeLessThan(value.value);
      expect(limits.high).toBeGreaterThan(value.value);
      return limits.high - limits.low;
    });
    expect(Math.max(...widths)).toBeLessThan(0.25);
    const again = estimates(shuffled(casesOf(items, 25), seededRandom(1))).accuracies;
    for (const [reader, { limits }] of again.entries())
      expectNear(limits.defined ? limits.low : null, lowOf(accuracies[reader]), 1e-6);
    const twice = [
      ...casesOf(items, 25),
      ...casesOf(items, 25).map((each) => ({ ...each, cluster: `${each.cluster}+` })),
    ];
    const narrower = estimates(twice).accuracies.map(({ limits }) => (limits.defined ? limits.high - limits.low : 1));
    for (const [reader, width] of narrower.entries()) expect(width).toBeLessThan(widths[reader]!);
  });

  test("[DSK4] there is none below six cases, nor for who has read too little", () => {
    const few = items.map((row, place) => [...row, place < 19 ? row[0]! : null]);
    const slides = Array.from({ length: 5 }, (_, place) => ({
      cluster: `case ${place}`,
      ratings: ratingsOf(few.slice(60 * place, 60 * (place + 1)), [0, 1]),
    }));
    const found = dawidSkene(ratingsOf(few, [0, 1]), { readerOf: [0, 1, 2, 3] });
    const [first, , , fourth] = accuracyEstimates(slides, found, 4, { seed: 1 });
    expect(first).toMatchObject({ value: { defined: true }, limits: { reason: "too few slides" } });
    expect(fourth).toMatchObject({ value: { reason: "too few reads" }, limits: { reason: "too few reads" } });
  });

  test("[DSK3] items that the model gives to another class than their majority are flagged and only flagged", () => {
    const careless = Array.from({ length: 200 }, (_, place) => {
      const truth = place % 2;
      return [truth, truth, place % 3 === 0 ? 1 - truth : truth, place % 5 === 0 ? 1 - truth : truth];
    });
    const disputed = [...careless, [1, null, 0, 0]];
    const { moved } = dawidSkene(ratingsOf(disputed, [0, 1]));
    expect(moved).toEqual([{ row: 200, majority: 0, probable: 1 }]);
  });
});

function lowOf(estimate: Estimate | undefined): number {
  return estimate?.limits.defined === true ? estimate.limits.low : Number.NaN;
}

/** Reads as columns, one for each time that a reader has read the same item. */
function columnsOf(input: {
  items: number;
  raters: readonly string[];
  categories: readonly number[];
  ratings: readonly (readonly [number, number, number])[];
}): { ratings: Ratings; readerOf: number[] } {
  const times = input.raters.map((_, reader) => {
    const counts = new Map<number, number>();
    for (const [item, rater] of input.ratings) if (rater === reader) counts.set(item, (counts.get(item) ?? 0) + 1);
    return Math.max(...counts.values());
  });
  const readerOf = times.flatMap((count, reader) => Array.from({ length: count }, () => reader));
  const rows = Array.from({ length: input.items }, (_, item) => {
    const free = readerOf.map((_reader): number | null => null);
    for (const [of, rater, said] of input.ratings) {
      if (of !== item) continue;
      free[readerOf.findIndex((reader, column) => reader === rater && free[column] === null)] = said;
    }
    return { labels: free, weight: 1 };
  });
  return { ratings: { categories: input.categories.length, rows }, readerOf };
}
