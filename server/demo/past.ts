import type { ProjectId, SlideId } from "#domain/ids.ts";
import type { World } from "#server/api/world.ts";
import type { Caller } from "#server/session.ts";
import type { TrueRegion } from "#server/slides/synthetic/regions.ts";

const DAY_MS = 86_400_000;

/** A demo project that is made as if it had been worked in for weeks before `began`. */
export type Place = {
  readonly world: World;
  readonly lead: Caller;
  readonly projectId: ProjectId;
  readonly began: Date;
};

/** What each slide truly shows, in the order of the slides. */
export type Truths = ReadonlyMap<SlideId, readonly TrueRegion[]>;

/** The world as it was some days before: what is done in it is dated so. */
export function daysAgo({ world, began }: Pick<Place, "world" | "began">, days: number): World {
  return { ...world, now: () => new Date(began.getTime() - days * DAY_MS) };
}
