import { type ClassDefinition, type Declaration, isDrawable } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";
import { refuse } from "#domain/result.ts";
import { type Found, findValueFault, isAboutValues, type Pair, type Unfounded } from "./declared-values.ts";

/** Fields whose wording decides what belongs to a class. */
const MEANING = ["definition", "include", "exclude"] as const;

export function meaningChanged(before: ClassDefinition, after: ClassDefinition): string[] {
  return MEANING.filter((field) => before[field] !== after[field]);
}

export function adviceChanged(before: ClassDefinition, after: ClassDefinition): boolean {
  return (
    before.whenUnsure !== after.whenUnsure || JSON.stringify(before.lookAlikes) !== JSON.stringify(after.lookAlikes)
  );
}

/** Refuses declarations that the draft does not bear out, that contradict each other, or that are missing. */
export function findDeclarationFault(declarations: readonly Declaration[], pair: Pair): Found {
  return (
    findRemoved(pair) ??
    findReusedId(pair) ??
    findUnfounded(declarations, pair) ??
    findDeclaredTwice(declarations) ??
    findUndeclared(declarations, pair)
  );
}

/** Whether the difference between two texts is one that the declaration can be about. */
export function isBorneOut(declaration: Declaration, pair: Pair): boolean {
  return findUnfounded([declaration], pair) === null;
}

/** Classes that a declaration ends. */
export function endedBy(declaration: Declaration): ClassId[] {
  if (declaration.kind === "merge") return declaration.from;
  return declaration.kind === "split" || declaration.kind === "retire" ? [declaration.classId] : [];
}

/** The class whose new words a declaration explains. */
export function wordedBy(declaration: Declaration): ClassId[] {
  switch (declaration.kind) {
    case "reword":
    case "narrow":
    case "broaden":
    case "redefine":
      return [declaration.classId];
    default:
      return [];
  }
}

function findRemoved({ before, after }: Pair): Found {
  for (const old of before.values()) {
    const now = after.get(old.id);
    if (now === undefined) return refuse("class-removed", { classId: old.id, name: old.name });
    for (const attribute of old.attributes) {
      const kept = now.attributes.find(({ id }) => id === attribute.id);
      const gone = attribute.values.find(({ id }) => kept?.values.every((value) => value.id !== id) ?? true);
      if (kept === undefined) return refuse("attribute-removed", { classId: old.id, attribute: attribute.name });
      if (gone === undefined) continue;
      return refuse("attribute-removed", { classId: old.id, attribute: attribute.name, value: gone.name });
    }
  }
  return null;
}

/** A retired class keeps its words for ever, also when it comes back: a new meaning is a new class. */
function findReusedId({ before, after }: Pair): Found {
  for (const old of before.values()) {
    const now = after.get(old.id);
    if (!old.retired || now === undefined) continue;
    const fields = [...meaningChanged(old, now), ...(old.boundary === now.boundary ? [] : ["boundary"])];
    if (fields.length > 0) return refuse("retired-id-reused", { classId: old.id, fields });
  }
  return null;
}

function findUnfounded(declarations: readonly Declaration[], pair: Pair): Found {
  for (const declaration of declarations) {
    const found = findUnknownIn(declaration, pair) ?? findFault(declaration, pair);
    if (found !== null) return found;
  }
  return null;
}

function idsOf(declaration: Declaration): ClassId[] {
  switch (declaration.kind) {
    case "merge":
      return declaration.from;
    case "split":
      return [
        declaration.classId,
        ...declaration.into,
        ...(declaration.fallback === null ? [] : [declaration.fallback]),
      ];
    case "retire":
      return [declaration.classId, ...declaration.successors];
    case "broaden":
      return [declaration.classId, ...declaration.neighbours];
    case "weaken":
      return [];
    default:
      return [declaration.classId];
  }
}

function findUnknownIn(declaration: Declaration, { after }: Pair): Found {
  const unknown = idsOf(declaration).find((id) => !after.has(id));
  return unknown === undefined ? null : refuse("unknown-class", { classId: unknown, declaration });
}

function findFault(declaration: Declaration, pair: Pair): Found {
  const unfounded: Unfounded = (why, detail = {}) => refuse("declaration-unfounded", { why, declaration, ...detail });
  if (isAboutValues(declaration)) return findValueFault(declaration, pair, unfounded);
  switch (declaration.kind) {
    case "reword":
    case "narrow":
    case "broaden":
    case "redefine":
    case "boundary":
      return findWordingFault(declaration, pair, unfounded);
    case "merge":
      return findMergeFault(declaration, pair, unfounded);
    case "split":
      return findSplitFault(declaration, pair, unfounded);
    case "retire": {
      if (!isNewlyRetired(declaration.classId, pair)) return unfounded("the class is not retired by this draft");
      const { successors, ignore = false } = declaration;
      if (ignore && successors.length > 0) return unfounded("what has a successor is not ignored");
      const gone = successors.find((id) => !isDrawable(pair.after.get(id)));
      return gone === undefined ? null : unfounded("a successor is retired", { classId: gone });
    }
    // Whether there is such a change is known once the changes are found.
    case "weaken":
      return null;
    default:
      return declaration satisfies never;
  }
}

function findMergeFault(merge: Extract<Declaration, { kind: "merge" }>, pair: Pair, unfounded: Unfounded): Found {
  if (!isDrawable(pair.after.get(merge.into))) return refuse("merge-target-missing", { classId: merge.into });
  const kept = merge.from.find((id) => !isNewlyRetired(id, pair));
  return kept === undefined ? null : unfounded("the merged class is not retired by this draft", { classId: kept });
}

function findSplitFault(split: Extract<Declaration, { kind: "split" }>, pair: Pair, unfounded: Unfounded): Found {
  const { classId, into, fallback } = split;
  const live = into.filter((id) => isDrawable(pair.after.get(id)));
  if (live.length < into.length || new Set(into).size < 2) return refuse("split-needs-children", { classId, into });
  if (!isNewlyRetired(classId, pair)) return unfounded("the split class is not retired by this draft");
  if (fallback !== null && !isDrawable(pair.after.get(fallback))) {
    return unfounded("the fallback is retired", { classId: fallback });
  }
  return findHintFault(split, pair, unfounded);
}

function findHintFault(split: Extract<Declaration, { kind: "split" }>, pair: Pair, unfounded: Unfounded): Found {
  // What was merged holds the attributes of the class that it was.
  const attributes = new Set([...pair.before.values()].flatMap((each) => each.attributes.map(({ id }) => id)));
  for (const hint of split.hints ?? []) {
    if (!split.into.includes(hint.classId)) return unfounded("a hint leads to a class that is no part", { hint });
    const known = hint.from === "attribute" ? attributes.has(hint.attributeId) : pair.before.has(hint.formerId);
    if (!known) return unfounded("a hint names an attribute or a class that is not known", { hint });
  }
  return null;
}

type Wording = Extract<Declaration, { kind: "reword" | "narrow" | "broaden" | "redefine" | "boundary" }>;

function findWordingFault(declaration: Wording, { before, after }: Pair, unfounded: Unfounded): Found {
  const old = before.get(declaration.classId);
  const now = after.get(declaration.classId);
  if (old === undefined || now === undefined) return unfounded("the class is new");
  if (old.retired || now.retired) return unfounded("the class is retired");
  if (now.abstract && declaration.kind !== "reword") return unfounded("the class is not drawn itself; it is reworded");
  const moved = old.boundary !== now.boundary;
  const worded = moved || meaningChanged(old, now).length > 0;
  const changed =
    declaration.kind === "boundary" ? moved : worded || (declaration.kind === "reword" && adviceChanged(old, now));
  if (!changed) return unfounded("the text is the same");
  if (declaration.kind !== "broaden") return null;
  const stranger = declaration.neighbours.find((id) => id === declaration.classId || !isDrawable(after.get(id)));
  return stranger === undefined ? null : unfounded("a neighbour is another class that can be drawn", { stranger });
}

export function isNewlyRetired(id: ClassId, { before, after }: Pair): boolean {
  return before.get(id)?.retired === false && after.get(id)?.retired === true;
}

/** Each class ends in one way; a text is reworded or redefined, or narrowed, broadened or both. */
function findDeclaredTwice(declarations: readonly Declaration[]): Found {
  const seen = new Set<string>();
  for (const declaration of declarations) {
    for (const claim of claimsOf(declaration)) {
      if (seen.has(claim)) return refuse("declared-twice", { classId: claim.split(":")[1], declaration });
      seen.add(claim);
    }
  }
  return null;
}

function claimsOf(declaration: Declaration): string[] {
  const whole = declaration.kind === "reword" || declaration.kind === "redefine";
  const ways = whole ? ["narrow", "broaden"] : [declaration.kind];
  const values =
    "value" in declaration ? [declaration.value] : declaration.kind === "value-merge" ? declaration.from : [];
  return [
    ...endedBy(declaration).map((id) => `end:${id}`),
    ...wordedBy(declaration).flatMap((id) => ways.map((way) => `${way}:${id}`)),
    ...(declaration.kind === "boundary" ? [`boundary:${declaration.classId}`] : []),
    ...(isAboutValues(declaration)
      ? [...values, declaration.kind === "attribute-convert" ? "convert" : []]
          .flat()
          .map((id) => `value:${declaration.classId}.${declaration.attributeId}.${id}`)
      : []),
    ...(declaration.kind === "weaken" ? [`weaken:${declaration.change}`] : []),
  ];
}

function findUndeclared(declarations: readonly Declaration[], pair: Pair): Found {
  const ended = new Set(declarations.flatMap(endedBy));
  const worded = new Set(declarations.flatMap(wordedBy));
  const redrawn = new Set(declarations.flatMap((each) => (each.kind === "boundary" ? [each.classId] : [])));
  for (const now of pair.after.values()) {
    const old = pair.before.get(now.id);
    const retires = now.retired && old?.retired !== true;
    const fields = retires
      ? ["retired"].filter(() => !ended.has(now.id) || old === undefined)
      : newWords(old, now, redrawn).filter(() => !worded.has(now.id));
    if (fields.length > 0) return refuse("change-undeclared", { classId: now.id, fields });
  }
  return null;
}

/** Words of a class that differ and have to be explained, its boundary only where nobody has said that it moved. */
function newWords(old: ClassDefinition | undefined, now: ClassDefinition, redrawn: ReadonlySet<ClassId>): string[] {
  if (old === undefined || now.retired) return [];
  const moved = old.boundary !== now.boundary && !redrawn.has(now.id);
  return [...meaningChanged(old, now), ...(moved ? ["boundary"] : [])];
}
