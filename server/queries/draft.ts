import type { StoredDraft } from "#db/guidelines.ts";
import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { type DiffReason, diffGuidelines } from "#domain/guideline-diff.ts";
import { ok, type Result, refuse } from "#domain/result.ts";

/** A sentence for each reason why a draft cannot follow its parent. */
const SENTENCES: Readonly<Record<DiffReason, string>> = {
  "class-id-repeated": "Two classes have the same id.",
  "name-taken": "Two classes that can be drawn have the same name.",
  "hotkey-taken": "Two classes that can be drawn have the same key.",
  "unknown-class": "A class is mentioned that the guideline does not have.",
  "class-cycle": "A class is, through its parents, its own parent.",
  "quorum-exceeds-readers": "A quorum of more readers than read a case can never be reached.",
  "abstract-needs-children": "A class that is not drawn itself needs classes below it that are.",
  "area-bounds-crossed": "The smallest area of a class is above its largest.",
  "attribute-id-repeated": "Two attributes or values of a class have the same id.",
  "attribute-name-taken": "Two attributes or values of a class have the same name.",
  "attribute-without-values": "An attribute that is chosen from values needs one.",
  "assumed-unknown": "What is assumed of an attribute is none of its values.",
  "attribute-removed": "A published attribute or value is never removed; retire it instead.",
  "outcome-needed": "What decides where an outline belongs, and a consensus made anew, cannot be left out.",
  "change-undeclared": "The text or the retirement of a class changed: say what that means for outlines that exist.",
  "class-removed": "A published class is never removed; retire it instead.",
  "declaration-unfounded": "A declared change is not borne out by the draft.",
  "declared-twice": "Two declared changes of one class contradict each other.",
  "merge-target-missing": "A merge needs a class that can be drawn to go into.",
  "split-needs-children": "A split needs at least two classes that can be drawn.",
  "retired-id-reused": "A retired class keeps its words; give a new meaning to a new class.",
};

/** What the draft changes, or why it cannot be published; a draft without any difference is refused too. */
export function changesOf(
  parent: GuidelineContent | null,
  draft: Pick<StoredDraft, "content" | "declarations">,
): Result<GuidelineChange[], DiffReason | "nothing-to-publish"> {
  const before = parent ?? { ...draft.content, classes: [] };
  const diff = diffGuidelines(before, draft.content, draft.declarations);
  if (!diff.ok) return diff;
  const same = parent !== null && JSON.stringify(parent) === JSON.stringify(draft.content);
  const empty = parent === null && draft.content.classes.length === 0;
  return diff.value.length === 0 && (same || empty) ? refuse("nothing-to-publish") : ok(diff.value);
}

/** What a lead reads about a refused draft. */
export function sentenceOf(reason: DiffReason | "nothing-to-publish"): string {
  return reason === "nothing-to-publish" ? "The draft does not differ from the published version." : SENTENCES[reason];
}
