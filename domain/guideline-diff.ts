import { z } from "zod";
import type { ClassDefinition, Declaration, GuidelineChange, GuidelineContent } from "./guideline.ts";
import type { ClassId } from "./ids.ts";
import { ok, type Refusal, type Result, refuse } from "./result.ts";

/** Why a guideline cannot stand as it is written. */
export const contentReasonSchema = z.enum([
  "class-id-repeated",
  "name-taken",
  "hotkey-taken",
  "unknown-class",
  "class-cycle",
  "quorum-exceeds-readers",
]);
export type ContentReason = z.infer<typeof contentReasonSchema>;

/** Why a draft cannot follow its parent version. */
export const diffReasonSchema = z.enum([
  ...contentReasonSchema.options,
  "change-undeclared",
  "class-removed",
  "declaration-unfounded",
  "declared-twice",
  "merge-target-missing",
  "split-needs-children",
  "retired-id-reused",
]);
export type DiffReason = z.infer<typeof diffReasonSchema>;

/**
 * Checks a guideline by itself: ids unique; names (whatever their case) and hotkeys unique among classes that can be
 * drawn; parents and look-alikes exist; the hierarchy has no cycle; a quorum can be reached.
 */
export function checkContent(content: GuidelineContent): Result<undefined, ContentReason> {
  return (
    findRepeated(content.classes, (each) => each.id, "class-id-repeated") ??
    findRepeated(content.classes.filter(isSelectable), (each) => each.name.trim().toLowerCase(), "name-taken") ??
    findRepeated(content.classes.filter(isSelectable), (each) => each.hotkey, "hotkey-taken") ??
    findUnknownReference(content) ??
    findCycle(content) ??
    findUnreachableQuorum(content) ??
    ok()
  );
}

/**
 * The typed changes from a version to the draft that follows it.
 * What can be read off the two texts is inferred (rename, recolour, rehotkey, move, add, restore, rules, advice when
 * unsure); what only the lead knows is declared (reword, narrow, broaden, merge, split, retire). A class that is merged,
 * split or retired is kept in the draft with `retired: true`. A restored class comes back with the words it had.
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
  const pair: Pair = { before: byId(from), after: byId(to) };
  const refusal =
    findRemoved(pair) ??
    findReusedId(pair) ??
    findUnfounded(declarations, pair) ??
    findDeclaredTwice(declarations) ??
    findUndeclared(declarations, pair);
  if (refusal !== null) return refusal;
  const inferred = to.classes.flatMap((after) => inferredChanges(pair.before.get(after.id), after, declarations));
  const changes = [...inferred, ...declarations, ...ruleChanges(from, to)];
  return ok(sortChanges(changes, to));
}

/** What a lead should think about once more before publishing; none of it is refused. */
export type Lint = {
  readonly code: "destructive-without-successor" | "split-without-guide";
  readonly classId: ClassId;
};

export function lintChanges(changes: readonly GuidelineChange[]): Lint[] {
  return changes.flatMap((change): Lint[] => {
    if (change.kind === "retire" && change.successors.length === 0) {
      return [{ code: "destructive-without-successor", classId: change.classId }];
    }
    if (change.kind === "split" && change.guide.trim() === "") {
      return [{ code: "split-without-guide", classId: change.classId }];
    }
    return [];
  });
}

type Classes = ReadonlyMap<ClassId, ClassDefinition>;
type Pair = { readonly before: Classes; readonly after: Classes };
type Found<Reason extends string = DiffReason> = Refusal<Reason> | null;

/** Fields whose wording decides what belongs to a class. */
const MEANING = ["definition", "include", "exclude", "boundary"] as const;
/** Fields that are rules for the outline, not for the tissue. */
const CLASS_RULES = ["geometry", "minAreaUm2", "targetShare", "backgroundAllowed"] as const;
const KIND_ORDER: readonly GuidelineChange["kind"][] = [
  "restore",
  "add",
  "rename",
  "recolour",
  "rehotkey",
  "move",
  "reword",
  "narrow",
  "broaden",
  "merge",
  "split",
  "retire",
  "rules",
];

function byId(content: GuidelineContent): Classes {
  return new Map(content.classes.map((each) => [each.id, each]));
}

function isSelectable(definition: ClassDefinition | undefined): boolean {
  return definition !== undefined && !definition.retired;
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function meaningChanged(before: ClassDefinition, after: ClassDefinition): string[] {
  return MEANING.filter((field) => before[field] !== after[field]);
}

function adviceChanged(before: ClassDefinition, after: ClassDefinition): boolean {
  return before.whenUnsure !== after.whenUnsure || !same(before.lookAlikes, after.lookAlikes);
}

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

function findUnknownReference(content: GuidelineContent): Found<"unknown-class"> {
  const known = byId(content);
  for (const each of content.classes) {
    const references = each.parentId === null ? each.lookAlikes : [each.parentId, ...each.lookAlikes];
    const unknown = references.find((id) => !known.has(id));
    if (unknown !== undefined) return refuse("unknown-class", { classId: unknown, usedBy: each.id });
  }
  return null;
}

function findCycle(content: GuidelineContent): Found<"class-cycle"> {
  const known = byId(content);
  for (const each of content.classes) {
    const seen = new Set<ClassId>([each.id]);
    for (let parent = each.parentId; parent !== null; parent = known.get(parent)?.parentId ?? null) {
      if (seen.has(parent)) return refuse("class-cycle", { classId: each.id, through: [...seen] });
      seen.add(parent);
    }
  }
  return null;
}

function findUnreachableQuorum({ rules }: GuidelineContent): Found<"quorum-exceeds-readers"> {
  if (rules.quorum <= rules.readersPerCase) return null;
  return refuse("quorum-exceeds-readers", { quorum: rules.quorum, readersPerCase: rules.readersPerCase });
}

function findRemoved({ before, after }: Pair): Found {
  const removed = [...before.values()].find((each) => !after.has(each.id));
  return removed === undefined ? null : refuse("class-removed", { classId: removed.id, name: removed.name });
}

/** A retired class keeps its words for ever, also when it comes back: a new meaning is a new class. */
function findReusedId({ before, after }: Pair): Found {
  for (const old of before.values()) {
    const now = after.get(old.id);
    if (!old.retired || now === undefined) continue;
    const fields = meaningChanged(old, now);
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
      return declaration.fallback === null
        ? [declaration.classId, ...declaration.into]
        : [declaration.classId, ...declaration.into, declaration.fallback];
    case "retire":
      return [declaration.classId, ...declaration.successors];
    case "broaden":
      return [declaration.classId, ...declaration.neighbours];
    case "reword":
    case "narrow":
      return [declaration.classId];
    default:
      return declaration satisfies never;
  }
}

function findUnknownIn(declaration: Declaration, { after }: Pair): Found {
  const unknown = idsOf(declaration).find((id) => !after.has(id));
  return unknown === undefined ? null : refuse("unknown-class", { classId: unknown, declaration });
}

function findFault(declaration: Declaration, pair: Pair): Found {
  const unfounded: Unfounded = (why, detail = {}) => refuse("declaration-unfounded", { why, declaration, ...detail });
  switch (declaration.kind) {
    case "reword":
    case "narrow":
    case "broaden":
      return findRewordFault(declaration, pair, unfounded);
    case "merge":
      return findMergeFault(declaration, pair, unfounded);
    case "split":
      return findSplitFault(declaration, pair, unfounded);
    case "retire": {
      if (!isNewlyRetired(declaration.classId, pair)) return unfounded("the class is not retired by this draft");
      const gone = declaration.successors.find((id) => !isSelectable(pair.after.get(id)));
      return gone === undefined ? null : unfounded("a successor is retired", { classId: gone });
    }
    default:
      return declaration satisfies never;
  }
}

function findMergeFault(merge: Extract<Declaration, { kind: "merge" }>, pair: Pair, unfounded: Unfounded): Found {
  if (!isSelectable(pair.after.get(merge.into))) return refuse("merge-target-missing", { classId: merge.into });
  const kept = merge.from.find((id) => !isNewlyRetired(id, pair));
  return kept === undefined ? null : unfounded("the merged class is not retired by this draft", { classId: kept });
}

function findSplitFault(split: Extract<Declaration, { kind: "split" }>, pair: Pair, unfounded: Unfounded): Found {
  const { classId, into, fallback } = split;
  const live = into.filter((id) => isSelectable(pair.after.get(id)));
  if (live.length < into.length || new Set(into).size < 2) return refuse("split-needs-children", { classId, into });
  if (!isNewlyRetired(classId, pair)) return unfounded("the split class is not retired by this draft");
  if (fallback === null || isSelectable(pair.after.get(fallback))) return null;
  return unfounded("the fallback is retired", { classId: fallback });
}

type Unfounded = (why: string, detail?: Record<string, unknown>) => Refusal<"declaration-unfounded">;

function findRewordFault(
  declaration: Extract<Declaration, { kind: "reword" | "narrow" | "broaden" }>,
  { before, after }: Pair,
  unfounded: Unfounded,
): Found {
  const old = before.get(declaration.classId);
  const now = after.get(declaration.classId);
  if (old === undefined || now === undefined) return unfounded("the class is new");
  if (old.retired || now.retired) return unfounded("the class is retired");
  const changed = meaningChanged(old, now).length > 0 || (declaration.kind === "reword" && adviceChanged(old, now));
  if (!changed) return unfounded("the text is the same");
  if (declaration.kind !== "broaden") return null;
  const stranger = declaration.neighbours.find((id) => id === declaration.classId || !isSelectable(after.get(id)));
  return stranger === undefined ? null : unfounded("a neighbour is another class that can be drawn", { stranger });
}

function isNewlyRetired(id: ClassId, { before, after }: Pair): boolean {
  return isSelectable(before.get(id)) && after.get(id)?.retired === true;
}

/** Each class ends in one way; a text is reworded, or narrowed, broadened or both. */
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
  const ways = declaration.kind === "reword" ? ["narrow", "broaden"] : [declaration.kind];
  return [
    ...endedBy(declaration).map((id) => `end:${id}`),
    ...wordedBy(declaration).flatMap((id) => ways.map((way) => `${way}:${id}`)),
  ];
}

function findUndeclared(declarations: readonly Declaration[], pair: Pair): Found {
  const ended = new Set(declarations.flatMap(endedBy));
  const worded = new Set(declarations.flatMap(wordedBy));
  for (const now of pair.after.values()) {
    const old = pair.before.get(now.id);
    if (old === undefined) {
      if (now.retired) return refuse("change-undeclared", { classId: now.id, fields: ["retired"] });
      continue;
    }
    if (!old.retired && now.retired && !ended.has(now.id)) {
      return refuse("change-undeclared", { classId: now.id, fields: ["retired"] });
    }
    const fields = now.retired ? [] : meaningChanged(old, now);
    if (fields.length > 0 && !worded.has(now.id)) return refuse("change-undeclared", { classId: now.id, fields });
  }
  return null;
}

function endedBy(declaration: Declaration): ClassId[] {
  if (declaration.kind === "merge") return declaration.from;
  return declaration.kind === "split" || declaration.kind === "retire" ? [declaration.classId] : [];
}

function wordedBy(declaration: Declaration): ClassId[] {
  const { kind } = declaration;
  return kind === "reword" || kind === "narrow" || kind === "broaden" ? [declaration.classId] : [];
}

function inferredChanges(
  old: ClassDefinition | undefined,
  now: ClassDefinition,
  declarations: readonly Declaration[],
): GuidelineChange[] {
  const classId = now.id;
  if (old === undefined) return [{ kind: "add", classId }];
  const changes: GuidelineChange[] = [];
  if (old.retired && !now.retired) changes.push({ kind: "restore", classId });
  if (old.name !== now.name) changes.push({ kind: "rename", classId, from: old.name, to: now.name });
  if (old.colour !== now.colour) changes.push({ kind: "recolour", classId, from: old.colour, to: now.colour });
  if (old.hotkey !== now.hotkey) changes.push({ kind: "rehotkey", classId, from: old.hotkey, to: now.hotkey });
  if (old.parentId !== now.parentId) changes.push({ kind: "move", classId, from: old.parentId, to: now.parentId });
  const worded = declarations.some((each) => wordedBy(each).includes(classId));
  if (!now.retired && adviceChanged(old, now) && !worded) changes.push({ kind: "reword", classId });
  return changes;
}

function ruleChanges(from: GuidelineContent, to: GuidelineContent): GuidelineChange[] {
  const what: string[] = from.introduction === to.introduction ? [] : ["introduction"];
  const rules = Object.keys(to.rules) as (keyof typeof to.rules)[];
  what.push(...rules.filter((rule) => from.rules[rule] !== to.rules[rule]).sort());
  const before = byId(from);
  for (const now of to.classes) {
    const old = before.get(now.id);
    if (old === undefined) continue;
    what.push(...CLASS_RULES.filter((rule) => !same(old[rule], now[rule])).map((rule) => `${now.id}.${rule}`));
  }
  return what.length === 0 ? [] : [{ kind: "rules", what }];
}

function sortChanges(changes: readonly GuidelineChange[], to: GuidelineContent): GuidelineChange[] {
  const position = new Map(to.classes.map((each, index) => [each.id, index]));
  const rank = (change: GuidelineChange): number => {
    const subject = change.kind === "merge" ? change.into : change.kind === "rules" ? null : change.classId;
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
