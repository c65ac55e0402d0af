import { asks } from "./guideline/outcomes.ts";
import { type GuidelineChange, type GuidelineContent, type GuidelineVersion, isDrawable } from "./guideline.ts";
import type { ClassId } from "./ids.ts";
import { resolve } from "./migration.ts";
import { seededRandom, seedFrom, shuffled } from "./random.ts";
import { ok, type Result, refuse } from "./result.ts";

/** Versions with what they say, oldest first. */
export type Versions = readonly (Pick<GuidelineVersion, "number" | "content"> & {
  readonly changes: readonly GuidelineChange[];
})[];

/** A class that means something else since a version: whoever read it before shows again that they can tell it. */
export type Requalification = { readonly classId: ClassId; readonly version: number };

/**
 * Redefined classes that are still drawn, each with the last version that redefined it. An outcome that was left out with
 * a reason asks nobody.
 */
export function requalifications(versions: Versions): Requalification[] {
  const newest = versions.at(-1);
  if (newest === undefined) return [];
  const drawn = new Set(newest.content.classes.filter(isDrawable).map(({ id }) => id));
  const byClass = new Map<ClassId, number>();
  for (const { number, changes } of versions) {
    for (const change of changes) {
      if (change.kind !== "redefine") continue;
      if (asks(change, "requalify")) byClass.set(change.classId, number);
      else byClass.delete(change.classId);
    }
  }
  return [...byClass].filter(([id]) => drawn.has(id)).map(([classId, version]) => ({ classId, version }));
}

/** A place of which a lead has said what it is, and under which version. */
export type ReferenceItem = {
  readonly id: string;
  readonly classId: ClassId;
  /** Null where no published version bears it out: it was said by a draft. */
  readonly under: number | null;
  /** What a lead said it is by the draft that is being written; null where nobody did. */
  readonly draftClassId: ClassId | null;
  /** What that class meant then (`wordsOf`, or a digest of it); null where that was not kept. */
  readonly draftMeaning: string | null;
};

export type ReferenceState = {
  /** The class that it is an example of now; null once that is not certain any more. */
  readonly classId: ClassId | null;
  /**
   * Usable: it says the same under the newest version. Unsure: a later version asks about it. Drafted: it says something
   * once the draft is published. Ended: its class has gone.
   */
  readonly state: "usable" | "unsure" | "drafted" | "ended";
};

/** What a reference is worth under the newest version: the same rules as for an outline that was drawn then. */
export function referenceState(item: ReferenceItem, versions: Versions): ReferenceState {
  const { classId, under, draftClassId } = item;
  if (under === null && draftClassId !== null) return { classId: draftClassId, state: "drafted" };
  if (under === null) {
    const newest = versions.at(-1)?.content;
    const isDrawn = newest !== undefined && refuseUndrawable(classId, newest).ok;
    return isDrawn ? { classId, state: "unsure" } : { classId: null, state: "ended" };
  }
  const found = resolve(classId, under, versions);
  if (found.state === "archived") return { classId: null, state: "ended" };
  return found.state === "stale"
    ? { classId: found.classId, state: "unsure" }
    : { classId: found.classId, state: "usable" };
}

/** The words by which a class is told, as one text; null for one that cannot be drawn. */
export function wordsOf(classId: ClassId, { classes }: GuidelineContent): string | null {
  const found = classes.find(({ id }) => id === classId);
  if (found === undefined || !isDrawable(found)) return null;
  const { definition, include, exclude, boundary } = found;
  return JSON.stringify([definition, include, exclude, boundary]);
}

/**
 * Whether what was said of a place by a draft holds for a text of that draft: its class is there, and is told by the same
 * words. Whoever changed them since has to look again.
 * @param meaning what a class means, as it is kept; null for one that cannot be drawn
 */
export function holdsByDraft(
  { draftClassId, draftMeaning }: Pick<ReferenceItem, "draftClassId" | "draftMeaning">,
  meaning: (classId: ClassId) => string | null,
): boolean {
  const now = draftClassId === null ? null : meaning(draftClassId);
  return now !== null && (draftMeaning === null || draftMeaning === now);
}

/** A reference as it is once the draft is published as a version: what was said by the draft holds for it, or is gone. */
export function publishedReference<Item extends ReferenceItem>(
  item: Item,
  number: number,
  meaning: (classId: ClassId) => string | null,
): Item {
  const { draftClassId } = item;
  if (draftClassId === null) return item;
  const settled = { ...item, draftClassId: null, draftMeaning: null };
  return holdsByDraft(item, meaning) ? { ...settled, classId: draftClassId, under: number } : settled;
}

/** Whether a place can be said to be of a class: it must be one that is drawn. */
export function refuseUndrawable(
  classId: ClassId,
  { classes }: GuidelineContent,
): Result<undefined, "unknown-class" | "class-retired"> {
  const found = classes.find(({ id }) => id === classId);
  if (found === undefined) return refuse("unknown-class", { classId });
  return isDrawable(found) ? ok() : refuse("class-retired", { classId, name: found.name });
}

/** One item of a test with the right answer. */
export type TestItem = { readonly itemId: string; readonly classId: ClassId };

/**
 * The test of a class: every usable reference of it and of what it is taken for, in either direction.
 * @returns empty where there is no usable reference of the class itself: nothing could be shown by such a test
 */
export function testOf(classId: ClassId, items: readonly ReferenceItem[], versions: Versions): TestItem[] {
  const content = versions.at(-1)?.content;
  const near = content === undefined ? new Set<ClassId>() : lookAlikesOf(classId, content);
  const usable = items.flatMap((item): TestItem[] => {
    const { classId: now, state } = referenceState(item, versions);
    return state === "usable" && now !== null ? [{ itemId: item.id, classId: now }] : [];
  });
  const own = usable.filter((item) => item.classId === classId);
  return own.length === 0 ? [] : [...own, ...usable.filter((item) => near.has(item.classId))];
}

/** Classes that are taken for this one, or it for them. */
export function lookAlikesOf(classId: ClassId, { classes }: GuidelineContent): Set<ClassId> {
  const own = classes.find(({ id }) => id === classId)?.lookAlikes ?? [];
  const others = classes.filter(({ lookAlikes }) => lookAlikes.includes(classId)).map(({ id }) => id);
  return new Set([...own, ...others].filter((id) => id !== classId));
}

/** The order of a test: another for each attempt, the same whenever it is looked at. */
export function inTestOrder(items: readonly TestItem[], attemptId: string): TestItem[] {
  const sorted = items.toSorted((left, right) => (left.itemId < right.itemId ? -1 : 1));
  return shuffled(sorted, seededRandom(seedFrom(attemptId)));
}

export type Score = { readonly right: number; readonly total: number; readonly passed: boolean };

/**
 * What a whole test came to.
 * @param answers item id -> the class that was said; what was not said is wrong
 * @param least share of right answers that passes, 0 to 1
 */
export function scoreOf(items: readonly TestItem[], answers: ReadonlyMap<string, ClassId>, least: number): Score {
  const right = items.filter(({ itemId, classId }) => answers.get(itemId) === classId).length;
  // Without a tolerance 0.7 of ten items would be missed by seven right answers.
  return { right, total: items.length, passed: items.length > 0 && right >= least * items.length - 1e-9 };
}

/** Since when a person has read in a project; null for somebody who has not. */
export type ReadingSince = {
  /** When they were first given a read. */
  readonly given: Date | null;
  /** When they joined, for somebody who has drawn in a layer of the team. */
  readonly joined: Date | null;
};

/** True for whoever has read since before a class was redefined: reading is of all classes, also of those that one did not find. */
export function hasReadBefore({ given, joined }: ReadingSince, redefinedAt: Date): boolean {
  return [given, joined].some((since) => since !== null && since < redefinedAt);
}

/**
 * Whether a read says, or will say, something under a meaning that came at a moment.
 * @param submittedAt when it was handed in; null while it is open
 */
export function isReadUnder(submittedAt: Date | null, at: Date): boolean {
  return submittedAt === null || submittedAt >= at;
}
