import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ChangeStore, journalOn, memoryPages, memoryStore } from "#client/journal.ts";
import { joinLayer, type LiveLayer } from "#client/live-layer.ts";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import { newId } from "#db/new-id.ts";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import { SILENT_LOG } from "#server/log.ts";
import { createRooms, type Rooms, type RoomsOptions } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { until } from "#tests/support/fake-socket.ts";
import { square } from "#tests/support/outlines.ts";
import { asBrowser, type SyncServer, startSync } from "#tests/support/sync-server.ts";
import { STROMA, type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

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

/** With rooms that do nothing by themselves from time to time, only when they are told to. */
async function start(options: Partial<RoomsOptions> = {}, port = 0): Promise<void> {
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG, tendMs: 1_000_000, ...options });
  server = await startSync(rooms, world, { port });
}

/** One browser: what its pages share. */
type Browser = { readonly store: ChangeStore; readonly pages: ReturnType<typeof memoryPages> };
const browser = (): Browser => ({ store: memoryStore(), pages: memoryPages() });
const kept = async ({ store }: Browser) => (await store.list("")).length;

function join(who: number, layerId: LayerId, { store, pages }: Browser = browser()): LiveLayer {
  const caller = world.people[who]!;
  const user = { id: caller.personId, name: "somebody", colour: "#000000" };
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

function outline(change: Partial<Annotation> = {}): Annotation {
  const id = newId(annotationId);
  return { id, classId: TUMOUR, geometry: square(100, 100, 200), under: 1, attributes: {}, note: "", ...change };
}

const saved = (layer: LiveLayer) => until(() => layer.status.waiting === 0, "saved");
const rowsOf = async (layerId: LayerId) =>
  (await annotationRows(database.db, { layerIds: [layerId] })).map(annotationOf);
const shown = (layer: LiveLayer) => [...layer.layerDoc.all()].sort((a, b) => (a.id < b.id ? -1 : 1));
const same = async (layer: LiveLayer, layerId: LayerId) =>
  JSON.stringify(shown(layer)) === JSON.stringify(await rowsOf(layerId));
const roll = async (layerId: LayerId) => expect(await rooms.rollOver(layerId, { leastDead: 0 })).toBe(true);

describe("a live layer whose room begins anew", () => {
  it("[EPO10] takes up the fresh document by itself, shows the old one until then, and forgets its own steps", async () => {
    await start();
    const layerId = await world.layer();
    const [ada, bea] = [await live(0, layerId), await live(1, layerId)];
    const drawn = outline();
    ada.layerDoc.put(drawn);
    await saved(ada);
    await until(() => bea.layerDoc.size === 1);
    const sizes: number[] = [];
    ada.subscribe(() => sizes.push(ada.layerDoc.size));
    expect(ada.canUndo).toBe(true);
    const before = ada.layerDoc;
    await roll(layerId);
    await until(() => ada.status.renewed === 1 && bea.status.renewed === 1, "renewed");
    await until(() => ada.status.connection === "live" && bea.status.connection === "live", "live");
    expect(ada.layerDoc).not.toBe(before);
    expect(Math.min(...sizes)).toBe(1);
    expect([ada.canUndo, ada.status.canUndo]).toEqual([false, false]);
    ada.layerDoc.reclass(drawn.id, STROMA, 1);
    await saved(ada);
    await until(() => bea.layerDoc.get(drawn.id)?.classId === STROMA, "told");
    ada.undo();
    await saved(ada);
    expect(await rowsOf(layerId)).toEqual([drawn]);
    expect(ada.others().map(({ person }) => person.id)).toEqual([world.people[1]!.personId]);
  });

  it("[EPO11] sends what it had not sent, also what was drawn while the fresh document was on its way", async () => {
    await start();
    const layerId = await world.layer();
    const [at, ada] = [browser(), await live(0, layerId)];
    const bea = await live(1, layerId, at);
    const [shared, gone] = [outline(), outline()];
    ada.layerDoc.put(shared);
    ada.layerDoc.put(gone);
    await saved(ada);
    await until(() => bea.layerDoc.size === 2);
    const { port } = server;
    await server.kill();
    await until(() => bea.status.connection === "offline", "offline");
    const offline = outline();
    bea.layerDoc.put(offline);
    bea.layerDoc.reclass(shared.id, STROMA, 1);
    bea.layerDoc.remove(gone.id);
    expect(await kept(at)).toBe(3);
    await start({}, port);
    await roll(layerId);
    let late: Annotation | null = null;
    bea.subscribe(() => {
      if (late !== null || bea.status.connection !== "connecting" || bea.status.renewed > 0) return;
      late = outline({ note: "in between" });
      bea.layerDoc.put(late);
    });
    await until(() => bea.status.renewed === 1, "renewed");
    await saved(bea);
    await until(() => ada.status.renewed === 1, "renewed too");
    expect(await kept(at)).toBe(0);
    const rows = new Map((await rowsOf(layerId)).map((each) => [each.id, each]));
    expect(rows.size).toBe(late === null ? 2 : 3);
    expect(rows.get(offline.id)).toEqual(offline);
    expect(rows.get(shared.id)?.classId).toBe(STROMA);
    await until(() => same(ada, layerId), "equal");
    await until(() => same(bea, layerId), "equal");
    expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
  });

  it("[EPO12] a page that crashed offline comes back after several epochs and days, and loses nothing", async () => {
    await start();
    const layerId = await world.layer();
    const at = browser();
    const ada = await live(0, layerId, at);
    const [first, second] = [outline(), outline()];
    ada.layerDoc.put(first);
    ada.layerDoc.put(second);
    await saved(ada);
    await server.kill();
    await until(() => ada.status.connection === "offline");
    const offline = outline();
    ada.layerDoc.put(offline);
    ada.layerDoc.setNote(offline.id, "before the crash");
    ada.layerDoc.remove(first.id);
    await until(async () => (await kept(at)) === 3);
    // As a crash: nothing is closed, and the browser lets the page's lock go.
    const crashed: Browser = { store: at.store, pages: memoryPages() };
    // At another port, so that the crashed page does not come back itself.
    await start();
    const bea = await live(1, layerId);
    bea.layerDoc.setNote(second.id, "meanwhile");
    await saved(bea);
    await roll(layerId);
    await until(() => bea.status.renewed === 1 && bea.status.connection === "live");
    bea.layerDoc.reclass(second.id, STROMA, 1);
    await saved(bea);
    await roll(layerId);
    const back = join(0, layerId, crashed);
    await until(() => back.status.connection === "live" && back.status.waiting === 0, "saved");
    expect(back.status.recovered).toBe(3);
    expect(await kept(crashed)).toBe(0);
    const rows = new Map((await rowsOf(layerId)).map((each) => [each.id, each]));
    expect([...rows.keys()].sort()).toEqual([second.id, offline.id].sort());
    expect(rows.get(offline.id)?.note).toBe("before the crash");
    expect(rows.get(second.id)).toEqual({ ...second, classId: STROMA, note: "meanwhile" });
    await until(() => same(back, layerId), "equal");
  });
});

describe("a page and a server of different versions", () => {
  it("[HSK1] an older page only looks, keeps what it has not sent, and sends it when it is reloaded as a newer one", async () => {
    await start();
    const layerId = await world.layer();
    const at = browser();
    const ada = await live(0, layerId, at);
    const drawn = outline();
    ada.layerDoc.put(drawn);
    await saved(ada);
    const { port } = server;
    await server.kill();
    await until(() => ada.status.connection === "offline");
    const offline = outline();
    ada.layerDoc.put(offline);
    await rooms.close();
    await start({ oldestLayout: 99 }, port);
    await until(() => ada.status.write === false, "read-only");
    expect(ada.status).toMatchObject({ connection: "live", code: "page-outdated", waiting: 1, synced: true });
    ada.layerDoc.setNote(drawn.id, "not taken");
    await until(() => ada.status.waiting === 2);
    const bea = join(1, layerId);
    await until(() => bea.status.write === false && bea.layerDoc.size === 1, "looks on");
    expect(await kept(at)).toBe(2);
    expect(await rowsOf(layerId)).toEqual([drawn]);
    ada.close();
    await server.close();
    await rooms.close();
    await start({}, port);
    const reloaded = join(0, layerId, { store: at.store, pages: memoryPages() });
    await until(() => reloaded.status.connection === "live" && reloaded.status.waiting === 0, "saved");
    expect((await rowsOf(layerId)).map(({ id, note }) => [id, note]).sort()).toEqual(
      [
        [drawn.id, "not taken"],
        [offline.id, ""],
      ].sort(),
    );
    expect(await kept(at)).toBe(0);
  });
});

describe("a layer that is full", () => {
  it("[LIM1] refuses what would make it larger with its size, loses nothing, and takes it when there is room", async () => {
    await start({ layerLimit: { bytes: 4_000, items: 1_000 }, quietMs: 50 });
    const layerId = await world.layer();
    const [ada, bea] = [await live(0, layerId), await live(1, layerId)];
    const drawn: Annotation[] = [];
    while (ada.status.write !== false) {
      const next = outline({ note: "x".repeat(300) });
      drawn.push(next);
      ada.layerDoc.put(next);
      await until(() => ada.status.waiting === 0 || ada.status.write === false, "answered");
    }
    expect(ada.status).toMatchObject({ code: "layer-full", connection: "live", waiting: 1 });
    const { bytes = 0, mostBytes } = ada.status.detail as { bytes?: number; mostBytes?: number };
    expect(mostBytes).toBe(4_000);
    expect(bytes).toBeGreaterThan(4_000);
    const before = await rowsOf(layerId);
    expect(before).toHaveLength(drawn.length - 1);
    await expect(
      rooms.edit(layerId, world.people[2]!.personId, (layer) => layer.put(outline({ note: "y".repeat(1_000) }))),
    ).rejects.toMatchObject({ code: "layer-full", detail: { mostBytes: 4_000 } });
    expect(await rowsOf(layerId)).toEqual(before);
    await until(() => bea.layerDoc.size === before.length, "told");
    // Deleting is always possible, and makes room for what waits.
    for (const { id } of drawn.slice(0, 4)) bea.layerDoc.remove(id);
    await saved(bea);
    await until(async () => {
      await rooms.tend();
      return ada.status.waiting === 0;
    }, "taken");
    expect((await rowsOf(layerId)).map(({ id }) => id)).toContain(drawn.at(-1)!.id);
    expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
  });

  it("[LIM2] counts dead entries too, and begins anew before it refuses for their sake for long", async () => {
    await start({ layerLimit: { bytes: 1_000_000, items: 60 }, snapshotEvery: 5, quietMs: 50 });
    const layerId = await world.layer();
    const ada = await live(0, layerId);
    const drawn = outline();
    ada.layerDoc.put(drawn);
    for (let edit = 0; edit < 70; edit++) {
      ada.layerDoc.put({ ...drawn, geometry: square(edit, edit, 100) });
      if (edit % 10 === 0) await until(() => ada.status.waiting === 0 || ada.status.write === false);
    }
    await until(async () => {
      await rooms.tend();
      return ada.status.waiting === 0 && ada.status.renewed >= 1;
    }, "begun anew, and taken");
    expect((await rowsOf(layerId)).map(({ geometry }) => geometry)).toEqual([square(69, 69, 100)]);
    await until(() => same(ada, layerId), "equal");
  });
});
