import type { LiveEvents } from "#server/live-events.ts";
import type { Logger } from "#server/log.ts";
import type { Sessions } from "#server/session.ts";
import type { Tiles } from "#server/slides/tiles.ts";
import type { Rooms, SocketFilter } from "#server/sync/rooms.ts";
import type { SyncListener } from "#server/sync/socket.ts";
import type { TileRoute } from "#server/tile-route.ts";
import type { Signal, SignalListener } from "./signals.ts";

/** What of this node goes out of date when another one changes something. */
export type Remembering = {
  readonly events: LiveEvents;
  readonly sessions: Sessions;
  readonly rooms: Rooms;
  readonly sync: Pick<SyncListener, "recheck">;
  readonly tiles: Tiles;
  readonly tileRoute: Pick<TileRoute, "forget">;
  readonly log: Pick<Logger, "error">;
};

/** Does here what the other node has done there, and everything where it is not known what that was. */
export function hearing(here: Remembering): SignalListener & { readonly recheckAll: () => void } {
  const { events, sessions, tileRoute, sync, rooms, log } = here;
  const recheck = (filter: SocketFilter): void => {
    rooms.recheckHere(filter).catch((error: unknown) => log.error("sockets.recheck-failed", error));
  };
  const recheckAll = (): void => {
    sessions.forgetAll();
    tileRoute.forget();
    sync.recheck().then(
      () => recheck({}),
      (error: unknown) => log.error("sockets.recheck-failed", error),
    );
  };
  const missed = (): void => {
    recheckAll();
    events.missed();
  };
  return { heard: (signal) => hear(here, recheck, signal), missed, recheckAll };
}

function hear(
  { events, sessions, tiles, tileRoute }: Remembering,
  recheck: (filter: SocketFilter) => void,
  signal: Signal,
): void {
  switch (signal.kind) {
    case "told":
      events.tellHere(signal.projectId, signal.audience, signal.message);
      break;
    case "told-person":
      events.tellPersonHere(signal.personId, signal.message);
      break;
    case "person-changed":
      sessions.revoke(signal.personId);
      break;
    case "session-ended":
      sessions.end(signal.sessionId);
      break;
    case "rights-changed":
      recheck(signal);
      break;
    case "slide-removed":
      tiles.forget(signal.slideId);
      tileRoute.forget();
      break;
    default:
      signal satisfies never;
  }
}
