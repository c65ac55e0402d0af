import type { LayerId, PersonId, SlideId } from "./ids.ts";
import { seededRandom, seedFrom, shuffled } from "./random.ts";

/** A read that somebody made, or is making. */
export type PastRead = {
  readonly layerId: LayerId;
  readonly slideId: SlideId;
  readonly readerId: PersonId;
  readonly purpose: "work" | "repeat" | "bridge";
  /** Null while it is open. */
  readonly submittedAt: Date | null;
};

/** A read to be made again, hidden among a reader's ordinary ones. */
export type Repeat = { readonly readerId: PersonId; readonly slideId: SlideId; readonly of: LayerId };

export type RepeatPlan = {
  readonly readerIds: readonly PersonId[];
  /** Slides that the round asks for anyhow. */
  readonly slideIds: readonly SlideId[];
  readonly perReader: number;
  /** Days since the reader last handed in a read of the slide; less and they would remember. */
  readonly washoutDays: number;
  readonly now: Date;
  readonly seed: number;
};

const DAY_MS = 86_400_000;

/**
 * Reads that could be repeated now: of each slide a reader's newest ordinary read, where the washout is over and no read of
 * theirs on that slide is open.
 * @returns by slide
 */
export function repeatable(
  past: readonly PastRead[],
  readerId: PersonId,
  { slideIds, washoutDays, now }: Pick<RepeatPlan, "slideIds" | "washoutDays" | "now">,
): Repeat[] {
  const latest = now.getTime() - washoutDays * DAY_MS;
  const bySlide = new Map<SlideId, PastRead[]>();
  for (const read of past) {
    if (read.readerId !== readerId || slideIds.includes(read.slideId)) continue;
    bySlide.set(read.slideId, [...(bySlide.get(read.slideId) ?? []), read]);
  }
  const found = [...bySlide].flatMap(([slideId, reads]): Repeat[] => {
    if (reads.some((read) => read.submittedAt === null || read.submittedAt.getTime() > latest)) return [];
    const work = reads
      .filter((read) => read.purpose === "work")
      .sort(byTime)
      .at(-1);
    return work === undefined ? [] : [{ readerId, slideId, of: work.layerId }];
  });
  return found.sort((a, b) => (a.slideId < b.slideId ? -1 : 1));
}

/** Draws the repeats of a round by its seed: the same whatever the order of what is given. */
export function chooseRepeats(past: readonly PastRead[], plan: RepeatPlan): Repeat[] {
  return [...plan.readerIds].sort().flatMap((readerId) => {
    const random = seededRandom(seedFrom(`${plan.seed}:repeat:${readerId}`));
    return shuffled(repeatable(past, readerId, plan), random).slice(0, plan.perReader);
  });
}

function byTime(a: PastRead, b: PastRead): number {
  const [first, second] = [a.submittedAt?.getTime() ?? 0, b.submittedAt?.getTime() ?? 0];
  return first - second || (a.layerId < b.layerId ? -1 : 1);
}
