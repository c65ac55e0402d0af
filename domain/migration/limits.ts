import { asks } from "#domain/guideline/outcomes.ts";
import type { GuidelineChange } from "#domain/guideline.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import type { History } from "./events.ts";

/** A rule of its class that an annotation does not satisfy, and the other annotation where the rule is about two. */
export type Violation = { readonly rule: string; readonly other: AnnotationId | null };

/** A rule that became stricter for a class after a version. */
export type PendingLimit = {
  readonly rule: string;
  readonly version: number;
  readonly index: number;
  readonly change: GuidelineChange;
};

/**
 * Rules that became stricter for a class after a version, each with the last change that made it so. Who violates one by
 * the newest rules is reviewed; who does not is current, whatever the rule was in between.
 */
export function pendingLimits(classId: ClassId, settled: number, history: History): PendingLimit[] {
  const byRule = new Map<string, PendingLimit>();
  for (const { number: version, changes } of history.toSorted((left, right) => left.number - right.number)) {
    if (version <= settled) continue;
    for (const [index, change] of changes.entries()) {
      if (change.kind !== "limits" || change.classId !== classId || !asks(change, "re-check")) continue;
      for (const rule of change.tightened) byRule.set(rule, { rule, version, index, change });
    }
  }
  return [...byRule.values()];
}
