import type { DraftState } from "#domain/draft-merge.ts";
import type { SplitHint } from "#domain/guideline/change.ts";
import {
  blankClass,
  type ChangeOutcome,
  type ClassDefinition,
  type Declaration,
  type GuidelineContent,
  studyRules,
} from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import type { SplitTarget } from "./split-hints.ts";

/** How the meaning of a class moved; "both" where it lost some members and gained others. */
export type MeaningChange = "reword" | "narrow" | "broaden" | "both" | "redefine";

export const EMPTY_GUIDELINE: GuidelineContent = {
  introduction: "",
  classes: [],
  rules: studyRules({ exhaustive: false, readersPerCase: 3, quorum: 2, minDisputeUm2: 100 }),
};

const MEANING = ["definition", "include", "exclude"] as const;

export function newClass(id: ClassId, name: string, colour: string, parentId: ClassId | null = null): ClassDefinition {
  return { ...blankClass({ id, name, colour }), parentId };
}

/** The lowest number key that no drawable class has; null where all nine are taken. */
export function freeHotkey(content: GuidelineContent): number | null {
  const taken = new Set(content.classes.filter((each) => !each.retired).map((each) => each.hotkey));
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].find((key) => !taken.has(key)) ?? null;
}

/** Which texts of a class differ from those in force: what belongs to it, and where its outline runs. */
export function textsDiffer(
  base: GuidelineContent,
  draft: DraftState,
  classId: ClassId,
): { readonly meaning: boolean; readonly boundary: boolean } {
  const before = base.classes.find((each) => each.id === classId);
  const after = draft.content.classes.find((each) => each.id === classId);
  if (before === undefined || after === undefined || after.retired) return { meaning: false, boundary: false };
  return {
    meaning: MEANING.some((field) => before[field] !== after[field]),
    boundary: before.boundary !== after.boundary,
  };
}

/** What was declared about a class's new words; null where nothing was. */
export function meaningOf(draft: DraftState, classId: ClassId): MeaningChange | null {
  const kinds = draft.declarations
    .filter((each) => "classId" in each && each.classId === classId)
    .map((each) => each.kind);
  if (kinds.includes("narrow")) return kinds.includes("broaden") ? "both" : "narrow";
  if (kinds.includes("broaden")) return "broaden";
  if (kinds.includes("redefine")) return "redefine";
  return kinds.includes("reword") ? "reword" : null;
}

/** Changes fields of a class. A declaration about words that are the old ones again is dropped. */
export function editClass(
  base: GuidelineContent,
  draft: DraftState,
  classId: ClassId,
  part: Partial<Omit<ClassDefinition, "id" | "retired">>,
): DraftState {
  const classes = draft.content.classes.map((each) => (each.id === classId ? { ...each, ...part } : each));
  const edited: DraftState = { ...draft, content: { ...draft.content, classes } };
  const { meaning, boundary } = textsDiffer(base, edited, classId);
  const founded = boundary ? edited : declareBoundary(edited, classId, false);
  return meaning || boundary ? founded : withoutWording(founded, classId);
}

/** Puts a class at another place among its siblings: before the one, or at the end. */
export function moveClass(draft: DraftState, classId: ClassId, before: ClassId | null): DraftState {
  const moved = draft.content.classes.find((each) => each.id === classId);
  if (moved === undefined || before === classId) return draft;
  const others = draft.content.classes.filter((each) => each.id !== classId);
  const at = others.findIndex((each) => each.id === before);
  const classes = at === -1 ? [...others, moved] : others.toSpliced(at, 0, moved);
  return { ...draft, content: { ...draft.content, classes } };
}

export function addClass(draft: DraftState, added: ClassDefinition): DraftState {
  return { ...draft, content: { ...draft.content, classes: [...draft.content.classes, added] } };
}

/** Says how the meaning moved; neighbours are the classes that a broadened one may take members from. */
export function declareMeaning(
  draft: DraftState,
  classId: ClassId,
  meaning: MeaningChange,
  neighbours: readonly ClassId[] = [],
): DraftState {
  const cleared = withoutWording(draft, classId);
  const said: Declaration[] = [];
  if (meaning === "reword" || meaning === "redefine") said.push({ kind: meaning, classId });
  if (meaning === "narrow" || meaning === "both") said.push({ kind: "narrow", classId });
  if (meaning === "broaden" || meaning === "both") said.push({ kind: "broaden", classId, neighbours: [...neighbours] });
  return { ...cleared, declarations: [...cleared.declarations, ...said] };
}

/** Says that the outline of a class runs elsewhere than before, or takes that back. */
export function declareBoundary(draft: DraftState, classId: ClassId, moves: boolean): DraftState {
  const others = draft.declarations.filter((each) => each.kind !== "boundary" || each.classId !== classId);
  return { ...draft, declarations: moves ? [...others, { kind: "boundary", classId }] : others };
}

export function boundaryMoves(draft: DraftState, classId: ClassId): boolean {
  return draft.declarations.some((each) => each.kind === "boundary" && each.classId === classId);
}

/** Leaves outcomes of a change out, with the reason that is printed in releases; none of them takes that back. */
export function weakenChange(
  draft: DraftState,
  change: string,
  { drop, reason }: { readonly drop: readonly ChangeOutcome[]; readonly reason: string },
): DraftState {
  const others = draft.declarations.filter((each) => each.kind !== "weaken" || each.change !== change);
  const said: Declaration[] = drop.length === 0 ? [] : [{ kind: "weaken", change, drop: [...drop], reason }];
  return { ...draft, declarations: [...others, ...said] };
}

/** Neighbours named for a broadened class. */
export function neighboursOf(draft: DraftState, classId: ClassId): readonly ClassId[] {
  const found = draft.declarations.find((each) => each.kind === "broaden" && each.classId === classId);
  return found?.kind === "broaden" ? found.neighbours : [];
}

/** Everything of the merged classes is of class `into` from now on; they are kept as retired. */
export function mergeClasses(
  base: GuidelineContent,
  draft: DraftState,
  from: readonly ClassId[],
  into: ClassId,
): DraftState {
  const published = from.filter((id) => isIn(base, id));
  const ended = from.reduce((state, id) => endClass(base, state, id), draft);
  if (published.length === 0) return ended;
  return { ...ended, declarations: [...ended.declarations, { kind: "merge", from: published, into }] };
}

/** Each member of the class becomes one of the targets, by a person's choice; targets that are new are added. */
export function splitClass(
  base: GuidelineContent,
  draft: DraftState,
  classId: ClassId,
  split: {
    readonly into: readonly SplitTarget[];
    readonly fallback: ClassId | null;
    readonly guide: string;
    readonly hints?: SplitHint[];
  },
): DraftState {
  const parentId = draft.content.classes.find((each) => each.id === classId)?.parentId ?? null;
  const missing = split.into.filter((target) => !isIn(draft.content, target.id));
  const ended = endClass(base, draft, classId);
  const grown = missing.reduce(
    (state, target) =>
      addClass(state, {
        ...newClass(target.id, target.name, target.colour, parentId),
        hotkey: freeHotkey(state.content),
      }),
    ended,
  );
  const into = split.into.map((target) => target.id);
  const said = split.hints === undefined || split.hints.length === 0 ? {} : { hints: split.hints };
  return {
    ...grown,
    declarations: [
      ...grown.declarations,
      { kind: "split", classId, into, fallback: split.fallback, guide: split.guide, ...said },
    ],
  };
}

/**
 * Ends a class: its members become the one successor by themselves, are asked about where there are several, are archived
 * where there is none.
 * @param ignore archived outlines are regions to ignore, instead of being looked at again
 */
export function retireClass(
  base: GuidelineContent,
  draft: DraftState,
  classId: ClassId,
  successors: readonly ClassId[],
  ignore = false,
): DraftState {
  const ended = endClass(base, draft, classId);
  if (!isIn(base, classId)) return ended;
  const said = ignore && successors.length === 0 ? { ignore } : {};
  const retired: Declaration = { kind: "retire", classId, successors: [...successors], ...said };
  return { ...ended, declarations: [...ended.declarations, retired] };
}

/** Brings a retired class back with the words it had, and takes back what this draft said about its end. */
export function restoreClass(base: GuidelineContent, draft: DraftState, classId: ClassId): DraftState {
  const before = base.classes.find((each) => each.id === classId);
  const classes = draft.content.classes.map((each) =>
    each.id === classId ? { ...each, ...before, retired: false, hotkey: null } : each,
  );
  const declarations = draft.declarations.flatMap((each): Declaration[] => {
    if (each.kind === "merge" && each.from.includes(classId)) {
      const from = each.from.filter((id) => id !== classId);
      return from.length === 0 ? [] : [{ ...each, from }];
    }
    return endsAlone(each, classId) ? [] : [each];
  });
  return { content: { ...draft.content, classes }, declarations };
}

/** What became of a class between the version in force and the draft, for a mark beside its name. */
export function standingOf(
  base: GuidelineContent,
  draft: DraftState,
  classId: ClassId,
): "same" | "new" | "changed" | "ended" | "retired" | "restored" {
  const before = base.classes.find((each) => each.id === classId);
  const after = draft.content.classes.find((each) => each.id === classId);
  if (before === undefined) return "new";
  if (after?.retired === true) return before.retired ? "retired" : "ended";
  if (before.retired) return "restored";
  return JSON.stringify(before) === JSON.stringify(after) ? "same" : "changed";
}

function isIn(content: GuidelineContent, id: ClassId): boolean {
  return content.classes.some((each) => each.id === id);
}

function endsAlone(declaration: Declaration, classId: ClassId): boolean {
  return (declaration.kind === "split" || declaration.kind === "retire") && declaration.classId === classId;
}

function isWording(
  declaration: Declaration,
): declaration is Extract<Declaration, { kind: "reword" | "narrow" | "broaden" | "redefine" }> {
  return ["reword", "narrow", "broaden", "redefine"].includes(declaration.kind);
}

function withoutWording(draft: DraftState, classId: ClassId): DraftState {
  const declarations = draft.declarations.filter((each) => !(isWording(each) && each.classId === classId));
  return { ...draft, declarations };
}

/** A published class is kept as retired, with the words it had; one that only the draft knew is taken out. */
function endClass(base: GuidelineContent, draft: DraftState, classId: ClassId): DraftState {
  const before = base.classes.find((each) => each.id === classId);
  const reworded = withoutWording(restoreClass(base, draft, classId), classId);
  const restored = { ...reworded, declarations: reworded.declarations.filter((each) => !isOfFields(each, classId)) };
  const classes = restored.content.classes.flatMap((each): ClassDefinition[] => {
    if (each.id !== classId) {
      return [
        {
          ...each,
          parentId: each.parentId === classId && before === undefined ? null : each.parentId,
          lookAlikes: before === undefined ? each.lookAlikes.filter((id) => id !== classId) : each.lookAlikes,
        },
      ];
    }
    return before === undefined ? [] : [{ ...before, retired: true }];
  });
  const declarations = restored.declarations.flatMap((each) => withoutTarget(each, classId));
  return { content: { ...restored.content, classes }, declarations };
}

/** What is said about the boundary or the attributes of a class goes with its words. */
function isOfFields(declaration: Declaration, classId: ClassId): boolean {
  const isAbout = "classId" in declaration && declaration.classId === classId;
  return isAbout && (declaration.kind === "boundary" || "attributeId" in declaration);
}

/** A class that ends can no longer be where other classes lead to. */
function withoutTarget(declaration: Declaration, classId: ClassId): Declaration[] {
  switch (declaration.kind) {
    case "merge":
      return declaration.into === classId ? [] : [declaration];
    case "split":
      return [
        {
          ...declaration,
          into: declaration.into.filter((id) => id !== classId),
          fallback: declaration.fallback === classId ? null : declaration.fallback,
          hints: declaration.hints?.filter((hint) => hint.classId !== classId),
        },
      ];
    case "retire":
      return [{ ...declaration, successors: declaration.successors.filter((id) => id !== classId) }];
    case "broaden":
      return [{ ...declaration, neighbours: declaration.neighbours.filter((id) => id !== classId) }];
    default:
      return [declaration];
  }
}
