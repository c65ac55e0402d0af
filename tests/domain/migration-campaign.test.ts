import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GuidelineChange, Shape } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { shapeViolations } from "#domain/migration/limits.ts";
import { type AnnotationGroup, previewCounts } from "#domain/migration/preview.ts";
import { type AnnotationFacts, classesAt, type History, standingOf, type Verdicts } from "#domain/migration.ts";
import { aClass, aClassId, aGuideline, aLayerId, aPersonId, aSlideId, declare } from "#tests/support/builders.ts";
import { choosingLines, type Line, lineOf, lines, newest } from "#tests/support/histories.ts";
import { slowResolve } from "#tests/support/slow-resolve.ts";

/**
 * A campaign: versions are published one by one; between them people draw (some under an old version, since they were
 * offline), answer what is asked, redraw, and hand on what they cannot tell. Rollbacks are restores, which lines have.
 */
const SHAPES: readonly Shape[] = ["polygon", "box", "point", "line"];
/** Area of every outline, um2: it violates a smallest area of 200 and none of 100. */
const AREA = 150;

const step = fc.record({
  draws: fc.array(fc.record({ pick: fc.nat(50), offline: fc.nat(3), shape: fc.nat(3) }), { maxLength: 3 }),
  answers: fc.array(fc.record({ item: fc.nat(50), how: fc.nat(5), pick: fc.nat(50) }), { maxLength: 4 }),
});
const stepsOf = fc.array(step, { minLength: 7, maxLength: 7 });
const campaigns = fc.record({ line: lines, steps: stepsOf });
type Campaign = typeof campaigns extends fc.Arbitrary<infer Value> ? Value : never;

/** Everything that can be asked or become of an outline, so that no run is without it. */
const EVERYTHING: Campaign = {
  line: lineOf(
    [
      { kind: "limits", subject: 0, other: 2 },
      { kind: "merge", subject: 1, other: 2 },
      { kind: "retire", subject: 1 },
    ],
    [{ kind: "narrow", subject: 0 }],
    [{ kind: "boundary", subject: 0 }],
    [{ kind: "split", subject: 0 }],
  ),
  steps: Array.from({ length: 7 }, (_, index) => ({
    draws: index === 0 ? [0, 2, 4].map((pick) => ({ pick, offline: 0, shape: 0 })) : [],
    answers: [],
  })),
};

/** A class with a stricter rule takes in another, of which an outline was kept in between. */
const KEPT_THEN_MERGED: Campaign = {
  ...EVERYTHING,
  line: lineOf(
    [{ kind: "limits", subject: 0, other: 2 }],
    [{ kind: "narrow", subject: 2 }],
    [{ kind: "merge", subject: 2, other: 0 }],
  ),
};

/** What was drawn and kept as one class is carried into another that has had a stricter rule all along. */
const MERGED_INTO_OLD_RULE: Campaign = {
  line: lineOf(
    [{ kind: "narrow", subject: 0 }],
    [{ kind: "merge", subject: 0, other: 3 }],
    [{ kind: "limits", subject: 3, other: 1 }],
    [{ kind: "limits", subject: 3, other: 2 }],
  ),
  steps: Array.from({ length: 7 }, (_, index) => ({
    draws: index === 0 ? [{ pick: 0, offline: 0, shape: 0 }] : [],
    answers: index === 1 || index === 3 ? [{ item: 0, how: 2, pick: 0 }] : [],
  })),
};

type Drawn = { facts: AnnotationFacts; verdicts: Verdicts; answered: Map<string, number> };

function contentAt(line: Line, number: number) {
  return number === 1 ? line.first : (line.versions[number - 2]?.content ?? newest(line));
}

function until(line: Line, number: number): History {
  return line.versions.filter((version) => version.number <= number);
}

/** Rules of the newest version that an outline violates, by its class as the oracle has it. */
function violations(line: Line, number: number, classId: ClassId | null): { rule: string; other: null }[] {
  const least = contentAt(line, number).classes.find((each) => each.id === classId)?.minAreaUm2 ?? null;
  return least !== null && AREA < least ? [{ rule: "minAreaUm2", other: null }] : [];
}

/** The facts as they are at a version: what an outline violates is measured by the rules of that version. */
function seenAt(line: Line, number: number, { facts, verdicts }: Drawn): AnnotationFacts {
  const { classId } = standingOf({ ...facts, violations: [] }, verdicts, until(line, number));
  return { ...facts, violations: violations(line, number, classId) };
}

function play({ line, steps }: Campaign) {
  const drawn: Drawn[] = [];
  const visit: ((number: number, drawn: readonly Drawn[]) => void)[] = [];
  const twice: string[] = [];
  const run = (): void => {
    for (const [index, { draws, answers }] of steps.slice(0, line.versions.length + 1).entries()) {
      const number = index + 1;
      for (const { pick, offline, shape } of draws) {
        const under = Math.max(1, number - offline);
        const { selectable } = classesAt(contentAt(line, under));
        const classId = selectable[pick % Math.max(1, selectable.length)]?.id;
        if (classId === undefined) continue;
        const facts = { classId, under, shape: SHAPES[shape]!, attributes: null, violations: [] };
        drawn.push({ facts, verdicts: { keeps: [], handedOn: 0 }, answered: new Map() });
      }
      for (const { item, how, pick } of answers) {
        const each = drawn[item % Math.max(1, drawn.length)];
        if (each !== undefined) answer(line, number, each, how, pick, twice);
      }
      for (const look of visit) look(number, drawn);
    }
  };
  return { run, visit, twice };
}

/** Answers everything that is asked about one outline, as a person would. */
function answer(line: Line, number: number, each: Drawn, how: number, pick: number, twice: string[]): void {
  const standing = standingOf(seenAt(line, number, each), each.verdicts, until(line, number));
  if (standing.questions.length === 0) return;
  for (const question of standing.questions) {
    const before = each.answered.get(question.key);
    if (before !== undefined && before >= question.version) twice.push(`${question.key} at ${number}`);
  }
  if (how === 0) {
    each.verdicts = { ...each.verdicts, handedOn: number };
    return;
  }
  for (const question of standing.questions) each.answered.set(question.key, number);
  const choice = standing.questions.find(({ kind }) => kind === "choose");
  const { selectable } = classesAt(contentAt(line, number));
  const chosen = choice?.options[pick % Math.max(1, choice.options.length)] ?? selectable[0]?.id ?? standing.classId;
  const drawnAgain = how === 1;
  if (choice === undefined && !drawnAgain) {
    each.verdicts = { ...each.verdicts, keeps: [...new Set([...each.verdicts.keeps, number])] };
    return;
  }
  const classId = choice === undefined ? standing.classId : chosen;
  const shape = drawnAgain ? "polygon" : each.facts.shape;
  each.facts = { ...each.facts, classId, shape, under: number };
  each.verdicts = { keeps: [], handedOn: 0 };
}

const NOTHING_SAID: Verdicts = { keeps: [], handedOn: 0 };

function started(classId: ClassId, under: number, shape: Shape): AnnotationFacts {
  return { classId, under, shape, attributes: null, violations: [] };
}

/** What a question is about, whoever asks it. */
function factOf({ key, kind, version }: ReturnType<typeof standingOf>["questions"][number]): string {
  return [key, kind, version].join(" ");
}

describe("any campaign", () => {
  const runs = { numRuns: 400 };

  test("[MIG40] the engine says of every outline at every version what a plain walk through the history says", () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(campaigns, (campaign) => {
        const { line } = campaign;
        const { run, visit } = play(campaign);
        visit.push((number, drawn) => {
          for (const each of drawn) {
            const facts = seenAt(line, number, each);
            const found = standingOf(facts, each.verdicts, until(line, number));
            const said = slowSettled(line, each);
            const { classId, under, shape } = facts;
            const violates = facts.violations.map(({ rule }) => rule);
            const slow = slowResolve(classId, under, until(line, number), { ...said, shape, violates });
            const state = found.state === "undecided" ? "stale" : found.state;
            expect(state).toBe(slow.state);
            if (slow.certain !== null) expect(found.classId).toBe(slow.certain);
            const asked = found.questions.map(({ kind, options, limit }) =>
              kind === "limit" ? `limit ${limit?.rule}` : [kind, [...options].sort()].join(" "),
            );
            expect(asked.sort()).toEqual(slow.asked);
            met.add(state);
            for (const { kind } of found.questions) met.add(kind);
          }
        });
        run();
      }),
      { ...runs, examples: [[EVERYTHING], [KEPT_THEN_MERGED], [MERGED_INTO_OLD_RULE]] },
    );
    const all = ["archived", "carried-over", "choose", "current", "limit", "redraw", "review", "stale"];
    expect([...met].sort()).toEqual(all);
  });

  test("[MIG41] nobody is asked a fact again that they answered, unless a later change touched it", () => {
    fc.assert(
      fc.property(campaigns, (campaign) => {
        const { run, twice } = play(campaign);
        run();
        expect(twice).toEqual([]);
      }),
      runs,
    );
  });

  test("[MIG42] the preview of every version is what stands when it is published", () => {
    fc.assert(
      fc.property(campaigns, (campaign) => {
        const { line } = campaign;
        const { run, visit } = play(campaign);
        visit.push((number, drawn) => {
          const next = line.versions.find((version) => version.number === number + 1);
          if (next === undefined) return;
          const groups = drawn.map((each): AnnotationGroup => {
            const { classId, under: stamp, shape } = each.facts;
            const measured = {
              before: seenAt(line, number, each).violations,
              after: seenAt(line, number + 1, each).violations,
            };
            const place = { personId: aPersonId("p"), slideId: aSlideId("s"), layerId: aLayerId("l") };
            return { classId, stamp, shape, verdicts: each.verdicts, violations: measured, ...place, count: 1 };
          });
          const preview = previewCounts(groups, until(line, number), next.changes, next.number);
          const stale = (at: number) =>
            drawn.filter((each) => {
              const { state } = standingOf(seenAt(line, at, each), each.verdicts, until(line, at));
              return state === "stale" || state === "undecided";
            }).length;
          expect(preview).toMatchObject({ staleBefore: stale(number), staleAfter: stale(number + 1) });
          expect(preview.totals.all).toBe(drawn.length);
        });
        run();
      }),
      runs,
    );
  });

  test("[MIG43] version by version asks the facts that are open at once and not answered yet, also after choices and redraws", () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(
        campaigns,
        fc.nat(50),
        fc.array(fc.nat(50), { minLength: 7, maxLength: 7 }),
        (campaign, pick, says) => {
          const { line } = campaign;
          const { selectable } = classesAt(line.first);
          let facts = started(selectable[pick % selectable.length]!.id, 1, SHAPES[pick % SHAPES.length]!);
          let keeps: number[] = [];
          let answered = new Map<string, number>();
          for (const { number } of line.versions) {
            const seen = seenAt(line, number, { facts, verdicts: NOTHING_SAID, answered });
            const atOnce = standingOf(seen, NOTHING_SAID, until(line, number));
            const stepwise = standingOf(seen, { keeps, handedOn: 0 }, until(line, number));
            const fresh = atOnce.questions.filter(({ key, version }) => (answered.get(key) ?? 0) < version);
            expect(stepwise.questions.map(factOf).sort()).toEqual(fresh.map(factOf).sort());
            expect([stepwise.classId, stepwise.state === "archived"]).toEqual([
              atOnce.classId,
              atOnce.state === "archived",
            ]);
            const choice = stepwise.questions.find(({ kind }) => kind === "choose");
            const offered = fresh.find(({ kind }) => kind === "choose")?.options ?? [];
            for (const option of choice?.options ?? []) expect(offered).toContain(option);
            const say = says[number % says.length]!;
            for (const { kind } of fresh) met.add(kind);
            if (choice !== undefined || (fresh.length > 0 && say % 4 === 0)) {
              // The outline is another from here on, as if it had been drawn now.
              const classId = choice?.options[say % Math.max(1, choice.options.length)] ?? atOnce.classId;
              facts = started(classId, number, choice === undefined ? "polygon" : facts.shape);
              [keeps, answered] = [[], new Map()];
              met.add(choice === undefined ? "drawn again" : "chosen");
            } else if (fresh.length > 0) {
              keeps.push(number);
              for (const { key } of stepwise.questions) answered.set(key, number);
            }
          }
        },
      ),
      {
        ...runs,
        examples: [
          [EVERYTHING, 0, [1, 1, 1, 1, 0, 1, 1]],
          [KEPT_THEN_MERGED, 2, [1, 1, 1, 1, 1, 1, 1]],
          [MERGED_INTO_OLD_RULE, 0, [1, 1, 1, 1, 1, 1, 1]],
        ],
      },
    );
    expect([...met].sort()).toEqual(["choose", "chosen", "drawn again", "limit", "redraw", "review"]);
  });

  test("[MIG43] whoever chose step by step can choose the same at once, and nothing is asked of either then", () => {
    let chosen = 0;
    fc.assert(
      fc.property(
        choosingLines,
        fc.nat(50),
        fc.array(fc.nat(50), { minLength: 7, maxLength: 7 }),
        // Where a class came back, what it had become is taken back for whoever was not asked; who chose stays.
        (line, pick, says) => {
          const { selectable } = classesAt(line.first);
          const first = started(selectable[pick % selectable.length]!.id, 1, "polygon");
          let facts = first;
          let keeps: number[] = [];
          for (const { number } of line.versions) {
            const seen = seenAt(line, number, { facts, verdicts: NOTHING_SAID, answered: new Map() });
            const { questions } = standingOf(seen, { keeps, handedOn: 0 }, until(line, number));
            const choice = questions.find(({ kind }) => kind === "choose");
            const option = choice?.options[says[number % says.length]! % Math.max(1, choice.options.length)];
            if (option !== undefined) {
              facts = started(option, number, facts.shape);
              keeps = [];
              chosen += 1;
            } else if (questions.length > 0) keeps.push(number);
          }
          const end = line.versions.at(-1)?.number ?? 1;
          const look = (of: AnnotationFacts, said: number[]) =>
            standingOf(
              seenAt(line, end, { facts: of, verdicts: NOTHING_SAID, answered: new Map() }),
              { keeps: said, handedOn: 0 },
              until(line, end),
            );
          const stepwise = look(facts, keeps);
          const atOnce = look(first, []);
          expect(stepwise.questions).toEqual([]);
          const choice = atOnce.questions.find(({ kind }) => kind === "choose");
          if (choice === undefined || choice.options.length === 0) return;
          if (stepwise.state === "archived") return;
          expect(choice.options).toContain(stepwise.classId);
          expect(look(started(stepwise.classId, end, "polygon"), [end]).questions).toEqual([]);
        },
      ),
      runs,
    );
    expect(chosen).toBeGreaterThan(50);
  });
});

/** The versions under which a keep answered something, by asking the plain walk at each of them. */
function slowSettled(line: Line, { facts, verdicts }: Drawn) {
  const { classId, under, shape } = facts;
  const said = { settled: 0, keptAs: new Map<ClassId, number>() };
  for (const version of verdicts.keeps) {
    const then = { ...said, shape, violates: ["minAreaUm2"] };
    const { asked, certain } = slowResolve(classId, under, until(line, version), then);
    if (asked.length === 0) continue;
    said.settled = version;
    if (certain !== null) said.keptAs.set(certain, version);
  }
  return said;
}

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
