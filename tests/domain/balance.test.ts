import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evenness, type Tallied, tallyBalance } from "#domain/balance.ts";
import { aCaseId, aClass, aClassId, aSlideId } from "#tests/support/builders.ts";

function drawn(name: string, areaUm2: number | null, slide = "s", patient = "p"): Tallied {
  return { classId: aClassId(name), areaUm2, slideId: aSlideId(slide), caseId: aCaseId(patient) };
}

const classes = [aClass("a", { targetShare: 0.5 }), aClass("b"), aClass("c", { targetShare: 0.2 })];

describe("balance of classes", () => {
  test("[BAL1] counts annotations, area, slides and cases of each class, in the order of the guideline", () => {
    const balance = tallyBalance([drawn("a", 30), drawn("b", 60, "t", "q"), drawn("a", 10, "t", "q")], classes);
    expect(balance.classes).toMatchObject([
      { classId: aClassId("a"), count: 2, areaUm2: 40, slides: 2, cases: 2, share: 0.4 },
      { classId: aClassId("b"), count: 1, areaUm2: 60, slides: 1, cases: 1, share: 0.6 },
      { classId: aClassId("c"), count: 0, areaUm2: 0, slides: 0, cases: 0, share: 0 },
    ]);
  });

  test("[BAL2] the gap to the target is positive where more is wanted, and null without a target", () => {
    const gaps = tallyBalance([drawn("a", 40), drawn("b", 60)], classes).classes.map((each) => each.gap);
    expect(gaps[0]).toBeCloseTo(0.1);
    expect(gaps.slice(1)).toEqual([null, 0.2]);
  });

  test("[BAL3] a class without annotations is told as missing and does not enter the imbalance", () => {
    const balance = tallyBalance([drawn("a", 30), drawn("b", 60)], classes);
    expect(balance.missing).toEqual([aClassId("c")]);
    expect(balance.byArea.imbalance).toBe(2);
    expect(balance.byCount.imbalance).toBe(1);
  });

  test("[BAL4] the effective number of classes is their number where all are equal, and 1 where one has all", () => {
    expect(evenness([5, 5, 5, 0]).effectiveClasses).toBeCloseTo(3);
    expect(evenness([7]).effectiveClasses).toBe(1);
    expect(evenness([1, 3]).effectiveClasses).toBeCloseTo(4 / 3 ** 0.75);
  });

  test("[BAL5] with nothing to count there is null and never a number that is none", () => {
    const empty = tallyBalance([], classes);
    expect(empty.byArea).toEqual({ effectiveClasses: null, imbalance: null });
    expect(empty.classes.map((each) => [each.share, each.countShare, each.gap])).toEqual([
      [null, null, 0.5],
      [null, null, null],
      [null, null, 0.2],
    ]);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "x"), fc.option(fc.nat(1_000)))), (all) => {
        const balance = tallyBalance(
          all.map(([name, area]) => drawn(name, area)),
          classes,
        );
        expect(JSON.stringify(balance)).not.toContain("NaN");
        const numbers = [...balance.classes.flatMap((each) => Object.values(each)), ...Object.values(balance.byArea)];
        for (const each of numbers) if (typeof each === "number") expect(Number.isFinite(each)).toBe(true);
        const shares = balance.classes.reduce((sum, each) => sum + (each.share ?? 0), 0);
        if (balance.byArea.effectiveClasses !== null) expect(shares).toBeCloseTo(1);
      }),
    );
  });

  test("[BAL6] annotations of other classes are left out, those without a scale are counted apart", () => {
    const balance = tallyBalance([drawn("x", 9), drawn("a", null), drawn("b", 4)], classes);
    expect(balance.unscaled).toBe(1);
    expect(balance.classes.map((each) => each.count)).toEqual([1, 1, 0]);
    expect(balance.classes.map((each) => each.share)).toEqual([0, 1, 0]);
  });
});
