import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultOutcomes } from "#domain/guideline/outcomes.ts";
import type { GuidelineChange } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { type AnnotationGroup, previewCounts } from "#domain/migration/preview.ts";
import {
  checkAnswer,
  classesAt,
  type History,
  type Judgement,
  rescreens,
  resolve,
  staleness,
} from "#domain/migration.ts";
import {
  aClassId,
  aGuideline,
  aLayerId,
  anAnnotationId,
  aPersonId,
  aSlideId,
  declare,
  studyRules,
  withClass,
} from "#tests/support/builders.ts";
import { followed, lines, newest } from "#tests/support/histories.ts";
import { slowResolve } from "#tests/support/slow-resolve.ts";

const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(aClassId) as [ClassId, ClassId, ClassId, ClassId, ClassId];
const restore = (classId: ClassId): GuidelineChange => ({ kind: "restore", classId });

/** Versions 2, 3, ... with one list of changes each. */
function historyOf(...versions: (GuidelineChange | GuidelineChange[])[]): History {
  return versions.map((changes, index) => ({ number: index + 2, changes: [changes].flat() }));
}

const current = (classId: ClassId) => ({ state: "current", classId, former: null, questions: [] });
const carried = (former: ClassId, classId: ClassId) => ({ state: "carried-over", classId, former, questions: [] });

describe("what one change does to an outline", () => {
  test("[MIG1] names, colours, hotkeys, hierarchy, rewording, additions and study rules leave everything current", () => {
    const history = historyOf([
      { kind: "rename", classId: a, from: "x", to: "y" },
      { kind: "recolour", classId: a, from: "#000000", to: "#ffffff" },
      { kind: "rehotkey", classId: a, from: 1, to: null },
      { kind: "move", classId: a, from: null, to: b },
      { kind: "reword", classId: a },
      { kind: "add", classId: d },
      { kind: "rules", what: ["quorum"] },
    ]);
    expect(resolve(a, 1, history)).toEqual(current(a));
  });

  test("[MIG2] a narrowed definition asks its members, and nobody who outlined under it", () => {
    const history = historyOf(declare.narrow("a"));
    expect(resolve(a, 1, history)).toMatchObject({
      state: "stale",
      classId: a,
      questions: [{ kind: "review", version: 2, classId: a, options: [], fallback: null }],
    });
    expect(resolve(a, 2, history)).toEqual(current(a));
    expect(resolve(b, 1, history)).toEqual(current(b));
  });

  test("[MIG3] a broadened definition asks the members of the named neighbours and not its own", () => {
    const history = historyOf(declare.broaden("a", "b"));
    expect(resolve(a, 1, history)).toEqual(current(a));
    expect(resolve(c, 1, history)).toEqual(current(c));
    expect(resolve(b, 1, history)).toMatchObject({
      state: "stale",
      questions: [{ kind: "review", classId: b, options: [a] }],
    });
  });

  test("[MIG4] a merge carries over and keeps the former class", () => {
    const history = historyOf(declare.merge(["a", "b"], "c"));
    expect(resolve(a, 1, history)).toEqual(carried(a, c));
    expect(resolve(b, 1, history)).toEqual(carried(b, c));
    expect(resolve(c, 1, history)).toEqual(current(c));
  });

  test("[MIG5] a split asks for a choice among its parts and says where cannot-tell goes", () => {
    const history = historyOf(declare.split("a", ["b", "c"], "d"));
    expect(resolve(a, 1, history)).toMatchObject({
      state: "stale",
      classId: a,
      questions: [{ kind: "choose", options: [b, c], fallback: d }],
    });
    expect(resolve(b, 1, history)).toEqual(current(b));
  });

  test("[MIG6] a retirement carries over to one successor, asks among several and archives without any", () => {
    expect(resolve(a, 1, historyOf(declare.retire("a", "b")))).toEqual(carried(a, b));
    expect(resolve(a, 1, historyOf(declare.retire("a", "b", "c")))).toMatchObject({
      state: "stale",
      questions: [{ kind: "choose", options: [b, c], fallback: null }],
    });
    expect(resolve(a, 1, historyOf(declare.retire("a")))).toEqual({ ...current(a), state: "archived" });
  });

  test("[MIG7] a restore gives back exactly what was not touched: after a merge, a split and a retirement", () => {
    for (const ended of [declare.merge(["a"], "c"), declare.split("a", ["b", "c"]), declare.retire("a")]) {
      expect(resolve(a, 1, historyOf(ended, restore(a)))).toEqual(current(a));
    }
    expect(resolve(a, 1, historyOf(declare.merge(["a", "b"], "c"), restore(a)))).toEqual(current(a));
    expect(resolve(b, 1, historyOf(declare.merge(["a", "b"], "c"), restore(a)))).toEqual(carried(b, c));
    const renewed = historyOf(declare.merge(["a"], "c"), declare.narrow("c"), declare.merge(["c"], "d"), restore(a));
    expect(resolve(a, 1, renewed)).toEqual(current(a));
    expect(resolve(a, 1, historyOf(declare.merge(["a"], "c"), restore(a), declare.merge(["a"], "d")))).toEqual(
      carried(a, d),
    );
  });
});

describe("changes on top of each other", () => {
  test("[MIG8] later changes rewrite an open choice, and close it where every part has become one class", () => {
    const split = declare.split("a", ["b", "c"], "e");
    expect(resolve(a, 1, historyOf(split, declare.merge(["b"], "d")))).toMatchObject({
      questions: [{ kind: "choose", options: [d, c], fallback: e, version: 3 }],
    });
    expect(resolve(a, 1, historyOf(split, declare.merge(["b", "c"], "d")))).toEqual(carried(a, d));
    expect(resolve(a, 1, historyOf(split, declare.retire("b")))).toMatchObject({
      state: "stale",
      questions: [{ options: [c] }],
    });
    expect(resolve(a, 1, historyOf(split, [declare.retire("b"), declare.retire("c")]))).toMatchObject({
      state: "archived",
    });
    expect(resolve(a, 1, historyOf(split, declare.retire("e")))).toMatchObject({
      questions: [{ fallback: null, version: 3 }],
    });
    expect(resolve(a, 1, historyOf(split, declare.merge(["b", "c"], "d"), restore(b)))).toMatchObject({
      questions: [{ options: [b, d] }],
    });
  });

  test("[MIG9] a choice takes the place of earlier reviews, since it is made by the newest text", () => {
    const history = historyOf(declare.narrow("a"), declare.split("a", ["b", "c"]), declare.narrow("b"));
    expect(resolve(a, 1, history).questions).toMatchObject([{ kind: "choose", options: [b, c] }]);
    const widened = historyOf(declare.broaden("d", "a"), declare.split("a", ["b", "c"]));
    expect(resolve(a, 1, widened).questions).toMatchObject([{ kind: "choose", options: [b, c, d] }]);
  });

  test("[MIG10] a review survives a merge, and is moot where both classes have become one", () => {
    const narrowed = historyOf(declare.narrow("a"), declare.merge(["a"], "c"));
    expect(resolve(a, 1, narrowed)).toMatchObject({
      state: "stale",
      classId: c,
      former: a,
      questions: [{ version: 2, classId: c }],
    });
    expect(resolve(b, 1, historyOf(declare.broaden("a", "b"), declare.merge(["a"], "b")))).toEqual(current(b));
    expect(resolve(b, 1, historyOf(declare.broaden("a", "b"), declare.merge(["a", "b"], "c")))).toEqual(carried(b, c));
  });

  test("[MIG11] a class that had ended at the stamp is followed from its end, without asking what the stamp answers", () => {
    const history = historyOf(declare.split("a", ["b", "c"]), declare.merge(["d"], "e"), declare.narrow("e"));
    expect(resolve(a, 2, history)).toMatchObject({ state: "stale", questions: [{ kind: "choose" }] });
    expect(resolve(d, 3, history)).toMatchObject({ state: "stale", classId: e });
    expect(resolve(d, 4, history)).toEqual(carried(d, e));
  });
});

describe("people's answers", () => {
  const id = anAnnotationId("x");
  const annotation = { id, classId: a, under: 1 };
  const judged = (verdict: Judgement["verdict"], version: number, contentHash = "h"): Judgement => {
    return { annotationId: id, verdict, version, contentHash };
  };
  const narrowed = historyOf(declare.narrow("a"), declare.narrow("a"));
  const split = historyOf(declare.split("a", ["b", "c"]));

  test("[MIG12] a keep answers the reviews up to its version, for the content that was judged", () => {
    expect(staleness(annotation, [judged("keep", 3)], "h", narrowed).state).toBe("current");
    expect(staleness(annotation, [judged("keep", 2)], "h", narrowed).questions).toMatchObject([{ version: 3 }]);
    expect(staleness(annotation, [judged("keep", 3, "other")], "h", narrowed).state).toBe("stale");
    const foreign = { ...judged("keep", 3), annotationId: anAnnotationId("y") };
    expect(staleness(annotation, [foreign], "h", narrowed).state).toBe("stale");
    const merged: History = [...narrowed, { number: 4, changes: [declare.merge(["a"], "c")] }];
    expect(staleness(annotation, [judged("keep", 3)], "h", merged)).toMatchObject({
      state: "carried-over",
      classId: c,
    });
  });

  test("[MIG13] a keep never answers a choice", () => {
    expect(staleness(annotation, [judged("keep", 2)], "h", split).state).toBe("stale");
    const answer = checkAnswer(resolve(a, 1, split), { verdict: "keep" }, aGuideline(["b", "c"]));
    expect(answer).toMatchObject({ reason: "choice-needed", detail: { options: [b, c] } });
  });

  test("[MIG14] cannot-tell hands the item to the lead until a later change touches the question", () => {
    expect(staleness(annotation, [judged("cannot-tell", 2)], "h", split)).toMatchObject({
      state: "undecided",
      questions: [{ kind: "choose" }],
    });
    const merged: History = [...split, { number: 3, changes: [declare.merge(["b"], "d")] }];
    expect(staleness(annotation, [judged("cannot-tell", 2)], "h", merged).state).toBe("stale");
    expect(staleness(annotation, [judged("cannot-tell", 2)], "h2", split).state).toBe("stale");
    expect(staleness(annotation, [judged("cannot-tell", 3), judged("keep", 3)], "h", narrowed).state).toBe("current");
  });

  test("[MIG15] an answer must fit: something is asked, and the chosen class can be drawn", () => {
    const content = withClass(aGuideline(["b", "c", "d"]), "d", { retired: true });
    const open = resolve(a, 1, split);
    expect(checkAnswer(open, { verdict: "choose", classId: b }, content).ok).toBe(true);
    expect(checkAnswer(open, { verdict: "delete" }, content).ok).toBe(true);
    expect(checkAnswer(open, { verdict: "cannot-tell", note: "" }, content).ok).toBe(true);
    expect(checkAnswer(open, { verdict: "choose", classId: d }, content)).toMatchObject({ reason: "class-retired" });
    expect(checkAnswer(open, { verdict: "choose", classId: e }, content)).toMatchObject({ reason: "unknown-class" });
    expect(checkAnswer(resolve(b, 1, split), { verdict: "keep" }, content)).toMatchObject({
      reason: "nothing-to-answer",
    });
  });
});

describe("planning a draft", () => {
  const group = (
    classId: ClassId,
    count: number,
    person = "p",
    change: Partial<AnnotationGroup> = {},
  ): AnnotationGroup => ({
    classId,
    stamp: 1,
    personId: aPersonId(person),
    slideId: aSlideId("s"),
    layerId: aLayerId("l"),
    count,
    ...change,
  });

  test("[MIG16] a preview counts each change by class, person, slide and layer", () => {
    const history = historyOf(declare.merge(["e"], "a"));
    const draft = [declare.narrow("a"), declare.merge(["b"], "c"), declare.retire("d")];
    const groups = [group(a, 5), group(e, 2), group(b, 3, "q"), group(c, 7), group(d, 1)];
    const preview = previewCounts(groups, history, draft, 3);
    expect(preview.rows).toMatchObject([
      { change: 0, kind: "narrow", classId: a, count: 7, outcome: "review" },
      { change: 1, kind: "merge", classId: b, personId: aPersonId("q"), count: 3, outcome: "automatic" },
      { change: 2, kind: "retire", classId: d, count: 1, outcome: "archive" },
    ]);
    expect(preview.totals).toEqual({ automatic: 3, review: 7, choose: 0, archive: 1, untouched: 7, all: 18 });
    expect(preview).toMatchObject({ staleBefore: 0, staleAfter: 7 });
  });

  test("[MIG17] an annotation that two changes touch is in two rows and counted once", () => {
    const draft = [declare.narrow("a"), declare.broaden("b", "a")];
    const preview = previewCounts([group(a, 4)], [], draft, 2);
    expect(preview.rows.map((row) => row.count)).toEqual([4, 4]);
    expect(preview.totals).toMatchObject({ review: 4, all: 4 });
  });

  test("[MIG17] a merge of two options of an open choice is counted once", () => {
    const history = historyOf(declare.split("a", ["b", "c"]));
    expect(previewCounts([group(a, 4)], history, [declare.merge(["b", "c"], "d")], 3).rows).toMatchObject([
      { count: 4 },
    ]);
  });

  test("[MIG18] a restore is counted under what it brings back", () => {
    const history = historyOf(declare.merge(["a"], "c"));
    expect(previewCounts([group(a, 4)], history, [restore(a)], 3).rows).toMatchObject([
      { kind: "restore", classId: c, count: 4, outcome: "automatic" },
    ]);
  });

  test("[MIG18] a restore is counted where it brings a review back", () => {
    const history = historyOf(declare.broaden("c", "a"), declare.retire("c"));
    expect(resolve(a, 1, history)).toEqual(current(a));
    expect(previewCounts([group(a, 4)], history, [restore(c)], 4).rows).toMatchObject([
      { kind: "restore", outcome: "review" },
    ]);
  });

  test("[MIG19] finished slides are screened again for what was added, broadened or restored, not for parts of a split", () => {
    const add = (classId: ClassId): GuidelineChange => ({ kind: "add", classId });
    const changes = [add(a), add(b), add(c), add(d), declare.split("e", ["b", "c"]), declare.merge(["e"], "d")];
    expect(rescreens(changes, studyRules())).toEqual([a]);
    expect(rescreens(changes, studyRules({ exhaustive: false }))).toEqual([]);
    expect(rescreens([declare.broaden("a"), restore(b)], studyRules({ exhaustive: false }))).toEqual([a, b]);
    const rules: GuidelineChange = { kind: "rules", what: ["exhaustive"] };
    expect(rescreens([rules], studyRules(), [b, a])).toEqual([a, b]);
    expect(rescreens([rules], studyRules({ exhaustive: false }), [a])).toEqual([]);
  });

  test("[MIG21] a version lists the classes that can be drawn and names the retired ones too", () => {
    const at = classesAt(withClass(aGuideline(["a", "b"]), "a", { retired: true }));
    expect(at.selectable.map((each) => each.id)).toEqual([b]);
    expect(at.effectiveName(a)).toBe("class a");
    expect(at.effectiveName(c)).toBe(c);
  });
});

describe("any line of versions", () => {
  const runs = { numRuns: 500 };

  test("[MIG22] folding agrees with trying every possible course of events", () => {
    fc.assert(
      fc.property(followed, ({ line, stamp, classId }) => {
        const { state, classId: now, questions } = resolve(classId, stamp, line.versions);
        const slow = slowResolve(classId, stamp, line.versions);
        expect(state).toBe(slow.state);
        if (slow.certain !== null) expect(now).toBe(slow.certain);
        const asked = questions.map((each) => [each.kind, [...each.options].sort()].join(" ")).sort();
        expect(asked).toEqual(slow.asked);
      }),
      runs,
    );
  });

  test("[MIG23] what is offered can be drawn in the newest version, and so can what is current or carried over", () => {
    fc.assert(
      fc.property(followed, ({ line, stamp, classId }) => {
        const drawn = new Set(classesAt(newest(line)).selectable.map((each) => each.id));
        const { state, classId: now, questions } = resolve(classId, stamp, line.versions);
        for (const { options, fallback } of questions) {
          expect(drawn).toEqual(new Set([...drawn, ...options, ...(fallback === null ? [] : [fallback])]));
        }
        if (state === "current" || state === "carried-over") expect(drawn.has(now)).toBe(true);
      }),
      runs,
    );
  });

  test("[MIG24] nothing is asked twice: after an answer only later changes ask, and an unasked outline is asked the same", () => {
    fc.assert(
      fc.property(followed, fc.nat(5), fc.nat(9), ({ line, stamp, classId }, cut, pick) => {
        const part = line.versions.slice(0, cut);
        const at = Math.max(stamp, part.at(-1)?.number ?? 1);
        const first = resolve(classId, stamp, part);
        const choice = first.questions.find((each) => each.kind === "choose");
        const answered = choice === undefined ? classId : (choice.options[pick % choice.options.length] ?? classId);
        const id = anAnnotationId("x");
        const keeps: Judgement[] = [{ annotationId: id, verdict: "keep", contentHash: "h", version: at }];
        const annotation = { id, classId: answered, under: choice === undefined ? stamp : at };
        const second = staleness(annotation, choice === undefined ? keeps : [], "h", line.versions);
        if (first.state === "stale") {
          for (const each of second.questions) {
            if (each.kind !== "choose") expect(each.version).toBeGreaterThan(at);
          }
          expect(staleness(annotation, keeps, "h", part).state).not.toBe("stale");
        } else {
          // A keep that nothing asked for is given here all the same, and must change nothing.
          const { state, questions } = resolve(classId, stamp, line.versions);
          expect({ state: second.state, questions: second.questions }).toEqual({ state, questions });
        }
      }),
      runs,
    );
  });

  test("[MIG24] a keep that answered nothing does not answer a review that a restore brings back", () => {
    const [kept, grown] = [aClassId("kept"), aClassId("grown")];
    const history: History = [
      { number: 2, changes: [{ kind: "broaden", classId: grown, neighbours: [kept] }] },
      { number: 3, changes: [{ kind: "retire", classId: grown, successors: [] }] },
      { number: 4, changes: [{ kind: "restore", classId: grown }] },
    ];
    const annotation = { id: anAnnotationId("x"), classId: kept, under: 1 };
    const keep = (version: number): Judgement => ({
      annotationId: annotation.id,
      verdict: "keep",
      contentHash: "h",
      version,
    });
    const stateAfter = (version: number) => staleness(annotation, [keep(version)], "h", history).state;
    expect([2, 3, 4].map(stateAfter)).toEqual(["current", "stale", "current"]);
  });

  test("[MIG25] the order of changes within a version does not matter", () => {
    fc.assert(
      fc.property(followed, ({ line, stamp, classId }) => {
        const turned = line.versions
          .map(({ number, changes }) => ({ number, changes: changes.toReversed() }))
          .reverse();
        const strip = ({ questions, ...rest }: ReturnType<typeof resolve>) => ({
          ...rest,
          questions: questions
            .map(({ kind, version, options }) => [kind, version, [...options].sort()].join(" "))
            .sort(),
        });
        expect(strip(resolve(classId, stamp, turned))).toEqual(strip(resolve(classId, stamp, line.versions)));
      }),
      runs,
    );
  });

  test("[MIG26] ending every class that can end and restoring it changes nothing for what was not touched", () => {
    fc.assert(
      fc.property(followed, ({ line, stamp, classId }) => {
        const drawn = classesAt(newest(line)).selectable.map((each) => each.id);
        const next = line.versions.length + 2;
        const [target, ...ended] = drawn;
        fc.pre(target !== undefined && ended.length > 0);
        const rolled: History = [
          ...line.versions,
          { number: next, changes: [{ kind: "merge", from: ended, into: target! }] },
          { number: next + 1, changes: ended.map(restore) },
        ];
        const { questions: before, ...plain } = resolve(classId, stamp, line.versions);
        const { questions: after, ...back } = resolve(classId, stamp, rolled);
        expect(back).toEqual(plain);
        expect(after.map((each) => ({ ...each, version: 0 }))).toEqual(before.map((each) => ({ ...each, version: 0 })));
      }),
      runs,
    );
  });

  test("[MIG27] automatic changes alone never make anything stale", () => {
    // What is carried over is checked too: here nothing violates a rule.
    const isAutomatic = (change: GuidelineChange) => !defaultOutcomes(change, { exhaustive: true }).includes("review");
    fc.assert(
      fc.property(followed, ({ line, stamp, classId }) => {
        const history = line.versions.map(({ number, changes }) => ({ number, changes: changes.filter(isAutomatic) }));
        expect(resolve(classId, stamp, history).state).not.toBe("stale");
      }),
      runs,
    );
  });

  test("[MIG28] what a preview counts is what is stale once the draft is published", () => {
    const annotations = fc.array(
      fc.record({ stamp: fc.nat(9), pick: fc.nat(100), person: fc.constantFrom("p", "q") }),
      {
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(lines, annotations, (line, drawn) => {
        const draft = line.versions.at(-1)!;
        const published = line.versions.slice(0, -1);
        const all = drawn.map(({ stamp, pick, person }) => {
          const at = 1 + (stamp % (draft.number - 1));
          const content = at === 1 ? line.first : line.versions[at - 2]!.content;
          return group(content.classes[pick % content.classes.length]!.id, 1, person, { stamp: at });
        });
        const preview = previewCounts(all, published, draft.changes, draft.number);
        const after = all.map((each) => resolve(each.classId, each.stamp, line.versions));
        expect(preview.staleAfter).toBe(after.filter((each) => each.state === "stale").length);
        const { all: total, ...outcomes } = preview.totals;
        expect(Object.values(outcomes).reduce((sum, each) => sum + each)).toBe(total);
        expect(total).toBe(all.length);
        const before = all.map((each) => resolve(each.classId, each.stamp, published));
        const newlyStale = after.filter(
          (each, index) => each.state === "stale" && before[index]?.state !== "stale",
        ).length;
        expect(outcomes.review + outcomes.choose).toBeGreaterThanOrEqual(newlyStale);
        const moved = after.filter((each, index) => each.classId !== before[index]?.classId).length;
        expect(total - outcomes.untouched).toBeGreaterThanOrEqual(moved);
        for (const index of draft.changes.keys()) {
          const counts = preview.rows.filter((row) => row.change === index).map((row) => row.count);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(total);
        }
      }),
      { numRuns: 300 },
    );

    function group(classId: ClassId, count: number, person: string, change: Partial<AnnotationGroup>): AnnotationGroup {
      const place = { slideId: aSlideId("s"), layerId: aLayerId("l") };
      return { classId, stamp: 1, personId: aPersonId(person), count, ...place, ...change };
    }
  });

  test("[MIG29] every annotation is in exactly one state", () => {
    fc.assert(
      fc.property(lines, (line) => {
        const tally = { current: 0, "carried-over": 0, stale: 0, archived: 0 };
        for (const each of line.first.classes) tally[resolve(each.id, 1, line.versions).state]++;
        expect(Object.values(tally).reduce((sum, count) => sum + count)).toBe(line.first.classes.length);
      }),
    );
  });
});
