import type { Db } from "#db/client.ts";
import type { LiveEvents } from "#server/live-events.ts";
import type { Caller } from "#server/session.ts";
import type { Rooms } from "#server/sync/rooms.ts";

/** What routes and commands work with; built once by server/world.ts. */
export type World = {
  readonly db: Db;
  readonly rooms: Rooms;
  readonly events: LiveEvents;
  readonly now: () => Date;
};

export type ApiEnv = { Variables: { caller: Caller | null } };
