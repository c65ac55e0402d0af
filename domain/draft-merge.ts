import type { Declaration, GuidelineContent } from "./guideline.ts";

/** A guideline that is being written: its text, and what the lead says about changes whose meaning the text does not show. */
export type DraftState = { readonly content: GuidelineContent; readonly declarations: readonly Declaration[] };

/** Two people changed the same field to different things. `path` names it: class ids and field names, joined by "/". */
export type DraftClash = { readonly path: string; readonly mine: unknown; readonly theirs: unknown };

/**
 * Joins two people's edits of one draft, field by field: what only one of them changed is taken from them. Lists are joined
 * by member, so that two examples added at once both stay; where both changed one field, theirs (which is stored) stands and
 * mine is handed back as a clash. Nothing that either wrote is lost without being named.
 * @param base what both started from; null where there was nothing
 * @returns also whether anything of mine is in it that is not in theirs
 */
export function mergeDrafts(
  base: DraftState | null,
  mine: DraftState,
  theirs: DraftState,
): { readonly merged: DraftState; readonly clashes: readonly DraftClash[]; readonly brings: boolean } {
  const clashes: DraftClash[] = [];
  // The merge of three values of one type picks members of them, so it is of that type.
  const merged = merge([], { base, mine, theirs }, clashes) as DraftState;
  return { merged, clashes, brings: !same(merged, theirs) };
}

/** The draft with the value of a clash put where its path says; the same draft where that place is gone. */
export function takeMine(draft: DraftState, clash: DraftClash): DraftState {
  return put(draft, clash.path.split("/"), clash.mine) as DraftState;
}

/** Whether two drafts say the same, whatever the order of their fields. */
export function isSameDraft(a: DraftState, b: DraftState): boolean {
  return same(a, b);
}

type Three = { readonly base: unknown; readonly mine: unknown; readonly theirs: unknown };
type Fields = Readonly<Record<string, unknown>>;

function merge(path: readonly string[], three: Three, clashes: DraftClash[]): unknown {
  const { base, mine, theirs } = three;
  if (same(mine, theirs) || same(base, mine)) return theirs;
  if (same(base, theirs)) return mine;
  if (isFields(mine) && isFields(theirs)) {
    return mergeFields(path, { base: isFields(base) ? base : {}, mine, theirs }, clashes);
  }
  const lists = { base: Array.isArray(base) ? base : [], mine, theirs };
  if (isMembers(lists.base) && isMembers(mine) && isMembers(theirs)) return mergeMembers(path, lists, clashes);
  clashes.push({ path: path.join("/"), mine, theirs });
  return theirs;
}

function mergeFields(
  path: readonly string[],
  { base, mine, theirs }: { readonly base: Fields; readonly mine: Fields; readonly theirs: Fields },
  clashes: DraftClash[],
): Fields {
  const merged: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const three = { base: base[key], mine: mine[key], theirs: theirs[key] };
    const value = merge([...path, key], three, clashes);
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** Members of a list by key: in the order of whoever moved some, with what the other added at the end. */
function mergeMembers(
  path: readonly string[],
  lists: { readonly base: readonly unknown[]; readonly mine: unknown; readonly theirs: unknown },
  clashes: DraftClash[],
): unknown[] {
  const [base, mine, theirs] = [byKey(lists.base), byKey(lists.mine), byKey(lists.theirs)];
  const moved = isReordered(base, mine) && !isReordered(base, theirs);
  const order = new Set(moved ? [...mine.keys(), ...theirs.keys()] : [...theirs.keys(), ...mine.keys()]);
  const merged: unknown[] = [];
  for (const key of order) {
    const three = { base: base.get(key), mine: mine.get(key), theirs: theirs.get(key) };
    const value = merge([...path, key], three, clashes);
    if (value !== undefined) merged.push(value);
  }
  return merged;
}

/** Words and things with an id, a place or a kind are members; numbers in a row (a box) are one value. */
function isMembers(value: unknown): boolean {
  if (!Array.isArray(value) || !value.every((each) => typeof each === "string" || isFields(each))) return false;
  return byKey(value).size === value.length;
}

function byKey(list: unknown): Map<string, unknown> {
  return new Map(Array.isArray(list) ? list.map((each) => [keyOf(each), each]) : []);
}

/** What stays the same of a member while its other fields are written. */
function keyOf(member: unknown): string {
  if (!isFields(member)) return String(member);
  if (typeof member["id"] === "string") return member["id"];
  const named = [
    "kind",
    "classId",
    "attributeId",
    "value",
    "into",
    "change",
    "slideId",
    "box",
    "system",
    "code",
    "metric",
  ];
  const parts = named.flatMap((name) => (member[name] === undefined ? [] : [JSON.stringify(member[name])]));
  return parts.join(" ").replaceAll("/", "|");
}

function isReordered(base: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): boolean {
  const before = [...base.keys()].filter((key) => now.has(key));
  const after = [...now.keys()].filter((key) => base.has(key));
  return before.some((key, index) => key !== after[index]);
}

function put(value: unknown, [key, ...rest]: readonly string[], mine: unknown): unknown {
  if (key === undefined) return mine;
  if (Array.isArray(value)) return putMember(value, key, rest, mine);
  if (!isFields(value)) return value;
  return { ...value, [key]: put(value[key], rest, mine) };
}

function putMember(list: readonly unknown[], key: string, rest: readonly string[], mine: unknown): unknown[] {
  const there = list.some((each) => keyOf(each) === key);
  if (!there) return rest.length === 0 && mine !== undefined ? [...list, mine] : [...list];
  return list.flatMap((each) => {
    if (keyOf(each) !== key) return [each];
    const next = put(each, rest, mine);
    return next === undefined ? [] : [next];
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Fields in any order are the same fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isFields(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}
