import type { AttributeDefinition, ClassDefinition, Declaration, GuidelineChange } from "#domain/guideline.ts";
import type { ValueId } from "#domain/ids.ts";
import { type History, valueEvents } from "#domain/migration/events.ts";
import { fold } from "#domain/migration-fold.ts";

type OfAttribute = Extract<GuidelineChange, { readonly attributeId: unknown }>;
type Undone = {
  /** Of the version that is taken back. */
  readonly changes: readonly GuidelineChange[];
  /** The versions before it, oldest first. */
  readonly earlier: History;
  /** All versions. */
  readonly versions: History;
};
type UndoneOfOne = {
  readonly changes: readonly OfAttribute[];
  /** The last change that ended a value before, with its version. */
  readonly endOf: (value: ValueId) => { readonly number: number; readonly end: OfAttribute } | undefined;
  /** What values of a version are in the draft: themselves where they can be chosen, else what has become of them since. */
  readonly heirs: (values: readonly ValueId[], since: number) => ValueId[];
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
  undone: Undone,
  newest: readonly ClassDefinition[],
  classes: readonly ClassDefinition[],
): Declaration[] {
  return classes.flatMap(({ id: classId, attributes }) => {
    const old = newest.find(({ id }) => id === classId)?.attributes ?? [];
    return attributes.flatMap((attribute): Declaration[] => {
      const about: About = { classId, attributeId: attribute.id };
      const before = old.find(({ id }) => id === attribute.id);
      if (before === undefined || attribute.retired) return [];
      const ofOne = undoneOf(undone, attribute, about);
      return [...conversions(before, attribute, about, ofOne), ...valueEnds(before, attribute, about, ofOne)];
    });
  });
}

function undoneOf({ changes, earlier, versions }: Undone, attribute: AttributeDefinition, about: About): UndoneOfOne {
  const open = openOf(attribute);
  const events = valueEvents(versions, about.classId, about.attributeId);
  const heirs = (value: ValueId, since: number): readonly ValueId[] => {
    if (open.has(value)) return [value];
    const followed = fold(value, { stamp: since, settled: since, shape: "polygon" }, events);
    const choice = followed.questions.find(({ kind }) => kind === "choose");
    return followed.archived ? [] : (choice?.options ?? [followed.holder]).filter((each) => open.has(each));
  };
  const ends = earlier.flatMap(({ number, changes: then }) => then.filter(isOf(about)).map((end) => ({ number, end })));
  return {
    changes: changes.filter(isOf(about)),
    endOf: (value) => ends.findLast(({ end }) => endsValue(end, value)),
    heirs: (values, since) => [...new Set(values.flatMap((value) => heirs(value, since)))],
  };
}

function openOf({ values }: AttributeDefinition): ReadonlySet<ValueId> {
  return new Set(values.flatMap(({ id, retired }) => (retired ? [] : [id])));
}

function isOf({ classId, attributeId }: About) {
  return (change: GuidelineChange): change is OfAttribute =>
    "attributeId" in change && change.classId === classId && change.attributeId === attributeId;
}

function conversions(
  before: AttributeDefinition,
  attribute: AttributeDefinition,
  about: About,
  { changes }: UndoneOfOne,
): Declaration[] {
  const factor = changes.find((each) => each.kind === "attribute-retype")?.factor ?? null;
  const isConverted = before.kind === "number" && attribute.kind === "number" && before.unit !== attribute.unit;
  return isConverted && factor !== null ? [{ kind: "attribute-convert", ...about, factor: 1 / factor }] : [];
}

function valueEnds(
  before: AttributeDefinition,
  attribute: AttributeDefinition,
  about: About,
  undone: UndoneOfOne,
): Declaration[] {
  const open = openOf(attribute);
  const ended = before.values.filter(({ id, retired }) => !retired && !open.has(id));
  return ended.map(({ id: value }) => {
    const cameBack = undone.changes.some((each) => each.kind === "value-restore" && each.value === value);
    const again = cameBack ? endedAgain(value, about, undone) : null;
    return again ?? { kind: "value-retire", ...about, value, successors: wholeOf(value, undone, open) };
  });
}

/** The value that was split into this one and others, where it can be chosen again. */
function wholeOf(value: ValueId, { changes }: UndoneOfOne, open: ReadonlySet<ValueId>): ValueId[] {
  return changes.flatMap((each) =>
    each.kind === "value-split" && each.into.includes(value) && open.has(each.value) ? [each.value] : [],
  );
}

/** A value that a restore brought back ends once more as it did before, in what has become of what it went to. */
function endedAgain(value: ValueId, about: About, { endOf, heirs }: UndoneOfOne): Declaration | null {
  const last = endOf(value);
  if (last === undefined) return null;
  const { number, end } = last;
  const successors = heirs(targetsOf(end), number);
  const [first] = successors;
  if (end.kind === "value-merge" && first !== undefined && successors.length === 1) {
    return { kind: "value-merge", ...about, from: [value], into: first };
  }
  if (end.kind === "value-split" && successors.length > 1) {
    const [fallback = null, ...others] = end.fallback === null ? [] : heirs([end.fallback], number);
    const led = others.length === 0 ? fallback : null;
    return { kind: "value-split", ...about, value, into: successors, fallback: led, guide: end.guide };
  }
  return { kind: "value-retire", ...about, value, successors };
}

function targetsOf(end: OfAttribute): readonly ValueId[] {
  if (end.kind === "value-merge") return [end.into];
  if (end.kind === "value-split") return end.into;
  return end.kind === "value-retire" ? end.successors : [];
}

function endsValue(change: OfAttribute, value: ValueId): boolean {
  if (change.kind === "value-merge") return change.from.includes(value);
  return (change.kind === "value-split" || change.kind === "value-retire") && change.value === value;
}
