import type { PersonId, SlideId } from "./ids.ts";
import { seededRandom, seedFrom, shuffled } from "./random.ts";

/** What of a round says which guideline versions count in it. */
export type RoundUnder = {
  readonly mode: "together" | "open" | "blind";
  /** True for a round that is not blind. */
  readonly unblinded: boolean;
  /** The version that it was opened under. */
  readonly guidelineNumber: number;
};

/**
 * Newest guideline version that counts in a round. What is published while a round is read blind takes effect for it when it
 * is unblinded, save what was forced on open blind rounds; elsewhere every version counts at once.
 * @param round null for a layer of no round
 * @param forced newest version that was forced; 0 for none
 */
export function versionLimit(round: RoundUnder | null, forced: number): number {
  if (round === null || round.mode !== "blind" || round.unblinded) return Number.POSITIVE_INFINITY;
  return Math.max(round.guidelineNumber, forced);
}

/**
 * The order in which one reader goes through the slides of a round: random against fatigue and order effects, another for
 * each reader, and the same whenever it is asked for, whatever the order of the given ids.
 */
export function readingOrder(slideIds: readonly SlideId[], readerId: PersonId, seed: number): SlideId[] {
  return shuffled([...new Set(slideIds)].sort(), seededRandom(seedFrom(`${seed}:${readerId}`)));
}
