import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Ratings, ratingsOf } from "#domain/agreement.ts";
import { seededRandom } from "#domain/random.ts";
import { dawidSkene } from "#domain/reliability.ts";
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
