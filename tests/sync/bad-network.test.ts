import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { journalOn, memoryPages, memoryStore } from "#client/journal.ts";
import { joinLayer, type LiveLayer } from "#client/live-layer.ts";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import { newId } from "#db/new-id.ts";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { SILENT_LOG } from "#server/log.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { BadLine } from "#tests/support/bad-line.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { until } from "#tests/support/fake-socket.ts";
import { type LivedTime, livedTime } from "#tests/support/lived-time.ts";
import { asBrowser, type SyncServer, startSync } from "#tests/support/sync-server.ts";
import { STROMA, type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

const CLIENTS = 20;
const AWAY = 5;
/** The server is never silent for longer; a deaf line shows by it. */
const HEARTBEAT_MS = 2_500;

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms;
let server: SyncServer;
const lines: BadLine[] = [];
const open: LiveLayer[] = [];
/** Lines treat all in this process, so what it does not live to see does not count. */
let time: LivedTime;

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(
    database.db,
    Array.from({ length: CLIENTS }, (_, index) => `reader${index}`),
  );
  time = livedTime();
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG });
  server = await startSync(rooms, world, { heartbeatMs: HEARTBEAT_MS });
});
afterEach(async () => {
  for (const layer of open.splice(0)) layer.close();
  for (const line of lines.splice(0)) await line.close();
});
afterAll(async () => {
  time.stop();
  await server.close();
  await rooms.close();
  await database.close();
});

function join(who: number, layerId: LayerId, { url }: BadLine): LiveLayer {
  const caller = world.people[who]!;
  const user = { id: caller.personId, name: "", colour: "#000000" };
  const journal = journalOn(memoryStore(), memoryPages(), user.id, layerId);
  const layer = joinLayer({ url, layerId, user, journal, WebSocketPolyfill: asBrowser(caller) });
  open.push(layer);
  return layer;
}

function point(random: Random): Annotation {
  const at = [Math.round(random() * 4_000), Math.round(random() * 4_000)] as const;
  return {
    id: newId(annotationId),
    classId: TUMOUR,
    geometry: { type: "point", at },
    under: 1,
    attributes: {},
    note: "",
  };
}

/** Notes how long it takes until somebody who was live is told that a deaf line is none. */
function watch(live: LiveLayer, line: BadLine, noticedAfterMs: number[]): void {
  let before = live.status.connection;
  live.subscribe(() => {
    const now = live.status.connection;
    if (before === "live" && now !== "live" && line.deafSince !== null) {
      noticedAfterMs.push(time.now() - line.deafSince);
      line.deafSince = null;
    }
    before = now;
  });
}

/** A stroke of somebody: draws, gives another class, or deletes, whoever drew it. */
function stroke({ layerDoc }: LiveLayer, random: Random): void {
  const [kind, all] = [random(), [...layerDoc.all()]];
  const one = all[Math.floor(random() * all.length)];
  if (kind < 0.5 || one === undefined) layerDoc.put(point(random));
  else if (kind < 0.85) layerDoc.reclass(one.id, random() < 0.5 ? STROMA : TUMOUR, 1);
  else layerDoc.remove(one.id);
}

const contentOf = (annotations: Iterable<Annotation>) =>
  JSON.stringify([...annotations].sort((a, b) => (a.id < b.id ? -1 : 1)));

describe("a bad network", () => {
  it("[NET2] between twenty people, five of them away: all are equal within 15 s of its healing, and dead lines show within 5", async () => {
    const random = seededRandom(7);
    const layerIds = [await world.layer(), await world.layer()];
    const noticedAfterMs: number[] = [];
    const clients: { readonly layerId: LayerId; readonly live: LiveLayer; readonly line: BadLine }[] = [];
    for (let who = 0; who < CLIENTS; who++) {
      const line = await BadLine.to(server.port, random, time.now);
      lines.push(line);
      if (who < AWAY) line.heal();
      const layerId = layerIds[who % 2]!;
      const live = join(who, layerId, line);
      watch(live, line, noticedAfterMs);
      clients.push({ layerId, live, line });
    }
    await until(
      () => clients.every(({ live }) => live.status.synced || live.status.connection === "offline"),
      "a start",
    );
    for (const { line } of clients.slice(0, AWAY)) line.leave();
    const countOf = (kind: "cut" | "deaf") => lines.reduce((sum, { counts }) => sum + counts[kind], 0);
    let strokes = 0;
    const drawing = setInterval(() => {
      for (const { live } of clients) {
        if (random() > 0.25) continue;
        stroke(live, random);
        strokes += 1;
      }
    }, 50);
    await until(() => countOf("cut") >= 10 && countOf("deaf") >= 8 && strokes > 500, "enough of it");
    clearInterval(drawing);
    const waiting = clients.slice(0, AWAY).map(({ live }) => live.status.waiting);
    expect(Math.min(...waiting)).toBeGreaterThan(5);

    const healedAt = time.now();
    for (const line of lines) line.heal();
    const contents = (layerId: LayerId) =>
      new Set(clients.filter((each) => each.layerId === layerId).map(({ live }) => contentOf(live.layerDoc.all())));
    await until(
      () =>
        clients.every(({ live }) => live.status.waiting === 0 && live.status.connection === "live") &&
        layerIds.every((layerId) => contents(layerId).size === 1),
      "all are equal and saved",
    );
    expect(time.now() - healedAt).toBeLessThan(15_000);
    for (const layerId of layerIds) {
      const rows = (await annotationRows(database.db, { layerIds: [layerId] })).map(annotationOf);
      expect(contents(layerId)).toEqual(new Set([contentOf(rows)]));
    }
    expect(noticedAfterMs.length).toBeGreaterThanOrEqual(4);
    expect(Math.max(...noticedAfterMs)).toBeLessThan(5_000);
  }, 180_000);
});
