import type { PersonId, SlideId } from "./ids.ts";
import { seededRandom, seedFrom, shuffled } from "./random.ts";

/**
 * The order in which one reader goes through the slides of a round: random against fatigue and order effects, another for
 * each reader, and the same whenever it is asked for, whatever the order of the given ids.
 */
export function readingOrder(slideIds: readonly SlideId[], readerId: PersonId, seed: number): SlideId[] {
  return shuffled([...new Set(slideIds)].sort(), seededRandom(seedFrom(`${seed}:${readerId}`)));
}
