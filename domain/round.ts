import type { LayerId, PersonId, SlideId } from "./ids.ts";
import { seededRandom, seedFrom, shuffled } from "./random.ts";

/**
 * The order in which one reader goes through the slides of a round: random against fatigue and order effects, another for
 * each reader, and the same whenever it is asked for, whatever the order of the given ids.
 */
export function readingOrder(slideIds: readonly SlideId[], readerId: PersonId, seed: number): SlideId[] {
  return shuffled([...new Set(slideIds)].sort(), seededRandom(seedFrom(`${seed}:${readerId}`)));
}

export type Read = {
  readonly layerId: LayerId;
  readonly slideId: SlideId;
  /** Null for the layer that a team shares. */
  readonly readerId: PersonId | null;
  readonly state: "open" | "submitted";
};

export type Progress = { readonly total: number; readonly submitted: number };

export type RoundProgress = Progress & {
  /** Nothing is open any more; false for a round without reads. */
  readonly complete: boolean;
  readonly byReader: ReadonlyMap<PersonId, Progress>;
  readonly bySlide: ReadonlyMap<SlideId, Progress>;
};

/** How far the reads of a round are. Who may see it of a blind round is asked of permissions. */
export function roundProgress(reads: readonly Read[]): RoundProgress {
  const all = { total: 0, submitted: 0 };
  const byReader = new Map<PersonId, Tally>();
  const bySlide = new Map<SlideId, Tally>();
  for (const read of reads) {
    add(all, read);
    add(tallyOf(bySlide, read.slideId), read);
    if (read.readerId !== null) add(tallyOf(byReader, read.readerId), read);
  }
  return { ...all, complete: all.total > 0 && all.total === all.submitted, byReader, bySlide };
}

type Tally = { total: number; submitted: number };

function tallyOf<Key>(tallies: Map<Key, Tally>, key: Key): Tally {
  const tally = tallies.get(key) ?? { total: 0, submitted: 0 };
  tallies.set(key, tally);
  return tally;
}

function add(tally: Tally, read: Read): void {
  tally.total++;
  if (read.state === "submitted") tally.submitted++;
}
