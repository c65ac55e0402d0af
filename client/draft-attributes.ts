import type { DraftState } from "#domain/draft-merge.ts";
import type { AttributeDefinition, Declaration, GuidelineContent } from "#domain/guideline.ts";
import type { AttributeId, ClassId, ValueId } from "#domain/ids.ts";

/** An attribute of a class in a draft. */
export type AttributePlace = { readonly classId: ClassId; readonly attributeId: AttributeId };

/** What becomes of outlines that say a value which can no longer be chosen. */
export type ValueEnd =
  | { readonly kind: "merge"; readonly into: ValueId }
  | { readonly kind: "split"; readonly into: readonly ValueId[]; readonly guide: string }
  /** With one successor by itself, with several by a person, with none the value is forgotten. */
  | { readonly kind: "retire"; readonly successors: readonly ValueId[] };

export function addAttribute(draft: DraftState, classId: ClassId, id: AttributeId, name: string): DraftState {
  const added: AttributeDefinition = {
    ...{ id, name, kind: "choice", required: false, unit: null, help: "", values: [], assumed: null, retired: false },
  };
  return withAttributes(draft, classId, (attributes) => [...attributes, added]);
}

/** Changes fields of an attribute. A conversion is dropped where the unit is the old one again. */
export function editAttribute(
  base: GuidelineContent,
  draft: DraftState,
  place: AttributePlace,
  part: Partial<Omit<AttributeDefinition, "id">>,
): DraftState {
  const edited = withAttribute(draft, place, (each) => ({ ...each, ...part }));
  const before = attributeOf(base, place);
  const now = attributeOf(edited.content, place);
  return before !== null && now !== null && isConverted(before, now) ? edited : convertUnit(edited, place, null);
}

/** A published attribute is kept as retired; one that only the draft knew is taken out. */
export function endAttribute(base: GuidelineContent, draft: DraftState, place: AttributePlace): DraftState {
  const silent = { ...draft, declarations: draft.declarations.filter((each) => !isAbout(each, place)) };
  if (attributeOf(base, place) !== null) return withAttribute(silent, place, (each) => ({ ...each, retired: true }));
  return withAttributes(silent, place.classId, (attributes) => attributes.filter(({ id }) => id !== place.attributeId));
}

export function addValue(draft: DraftState, place: AttributePlace, id: ValueId, name: string): DraftState {
  return withAttribute(draft, place, (each) => ({ ...each, values: [...each.values, { id, name, retired: false }] }));
}

export function renameValue(draft: DraftState, place: AttributePlace, value: ValueId, name: string): DraftState {
  return withAttribute(draft, place, (each) => ({
    ...each,
    values: each.values.map((one) => (one.id === value ? { ...one, name } : one)),
  }));
}

/** Ends a value. One that only the draft knew is taken out without a word; nobody can have said it. */
export function endValue(
  base: GuidelineContent,
  draft: DraftState,
  place: AttributePlace,
  value: ValueId,
  end: ValueEnd,
): DraftState {
  const known = attributeOf(base, place)?.values.some(({ id }) => id === value) === true;
  const cleared = keepValue(draft, place, value);
  const ended = withAttribute(cleared, place, (each) => ({
    ...each,
    assumed: each.assumed === value ? null : each.assumed,
    values: known
      ? each.values.map((one) => (one.id === value ? { ...one, retired: true } : one))
      : each.values.filter(({ id }) => id !== value),
  }));
  if (!known) return ended;
  return { ...ended, declarations: [...ended.declarations, declared(place, value, end)] };
}

/** Lets a value be chosen again, and takes back what was said about its end. */
export function keepValue(draft: DraftState, place: AttributePlace, value: ValueId): DraftState {
  const kept = withAttribute(draft, place, (each) => ({
    ...each,
    values: each.values.map((one) => (one.id === value ? { ...one, retired: false } : one)),
  }));
  const declarations = kept.declarations.flatMap((each): Declaration[] => {
    if (!isAbout(each, place)) return [each];
    if (each.kind === "value-merge" && each.from.includes(value)) {
      const from = each.from.filter((id) => id !== value);
      return from.length === 0 ? [] : [{ ...each, from }];
    }
    return "value" in each && each.value === value ? [] : [each];
  });
  return { ...kept, declarations };
}

/** Says by what old numbers are multiplied; null asks for each again. */
export function convertUnit(draft: DraftState, place: AttributePlace, factor: number | null): DraftState {
  const others = draft.declarations.filter((each) => each.kind !== "attribute-convert" || !isAbout(each, place));
  if (factor === null) return { ...draft, declarations: others };
  return { ...draft, declarations: [...others, { kind: "attribute-convert", ...place, factor }] };
}

/** Whether numbers were given in another unit, which a factor can convert. */
export function isConverted(before: AttributeDefinition, now: AttributeDefinition): boolean {
  return before.kind === "number" && now.kind === "number" && before.unit !== now.unit;
}

export function attributeOf(
  content: GuidelineContent,
  { classId, attributeId }: AttributePlace,
): AttributeDefinition | null {
  const of = content.classes.find((each) => each.id === classId);
  return of?.attributes.find(({ id }) => id === attributeId) ?? null;
}

function declared(place: AttributePlace, value: ValueId, end: ValueEnd): Declaration {
  switch (end.kind) {
    case "merge":
      return { kind: "value-merge", ...place, from: [value], into: end.into };
    case "split":
      return { kind: "value-split", ...place, value, into: [...end.into], fallback: null, guide: end.guide };
    case "retire":
      return { kind: "value-retire", ...place, value, successors: [...end.successors] };
    default:
      return end satisfies never;
  }
}

function isAbout(declaration: Declaration, { classId, attributeId }: AttributePlace): boolean {
  return "attributeId" in declaration && declaration.classId === classId && declaration.attributeId === attributeId;
}

function withAttribute(
  draft: DraftState,
  { classId, attributeId }: AttributePlace,
  edit: (attribute: AttributeDefinition) => AttributeDefinition,
): DraftState {
  return withAttributes(draft, classId, (attributes) =>
    attributes.map((each) => (each.id === attributeId ? edit(each) : each)),
  );
}

function withAttributes(
  draft: DraftState,
  classId: ClassId,
  edit: (attributes: readonly AttributeDefinition[]) => AttributeDefinition[],
): DraftState {
  const classes = draft.content.classes.map((each) =>
    each.id === classId ? { ...each, attributes: edit(each.attributes) } : each,
  );
  return { ...draft, content: { ...draft.content, classes } };
}
