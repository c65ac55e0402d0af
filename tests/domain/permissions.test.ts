import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PersonId } from "#domain/ids.ts";
import {
  ACTIONS,
  type Action,
  type ComparedSubject,
  can,
  type LayerSubject,
  type Member,
  type PlaceSubject,
  type QuestionSubject,
  ROLE_LABELS,
  ROLES,
  type Role,
  type RoundSubject,
  rolesFor,
  type Subject,
  type TaskSubject,
} from "#domain/permissions.ts";
import { aPersonId, aProjectId } from "#tests/support/builders.ts";

const projectId = aProjectId("project");
const [me, other] = [aPersonId("me"), aPersonId("other")];

function member(role: Role, personId = me): Member {
  return { personId, projectId, role };
}

function layer(change: Partial<LayerSubject> = {}): LayerSubject {
  return {
    projectId,
    kind: "team",
    readerId: null,
    mode: null,
    state: "open",
    unblinded: true,
    roundReaderIds: [],
    slideBlindReaderIds: [],
    ...change,
  };
}

const openRead = (readerId = me, change: Partial<LayerSubject> = {}) =>
  layer({ kind: "read", readerId, mode: "open", roundReaderIds: [me, other], ...change });
/** Of a running blind round of `me` and `other`. */
const blindRead = (readerId = me, change: Partial<LayerSubject> = {}) =>
  openRead(readerId, { mode: "blind", unblinded: false, slideBlindReaderIds: [me, other], ...change });
/** Of a running blind round of two other people. */
const foreignBlindRead = layer({
  kind: "read",
  readerId: other,
  mode: "blind",
  unblinded: false,
  roundReaderIds: [other],
  slideBlindReaderIds: [other],
});

function task(change: Partial<TaskSubject> = {}): TaskSubject {
  return { projectId, assigneeId: other, creatorId: null, authorIds: [], layer: null, ...change };
}

function round(change: Partial<RoundSubject> = {}): RoundSubject {
  return { projectId, unblinded: true, roundReaderIds: [other], ...change };
}

function compared(comparedId: PersonId, change: Partial<RoundSubject> = {}): ComparedSubject {
  return { ...round(change), comparedId };
}

function place(change: Partial<PlaceSubject> = {}): PlaceSubject {
  return { projectId, addedBy: other, slideBlindReaderIds: [], placeLayer: null, placeRound: null, ...change };
}

function question(...places: PlaceSubject[]): QuestionSubject {
  return { projectId, askedBy: other, places };
}

/** Letters of the roles that may: l, d (adjudicator), a, e, v. */
function who(action: Action, subject?: Subject): string {
  const letters: Record<Role, string> = { lead: "l", adjudicator: "d", annotator: "a", engineer: "e", viewer: "v" };
  return ROLES.filter((role) => can(member(role), action, subject))
    .map((role) => letters[role])
    .join("");
}

const project = { projectId };
const gold = layer({ kind: "ground-truth" });
const prediction = layer({ kind: "prediction" });
const submitted = openRead(me, { state: "submitted" });

/** Every action, on every kind of subject that matters to it. */
const TABLE: [Action, string, Subject | undefined, string][] = [
  ["project.view", "the project", project, "ldaev"],
  ["project.configure", "the project", project, "l"],
  ["member.view", "the project", project, "ldaev"],
  ["member.manage", "the project", project, "l"],
  ["slide.view", "the project", project, "ldaev"],
  ["slide.add", "the project", project, "l"],
  ["slide.edit", "the project", project, "l"],
  ["slide.remove", "the project", project, "l"],
  ["layer.see", "a team layer", layer(), "ldaev"],
  ["layer.see", "a team layer of a slide I read blind", layer({ slideBlindReaderIds: [me] }), ""],
  ["layer.see", "ground truth", gold, "ldaev"],
  ["layer.see", "ground truth of a slide I read blind", { ...gold, slideBlindReaderIds: [me] }, ""],
  ["layer.see", "a prediction on a slide I read blind", { ...prediction, slideBlindReaderIds: [me] }, "ldaev"],
  ["layer.see", "another's open read", openRead(other), "ldaev"],
  ["layer.see", "another's open read on a slide I read blind", openRead(other, { slideBlindReaderIds: [me] }), ""],
  ["layer.see", "my blind read", blindRead(), "ldaev"],
  ["layer.reader", "a team layer", layer(), "ldaev"],
  ["layer.reader", "my read", openRead(), "ldaev"],
  ["layer.reader", "another's read", openRead(other), "laev"],
  ["layer.reader", "a blind read of my round", blindRead(other), ""],
  ["layer.see", "a blind read of my round", blindRead(other), ""],
  ["layer.see", "a submitted blind read of my round", blindRead(other, { state: "submitted" }), ""],
  ["layer.see", "a blind read of others", foreignBlindRead, "l"],
  ["layer.see", "an unblinded read", blindRead(other, { unblinded: true, slideBlindReaderIds: [] }), "ldaev"],
  ["layer.see", "no subject", undefined, ""],
  ["layer.create", "the project", project, "l"],
  ["layer.write", "a team layer", layer(), "lda"],
  ["layer.write", "a submitted team layer", layer({ state: "submitted" }), ""],
  ["layer.write", "a team layer of a slide I read blind", layer({ slideBlindReaderIds: [me] }), ""],
  ["layer.write", "ground truth", gold, "ld"],
  ["layer.write", "a prediction", prediction, ""],
  ["layer.write", "my read", openRead(), "lda"],
  ["layer.write", "my submitted read", submitted, ""],
  ["layer.write", "another's read", openRead(other), ""],
  ["layer.write", "my blind read", blindRead(), "lda"],
  ["layer.write", "a blind read of others", foreignBlindRead, ""],
  ["layer.submit", "my read", openRead(), "lda"],
  ["layer.submit", "my submitted read", submitted, ""],
  ["layer.submit", "another's read", openRead(other), ""],
  ["layer.submit", "a team layer", layer(), "l"],
  ["layer.reopen", "a submitted read", openRead(other, { state: "submitted" }), "l"],
  ["layer.reopen", "a team layer that was handed in", layer({ state: "submitted" }), "l"],
  ["layer.reopen", "a blind read of my round", blindRead(other, { state: "submitted" }), ""],
  ["layer.reopen", "ground truth", gold, ""],
  ["layer.dissolve", "my submitted read", submitted, "lda"],
  ["layer.dissolve", "another's read", openRead(other), "l"],
  ["layer.dissolve", "a team layer", layer({ state: "submitted" }), "lda"],
  ["layer.dissolve", "ground truth", gold, "ld"],
  ["layer.dissolve", "a prediction", prediction, ""],
  ["layer.dissolve", "my blind read", blindRead(), ""],
  ["layer.dissolve", "a blind read of others", foreignBlindRead, ""],
  ["layer.import", "my read", openRead(), "lda"],
  ["layer.import", "another's read", openRead(other), ""],
  ["layer.export", "a team layer", layer(), "ldae"],
  ["layer.export", "a blind read of my round", blindRead(other), ""],
  ["presence.see", "a team layer", layer(), "ldaev"],
  ["presence.see", "a blind read of my round", blindRead(other), ""],
  ["layer.see", "my read while I repeat it", openRead(me, { repeating: true }), ""],
  ["layer.see", "another's read while they repeat it", openRead(other, { repeating: true }), "ldaev"],
  ["layer.write", "my read while I repeat it", openRead(me, { repeating: true }), ""],
  ["task.answer", "my task on a read I repeat", task({ assigneeId: me, layer: openRead(me, { repeating: true }) }), ""],
  ["screening.log", "a team layer", layer(), "lda"],
  ["screening.log", "my blind read", blindRead(), "lda"],
  ["screening.log", "a blind read of my round", blindRead(other), ""],
  ["drift.view", "the project", project, "l"],
  ["drift.configure", "the project", project, "l"],
  ["round.view", "the project", project, "ldaev"],
  ["round.progress", "an open round", round(), "ldaev"],
  ["round.progress", "a blind round of others", round({ unblinded: false }), "l"],
  ["round.progress", "a blind round of mine", round({ unblinded: false, roundReaderIds: [me] }), ""],
  ["round.create", "the project", project, "l"],
  ["round.unblind", "a blind round of others", round({ unblinded: false }), "l"],
  ["round.unblind", "a blind round of mine", round({ unblinded: false, roundReaderIds: [me] }), ""],
  [
    "round.unblind",
    "a submitted blind round of mine",
    round({ unblinded: false, roundReaderIds: [me], allSubmitted: true }),
    "l",
  ],
  [
    "round.unblind",
    "a blind round of others on a slide that I read blind elsewhere",
    round({ unblinded: false, allSubmitted: true, elsewhere: { blindIds: [me], openIds: [] } }),
    "",
  ],
  [
    "round.unblind",
    "a submitted blind round of mine, with a read of mine open elsewhere",
    round({
      ...{ unblinded: false, roundReaderIds: [me], allSubmitted: true },
      elsewhere: { blindIds: [me], openIds: [me] },
    }),
    "",
  ],
  [
    "round.unblind",
    "a submitted blind round of mine, with a read of mine handed in elsewhere",
    round({
      ...{ unblinded: false, roundReaderIds: [me], allSubmitted: true },
      elsewhere: { blindIds: [me], openIds: [] },
    }),
    "l",
  ],
  ["guideline.view", "the project", project, "ldaev"],
  ["guideline.acknowledge", "the project", project, "lda"],
  ["guideline.edit", "the project", project, "l"],
  ["guideline.approve", "another's draft", { projectId, writerIds: [other] }, "l"],
  ["guideline.approve", "a draft I wrote in", { projectId, writerIds: [other, me] }, ""],
  ["guideline.publish", "the project", project, "l"],
  ["trial.draw", "the project", project, "lda"],
  ["trial.results", "a trial", { projectId, slideBlindReaderIds: [other] }, "l"],
  ["trial.results", "a trial on a slide I read blind", { projectId, slideBlindReaderIds: [me] }, ""],
  ["question.see", "a question from nowhere", question(), "ldaev"],
  ["question.see", "a question on a slide I read blind", question(place({ slideBlindReaderIds: [me] })), ""],
  ["question.place", "a place on a slide", place(), "ldaev"],
  ["question.place", "a place on a blind read of my round", place({ placeLayer: blindRead(other) }), ""],
  ["question.place", "a place in a blind round of others", place({ placeRound: round({ unblinded: false }) }), "l"],
  ["question.place", "my place", place({ addedBy: me, slideBlindReaderIds: [me] }), "ldaev"],
  ["question.ask", "the project", project, "lda"],
  ["question.discuss", "a question from nowhere", question(), "lda"],
  ["question.discuss", "a question on a slide I read blind", question(place({ slideBlindReaderIds: [me] })), ""],
  ["question.settle", "a question from nowhere", question(), "l"],
  ["question.settle", "a question on a slide I read blind", question(place({ slideBlindReaderIds: [me] })), ""],
  ["task.see", "another's task", task(), "ld"],
  ["task.see", "my task", task({ assigneeId: me }), "ldaev"],
  ["task.see", "a task that I made", task({ creatorId: me }), "ldaev"],
  ["task.see", "a task about my outlines", task({ authorIds: [me] }), "ldaev"],
  ["task.see", "a task on a blind read of my round", task({ layer: blindRead(other) }), ""],
  ["task.see", "a task on a blind read of others", task({ layer: foreignBlindRead }), "l"],
  ["task.answer", "my task", task({ assigneeId: me }), "lda"],
  ["task.answer", "my task on my submitted read", task({ assigneeId: me, layer: submitted }), "lda"],
  ["task.answer", "my task on a layer kept from me", task({ assigneeId: me, layer: blindRead(other) }), ""],
  ["task.answer", "another's task", task(), ""],
  ["task.answer", "my task of disputes", task({ assigneeId: me, disputes: [] }), "ld"],
  ["task.create", "the project", { ...project, layer: null }, "l"],
  ["task.create", "a blind read of my round", { ...project, layer: blindRead(other) }, ""],
  ["task.assign", "another's task", task(), "l"],
  ["task.review", "another's task", task(), "l"],
  ["task.review", "my task", task({ assigneeId: me }), ""],
  ["task.review", "a task about my outlines", task({ authorIds: [other, me] }), ""],
  ["task.review", "a task on a blind read of my round", task({ layer: blindRead(other) }), ""],
  ["comment.see", "a team layer", layer(), "ldaev"],
  ["comment.see", "a blind read of my round", blindRead(other), ""],
  ["comment.see", "another's task", task(), "ld"],
  ["comment.see", "the project", project, ""],
  ["comment.write", "a team layer", layer(), "ldae"],
  ["comment.write", "my submitted read", submitted, "ldae"],
  ["comment.write", "my task", task({ assigneeId: me }), "ldae"],
  ["comment.write", "a blind read of my round", blindRead(other), ""],
  ["consensus.view", "an open round", round(), "ldaev"],
  ["consensus.view", "a blind round of others", round({ unblinded: false }), "l"],
  ["consensus.view", "a blind round of mine", round({ unblinded: false, roundReaderIds: [me] }), ""],
  ["consensus.view", "an open round on a slide I read blind", round({ slideBlindReaderIds: [me] }), ""],
  ["consensus.readers", "an unblinded round", round(), "laev"],
  ["consensus.readers", "a blind round of others", round({ unblinded: false }), "l"],
  ["consensus.adjudicate", "an unblinded round", round(), "ld"],
  ["consensus.adjudicate", "a blind round of others", round({ unblinded: false }), "l"],
  ["record.compare", "my reads of an unblinded round", compared(me), "lda"],
  ["record.compare", "another's reads of an unblinded round", compared(other), "l"],
  ["record.compare", "another's reads of a blind round of others", compared(other, { unblinded: false }), "l"],
  ["record.compare", "my reads of a blind round", compared(me, { unblinded: false, roundReaderIds: [me] }), ""],
  ["record.compare", "reads of a slide I read blind", compared(other, { slideBlindReaderIds: [me] }), ""],
  ["record.compare", "a round", round(), ""],
  ["release.view", "the project", project, "ldaev"],
  ["release.view", "slides I read blind", { projectId, slideBlindReaderIds: [me] }, ""],
  ["release.freeze", "the project", project, "l"],
  ["release.export", "the project", project, "ldae"],
  ["release.export", "slides I read blind", { projectId, slideBlindReaderIds: [me] }, ""],
  ["audit.view", "the project", project, "l"],
  ["audit.view", "slides I read blind", { projectId, slideBlindReaderIds: [me] }, ""],
];

describe("the table", () => {
  test("[PRM1] answers every action for every role", () => {
    const wrong = TABLE.filter(([action, , subject, expected]) => who(action, subject) !== expected);
    expect(wrong.map(([action, on, subject, expected]) => [action, on, expected, who(action, subject)])).toEqual([]);
    expect(new Set(TABLE.map(([action]) => action))).toEqual(new Set(ACTIONS));
  });

  test("[PRM2] the roles told to the outside are those that the rules ever let through", () => {
    for (const action of ACTIONS) {
      const through = ROLES.filter((role) =>
        TABLE.some(([each, , subject]) => each === action && can(member(role), action, subject)),
      );
      expect([action, [...rolesFor(action)].sort()]).toEqual([action, [...through].sort()]);
    }
    expect(Object.keys(ROLE_LABELS)).toEqual([...ROLES]);
  });

  test("[PRM3] a stranger may do nothing, nor a member of another project", () => {
    const foreign = { ...member("lead"), projectId: aProjectId("elsewhere") };
    for (const [action, , subject] of TABLE) {
      expect(can(null, action, subject)).toBe(false);
      if (subject !== undefined) expect(can(foreign, action, subject)).toBe(false);
    }
    const smuggled = task({ layer: { ...layer(), projectId: aProjectId("elsewhere") } });
    expect(can(member("lead"), "task.see", smuggled)).toBe(false);
  });

  test("[PRM4] an action that depends on a fuller subject is refused without it", () => {
    for (const action of ["layer.write", "task.answer", "task.create", "consensus.view", "round.unblind"] as const) {
      for (const role of ROLES) {
        expect(can(member(role), action)).toBe(false);
        expect(can(member(role), action, project)).toBe(false);
      }
    }
    expect(can(member("lead"), "layer.see", round())).toBe(false);
    expect(can(member("lead"), "consensus.view", layer())).toBe(false);
  });
});

describe("blinding", () => {
  const people = [me, other, aPersonId("third")];
  const person = fc.constantFrom(...people);
  const role = fc.constantFrom(...ROLES);
  const some = fc.subarray(people);
  const anyLayer: fc.Arbitrary<LayerSubject> = fc.record({
    projectId: fc.constant(projectId),
    kind: fc.constantFrom("team", "read", "ground-truth", "prediction"),
    readerId: fc.option(person),
    mode: fc.constantFrom("together", "open", "blind"),
    state: fc.constantFrom("open", "submitted"),
    unblinded: fc.boolean(),
    roundReaderIds: some,
    slideBlindReaderIds: some,
  });
  const layerActions = [
    "layer.see",
    "layer.write",
    "layer.submit",
    "layer.reopen",
    "layer.import",
    "layer.export",
    "presence.see",
  ] as const;

  test("[PRM5] nobody but its reader and a lead who does not read in the round gets anything of a blind read", () => {
    fc.assert(
      fc.property(role, person, anyLayer, (asRole, who, drawn) => {
        const blind = { ...drawn, kind: "read" as const, unblinded: false };
        const allowed = layerActions.some((action) => can(member(asRole, who), action, blind));
        const lead = asRole === "lead" && !blind.roundReaderIds.includes(who);
        if (allowed) expect(blind.readerId === who || lead).toBe(true);
        const someTask = task({ assigneeId: who, creatorId: who, authorIds: [who], layer: blind });
        const onTask = (["task.see", "task.answer", "task.assign", "task.review"] as const).some((action) =>
          can(member(asRole, who), action, someTask),
        );
        if (onTask) expect(blind.readerId === who || lead).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("[PRM6] whoever reads a slide blind gets nothing of anybody else on it", () => {
    fc.assert(
      fc.property(role, anyLayer, (asRole, drawn) => {
        const shared = { ...drawn, slideBlindReaderIds: [me] };
        const own = shared.kind === "read" && shared.readerId === me;
        fc.pre(!own && shared.kind !== "prediction");
        for (const action of layerActions) expect(can(member(asRole), action, shared)).toBe(false);
      }),
    );
  });

  test("[PRM7] engineers and viewers write nowhere, nobody writes a prediction or a submitted layer", () => {
    fc.assert(
      fc.property(role, person, anyLayer, (asRole, who, drawn) => {
        if (!can(member(asRole, who), "layer.write", drawn)) return;
        expect(["engineer", "viewer"]).not.toContain(asRole);
        expect(drawn.kind).not.toBe("prediction");
        expect(drawn.state).toBe("open");
        expect(can(member(asRole, who), "layer.see", drawn)).toBe(true);
        if (drawn.kind === "read") expect(drawn.readerId).toBe(who);
      }),
      { numRuns: 1_000 },
    );
  });
});
