import type { StudyRules } from "#domain/guideline.ts";
import type { ChangeOutcome, GuidelineChange, Shape } from "./change.ts";

type OfAttribute = Extract<GuidelineChange, { readonly attributeId: unknown }>;
type Study = Pick<StudyRules, "exhaustive">;

/**
 * What a change asks for by its nature, in the order of `ChangeOutcome`; never empty.
 * @param rules of the version that the change belongs to
 */
export function defaultOutcomes(change: GuidelineChange, rules: Study): ChangeOutcome[] {
  if ("attributeId" in change) return [attributeOutcome(change)];
  switch (change.kind) {
    case "reword":
    case "example":
      return ["acknowledge"];
    case "narrow":
    case "boundary":
    case "abstract":
    case "split":
      return ["review"];
    case "broaden":
      return [...when(change.neighbours.length > 0, "review"), "re-screen"];
    case "redefine":
      return ["review", "re-screen", "requalify"];
    case "add":
      return orAutomatic(rules.exhaustive, "re-screen");
    case "merge":
      return ["automatic", "re-check", "recompute"];
    case "retire":
      return retireOutcomes(change, rules);
    case "restore":
      return ["automatic", "re-screen"];
    case "geometry":
      return orAutomatic(redrawnShapes(change).length > 0, "review");
    case "limits":
      return orAutomatic(change.tightened.length > 0, "re-check");
    case "screening":
      return orAutomatic(change.tightened.length > 0, "re-screen");
    case "consensus":
    case "matching":
    case "method":
      return ["recompute"];
    case "rename":
    case "recolour":
    case "rehotkey":
    case "icon":
    case "ontology":
    case "reorder":
    case "move":
    case "concrete":
    case "balance":
    case "rules":
      return ["automatic"];
    default:
      return change satisfies never;
  }
}

function attributeOutcome(change: OfAttribute): ChangeOutcome {
  switch (change.kind) {
    case "attribute-reword":
      return "acknowledge";
    case "value-split":
      return "review";
    case "attribute-add":
    case "attribute-restore":
      return change.required && change.assumed === null ? "review" : "automatic";
    case "attribute-require":
      return change.assumed === null ? "review" : "automatic";
    case "attribute-retype":
      return change.factor === null ? "review" : "automatic";
    case "value-add":
      return change.neighbours.length > 0 ? "review" : "automatic";
    case "value-retire":
      return change.successors.length > 1 ? "review" : "automatic";
    case "attribute-rename":
    case "attribute-relax":
    case "attribute-retire":
    case "value-rename":
    case "value-merge":
    case "value-restore":
      return "automatic";
    default:
      return change satisfies never;
  }
}

function when(condition: boolean, outcome: ChangeOutcome): ChangeOutcome[] {
  return condition ? [outcome] : [];
}

function orAutomatic(condition: boolean, outcome: ChangeOutcome): ChangeOutcome[] {
  return [condition ? outcome : "automatic"];
}

/** What a change asks for, without what a lead left out with a reason. */
export function outcomesOf(change: GuidelineChange, rules: Study): ChangeOutcome[] {
  const dropped = change.weakened?.drop ?? [];
  const left = defaultOutcomes(change, rules).filter((outcome) => !dropped.includes(outcome));
  return left.length === 0 ? ["automatic"] : left;
}

/**
 * What may be left out of a change, with a reason. Not where its outlines belong: the members of a class that is gone are
 * somewhere. And not that a consensus is made anew: it is always what the rules in force make of the reads.
 */
export function leavableOutcomes(change: GuidelineChange, rules: Study): ChangeOutcome[] {
  return defaultOutcomes(change, rules).filter((outcome) => {
    if (outcome === "automatic" || outcome === "recompute") return false;
    return outcome !== "review" || !ENDINGS.includes(change.kind);
  });
}

const ENDINGS: readonly GuidelineChange["kind"][] = ["split", "retire", "abstract", "value-split", "value-retire"];

/** True where nothing was said against an outcome of a change. */
export function asks(change: GuidelineChange, outcome: ChangeOutcome): boolean {
  return change.weakened?.drop.includes(outcome) !== true;
}

/**
 * Shapes that members may have and that no longer do: they are drawn again. A polygon gives a box or a point by itself;
 * a box gives a point; nothing gives more than it holds.
 */
export function redrawnShapes({
  from,
  to,
}: Pick<Extract<GuidelineChange, { kind: "geometry" }>, "from" | "to">): Shape[] {
  return from.filter((shape) => !to.includes(shape) && !to.some((target) => derives(shape, target)));
}

/** True where one shape follows from another without a person. */
function derives(from: Shape, to: Shape): boolean {
  if (from === "polygon" || from === "line") return to === "box" || to === "point";
  return from === "box" && to === "point";
}

/**
 * Names a change over edits of a draft: its kind and what it is about. A merge is named by where it goes, since classes
 * join and leave it while the draft is written.
 */
export function changeKey(change: GuidelineChange): string {
  switch (change.kind) {
    case "merge":
      return `merge:${change.into}`;
    case "value-merge":
      return `value-merge:${change.classId}.${change.attributeId}.${change.into}`;
    case "reorder":
    case "screening":
    case "consensus":
    case "rules":
      return change.kind;
    default: {
      const attribute = "attributeId" in change ? `.${change.attributeId}` : "";
      const value = "value" in change ? `.${change.value}` : "";
      return `${change.kind}:${change.classId}${attribute}${value}`;
    }
  }
}

function retireOutcomes(
  { successors, ignore }: Extract<GuidelineChange, { kind: "retire" }>,
  { exhaustive }: Study,
): ChangeOutcome[] {
  if (successors.length > 1) return ["review"];
  const leavesGap = successors.length === 0 && exhaustive && ignore !== true;
  return ["automatic", ...when(successors.length === 1, "re-check"), ...when(leavesGap, "re-screen")];
}
