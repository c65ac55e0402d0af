import { z } from "zod";
import type { AttributeDefinition, ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { ok, type Refusal, type Result, refuse } from "#domain/result.ts";

/** Why a guideline cannot stand as it is written. */
export const contentReasonSchema = z.enum([
  "class-id-repeated",
  "name-taken",
  "hotkey-taken",
  "unknown-class",
  "class-cycle",
  "quorum-exceeds-readers",
  "abstract-needs-children",
  "area-bounds-crossed",
  "attribute-id-repeated",
  "attribute-name-taken",
  "attribute-without-values",
  "assumed-unknown",
]);
export type ContentReason = z.infer<typeof contentReasonSchema>;

/**
 * Checks a guideline by itself: ids unique; names (whatever their case) and hotkeys unique among classes that can be
 * drawn; classes that are referred to exist; the hierarchy has no cycle and its inner classes have members; bounds of areas
 * do not cross; attributes can be answered; a quorum can be reached.
 */
export function checkContent(content: GuidelineContent): Result<undefined, ContentReason> {
  const live = content.classes.filter((each) => !each.retired);
  return (
    findRepeated(content.classes, (each) => each.id, "class-id-repeated") ??
    findRepeated(live, (each) => each.name.trim().toLowerCase(), "name-taken") ??
    findRepeated(live, (each) => each.hotkey, "hotkey-taken") ??
    findUnknownReference(content) ??
    findCycle(content) ??
    findChildless(live) ??
    findCrossedBounds(live) ??
    findAttributeFault(content.classes) ??
    findUnreachableQuorum(content) ??
    ok()
  );
}

/** Classes below another that can be drawn, in the order of the guideline. */
export function drawableBelow(classes: readonly ClassDefinition[], above: ClassId): ClassId[] {
  const parents = new Map(classes.map((each) => [each.id, each.parentId]));
  const isBelow = (id: ClassId): boolean => {
    const seen = new Set([id]);
    for (let at = parents.get(id) ?? null; at !== null && !seen.has(at); at = parents.get(at) ?? null) {
      if (at === above) return true;
      seen.add(at);
    }
    return false;
  };
  return classes.filter((each) => !each.retired && !each.abstract && isBelow(each.id)).map(({ id }) => id);
}

type Found<Reason extends ContentReason> = Refusal<Reason> | null;

function findRepeated<Reason extends ContentReason>(
  classes: readonly ClassDefinition[],
  read: (definition: ClassDefinition) => string | number | null,
  reason: Reason,
): Found<Reason> {
  const first = new Map<string | number, ClassId>();
  for (const each of classes) {
    const value = read(each);
    if (value === null) continue;
    const other = first.get(value);
    if (other !== undefined) return refuse(reason, { value, classIds: [other, each.id] });
    first.set(value, each.id);
  }
  return null;
}

function findUnknownReference({ classes }: GuidelineContent): Found<"unknown-class"> {
  const known = new Set(classes.map(({ id }) => id));
  for (const { id, parentId, lookAlikes, rules } of classes) {
    const references = [...(parentId === null ? [] : [parentId]), ...lookAlikes, ...rules.overlaps, ...rules.nestedIn];
    const unknown = references.find((each) => !known.has(each));
    if (unknown !== undefined) return refuse("unknown-class", { classId: unknown, usedBy: id });
  }
  return null;
}

function findCycle({ classes }: GuidelineContent): Found<"class-cycle"> {
  const parents = new Map(classes.map(({ id, parentId }) => [id, parentId]));
  for (const { id, parentId } of classes) {
    const seen = new Set<ClassId>([id]);
    for (let parent = parentId; parent !== null; parent = parents.get(parent) ?? null) {
      if (seen.has(parent)) return refuse("class-cycle", { classId: id, through: [...seen] });
      seen.add(parent);
    }
  }
  return null;
}

function findChildless(live: readonly ClassDefinition[]): Found<"abstract-needs-children"> {
  const empty = live.find((each) => each.abstract && drawableBelow(live, each.id).length === 0);
  return empty === undefined ? null : refuse("abstract-needs-children", { classId: empty.id, name: empty.name });
}

function findCrossedBounds(live: readonly ClassDefinition[]): Found<"area-bounds-crossed"> {
  const crossed = live.find(
    ({ minAreaUm2, rules }) => minAreaUm2 !== null && rules.maxAreaUm2 !== null && minAreaUm2 > rules.maxAreaUm2,
  );
  if (crossed === undefined) return null;
  const { id: classId, minAreaUm2, rules } = crossed;
  return refuse("area-bounds-crossed", { classId, minAreaUm2, maxAreaUm2: rules.maxAreaUm2 });
}

type AttributeReason =
  | "attribute-id-repeated"
  | "attribute-name-taken"
  | "attribute-without-values"
  | "assumed-unknown";

function findAttributeFault(classes: readonly ClassDefinition[]): Found<AttributeReason> {
  for (const { id: classId, attributes } of classes) {
    const ids = attributes.flatMap((each) => [each.id, ...each.values.map((value) => value.id)]);
    const repeated = ids.find((id, index) => ids.indexOf(id) < index);
    if (repeated !== undefined) return refuse("attribute-id-repeated", { classId, id: repeated });
    const live = attributes.filter((each) => !each.retired);
    const taken = [live, ...live.map(({ values }) => values)].flatMap(takenNames)[0];
    if (taken !== undefined) return refuse("attribute-name-taken", { classId, name: taken });
    for (const attribute of live) {
      const reason = choiceFault(attribute);
      if (reason !== null) return refuse(reason, { classId, attributeId: attribute.id, assumed: attribute.assumed });
    }
  }
  return null;
}

/** Names that two of these have, whatever their case. */
function takenNames(named: readonly { readonly name: string; readonly retired: boolean }[]): string[] {
  const names = named.filter((each) => !each.retired).map((each) => each.name.trim().toLowerCase());
  return names.filter((name, index) => names.indexOf(name) < index);
}

function choiceFault({
  kind,
  values,
  assumed,
}: AttributeDefinition): "attribute-without-values" | "assumed-unknown" | null {
  if (kind !== "choice") return null;
  const open = values.filter((value) => !value.retired);
  if (open.length === 0) return "attribute-without-values";
  return assumed === null || open.some((value) => value.id === assumed) ? null : "assumed-unknown";
}

function findUnreachableQuorum({ rules, classes }: GuidelineContent): Found<"quorum-exceeds-readers"> {
  const { quorum, readersPerCase } = rules;
  if (quorum > readersPerCase) return refuse("quorum-exceeds-readers", { quorum, readersPerCase });
  const own = classes.find(
    ({ retired, consensus }) => !retired && consensus?.method === "quorum" && consensus.quorum > readersPerCase,
  );
  if (own === undefined) return null;
  const detail = { classId: own.id, quorum: own.consensus?.quorum, readersPerCase };
  return refuse("quorum-exceeds-readers", detail);
}
