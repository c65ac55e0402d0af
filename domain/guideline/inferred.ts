import {
  type ClassDefinition,
  type Declaration,
  type GuidelineChange,
  type GuidelineContent,
  isDrawable,
} from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { drawableBelow } from "./content.ts";
import { adviceChanged, wordedBy } from "./declared.ts";
import { differingRules, effectiveRules, tightenedRules } from "./effective.ts";
import { CONSENSUS_RULES, SCREENING_RULES, type StudyRules } from "./rules.ts";

const ORDINARY_RULES = [
  "minScreeningShare",
  "secondLead",
  "washoutDays",
  "qualifyShare",
] as const satisfies readonly (keyof StudyRules)[];
const REGIONS: readonly StudyRules["region"][] = ["regions", "tissue", "slide"];

/** What can be read off two versions of a class without asking anybody; attributes and rules are compared elsewhere. */
export function classChanges(
  old: ClassDefinition | undefined,
  now: ClassDefinition,
  to: GuidelineContent,
  declarations: readonly Declaration[],
): GuidelineChange[] {
  const classId = now.id;
  if (old === undefined) return [{ kind: "add", classId }];
  const changes: GuidelineChange[] = [];
  if (old.retired && !now.retired) changes.push({ kind: "restore", classId });
  if (old.name !== now.name) changes.push({ kind: "rename", classId, from: old.name, to: now.name });
  if (old.colour !== now.colour) changes.push({ kind: "recolour", classId, from: old.colour, to: now.colour });
  if (old.hotkey !== now.hotkey) changes.push({ kind: "rehotkey", classId, from: old.hotkey, to: now.hotkey });
  if (old.icon !== now.icon) changes.push({ kind: "icon", classId, from: old.icon, to: now.icon });
  if (differs(old.ontology, now.ontology)) changes.push({ kind: "ontology", classId });
  if (old.parentId !== now.parentId) changes.push({ kind: "move", classId, from: old.parentId, to: now.parentId });
  if (now.retired) return changes;
  const worded = declarations.some((each) => wordedBy(each).includes(classId));
  if (adviceChanged(old, now) && !worded) changes.push({ kind: "reword", classId });
  if (differs(old.examples, now.examples)) changes.push({ kind: "example", classId });
  return [...changes, ...drawingChanges(old, now, to)];
}

function drawingChanges(old: ClassDefinition, now: ClassDefinition, to: GuidelineContent): GuidelineChange[] {
  const classId = now.id;
  const changes: GuidelineChange[] = [];
  if (now.abstract && (old.retired || !old.abstract)) {
    changes.push({ kind: "abstract", classId, children: drawableBelow(to.classes, classId) });
  }
  if (old.abstract && !now.abstract) changes.push({ kind: "concrete", classId });
  if (differs([...old.geometry].sort(), [...now.geometry].sort())) {
    changes.push({ kind: "geometry", classId, from: old.geometry, to: now.geometry });
  }
  if (old.targetShare !== now.targetShare) {
    changes.push({ kind: "balance", classId, from: old.targetShare, to: now.targetShare });
  }
  if (differs(old.matching, now.matching)) changes.push({ kind: "matching", classId });
  if (differs(old.consensus, now.consensus)) {
    const [from, to] = [old.consensus?.method ?? null, now.consensus?.method ?? null];
    changes.push({ kind: "method", classId, from, to });
  }
  return changes;
}

/**
 * Rules that hold for a class that both versions have, its own or inherited, which also a move can change. Those of a class
 * that stays retired count too: one that is restored later comes back under them.
 */
export function limitChanges(from: GuidelineContent, to: GuidelineContent): GuidelineChange[] {
  return to.classes.flatMap((now): GuidelineChange[] => {
    const before = effectiveRules(from, now.id);
    const after = effectiveRules(to, now.id);
    if (before === null || after === null || (now.retired && !isRetired(from, now.id))) return [];
    const what = differingRules(before, after);
    return what.length === 0
      ? []
      : [{ kind: "limits", classId: now.id, what, tightened: tightenedRules(before, after) }];
  });
}

function isRetired({ classes }: GuidelineContent, id: ClassId): boolean {
  return classes.some((each) => each.id === id && each.retired);
}

/** What a version changes for the study as a whole. */
export function studyChanges(from: GuidelineContent, to: GuidelineContent): GuidelineChange[] {
  const changed = (rules: readonly (keyof StudyRules)[]): string[] =>
    rules.filter((rule) => differs(from.rules[rule], to.rules[rule]));
  const changes: GuidelineChange[] = [];
  if (differs(order(from, to), order(to, from))) changes.push({ kind: "reorder" });
  const screening = changed(SCREENING_RULES);
  const stricter = screening.filter((rule) => isStricter(rule, from.rules, to.rules));
  if (screening.length > 0) changes.push({ kind: "screening", what: screening, tightened: stricter });
  const consensus = changed(CONSENSUS_RULES);
  if (consensus.length > 0) changes.push({ kind: "consensus", what: consensus });
  const rest = [...(from.introduction === to.introduction ? [] : ["introduction"]), ...changed(ORDINARY_RULES)];
  if (rest.length > 0) changes.push({ kind: "rules", what: rest });
  return changes;
}

/** Classes to look for where the tissue of a class is left without one: what it is taken for, else every class. */
export function lookedForAfter(retired: ClassDefinition, to: GuidelineContent): ClassId[] {
  const drawable = to.classes.filter(isDrawable).map(({ id }) => id);
  const near = [...retired.lookAlikes, ...(retired.parentId === null ? [] : [retired.parentId])];
  const found = drawable.filter((id) => near.includes(id));
  return found.length > 0 ? found : drawable;
}

function isStricter(rule: string, from: StudyRules, to: StudyRules): boolean {
  if (rule === "exhaustive") return to.exhaustive && !from.exhaustive;
  if (rule === "region") return REGIONS.indexOf(to.region) > REGIONS.indexOf(from.region);
  return (to.minScreeningMagnification ?? 0) > (from.minScreeningMagnification ?? 0);
}

/** Classes of one version that the other has too, in order. */
function order(of: GuidelineContent, other: GuidelineContent): ClassId[] {
  const known = new Set(other.classes.map(({ id }) => id));
  return of.classes.filter(({ id }) => known.has(id)).map(({ id }) => id);
}

function differs(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) !== JSON.stringify(right);
}
