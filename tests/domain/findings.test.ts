import { describe, expect, test } from "vitest";
import { blockingFindings } from "#domain/findings.ts";
import { checkedClasses, effectiveRules } from "#domain/guideline/effective.ts";
import type { ClassRules } from "#domain/guideline.ts";
import { diffGuidelines } from "#domain/guideline-diff.ts";
import type { Violation } from "#domain/migration/limits.ts";
import { standingOf } from "#domain/migration.ts";
import { micronPerPx } from "#domain/units.ts";
import { aClass, aClassId, aGuideline, anAnnotation, anAnnotationId, square } from "#tests/support/builders.ts";

const slide = { width: 2_000, height: 2_000 };
const mpp = micronPerPx(0.5);
const ruled = (rules: Partial<ClassRules>): { rules: ClassRules } => ({ rules: { ...aClass("a").rules, ...rules } });
const outline = (id: string, classId: string, x: number, side: number) =>
  anAnnotation(id, { id: anAnnotationId(id), classId: aClassId(classId), geometry: square(x, 0, side) });

describe("findings of many outlines", () => {
  test("[FND1] those that block are told with the outline, the place, the value and the limit; without a scale none of size", () => {
    const content = aGuideline([aClass("a", { minAreaUm2: 2_501, ...ruled({ severity: "block" }) }), "b"]);
    const outlines = [outline("small", "a", 0, 100), outline("large", "a", 200, 200), outline("other", "b", 600, 100)];
    expect(blockingFindings(outlines, { content, mpp, slide })).toEqual([
      {
        annotationId: anAnnotationId("small"),
        classId: aClassId("a"),
        finding: {
          code: "too-small",
          severity: "block",
          measured: 2_500,
          limit: 2_501,
          unit: "um2",
          bbox: { minX: 0, minY: 0, maxX: 100, maxY: 100 },
          other: null,
        },
      },
    ]);
    expect(blockingFindings(outlines, { content, mpp: null, slide })).toEqual([]);
    const warned = aGuideline([aClass("a", { minAreaUm2: 2_501 }), "b"]);
    expect(blockingFindings(outlines, { content: warned, mpp, slide })).toEqual([]);
  });

  test("[FND1] shared tissue blocks where a class says so, for the outline of that class", () => {
    const content = aGuideline([aClass("a", ruled({ severity: "block" })), "b"]);
    const found = blockingFindings([outline("one", "a", 0, 100), outline("two", "b", 50, 100)], {
      content,
      mpp,
      slide,
    });
    expect(found).toMatchObject([
      {
        annotationId: anAnnotationId("one"),
        finding: { code: "overlap-other-class", measured: 1_250, limit: 50, other: anAnnotationId("two") },
      },
    ]);
    const lets = aGuideline([
      aClass("a", ruled({ severity: "block" })),
      aClass("b", ruled({ overlaps: [aClassId("a")] })),
    ]);
    const both = [outline("one", "a", 0, 100), outline("two", "b", 50, 100)];
    expect(blockingFindings(both, { content: lets, mpp, slide })).toEqual([]);
  });

  test("[FND1] a polygon of a class that is by now drawn as a box or a point does not block by its shape", () => {
    const content = aGuideline([aClass("a", { geometry: ["box"] }), aClass("b", { geometry: ["line"] })]);
    const triangle = {
      type: "polygon",
      rings: [
        [
          [0, 0],
          [90, 0],
          [0, 90],
        ],
      ],
    } as const;
    const drawn = (classId: string) => [anAnnotation("x", { classId: aClassId(classId), geometry: triangle })];
    expect(blockingFindings(drawn("a"), { content, mpp, slide })).toEqual([]);
    expect(blockingFindings(drawn("b"), { content, mpp, slide })).toMatchObject([
      { finding: { code: "geometry-not-allowed" } },
    ]);
  });

  test("[FND2] rules of a class above hold for findings as for re-checks: what the one finds the other asks about", () => {
    const parent = (limits: object) => aClass("a", { ...limits, ...ruled({ severity: "block" }) });
    const child = aClass("b", { parentId: aClassId("a"), ...ruled({ inherits: true }) });
    const [before, content] = [aGuideline([parent({}), child]), aGuideline([parent({ minAreaUm2: 2_501 }), child])];
    const drawn = [outline("small", "b", 0, 100)];
    const found = blockingFindings(drawn, { content, mpp, slide });
    expect(found).toMatchObject([{ classId: aClassId("b"), finding: { code: "too-small", limit: 2_501 } }]);
    expect(checkedClasses(content).get(aClassId("b"))?.minAreaUm2).toBe(
      effectiveRules(content, aClassId("b"))?.minAreaUm2,
    );
    const diff = diffGuidelines(before, content, []);
    if (!diff.ok) throw new Error(diff.reason);
    const violations: Violation[] = found.map(() => ({ rule: "minAreaUm2", other: null }));
    const facts = { classId: aClassId("b"), under: 1, shape: "box", attributes: null, violations } as const;
    const history = [{ number: 2, changes: diff.value }];
    expect(standingOf(facts, { keeps: [], handedOn: 0 }, history).questions).toMatchObject([{ kind: "limit" }]);
    const alone = aGuideline([parent({ minAreaUm2: 2_501 }), { ...child, ...ruled({ inherits: false }) }]);
    expect(blockingFindings(drawn, { content: alone, mpp, slide })).toEqual([]);
  });
});
