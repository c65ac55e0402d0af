import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ChangeStore, type Journal, journalOn, memoryJournal, memoryPages, memoryStore } from "#client/journal.ts";
import { joinLayer, type LiveLayer } from "#client/live-layer.ts";
import { annotationRows } from "#db/annotations.ts";
import { newId } from "#db/new-id.ts";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import { SILENT_LOG } from "#server/log.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { until } from "#tests/support/fake-socket.ts";
import { within } from "#tests/support/lived-time.ts";
import { asBrowser, type SyncServer, startSync } from "#tests/support/sync-server.ts";
import { type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms;
let server: SyncServer;
const open: LiveLayer[] = [];

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
});
afterEach(async () => {
  for (const layer of open.splice(0)) layer.close();
  world.access.clear();
  await server.close();
  await rooms.close();
});
afterAll(() => database.close());

async function start(port = 0): Promise<void> {
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG });
  server = await startSync(rooms, world, { port });
}

/** As kill -9: lines end without a word, and the rooms are never closed. */
async function killAndStart(): Promise<void> {
  const { port } = server;
  await server.kill();
  await start(port);
}

/** One browser: what its pages share. */
type Browser = { readonly store: ChangeStore; readonly pages: ReturnType<typeof memoryPages> };

function browser(): Browser {
  return { store: memoryStore(), pages: memoryPages() };
}

const kept = async ({ store }: Browser) => (await store.list("")).length;

function join(who: number, layerId: LayerId, { store, pages }: Browser = browser()): LiveLayer {
  const caller = world.people[who]!;
  const user = { id: caller.personId, name: "somebody else", colour: "#000000" };
  const journal = journalOn(store, pages, user.id, layerId);
  const layer = joinLayer({ url: server.url, layerId, user, journal, WebSocketPolyfill: asBrowser(caller) });
  open.push(layer);
  return layer;
}

async function live(who: number, layerId: LayerId, at?: Browser): Promise<LiveLayer> {
  const layer = join(who, layerId, at);
  await until(() => layer.status.connection === "live" && layer.status.write !== null, "live");
  return layer;
}

function point(x: number): Annotation {
  return {
    id: newId(annotationId),
    classId: TUMOUR,
    geometry: { type: "point", at: [x, 1] },
    under: 1,
    attributes: {},
    note: "",
  };
}

const stored = async (layerId: LayerId) => (await annotationRows(database.db, { layerIds: [layerId] })).length;

describe("live layer", () => {
  it("[SNC20] shows a change to others, and as saved only when it is durable", async () => {
    await start();
    const layerId = await world.layer();
    const [ada, bea] = [await live(0, layerId), await live(1, layerId)];
    const waiting: number[] = [];
    ada.subscribe(() => {
      if (ada.status.waiting !== waiting.at(-1)) waiting.push(ada.status.waiting);
    });
    ada.layerDoc.put(point(1));
    expect(ada.status.waiting).toBe(1);
    await until(() => ada.status.waiting === 0, "saved");
    expect(await stored(layerId)).toBe(1);
    await until(() => bea.layerDoc.size === 1, "told");
    ada.layerDoc.remove([...ada.layerDoc.all()][0]!.id);
    expect(ada.status.waiting).toBe(1);
    await until(() => ada.status.waiting === 0 && bea.layerDoc.size === 0, "deletion saved and told");
    expect(await stored(layerId)).toBe(0);
    expect(waiting).toEqual([0, 1, 0, 1, 0]);
  });

  it("[SNC21] counts unsaved changes over a killed server, sends them again, and a stranger sees them all", async () => {
    await start();
    const layerId = await world.layer();
    const ada = await live(0, layerId);
    const first = point(1);
    ada.layerDoc.put(first);
    await until(() => ada.status.waiting === 0);
    const { port } = server;
    await server.kill();
    await until(() => ada.status.connection === "offline", "offline");
    ada.layerDoc.put(point(2));
    ada.layerDoc.put(point(3));
    ada.layerDoc.remove(first.id);
    expect(ada.status.waiting).toBe(3);
    await start(port);
    await until(() => ada.status.waiting === 0 && ada.status.connection === "live", "saved again");
    await killAndStart();
    const bea = await live(1, layerId);
    expect([...bea.layerDoc.all()].map((each) => each.geometry)).toEqual(
      expect.arrayContaining([
        { type: "point", at: [2, 1] },
        { type: "point", at: [3, 1] },
      ]),
    );
    expect(bea.layerDoc.size).toBe(2);
  });

  it("[SNC22] never calls an offline deletion saved for the sake of a later change", async () => {
    await start();
    const layerId = await world.layer();
    const ada = await live(0, layerId);
    const [kept, gone] = [point(1), point(2)];
    ada.layerDoc.put(kept);
    ada.layerDoc.put(gone);
    await until(() => ada.status.waiting === 0);
    for (let round = 0; round < 5; round++) {
      const { port } = server;
      await server.kill();
      await until(() => ada.status.connection === "offline");
      if (ada.layerDoc.get(gone.id)) ada.layerDoc.remove(gone.id);
      else ada.layerDoc.put(gone);
      const stop = ada.subscribe(() => {
        if (ada.status.connection === "live" && ada.status.waiting === 1)
          ada.layerDoc.setNote(kept.id, `note ${round}`);
      });
      await start(port);
      await until(() => ada.status.waiting === 0 && ada.layerDoc.get(kept.id)?.note === `note ${round}`, "saved");
      stop();
      const rows = await annotationRows(database.db, { layerIds: [layerId] });
      expect(rows.some((row) => row.id === gone.id)).toBe(ada.layerDoc.get(gone.id) !== null);
    }
  });

  it("[SNC23] keeps unsaved changes over a crash of the tab and merges them into the next one", async () => {
    await start();
    const layerId = await world.layer();
    const here = browser();
    const ada = await live(0, layerId, here);
    ada.layerDoc.put(point(1));
    await until(() => ada.status.waiting === 0);
    await until(async () => (await kept(here)) === 0, "journal emptied");
    const { port } = server;
    await server.kill();
    await until(() => ada.status.connection === "offline");
    const moved = { ...[...ada.layerDoc.all()][0]!, geometry: { type: "point", at: [9, 9] } as const };
    ada.layerDoc.put(moved);
    ada.layerDoc.put(point(2));
    await until(async () => (await kept(here)) === 2, "journal kept");
    ada.close();
    await start(port);
    const again = join(0, layerId, here);
    await until(() => again.status.recovered === 2, "recovered");
    await until(() => again.status.connection === "live" && again.status.waiting === 0, "saved");
    expect(again.layerDoc.size).toBe(2);
    expect(again.layerDoc.get(moved.id)?.geometry).toEqual(moved.geometry);
    expect(await stored(layerId)).toBe(2);
    await until(async () => (await kept(here)) === 0, "journal emptied");
    again.close();
    const fresh = await live(0, layerId, here);
    expect(fresh.status.recovered).toBe(0);
  });

  it("[SNC24] undoes and redoes one's own changes only, and says whether there are any", async () => {
    await start();
    const layerId = await world.layer();
    const [ada, bea] = [await live(0, layerId), await live(1, layerId)];
    ada.layerDoc.put(point(1));
    await until(() => bea.layerDoc.size === 1);
    expect(bea.canUndo).toBe(false);
    bea.undo();
    expect(bea.layerDoc.size).toBe(1);
    expect(ada.status.canUndo).toBe(true);
    ada.undo();
    await until(() => bea.layerDoc.size === 0 && ada.status.waiting === 0);
    expect(ada.status).toMatchObject({ canUndo: false, canRedo: true });
    ada.redo();
    await until(() => bea.layerDoc.size === 1);
  });

  it("[SNC28] takes back its own steps of before a lost line, while it is away and when it is back", async () => {
    await start();
    const layerId = await world.layer();
    const [ada, bea] = [await live(0, layerId), await live(1, layerId)];
    const [first, second] = [point(1), point(2)];
    ada.layerDoc.put(first);
    ada.layerDoc.put(second);
    await until(() => ada.status.waiting === 0 && bea.layerDoc.size === 2, "told");
    bea.layerDoc.setNote(second.id, "seen");
    bea.layerDoc.put(point(3));
    await until(() => ada.layerDoc.size === 3 && ada.layerDoc.get(second.id)?.note === "seen", "told back");
    const { port } = server;
    await server.kill();
    await until(() => ada.status.connection === "offline", "offline");
    expect(ada.status.canUndo).toBe(true);
    ada.undo();
    expect(ada.layerDoc.get(second.id)).toBeNull();
    expect(ada.status.waiting).toBe(1);
    await start(port);
    await until(() => ada.status.connection === "live" && ada.status.waiting === 0, "saved");
    await until(() => bea.layerDoc.size === 2, "taken back for others too");
    ada.undo();
    await until(() => bea.layerDoc.size === 1 && ada.status.waiting === 0, "a step of before, on the new line");
    expect(ada.status.canUndo).toBe(false);
    ada.redo();
    ada.redo();
    await until(() => bea.layerDoc.size === 3 && ada.status.waiting === 0, "both are back");
    expect(await stored(layerId)).toBe(3);
  });

  it("[SNC25] shows where others look under the name they signed in with, and when they go", async () => {
    await start();
    const layerId = await world.layer();
    const [ada, bea] = [await live(0, layerId), await live(1, layerId)];
    ada.setCursor([10, 20]);
    ada.setViewport({ x: 0, y: 0, width: 100, height: 50 });
    await until(() => bea.others()[0]?.cursor !== undefined && bea.others()[0]?.cursor !== null, "cursor");
    const { personId, name, colour } = world.people[0]!;
    expect(bea.others()).toMatchObject([
      { person: { id: personId, name, colour }, cursor: [10, 20], viewport: { x: 0, y: 0, width: 100, height: 50 } },
    ]);
    await killAndStart();
    await until(() => bea.status.connection === "live" && bea.others().length === 1, "seen again after a restart");
    ada.close();
    await until(() => bea.others().length === 0, "gone");
  });

  it("[SNC26] says why it is refused, and stays away until it is asked to try again", async () => {
    await start();
    const layerId = await world.layer();
    const caller = world.people[0]!;
    world.access.set(caller.personId, null);
    const ada = join(0, layerId);
    await until(() => ada.status.connection === "refused", "refused");
    expect(ada.status.code).toBe("not-found");
    world.access.clear();
    ada.retry();
    await until(() => ada.status.connection === "live" && ada.status.code === null, "in");
    world.access.set(caller.personId, { see: true, write: false, locked: true });
    await rooms.recheck({ layerId });
    await until(() => ada.status.write === false, "told");
    expect(ada.status).toMatchObject({ connection: "live", code: "layer-locked" });
    ada.layerDoc.put(point(1));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(ada.status.waiting).toBe(1);
    expect(await stored(layerId)).toBe(0);
    await ada.discardUnsaved();
    expect(ada.status.waiting).toBe(0);
  });

  it("[SNC27] sends its own presence only, at most 15 times a second", async () => {
    await start();
    const layerId = await world.layer();
    const sent: number[] = [];
    const Plain = asBrowser(world.people[1]!);
    const Counting = class extends Plain {
      override send(data: Parameters<WebSocket["send"]>[0]): void {
        if (new Uint8Array(data as ArrayBuffer)[0] === 1) sent.push(Date.now());
        super.send(data);
      }
    };
    const ada = await live(0, layerId);
    const user = { id: world.people[1]!.personId, name: "bea", colour: "#000000" };
    const bea = joinLayer({ url: server.url, layerId, user, journal: memoryJournal(), WebSocketPolyfill: Counting });
    open.push(bea);
    await until(() => bea.status.connection === "live" && bea.others().length === 1, "live");
    const before = sent.length;
    for (let x = 0; x < 5; x++) {
      ada.setCursor([x, x]);
      await until(() => JSON.stringify(bea.others()[0]?.cursor) === JSON.stringify([x, x]), "moved");
    }
    expect(sent.length).toBe(before);
    let x = 0;
    const begun = Date.now();
    await until(() => {
      x += 1;
      bea.setCursor([x, x]);
      return sent.length >= before + 8;
    }, "sent");
    for (const [place, at] of sent.slice(before).entries()) {
      // From the beginning, since each may leave late; a timer may come up to a millisecond early.
      expect(at - begun).toBeGreaterThanOrEqual(place * (1_000 / 15 - 1));
    }
  });

  it("[OFF25] takes up what another page of the same person left, once it is gone, and never while it is open", async () => {
    await start();
    const layerId = await world.layer();
    const here = browser();
    const first = await live(0, layerId, here);
    const { port } = server;
    await server.kill();
    await until(() => first.status.connection === "offline");
    first.layerDoc.put(point(1));
    await until(async () => (await kept(here)) === 1, "journal kept");
    const second = join(0, layerId, here);
    const other = join(1, layerId, here);
    await until(() => second.status.connection === "offline" && other.status.connection === "offline");
    expect([second.status.recovered, second.status.waiting, other.status.recovered]).toEqual([0, 0, 0]);
    first.close();
    await start(port);
    await until(() => second.status.recovered === 1 && second.status.waiting === 0, "taken up and saved");
    expect(second.layerDoc.size).toBe(1);
    expect(other.status.recovered).toBe(0);
    expect(await stored(layerId)).toBe(1);
    await until(async () => (await kept(here)) === 0, "journal emptied");
  });

  it("[OFF28] a page that is left right after a stroke leaves nothing to recover", async () => {
    await start();
    const layerId = await world.layer();
    const here = browser();
    const ada = await live(0, layerId, here);
    ada.layerDoc.put(point(1));
    ada.close();
    const next = await live(0, layerId, here);
    await until(() => next.layerDoc.size === 1, "stored");
    expect([next.status.recovered, next.status.waiting]).toEqual([0, 0]);
    await until(async () => (await kept(here)) === 0, "journal emptied");
    expect(await stored(layerId)).toBe(1);
  });

  it("[OFF26] a server that says nothing any more is called offline within five seconds, and is back by itself", async () => {
    await start();
    const layerId = await world.layer();
    const line = await mutableLine(server.port);
    const caller = world.people[0]!;
    const user = { id: caller.personId, name: "ada", colour: "#000000" };
    const ada = joinLayer({
      url: `ws://127.0.0.1:${line.port}/sync`,
      layerId,
      user,
      journal: memoryJournal(),
      WebSocketPolyfill: asBrowser(caller),
    });
    open.push(ada);
    await until(() => ada.status.connection === "live" && ada.status.write !== null, "live");
    line.mute();
    ada.layerDoc.put(point(1));
    await within(5_300, () => ada.status.connection === "offline", "offline");
    expect(ada.status.waiting).toBe(1);
    line.speak();
    await until(() => ada.status.connection === "live" && ada.status.waiting === 0, "saved");
    await line.close();
  });

  it("[OFF27] works on where the browser's store never answers, and says that nothing is kept", async () => {
    await start();
    const layerId = await world.layer();
    const caller = world.people[0]!;
    const user = { id: caller.personId, name: "ada", colour: "#000000" };
    const journal = new Promise<Journal>(() => undefined);
    const ada = joinLayer({ url: server.url, layerId, user, journal, WebSocketPolyfill: asBrowser(caller) });
    open.push(ada);
    ada.layerDoc.put(point(1));
    expect(ada.status.waiting).toBe(1);
    await until(() => ada.status.connection === "live" && ada.status.waiting === 0, "saved");
    expect(ada.status.kept).toBe(false);
    expect(await stored(layerId)).toBe(1);
  });
});

/** A line to a port that can be made to pass nothing on, either way, without being closed. */
async function mutableLine(to: number): Promise<{ port: number; mute(): void; speak(): void; close(): Promise<void> }> {
  let muted = false;
  const sockets = new Set<Socket>();
  const pass = (from: Socket, into: Socket) => {
    sockets.add(from);
    from.on("data", (bytes) => muted || into.write(bytes));
    from.on("close", () => muted || into.destroy());
    from.on("error", () => from.destroy());
  };
  const proxy = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    mute: () => {
      muted = true;
    },
    // What was swallowed is lost: a line that forgot bytes can only be cut.
    speak: () => {
      muted = false;
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => proxy.close(() => resolve()));
    },
  };
}
