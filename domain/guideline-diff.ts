import { z } from "zod";
import { attributeChanges } from "./guideline/attribute-changes.ts";
import { checkContent, contentReasonSchema } from "./guideline/content.ts";
import { findDeclarationFault } from "./guideline/declared.ts";
import { type Classes, isAboutValues } from "./guideline/declared-values.ts";
import { classChanges, limitChanges, lookedForAfter, studyChanges } from "./guideline/inferred.ts";
import { changeKey, defaultOutcomes, leavableOutcomes } from "./guideline/outcomes.ts";
import type { Declaration, GuidelineChange, GuidelineContent } from "./guideline.ts";
import { ok, type Result, refuse } from "./result.ts";

/** Why a draft cannot follow its parent version. */
export const diffReasonSchema = z.enum([
  ...contentReasonSchema.options,
  "change-undeclared",
  "class-removed",
  "attribute-removed",
  "declaration-unfounded",
  "declared-twice",
  "merge-target-missing",
  "split-needs-children",
  "retired-id-reused",
  "outcome-needed",
]);
export type DiffReason = z.infer<typeof diffReasonSchema>;

/**
 * The typed changes from a version to the draft that follows it.
 * What can be read off the two texts is inferred; what only the lead knows is declared (what new words mean, how a class or
 * a value ends, how a unit is converted, which outcome is left out and why). A class or a value that ends is kept in the
 * draft with `retired: true`. A restored class comes back with the words it had.
 * @returns changes in a fixed order: by kind, then by the position of the class in the draft; refuses a draft whose
 * meaning for existing annotations nobody has stated, or a declaration that the draft does not bear out
 */
export function diffGuidelines(
  from: GuidelineContent,
  to: GuidelineContent,
  declarations: readonly Declaration[],
): Result<GuidelineChange[], DiffReason> {
  const checked = checkContent(to);
  if (!checked.ok) return checked;
  const before = byId(from);
  const refusal = findDeclarationFault(declarations, { before, after: byId(to) });
  if (refusal !== null) return refusal;
  const changes: GuidelineChange[] = [...limitChanges(from, to), ...studyChanges(from, to)];
  for (const now of to.classes) {
    const old = before.get(now.id);
    const attributes = attributeChanges(old ?? null, now, declarations);
    if (!attributes.ok) return attributes;
    changes.push(...classChanges(old, now, to, declarations), ...attributes.value);
  }
  changes.push(...declarations.flatMap((each) => declaredChange(each, to)));
  return weaken(sortChanges(changes, to), declarations, to);
}

/** What a declaration says about a class as a change; those about values are among the changes of attributes. */
function declaredChange(declaration: Declaration, to: GuidelineContent): GuidelineChange[] {
  if (isAboutValues(declaration) || declaration.kind === "weaken") return [];
  if (declaration.kind !== "retire") return [declaration];
  const { classId, successors, ignore = false } = declaration;
  const retired = to.classes.find(({ id }) => id === classId);
  const left = retired !== undefined && successors.length === 0 && !ignore;
  const change: GuidelineChange = { kind: "retire", classId, successors };
  if (ignore) return [{ ...change, ignore }];
  return [left && to.rules.exhaustive ? { ...change, lookFor: lookedForAfter(retired, to) } : change];
}

/** Leaves out what a lead left out with a reason, as far as it may be left out. */
function weaken(
  changes: readonly GuidelineChange[],
  declarations: readonly Declaration[],
  { rules }: GuidelineContent,
): Result<GuidelineChange[], DiffReason> {
  const weakened = [...changes];
  for (const declaration of declarations) {
    if (declaration.kind !== "weaken") continue;
    const { drop, reason } = declaration;
    const index = changes.findIndex((each) => changeKey(each) === declaration.change);
    const change = changes[index];
    if (change === undefined) return refuse("declaration-unfounded", { why: "there is no such change", declaration });
    const outcomes = defaultOutcomes(change, rules);
    if (drop.some((outcome) => outcome === "automatic" || !outcomes.includes(outcome))) {
      return refuse("declaration-unfounded", { why: "the change does not ask for this", declaration, outcomes });
    }
    const leavable = leavableOutcomes(change, rules);
    if (drop.some((outcome) => !leavable.includes(outcome))) return refuse("outcome-needed", { declaration });
    weakened[index] = { ...change, weakened: { drop, reason } };
  }
  return ok(weakened);
}

/** The order in which a page lists them: what is new, what is worded, what ends, what is measured. */
const KIND_ORDER: readonly GuidelineChange["kind"][] = [
  "restore",
  "add",
  "rename",
  "recolour",
  "rehotkey",
  "icon",
  "ontology",
  "reorder",
  "move",
  "concrete",
  "reword",
  "example",
  "narrow",
  "broaden",
  "redefine",
  "boundary",
  "geometry",
  "merge",
  "split",
  "abstract",
  "retire",
  "attribute-add",
  "attribute-restore",
  "attribute-rename",
  "attribute-reword",
  "attribute-relax",
  "attribute-require",
  "attribute-retype",
  "attribute-retire",
  "value-restore",
  "value-add",
  "value-rename",
  "value-merge",
  "value-split",
  "value-retire",
  "limits",
  "balance",
  "matching",
  "method",
  "screening",
  "consensus",
  "rules",
];

function byId(content: GuidelineContent): Classes {
  return new Map(content.classes.map((each) => [each.id, each]));
}

function sortChanges(changes: readonly GuidelineChange[], to: GuidelineContent): GuidelineChange[] {
  const position = new Map(to.classes.map((each, index) => [each.id, index]));
  const rank = (change: GuidelineChange): number => {
    const subject = change.kind === "merge" ? change.into : "classId" in change ? change.classId : null;
    const kind = KIND_ORDER.indexOf(change.kind);
    return kind * 1_000 + (subject === null ? 0 : (position.get(subject) ?? 0));
  };
  return [...changes].sort((left, right) => rank(left) - rank(right) || compareText(left, right));
}

function compareText(left: GuidelineChange, right: GuidelineChange): number {
  const [a, b] = [JSON.stringify(left), JSON.stringify(right)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
