import { describe, expect, test } from "vitest";
import type { GuidelineChange, Shape } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { shapeViolations } from "#domain/migration/limits.ts";
import { type AnnotationFacts, type History, standingOf, type Verdicts } from "#domain/migration.ts";
import { aClass, aClassId, aGuideline, declare } from "#tests/support/builders.ts";

describe("what the other changes do to an outline", () => {
  const [a, b, c] = ["a", "b", "c"].map(aClassId) as [ClassId, ClassId, ClassId];
  const nobody: Verdicts = { keeps: [], handedOn: 0 };
  const at = (...changes: GuidelineChange[]): History => [{ number: 2, changes }];
  const outline = (change: Partial<AnnotationFacts> = {}): AnnotationFacts => ({
    classId: a,
    under: 1,
    shape: "polygon",
    attributes: null,
    violations: [],
    ...change,
  });
  const asked = (facts: AnnotationFacts, history: History, verdicts = nobody) =>
    standingOf(facts, verdicts, history).questions.map(({ kind }) => kind);

  test("[MIG44] a redefinition reviews members, a moved boundary has them drawn again; a keep answers both", () => {
    expect(asked(outline(), at(declare.redefine("a")))).toEqual(["review"]);
    expect(asked(outline(), at(declare.boundary("a")))).toEqual(["redraw"]);
    expect(asked(outline({ under: 2 }), at(declare.boundary("a")))).toEqual([]);
    expect(asked(outline(), at(declare.boundary("a"), declare.redefine("a")), { keeps: [2], handedOn: 0 })).toEqual([]);
  });

  test("[MIG45] only members whose shape does not give the new one are drawn again", () => {
    const wider: GuidelineChange = { kind: "geometry", classId: a, from: ["box", "point"], to: ["polygon"] };
    expect(asked(outline({ shape: "box" }), at(wider))).toEqual(["redraw"]);
    expect(asked(outline({ shape: "point" }), at(wider))).toEqual(["redraw"]);
    expect(asked(outline(), at(wider))).toEqual([]);
    const simpler: GuidelineChange = { kind: "geometry", classId: a, from: ["polygon"], to: ["box"] };
    expect(asked(outline(), at(simpler))).toEqual([]);
  });

  test("[MIG46] members of a class that is no longer drawn itself choose one below it, also where there is only one", () => {
    const grouped: GuidelineChange = { kind: "abstract", classId: a, children: [b] };
    const found = standingOf(outline(), nobody, at(grouped));
    expect(found.questions).toMatchObject([{ kind: "choose", options: [b] }]);
    expect(asked(outline(), at(grouped), { keeps: [2], handedOn: 0 })).toEqual(["choose"]);
    const back: History = [...at(grouped), { number: 3, changes: [{ kind: "concrete", classId: a }] }];
    expect(standingOf(outline(), nobody, back).state).toBe("current");
  });

  test("[RCK1] a stricter rule asks those who violate it by the newest rules, and nobody else", () => {
    const stricter: GuidelineChange = { kind: "limits", classId: a, what: ["minAreaUm2"], tightened: ["minAreaUm2"] };
    const violating = outline({ violations: [{ rule: "minAreaUm2", other: null }] });
    expect(asked(violating, at(stricter))).toEqual(["limit"]);
    expect(asked(outline(), at(stricter))).toEqual([]);
    expect(asked({ ...violating, under: 2 }, at(stricter))).toEqual([]);
    expect(asked(violating, at(stricter), { keeps: [2], handedOn: 0 })).toEqual([]);
    expect(asked(violating, at({ ...stricter, tightened: [] }))).toEqual([]);
    expect(asked({ ...violating, classId: c }, at(stricter))).toEqual([]);
    const again: History = [...at(stricter), { number: 3, changes: [stricter] }];
    expect(asked(violating, again, { keeps: [2], handedOn: 0 })).toEqual(["limit"]);
  });

  test("[RCK3] who kept or drew it as another class is asked about the rules of the class that it became", () => {
    const tightened = ["minAreaUm2"];
    const history: History = [
      { number: 2, changes: [{ kind: "limits", classId: a, what: tightened, tightened }] },
      { number: 3, changes: [declare.narrow("c")] },
      { number: 4, changes: [declare.merge(["c"], "a")] },
    ];
    const kept = (...keeps: number[]): Verdicts => ({ keeps, handedOn: 0 });
    const violating = outline({ classId: c, violations: [{ rule: "minAreaUm2", other: null }] });
    expect(standingOf(violating, kept(3), history)).toMatchObject({
      classId: a,
      questions: [{ kind: "limit", version: 4, key: "2:limit.aaaaaaaa.minAreaUm2" }],
    });
    expect(asked({ ...violating, under: 3 }, history)).toEqual(["limit"]);
    expect(asked(violating, history, kept(3, 4))).toEqual([]);
    expect(asked({ ...violating, under: 4 }, history)).toEqual([]);
    expect(asked(outline({ classId: c }), history, kept(3))).toEqual([]);
    const undone: History = [
      ...history.slice(0, 1),
      { number: 3, changes: [declare.merge(["a"], "c")] },
      { number: 4, changes: [{ kind: "restore", classId: a }] },
    ];
    const own = { ...violating, classId: a };
    expect(asked(own, undone, kept(2))).toEqual([]);
    expect(asked(own, undone)).toEqual(["limit"]);
  });

  test("[RCK4] what is carried over is asked about every rule of its new class that it violates, however old that rule is", () => {
    const violating = outline({ violations: [{ rule: "minAreaUm2", other: null }] });
    for (const carried of [declare.merge(["a"], "b"), declare.retire("a", "b")]) {
      const found = standingOf(violating, nobody, at(carried));
      expect(found).toMatchObject({
        ...{ classId: b, state: "stale", former: a },
        questions: [{ kind: "limit", version: 2, change: carried, key: "0:limit.bbbbbbbb.minAreaUm2" }],
      });
      expect(asked(outline(), at(carried))).toEqual([]);
      expect(asked(violating, at(carried), { keeps: [2], handedOn: 0 })).toEqual([]);
      expect(asked({ ...violating, under: 2 }, at(carried))).toEqual([]);
      expect(asked({ ...violating, classId: b }, at(carried))).toEqual([]);
      const kept: History = [
        { number: 2, changes: [declare.narrow("a")] },
        { number: 3, changes: [carried] },
      ];
      expect(asked(violating, kept, { keeps: [2], handedOn: 0 })).toEqual(["limit"]);
      const weakened = { drop: ["re-check" as const], reason: "the two were measured alike" };
      expect(asked(violating, at({ ...carried, weakened }))).toEqual([]);
      const back: History = [...at(carried), { number: 3, changes: [{ kind: "restore", classId: a }] }];
      expect(asked(violating, back)).toEqual([]);
    }
    const open = at(declare.split("a", ["b", "c"]));
    expect(asked(violating, open)).toEqual(["choose"]);
    const collapsed: History = [...open, { number: 3, changes: [declare.merge(["c"], "b")] }];
    expect(asked(violating, collapsed)).toEqual(["limit"]);
  });

  test("[RCK5] what is carried over is asked where its new class is drawn as shapes that nothing makes of its own", () => {
    const shaped = (name: string, ...geometry: Shape[]) => aClass(name, { geometry });
    const content = aGuideline([shaped("a", "box", "polygon"), shaped("b", "polygon"), shaped("c", "point")]);
    const violated = (shape: Shape, classId: ClassId) => shapeViolations({ stored: a, classId, shape }, content);
    expect(violated("box", b)).toEqual([{ rule: "geometry", other: null }]);
    expect([violated("polygon", b), violated("box", c), violated("box", a)]).toEqual([[], [], []]);
    const drawn = outline({ shape: "box", violations: violated("box", b) });
    expect(asked(drawn, at(declare.merge(["a"], "b")))).toEqual(["limit"]);
    expect(asked({ ...drawn, under: 2 }, at(declare.merge(["a"], "b")))).toEqual([]);
  });

  test("[MIG47] an outcome that was left out with a reason asks nothing", () => {
    const weakened = { drop: ["review" as const], reason: "pilot" };
    expect(asked(outline(), at({ ...declare.narrow("a"), weakened }))).toEqual([]);
    const stricter: GuidelineChange = { kind: "limits", classId: a, what: ["minAreaUm2"], tightened: ["minAreaUm2"] };
    const violating = outline({ violations: [{ rule: "minAreaUm2", other: null }] });
    expect(asked(violating, at({ ...stricter, weakened: { drop: ["re-check"], reason: "pilot" } }))).toEqual([]);
  });
});
