import type { DraftState } from "#domain/draft-merge.ts";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import type { AttributeId, ClassId } from "#domain/ids.ts";
import { attributeOf, isConverted } from "./draft-attributes.ts";
import { boundaryMoves, meaningOf, textsDiffer } from "./guideline-draft.ts";

/** An edit of which the two texts do not say what it means for what is drawn already. `answered` where a lead has said. */
export type Ambiguity = { readonly classId: ClassId; readonly answered: boolean } & (
  | { readonly kind: "meaning" }
  /** The words on the boundary changed: do outlines run elsewhere? Until somebody says so they are taken as reworded. */
  | { readonly kind: "boundary" }
  | { readonly kind: "unit"; readonly attributeId: AttributeId }
);

/** Every edit of a draft that needs a word from a lead, in the order of the classes. */
export function ambiguitiesOf(base: GuidelineContent, draft: DraftState): Ambiguity[] {
  return draft.content.classes.flatMap((definition) => [
    ...ofWords(base, draft, definition.id),
    ...ofUnits(base, draft, definition),
  ]);
}

function ofWords(base: GuidelineContent, draft: DraftState, classId: ClassId): Ambiguity[] {
  const differ = textsDiffer(base, draft, classId);
  const worded = meaningOf(draft, classId) !== null;
  const answered = worded || boundaryMoves(draft, classId);
  return [
    ...(differ.meaning ? [{ classId, kind: "meaning" as const, answered: worded }] : []),
    ...(differ.boundary ? [{ classId, kind: "boundary" as const, answered }] : []),
  ];
}

function ofUnits(base: GuidelineContent, draft: DraftState, definition: ClassDefinition): Ambiguity[] {
  return definition.attributes.flatMap(({ id, ...now }): Ambiguity[] => {
    const place = { classId: definition.id, attributeId: id };
    const before = attributeOf(base, place);
    if (before === null || now.retired || !isConverted(before, { id, ...now })) return [];
    const answered = draft.declarations.some(
      (each) => each.kind === "attribute-convert" && each.classId === definition.id && each.attributeId === id,
    );
    return [{ classId: definition.id, kind: "unit", attributeId: id, answered }];
  });
}
