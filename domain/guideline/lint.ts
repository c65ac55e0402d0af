import { z } from "zod";
import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";

export const lintCodeSchema = z.enum([
  "destructive-without-successor",
  "split-without-guide",
  "order-dependent",
  "outcome-weakened",
  "redefined-in-place",
  "retired-name-reused",
  "members-drawn-again",
  "blind-round-touched",
]);

/** What a lead should think about once more before publishing; none of it is refused. */
export type Lint = {
  readonly code: z.infer<typeof lintCodeSchema>;
  readonly classId: ClassId | null;
  /** Positions of the changes that it is about. */
  readonly changes: readonly number[];
};

/** @param before the version that the changes start from */
export function lintChanges(
  changes: readonly GuidelineChange[],
  before: Pick<GuidelineContent, "classes"> = { classes: [] },
  after: Pick<GuidelineContent, "classes"> = { classes: [] },
): Lint[] {
  return [...changes.flatMap(lintOne), ...lintPairs(changes), ...lintNames(changes, before, after)];
}

/**
 * Changes that reach into blind rounds that are still open: their readers are in the middle of reading.
 * @param changes positions of those that touch outlines, or finished reads, in such a round
 */
export function lintBlindRounds(changes: readonly number[]): Lint[] {
  const touching = [...new Set(changes)].sort((a, b) => a - b);
  return touching.length === 0 ? [] : [{ code: "blind-round-touched", classId: null, changes: touching }];
}

function lintOne(change: GuidelineChange, index: number): Lint[] {
  const classId = "classId" in change ? change.classId : null;
  const found: Lint["code"][] = [];
  if (change.kind === "retire" && change.successors.length === 0) found.push("destructive-without-successor");
  if ((change.kind === "split" || change.kind === "value-split") && change.guide.trim() === "") {
    found.push("split-without-guide");
  }
  if (change.kind === "redefine") found.push("redefined-in-place");
  if (change.kind === "boundary") found.push("members-drawn-again");
  if (change.weakened !== undefined) found.push("outcome-weakened");
  return found.map((code) => ({ code, classId, changes: [index] }));
}

/**
 * Two changes of which one leads to a class that the other changes the meaning of: published one after the other they
 * would ask other people than together.
 */
function lintPairs(changes: readonly GuidelineChange[]): Lint[] {
  return changes.flatMap((change, index) =>
    targetsOf(change).flatMap((classId): Lint[] => {
      const other = changes.findIndex((each) => reshapes(each, classId));
      return other === -1 ? [] : [{ code: "order-dependent", classId, changes: [index, other].sort((a, b) => a - b) }];
    }),
  );
}

function targetsOf(change: GuidelineChange): readonly ClassId[] {
  if (change.kind === "merge") return [change.into];
  if (change.kind === "split") return change.into;
  return change.kind === "retire" ? change.successors : [];
}

function reshapes(change: GuidelineChange, classId: ClassId): boolean {
  switch (change.kind) {
    case "narrow":
    case "broaden":
    case "redefine":
    case "boundary":
      return change.classId === classId;
    default:
      return false;
  }
}

function lintNames(
  changes: readonly GuidelineChange[],
  before: Pick<GuidelineContent, "classes">,
  after: Pick<GuidelineContent, "classes">,
): Lint[] {
  const gone = new Set(before.classes.filter((each) => each.retired).map((each) => nameOf(each)));
  return changes.flatMap((change, index): Lint[] => {
    if (change.kind !== "add") return [];
    const added = after.classes.find((each) => each.id === change.classId);
    const reused = added !== undefined && gone.has(nameOf(added));
    return reused ? [{ code: "retired-name-reused", classId: change.classId, changes: [index] }] : [];
  });
}

function nameOf({ name }: { readonly name: string }): string {
  return name.trim().toLowerCase();
}
