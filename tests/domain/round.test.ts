import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readingOrder, versionLimit } from "#domain/round.ts";
import { aPersonId, aSlideId } from "#tests/support/builders.ts";

const slides = Array.from({ length: 12 }, (_, index) => aSlideId(`slide${String(index).padStart(3, "0")}`));

describe("reading order", () => {
  test("[RND1] is a shuffle of the slides, each of them once", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(11), (seed, count) => {
        const some = slides.slice(0, count);
        const order = readingOrder([...some, ...some], aPersonId("p"), seed);
        expect(order.toSorted()).toEqual(some.toSorted());
      }),
    );
  });

  test("[RND2] is the same for the same reader and seed, whatever the order of the slides", () => {
    expect(readingOrder(slides.toReversed(), aPersonId("p"), 7)).toEqual(readingOrder(slides, aPersonId("p"), 7));
  });

  test("[RND3] differs between readers and between seeds", () => {
    const first = readingOrder(slides, aPersonId("p"), 7);
    expect(readingOrder(slides, aPersonId("q"), 7)).not.toEqual(first);
    expect(readingOrder(slides, aPersonId("p"), 8)).not.toEqual(first);
  });

  test("[RND4] no place in the order is preferred", () => {
    const firsts = new Map<string, number>();
    for (let seed = 0; seed < 1200; seed++) {
      const [first] = readingOrder(slides, aPersonId("p"), seed);
      firsts.set(first!, (firsts.get(first!) ?? 0) + 1);
    }
    for (const slide of slides) expect(firsts.get(slide)).toBeGreaterThan(60);
  });
});

test("[AUD2] a blind round goes by the version that it was opened under, or by a later one that was forced, until it is unblinded", () => {
  const blind = { mode: "blind", unblinded: false, guidelineNumber: 2 } as const;
  expect([versionLimit(blind, 0), versionLimit(blind, 1), versionLimit(blind, 5)]).toEqual([2, 2, 5]);
  expect(versionLimit({ ...blind, unblinded: true }, 0)).toBe(Number.POSITIVE_INFINITY);
  expect(versionLimit({ ...blind, mode: "open", unblinded: true }, 0)).toBe(Number.POSITIVE_INFINITY);
  expect(versionLimit(null, 3)).toBe(Number.POSITIVE_INFINITY);
});
