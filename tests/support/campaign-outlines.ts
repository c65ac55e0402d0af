import type { AttributeDefinition, ClassDefinition, Shape } from "#domain/guideline.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { restamped } from "#domain/migration/said.ts";
import { type Judgement, type Question, resolve, type Staleness, staleness } from "#domain/migration.ts";
import { askedPair, violationsBy } from "#server/queries/staleness.ts";
import { openValues } from "./attribute-edits.ts";
import type { Line } from "./histories.ts";
import { type SlowOutline, slowStanding, type Versions } from "./slow-standing.ts";

/** um2: below, between and above the sizes that lines ask for. */
export const AREAS = [60, 150, 500, 1_000] as const;

export type Content = Omit<SlowOutline, "keeps">;

/** A word on the content of an outline, with what was asked when it was given. */
export type Said = Pick<Judgement, "verdict" | "contentHash" | "version"> & {
  /** The class that it had for certain, as the plain walk has it. */
  readonly as: ClassId | null;
  readonly keys: ReadonlySet<string>;
};

export type Undo =
  | { readonly kind: "edit"; readonly before: Content; readonly after: string | null }
  | { readonly kind: "word"; readonly said: Said };

export type Outline = {
  readonly id: AnnotationId;
  content: Content;
  isDeleted: boolean;
  said: readonly Said[];
  undo: readonly Undo[];
  /** What was asked when its last edit answered it, and the version that the edit was stamped with. */
  settled: { readonly under: number; readonly keys: ReadonlySet<string> };
};

export function anOutline(id: AnnotationId, content: Content): Outline {
  return { id, content, isDeleted: false, said: [], undo: [], settled: NOTHING_SETTLED };
}

export const NOTHING_SETTLED: Outline["settled"] = { under: 0, keys: new Set() };

/** Every version of a line up to a number, the first with what it brings. */
export function until({ first, began, versions }: Line, number: number): Versions {
  return [{ number: 1, content: first, changes: began }, ...versions].filter((each) => each.number <= number);
}

export function hashOf({ classId, shape, areaUm2, attributes }: Content): string {
  return JSON.stringify([classId, shape, areaUm2, Object.entries(attributes).sort()]);
}

/** Where an outline stands, in the way in which counts and tasks ask for it: what decides nothing is not looked at. */
export function standingOf(outline: Outline, versions: Versions): Staleness {
  const { classId, under, shape, areaUm2, attributes } = outline.content;
  const pair = { classId, under, shape };
  const asked = askedPair(pair, [versions]);
  if (asked === null) return resolve(classId, under, versions, shape);
  const violations = violationsBy(versions)(pair, broken(asked.bounds[0], areaUm2), []);
  const held = heldOf(attributes, asked.attributeIds);
  return staleness(
    { id: outline.id, ...pair, attributes: held, violations },
    judgementsOf(outline),
    hashOf(outline.content),
    versions,
  );
}

export function judgementsOf({ id: annotationId, said }: Outline): Judgement[] {
  return said.map(({ verdict, contentHash, version }) => ({ annotationId, verdict, contentHash, version }));
}

export function heldOf(attributes: Content["attributes"], ids: readonly string[]): Content["attributes"] {
  return Object.fromEntries(Object.entries(attributes).filter(([id, value]) => ids.includes(id) && value !== ""));
}

/** Rules about sizes that an area does not satisfy. */
export function broken(
  bounds: { readonly minUm2: number | null; readonly maxUm2: number | null } | undefined,
  areaUm2: number,
): string[] {
  if (areaUm2 === 0 || bounds === undefined) return [];
  const isSmall = bounds.minUm2 !== null && areaUm2 < bounds.minUm2;
  const isLarge = bounds.maxUm2 !== null && areaUm2 > bounds.maxUm2;
  return [...(isSmall ? ["minAreaUm2"] : []), ...(isLarge ? ["maxAreaUm2"] : [])];
}

/** The same by the plain walk. */
export function slowOf(outline: Outline, versions: Versions) {
  const newest = versions.at(-1)?.number ?? 0;
  const contentHash = hashOf(outline.content);
  const keeps = outline.said.filter(
    (each) => each.verdict === "keep" && each.contentHash === contentHash && each.version <= newest,
  );
  return slowStanding({ ...outline.content, keeps }, versions);
}

/** What is asked at a version by the plain walk, each with the version that asks it where that is one. */
export function slowTexts({ facts }: Pick<ReturnType<typeof slowOf>, "facts">): string[] {
  return facts.map(({ text, version }) => (version === null ? text : `${text} @${version}`)).sort();
}

/**
 * Whether anything has touched what is asked about an outline since a version, by looking at every version in between;
 * null where it cannot say: what may be chosen has become another, which may be by what is only offered beside.
 */
export function isTouchedSince(outline: Outline, line: Line, { from, now }: Span): boolean | null {
  const asked = (number: number) => slowOf(outline, until(line, number));
  const newest = asked(now);
  const texts = slowTexts(newest).join();
  const between = Array.from({ length: now - from }, (_, index) => slowTexts(asked(from + index)).join());
  const hasChoice = (of: typeof newest) => of.facts.some(({ version }) => version === null);
  // Where "cannot tell" leads is part of a choice and no part of what the plain walk says of it.
  const mayLeadElsewhere = hasChoice(newest) && movesSince(line, from, now);
  if (between.every((each) => each === texts)) return mayLeadElsewhere ? null : false;
  const isNewer = newest.facts.some(({ version }) => version !== null && version > from);
  return isNewer || (hasChoice(newest) && !hasChoice(asked(from))) ? true : null;
}

/** Whether versions after one and up to another end anything, or bring it back. */
function movesSince(line: Line, from: number, now: number): boolean {
  const changes = until(line, now).flatMap((version) => (version.number > from ? version.changes : []));
  return changes.some(({ kind }) => /^(value-)?(merge|split|retire|restore|abstract|concrete)$/.test(kind));
}

type Span = { readonly from: number; readonly now: number };

/** Whether a question was answered by a word on the present content, or by the edit that made it. */
export function isAnswered({ content, said, settled }: Outline, { key, version }: Question): boolean {
  const contentHash = hashOf(content);
  const isEdited = settled.under === content.under && settled.under >= version && settled.keys.has(key);
  const isKept = said.some(
    (each) =>
      each.verdict === "keep" && each.contentHash === contentHash && each.version >= version && each.keys.has(key),
  );
  return isEdited || isKept;
}

export type Value = { readonly id: string; readonly text: string; readonly isNumber: boolean };

/** Something to say of an attribute; nothing for a pick of 0. */
export function valueFor(definition: AttributeDefinition, pick: number, among?: readonly string[]): Value[] {
  if (pick === 0) return [];
  const { id, kind } = definition;
  if (kind === "number") return [{ id, text: String(1 + (pick % 7) / 4), isNumber: true }];
  const values = among ?? openValues(definition);
  const text = values[pick % Math.max(1, values.length)];
  return text === undefined ? [] : [{ id, text, isNumber: false }];
}

export function isLacking({ kind, values, required, assumed, retired }: AttributeDefinition, held: string): boolean {
  if (!required || retired || assumed !== null) return false;
  return kind === "choice" ? !values.some((each) => !each.retired && each.id === held) : held === "";
}

/** True where a number is asked for again because nothing converts it: saying it beside the tasks does not answer that. */
export function isRetypedSince(
  { id }: AttributeDefinition,
  { classId, stamp }: { readonly classId: ClassId; readonly stamp: number },
  versions: Versions,
): boolean {
  const later = versions.filter(({ number }) => number > stamp).flatMap(({ changes }) => changes);
  return later.some((each) => {
    const isOfIt = each.kind === "attribute-retype" && each.classId === classId && each.attributeId === id;
    return isOfIt && each.factor === null;
  });
}

export function aContent(
  { id: classId }: ClassDefinition,
  under: number,
  { shape, area, given }: { readonly shape: Shape; readonly area: number; readonly given: readonly Value[] },
): Content {
  const areaUm2 = shape === "polygon" || shape === "box" ? (AREAS[area] ?? 0) : 0;
  const blank = { classId, under, shape, areaUm2, attributes: {}, numbers: {} };
  return withValues(
    blank,
    under,
    given.map((each) => ({ ...each, stored: each.text })),
  );
}

export function withValues(
  content: Content,
  version: number,
  given: readonly (Value & { readonly stored: string })[],
): Content {
  const attributes = { ...content.attributes, ...Object.fromEntries(given.map(({ id, stored }) => [id, stored])) };
  const numbers = given.flatMap(({ id, text, isNumber }) =>
    isNumber ? [[id, { value: Number(text), version }] as const] : [],
  );
  return { ...content, attributes, numbers: { ...content.numbers, ...Object.fromEntries(numbers) } };
}

/** The same content stamped with the newest version. */
export function restampedIn(content: Content, versions: Versions): Content {
  const { number: under } = newestOf(versions);
  return { ...content, under, attributes: restamped(content, under, versions) };
}

export function newestOf(versions: Versions): Versions[number] {
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error("there is no version");
  return newest;
}
