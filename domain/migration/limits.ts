import { asks, redrawnShapes } from "#domain/guideline/outcomes.ts";
import type { GuidelineChange, GuidelineContent, Shape } from "#domain/guideline.ts";
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
  /** Newest version under which one of the two was drawn: whoever drew it saw the other. */
  readonly drawn: number;
  /** What made rules stricter by which the two do not go together, for either of them. */
  readonly raised: readonly Raised[];
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

/** A rule that became stricter for an annotation, in its class or because its class became another. */
export type Raised = {
  readonly rule: string;
  /** The version in which the rule became what it is; 0 for one that its class had before the annotation came to it. */
  readonly raised: number;
  /** The change that asks about it. */
  readonly version: number;
  readonly index: number;
};
export type PendingLimit = Raised & { readonly change: GuidelineChange };

/** Where a change stands in the history. */
export type ChangePlace = { readonly version: number; readonly index: number };

/** What people have said about the rules of the class that an annotation is by now. */
export type RuleStanding = {
  readonly classId: ClassId;
  /** The change that made it this class; null where it is stored as it. */
  readonly movedBy: ChangePlace | null;
  /** Newest version under which somebody drew or kept it, as this class or before it came to it. */
  readonly since: number;
  /** Newest version under which somebody kept it, as this class or as the stored one; 0 for none. */
  readonly kept: number;
};

/**
 * Rules that became stricter for a class after a version, each with the last change that made it so. Who violates one by
 * the newest rules is reviewed; who does not is current, whatever the rule was in between. For what was carried over into
 * the class, all of them did so when it was carried.
 */
export function pendingLimits({ classId, movedBy, since }: RuleStanding, history: History): PendingLimit[] {
  const byRule = new Map<string, PendingLimit>();
  for (const { number: raised, changes } of history.toSorted((left, right) => left.number - right.number)) {
    for (const [index, change] of changes.entries()) {
      if (change.kind !== "limits" || change.classId !== classId || !asks(change, "re-check")) continue;
      const place = laterOf({ version: raised, index }, movedBy);
      if (place.version <= since) continue;
      for (const rule of change.tightened) byRule.set(rule, { rule, raised, ...place, change });
    }
  }
  return [...byRule.values()];
}

/** True for what was carried over and neither drawn nor kept since: all rules of its class are new to it. */
export function isNewcomer({ movedBy, since }: RuleStanding): boolean {
  return movedBy !== null && movedBy.version > since;
}

/** A change that asks about rules, of the class of a newcomer the one that carried it. */
export function laterOf(place: ChangePlace, movedBy: ChangePlace | null): ChangePlace {
  return movedBy !== null && movedBy.version > place.version ? movedBy : place;
}

/** @throws Error where the history does not have the change */
export function changeAt({ version, index }: ChangePlace, history: History): GuidelineChange {
  const change = history.find(({ number }) => number === version)?.changes[index];
  if (change === undefined) throw new Error(`version ${version} has no change ${index}`);
  return change;
}

/** A rule that is asked about, with the violation. */
export type AskedLimit = PendingLimit & { readonly limit: Pick<Violation, "rule" | "other"> };

/**
 * What an annotation is asked about rules: each violated one that became stricter since anybody drew or confirmed it as
 * its class. What was carried over into a class has never been judged by its rules: it is asked about each that it
 * violates, however old that is. A pair is asked once, for the last change that made the rules of either class stricter
 * since one of the two was drawn.
 */
export function askedLimits(
  standing: RuleStanding,
  violations: readonly Violation[],
  history: History,
): readonly AskedLimit[] {
  const pending = pendingLimits(standing, history);
  return violations.flatMap(({ rule, other, pair }): AskedLimit[] => {
    const last =
      pair === undefined
        ? (pending.find((each) => each.rule === rule) ?? newToIt(rule, standing, history))
        : lastOfPair(pair, standing, history);
    return last === null ? [] : [{ ...last, limit: { rule: last.rule, other } }];
  });
}

function newToIt(rule: string, standing: RuleStanding, history: History): PendingLimit | null {
  const { movedBy } = standing;
  if (movedBy === null || !isNewcomer(standing)) return null;
  return { rule, raised: 0, ...movedBy, change: changeAt(movedBy, history) };
}

function lastOfPair({ drawn, raised }: ViolatedPair, { kept }: RuleStanding, history: History): PendingLimit | null {
  const newest = Math.max(0, ...history.map(({ number }) => number));
  const asked = raised.filter(({ version }) => version > Math.max(drawn, kept) && version <= newest);
  const last = asked.reduce<Raised | null>(
    (found, each) => (found === null || each.version > found.version ? each : found),
    null,
  );
  return last === null ? null : { ...last, change: changeAt(last, history) };
}

/**
 * The rule about shapes as what was carried over into a class violates it: nothing makes the shapes of the class of the one
 * that it is drawn as. Members that were there are asked by the change of shapes itself.
 */
export function shapeViolations(
  { stored, classId, shape }: { readonly stored: ClassId; readonly classId: ClassId; readonly shape: Shape },
  content: GuidelineContent | undefined,
): Violation[] {
  const [from, to] = [stored, classId].map((id) => content?.classes.find((each) => each.id === id)?.geometry);
  if (stored === classId || from === undefined || to === undefined) return [];
  return redrawnShapes({ from, to }).includes(shape) ? [{ rule: "geometry", other: null }] : [];
}
