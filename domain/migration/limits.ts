import { asks } from "#domain/guideline/outcomes.ts";
import type { GuidelineChange } from "#domain/guideline.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import type { History } from "./events.ts";

/** A rule that an annotation does not satisfy, and the other annotation where the rule is about two. */
export type Violation = {
  readonly rule: string;
  readonly other: AnnotationId | null;
  /** Of a pair, which is one question for two outlines: asked of this one, whichever of the two rules became stricter. */
  readonly pair?: ViolatedPair;
};

export type ViolatedPair = {
  /** The class and stamp of the other outline. */
  readonly classId: ClassId;
  readonly under: number;
  /** Rules of this outline's class, and of the other's, by which the two do not go together. */
  readonly own: readonly string[];
  readonly others: readonly string[];
};

/**
 * Equal for violations of which the same is asked: which other outline it is decides nothing, and two of a kind ask what
 * one does.
 */
export function violationsKey(violations: readonly Violation[]): string {
  if (violations.length === 0) return "";
  return [...new Set(violations.map(({ rule, other, pair }) => JSON.stringify([rule, other === null, pair])))]
    .sort()
    .join();
}

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

/** A rule that is asked about, with the violation; `raised` is the version in which it became stricter. */
export type AskedLimit = PendingLimit & { readonly limit: Pick<Violation, "rule" | "other">; readonly raised: number };

/** What people have said about the rules of the class that an annotation is by now. */
export type SeenAs = {
  /** Version at which it was drawn, as this class or another. */
  readonly stamp: number;
  /** Newest version under which somebody drew or kept it as this class; 0 for none. */
  readonly since: number;
  /** The change that made it this class; null where it was drawn as it. */
  readonly movedBy: { readonly version: number; readonly index: number } | null;
};

/**
 * What an annotation is asked about rules: each violated one that became stricter since anybody drew or confirmed it as
 * this class. What was carried over into the class is asked for the change that carried it, if that came later. A pair is
 * asked once, for the last change that made the rules of either class stricter since one of the two was drawn.
 */
export function askedLimits(
  classId: ClassId,
  { stamp, since, movedBy }: SeenAs,
  violations: readonly Violation[],
  history: History,
): AskedLimit[] {
  const own = pendingLimits(classId, since, history);
  return violations.flatMap((violation): AskedLimit[] => {
    const { rule, other, pair } = violation;
    if (pair === undefined) {
      return own
        .filter((pending) => pending.rule === rule)
        .map((pending) => ({ ...movedTo(pending, movedBy), raised: pending.version, limit: { rule, other } }));
    }
    const seen = Math.max(stamp, since, pair.under);
    const asked = [
      ...own.filter((pending) => pair.own.includes(pending.rule) && pending.version > seen),
      ...pendingLimits(pair.classId, seen, history).filter((pending) => pair.others.includes(pending.rule)),
    ];
    const last = asked.reduce<PendingLimit | null>(
      (found, pending) => (found === null || pending.version > found.version ? pending : found),
      null,
    );
    return last === null ? [] : [{ ...last, raised: last.version, limit: { rule: last.rule, other } }];
  });
}

function movedTo(pending: PendingLimit, movedBy: SeenAs["movedBy"]): PendingLimit {
  return movedBy !== null && movedBy.version > pending.version ? { ...pending, ...movedBy } : pending;
}
