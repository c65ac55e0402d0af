import type { IncomingMessage, ServerResponse } from "node:http";
import { alone, aloneIfFree } from "#db/nodes.ts";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import { layerAccess } from "./access.ts";
import { createApi } from "./api/api.ts";
import type { World } from "./api/world.ts";
import { hearing, type Remembering } from "./bus/hearing.ts";
import { amongNodes, eventRelay, tilesForAll } from "./bus/nodes.ts";
import { makeFirstLead } from "./commands/first-lead.ts";
import { makeAllTasks } from "./commands/make-tasks.ts";
import { measureDrafts } from "./commands/measure-drafts.ts";
import { seedHistory } from "./demo/history.ts";
import { seedDemo } from "./demo/seed.ts";
import type { Foundation } from "./foundation.ts";
import type { Handler, Upgrade } from "./http.ts";
import { startComputation } from "./jobs/computation.ts";
import { LiveEvents } from "./live-events.ts";
import { originAllowed } from "./origin.ts";
import type { Caller } from "./session.ts";
import { openSlideStore } from "./slides/store.ts";
import { openTiles } from "./slides/tiles.ts";
import { startCompaction } from "./sync/compaction-pool.ts";
import { createRooms } from "./sync/rooms.ts";
import { createSyncListener, type SyncListener } from "./sync/socket.ts";
import { createTileRoute } from "./tile-route.ts";

/** What answers requests on a foundation, and what the operator is told about it. */
export type Product = {
  readonly world: World;
  readonly api: Handler;
  /** False where the address is not a tile's. */
  readonly tiles: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;
  readonly sync: { readonly upgrade: Upgrade };
  /** Lines below the address in the greeting: demo accounts, for one. */
  readonly welcome: readonly string[];
  /** Closes sockets (1001), then forces what is left of the log to disk. */
  close(): Promise<void>;
};

/** Outlines that arrive late under an old guideline version become tasks at this pace. */
const MAKE_TASKS_EVERY_MS = 60_000;
/** So soon after a draft was saved the pairs are measured that it may ask about. */
const MEASURE_DRAFTS_EVERY_MS = 5_000;

/** Builds rooms, routes and tiles on a foundation, and the demo project on an empty one. */
export async function openProduct(foundation: Foundation): Promise<Product> {
  const { world, here } = await openWorld(foundation);
  const tileRoute = createTileRoute(world);
  const sync = createSyncListener({
    rooms: world.rooms,
    authenticate: async (req) => asClaimed(req.url, await world.sessions.authenticate(req)),
    access: (caller, layerId, tx) => accessOf(world, caller, layerId, tx),
    origins: (_origin, req) => req.headers.authorization !== undefined || originAllowed(req.headers, world.url),
    log: world.log,
  });
  const forget = world.sessions.onRevoked((personId) => {
    tileRoute.forget();
    void recheckSockets(world, sync, personId);
  });
  const heard = hearing({ ...here, tileRoute, sync });
  foundation.others?.signals.listen(heard);
  here.onDeadNode(heard.recheckAll);
  const { pool } = foundation.database;
  const welcome = await alone(pool, "start", () => furnish(world, foundation));
  const making = setInterval(() => {
    const made = aloneIfFree(pool, "tasks", () => makeAllTasks(world));
    made.catch((error: unknown) => world.log.error("tasks.not-made", error));
  }, MAKE_TASKS_EVERY_MS);
  making.unref();
  const seen = new Map<ProjectId, number>();
  const measuring = setInterval(() => {
    const measured = aloneIfFree(pool, "pairs", () => measureDrafts(world, seen));
    measured.catch((error: unknown) => world.log.error("pairs.not-measured", error));
  }, MEASURE_DRAFTS_EVERY_MS);
  measuring.unref();
  const history = inBackground(foundation, (signal) => seedHistory(world, signal));
  return {
    world,
    api: createApi(world, foundation.metrics, foundation.others?.bus ?? null),
    tiles: (req, res) => tileRoute.answer(req, res),
    sync,
    welcome,
    async close() {
      clearInterval(making);
      clearInterval(measuring);
      await history.stop();
      forget();
      world.events.close();
      await sync.close();
      await world.rooms.close();
      await world.computation.close();
      await world.tiles.close();
    },
  };
}

/** What a database needs before anybody is let in. @returns lines for the operator */
async function furnish(world: World, { env, say }: Foundation): Promise<readonly string[]> {
  const { mode, demoWidth: width, firstLead } = env;
  const welcome = mode === "demo" ? await seedDemo(world, { width, say }) : await makeFirstLead(world, firstLead);
  await makeAllTasks(world);
  return welcome;
}

/** Fills the demo while the product already answers; whoever stops it waits until it has let go. */
function inBackground(
  { env, database, log }: Foundation,
  work: (signal: AbortSignal) => Promise<void>,
): { stop(): Promise<void> } {
  if (env.mode !== "demo" || !env.demoHistory) return { stop: () => Promise.resolve() };
  const stopping = new AbortController();
  const done = aloneIfFree(database.pool, "demo", () => work(stopping.signal)).catch((error: unknown) => {
    if (!stopping.signal.aborted) log.error("demo.history-not-made", error);
  });
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

/** Whose session ended goes; of the others the rooms ask what they may do now. */
async function recheckSockets(world: World, sync: SyncListener, personId: PersonId): Promise<void> {
  try {
    await sync.recheck(personId);
    await world.rooms.recheckHere({ personId });
  } catch (error) {
    world.log.error("sockets.recheck-failed", error);
  }
}

/** What hears of other nodes, beside the world that tells them. */
type Here = Omit<Remembering, "tileRoute" | "sync"> & { readonly onDeadNode: (listener: () => void) => void };

async function openWorld(foundation: Foundation): Promise<{ readonly world: World; readonly here: Here }> {
  const { database, sessions, sessionsHere, others, env, url, log } = foundation;
  const { db } = database;
  const slides = await openSlideStore(env.dataDir, others?.bus.nodeId ?? null);
  let nodeDied: () => void = () => undefined;
  const rooms = createRooms({
    db,
    access: (caller, layerId, tx) => accessOf({ db }, caller, layerId, tx),
    log,
    compaction: startCompaction(log),
    ...(others === null ? {} : amongNodes(others, () => nodeDied())),
  });
  const events = new LiveEvents(others === null ? null : eventRelay(others));
  const tiles = openTiles({ pathOf: slides.pathOf, sidecarOf: slides.sidecarOf });
  const world: World = {
    db,
    rooms,
    events,
    computation: startComputation(log),
    sessions,
    slides,
    tiles: others === null ? tiles : tilesForAll(tiles, others),
    url,
    maxUploadBytes: env.maxUploadBytes,
    log,
    now: () => new Date(),
  };
  const onDeadNode = (listener: () => void): void => {
    nodeDied = listener;
  };
  return { world, here: { events, sessions: sessionsHere, rooms, tiles, log, onDeadNode } };
}

/** A read-only token sees and never writes, whatever its owner may do. */
async function accessOf(
  { db }: Pick<World, "db">,
  caller: { readonly personId: Parameters<typeof layerAccess>[1]; readonly scope: "read" | "write" },
  layerId: Parameters<typeof layerAccess>[2],
  tx: World["db"] = db,
) {
  const access = await layerAccess(tx, caller.personId, layerId);
  return access === null || caller.scope === "write" ? access : { ...access, write: false };
}

/**
 * A page says whose work it holds (`?as=<person>`): once somebody else has signed in in that browser, it is not let in
 * with their cookie, or it would send the one's work in the other's name.
 */
function asClaimed(url: string | undefined, caller: Caller | null): Caller | null {
  const claimed = new URLSearchParams(url?.split("?")[1]).get("as");
  return claimed === null || claimed === caller?.personId ? caller : null;
}
