import { type EffectiveRules, effectiveRules, mayShare, tightenedRules } from "#domain/guideline/effective.ts";
import { asks } from "#domain/guideline/outcomes.ts";
import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import type { Followed } from "#domain/migration.ts";
import { type ChangePlace, changeAt, laterOf, type Raised } from "./limits.ts";

/** Versions with what they say: rules are those of the newest. */
export type Versions = readonly {
  readonly number: number;
  readonly content: GuidelineContent;
  readonly changes: readonly GuidelineChange[];
}[];

const SHARING_RULES: readonly string[] = ["maxSharedShare", "overlaps"];
const NESTING_RULES: readonly string[] = ["nestedIn"];

/** What the rules about sharing tissue say of outlines that have a class for certain. */
export type Sharing = {
  readonly classId: ClassId;
  readonly rules: EffectiveRules;
  /** What made the rules of its own side stricter for it. */
  readonly raised: readonly Raised[];
  /** For what was carried over, what it was when that was done; null for the others. */
  readonly former: Former | null;
};

type Former = ChangePlace & {
  readonly classId: ClassId;
  readonly rules: EffectiveRules;
  /** The rules of a class in the version that carried it over. */
  readonly rulesOf: (classId: ClassId) => EffectiveRules | null;
};

/**
 * What became stricter for outlines of a class and stamp: the rules of their class, all at once for what was carried over
 * into it; what the class that they were drawn as became before that; and what the new class allows less than that one.
 * Where a lead left out that what is carried over is checked, only what came later counts.
 */
export function sharingOf(
  { stored, classId, movedBy }: Pick<Followed, "stored" | "classId" | "movedBy">,
  rules: EffectiveRules,
  history: Versions,
): Sharing {
  const former = movedBy === null ? null : formerOf(stored, movedBy, history);
  const from = movedBy !== null && former === null ? movedBy.version : 0;
  const raised = limitChanges(history).flatMap(({ number, index, change }): Raised[] => {
    const at = { version: number, index };
    const isFormer = former !== null && change.classId === stored && number < former.version;
    if (number <= from || !(isFormer || change.classId === classId)) return [];
    const place = isFormer ? at : laterOf(at, movedBy);
    return change.tightened.filter(isAboutSharing).map((rule) => ({ rule, raised: number, ...place }));
  });
  if (former !== null && tightenedRules(former.rules, rules).includes("maxSharedShare")) {
    raised.push(raisedBy(former, "maxSharedShare"));
  }
  return { classId, rules, raised, former };
}

/** The change that carried one of two outlines from a class that could share tissue with the other; empty where none did. */
export function lostPermission({ former }: Sharing, other: Pick<Sharing, "classId">): readonly Raised[] {
  const then = former?.rulesOf(other.classId) ?? null;
  if (former === null || then === null) return [];
  const couldShare = mayShare([former.classId, former.rules], [other.classId, then]);
  return couldShare ? [raisedBy(former, "overlaps")] : [];
}

/** Whether anything in a history can ask about two outlines. */
export function asksAboutTwo(history: Versions): boolean {
  const isStricter = limitChanges(history).some(({ change }) =>
    change.tightened.some((rule) => isAboutSharing(rule) || isAboutNesting(rule)),
  );
  return (
    isStricter || history.some(({ content, changes }) => changes.some((each) => carriesUnderStricter(each, content)))
  );
}

export function isAboutNesting(rule: string): boolean {
  return NESTING_RULES.includes(rule);
}

function isAboutSharing(rule: string): boolean {
  return SHARING_RULES.includes(rule);
}

function raisedBy({ version, index }: ChangePlace, rule: string): Raised {
  return { rule, raised: version, version, index };
}

/** Null where the version does not know the class, or a lead left the check out. */
function formerOf(stored: ClassId, movedBy: ChangePlace, history: Versions): Former | null {
  const content = history.find(({ number }) => number === movedBy.version)?.content;
  const rules = content === undefined ? null : effectiveRules(content, stored);
  if (content === undefined || rules === null || !asks(changeAt(movedBy, history), "re-check")) return null;
  const known = new Map<ClassId, EffectiveRules | null>();
  const rulesOf = (classId: ClassId): EffectiveRules | null => {
    const found = known.has(classId) ? known.get(classId) : effectiveRules(content, classId);
    known.set(classId, found ?? null);
    return found ?? null;
  };
  return { ...movedBy, classId: stored, rules, rulesOf };
}

/** Changes of rules that ask for a re-check, with their places. */
function limitChanges(history: Versions) {
  return history.flatMap(({ number, changes }) =>
    changes.flatMap((change, index) =>
      change.kind === "limits" && asks(change, "re-check") ? [{ number, index, change }] : [],
    ),
  );
}

/** Whether a change carries outlines into a class that allows less for two than the one that they were. */
function carriesUnderStricter(change: GuidelineChange, content: GuidelineContent): boolean {
  if (!asks(change, "re-check")) return false;
  return movesOf(change).some(([from, to]) => {
    const [before, after] = [effectiveRules(content, from), effectiveRules(content, to)];
    if (before === null || after === null) return false;
    if (after.nestedIn.length > 0 || tightenedRules(before, after).includes("maxSharedShare")) return true;
    return content.classes.some(({ id, retired }) => {
      const rules = retired || id === to ? null : effectiveRules(content, id);
      return rules !== null && mayShare([from, before], [id, rules]) && !mayShare([to, after], [id, rules]);
    });
  });
}

/** From which class to which others a change carries outlines. */
function movesOf(change: GuidelineChange): (readonly [from: ClassId, to: ClassId])[] {
  switch (change.kind) {
    case "merge":
      return change.from.map((from) => [from, change.into]);
    case "split":
      return change.into.map((to) => [change.classId, to]);
    case "retire":
      return change.successors.map((to) => [change.classId, to]);
    case "abstract":
      return change.children.map((to) => [change.classId, to]);
    default:
      return [];
  }
}
