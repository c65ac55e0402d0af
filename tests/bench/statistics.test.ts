import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { interleaved, median, medians, quantile, slope } from "#bench/support/statistics.ts";

const sample = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 50 });

describe("statistics of the bench", () => {
  it("[BEN1] a quantile is a sample below which its share lies", () => {
    fc.assert(
      fc.property(sample, fc.double({ noNaN: true, min: 0.01, max: 1 }), (samples, q) => {
        const value = quantile(samples, q);
        expect(samples).toContain(value);
        const share = (keep: (each: number) => boolean) => samples.filter(keep).length / samples.length;
        expect(share((each) => each <= value)).toBeGreaterThanOrEqual(q - 1e-9);
        expect(share((each) => each < value)).toBeLessThan(q);
      }),
    );
    expect(quantile([], 0.5)).toBeNaN();
  });

  it("[BEN1] a median does not depend on order", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it("[BEN2] figures that a repeat does not have are left out of the median, and null where none has them", () => {
    const repeats = [
      { p99: 3, told: null },
      { p99: null, told: null },
      { p99: 5, told: null },
    ];
    expect(medians(repeats, ["p99", "told"])).toEqual({ p99: 4, told: null });
  });

  it("[BEN3] memory of a room is the rise between few and many", () => {
    expect(
      slope([
        { x: 50, y: 1_000 },
        { x: 200, y: 4_000 },
      ]),
    ).toBe(20);
    expect(slope([{ x: 50, y: 1_000 }])).toBeNaN();
  });

  it("[BEN4] every contestant has every round, and another one begins each", () => {
    expect(interleaved(["a", "b", "c"], 4).join("")).toBe("abcbcacababc");
  });
});
