import type { AttributeDefinition, ClassDefinition, Declaration, GuidelineChange } from "#domain/guideline.ts";
import type { ValueId } from "#domain/ids.ts";

type OfAttribute = Extract<GuidelineChange, { readonly attributeId: unknown }>;
type Undone<Change = GuidelineChange> = {
  /** Of the version that is taken back. */
  readonly changes: readonly Change[];
  /** Of the versions before it, oldest first. */
  readonly earlier: readonly Change[];
};
type About = Pick<OfAttribute, "classId" | "attributeId">;

/**
 * What a draft that takes a version back has to say about attributes: how values end that can no longer be chosen, and how
 * numbers come back into the unit that they had. A part of a split value goes back to it, one that had ended before ends as
 * it did then, and one that nobody could say before is forgotten.
 * @param newest classes of the version that the draft follows
 * @param classes those of the draft
 */
export function inverseValues(
  { changes, earlier }: Undone,
  newest: readonly ClassDefinition[],
  classes: readonly ClassDefinition[],
): Declaration[] {
  return classes.flatMap(({ id: classId, attributes }) => {
    const old = newest.find(({ id }) => id === classId)?.attributes ?? [];
    return attributes.flatMap((attribute): Declaration[] => {
      const about: About = { classId, attributeId: attribute.id };
      const before = old.find(({ id }) => id === attribute.id);
      if (before === undefined || attribute.retired) return [];
      const undone = { changes: changes.filter(isOf(about)), earlier: earlier.filter(isOf(about)) };
      return [...conversions(before, attribute, about, undone), ...valueEnds(before, attribute, about, undone)];
    });
  });
}

function isOf({ classId, attributeId }: About) {
  return (change: GuidelineChange): change is OfAttribute =>
    "attributeId" in change && change.classId === classId && change.attributeId === attributeId;
}

function conversions(
  before: AttributeDefinition,
  attribute: AttributeDefinition,
  about: About,
  { changes }: Undone<OfAttribute>,
): Declaration[] {
  const factor = changes.find((each) => each.kind === "attribute-retype")?.factor ?? null;
  const isConverted = before.kind === "number" && attribute.kind === "number" && before.unit !== attribute.unit;
  return isConverted && factor !== null ? [{ kind: "attribute-convert", ...about, factor: 1 / factor }] : [];
}

function valueEnds(
  before: AttributeDefinition,
  attribute: AttributeDefinition,
  about: About,
  undone: Undone<OfAttribute>,
): Declaration[] {
  const open = new Set(attribute.values.flatMap(({ id, retired }) => (retired ? [] : [id])));
  const ended = before.values.filter(({ id, retired }) => !retired && !open.has(id));
  return ended.map(({ id: value }) => {
    const cameBack = undone.changes.some((each) => each.kind === "value-restore" && each.value === value);
    const end = cameBack ? undone.earlier.findLast((each) => endsValue(each, value)) : undefined;
    return (
      endedAgain(value, about, end, open) ?? {
        kind: "value-retire",
        ...about,
        value,
        successors: wholeOf(value, undone, open),
      }
    );
  });
}

/** The value that was split into this one and others, where it can be chosen again. */
function wholeOf(value: ValueId, { changes }: Undone<OfAttribute>, open: ReadonlySet<ValueId>): ValueId[] {
  return changes.flatMap((each) =>
    each.kind === "value-split" && each.into.includes(value) && open.has(each.value) ? [each.value] : [],
  );
}

function endedAgain(
  value: ValueId,
  about: About,
  end: OfAttribute | undefined,
  open: ReadonlySet<ValueId>,
): Declaration | null {
  switch (end?.kind) {
    case "value-merge":
      return open.has(end.into) ? { kind: "value-merge", ...about, from: [value], into: end.into } : null;
    case "value-split": {
      const into = end.into.filter((each) => open.has(each));
      if (into.length < 2) return { kind: "value-retire", ...about, value, successors: into };
      const fallback = end.fallback !== null && open.has(end.fallback) ? end.fallback : null;
      return { kind: "value-split", ...about, value, into, fallback, guide: end.guide };
    }
    case "value-retire":
      return { kind: "value-retire", ...about, value, successors: end.successors.filter((each) => open.has(each)) };
    default:
      return null;
  }
}

function endsValue(change: OfAttribute, value: ValueId): boolean {
  if (change.kind === "value-merge") return change.from.includes(value);
  return (change.kind === "value-split" || change.kind === "value-retire") && change.value === value;
}
