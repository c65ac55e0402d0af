import type { Db } from "#db/client.ts";
import type { Computation } from "#server/jobs/computation.ts";
import type { LiveEvents } from "#server/live-events.ts";
import type { Logger } from "#server/log.ts";
import type { Caller, Sessions } from "#server/session.ts";
import type { SlideStore } from "#server/slides/store.ts";
import type { Tiles } from "#server/slides/tiles.ts";
import type { Rooms } from "#server/sync/rooms.ts";

/** What routes and commands work with; built once by server/world.ts. */
export type World = {
  readonly db: Db;
  readonly rooms: Rooms;
  readonly events: LiveEvents;
  readonly computation: Computation;
  readonly sessions: Sessions;
  readonly slides: SlideStore;
  readonly tiles: Tiles;
  /** Public origin, without a closing slash. */
  readonly url: string;
  readonly maxUploadBytes: number;
  readonly log: Logger;
  readonly now: () => Date;
};

export type ApiEnv = { Variables: { caller: Caller | null } };
