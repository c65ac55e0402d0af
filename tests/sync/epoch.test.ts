import { desc, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { newId } from "#db/new-id.ts";
import { layerEpochs, layerSnapshots, layers, layerUpdates } from "#db/schema.ts";
import { type Annotation, type Geometry, polygonsOf } from "#domain/annotation.ts";
import { LAYOUT_VERSION } from "#domain/annotation-record.ts";
import { polygonsArea } from "#domain/geometry.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { difference, union } from "#domain/overlay.ts";
import { SILENT_LOG } from "#server/log.ts";
import { startCompaction } from "#server/sync/compaction-pool.ts";
import { lateFrame, updateFrame } from "#server/sync/protocol.ts";
import { createRooms, type Rooms, type RoomsOptions } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, until } from "#tests/support/fake-socket.ts";
import { square } from "#tests/support/outlines.ts";
import { STROMA, type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms;

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
});
afterEach(async () => {
  world.access.clear();
  await rooms.close();
});
afterAll(() => database.close());

function open(options: Partial<RoomsOptions> = {}): Rooms {
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG, ...options });
  return rooms;
}

function outline(change: Partial<Annotation> = {}): Annotation {
  const id = newId(annotationId);
  return { id, classId: TUMOUR, geometry: square(100, 100, 200), under: 1, attributes: {}, note: "", ...change };
}

const version = (one: FakeReader) => ({ layout: LAYOUT_VERSION, epoch: one.epoch === 0 ? null : one.epoch });

/** Connects as our page does, which says what it holds. */
async function connect(one: FakeReader, layerId: LayerId, at = rooms): Promise<FakeReader> {
  await one.connect(at, layerId, undefined, version(one));
  return one;
}

async function page(who: number, layerId: LayerId): Promise<FakeReader> {
  const one = await connect(new FakeReader(world.people[who]!), layerId);
  await until(() => one.synced, "synced");
  return one;
}

/** Comes back with an old document, learns that it is over, and takes up the fresh one with what was not sent. */
async function comeBack(old: FakeReader, layerId: LayerId): Promise<FakeReader> {
  await connect(old, layerId);
  await until(() => old.closes.some(({ reason }) => reason === "epoch-over"), "told that the epoch is over");
  const fresh = await connect(old.rolledOver(), layerId);
  await until(() => fresh.synced && fresh.acknowledged === fresh.made, "saved again");
  return fresh;
}

const saved = (one: FakeReader) => until(() => one.acknowledged === one.made, "saved");
const rowsOf = (layerId: LayerId) => annotationRows(database.db, { layerIds: [layerId] });
const shown = async (layerId: LayerId) => (await rowsOf(layerId)).map(annotationOf);
const same = (a: FakeReader, b: FakeReader) => JSON.stringify(a.annotations()) === JSON.stringify(b.annotations());
const layerRow = async (id: LayerId) => (await database.db.select().from(layers).where(eq(layers.id, id)))[0]!;
const structsIn = (doc: Y.Doc) => [...doc.store.clients.values()].reduce((sum, each) => sum + each.length, 0);
const sound = async (layerId: LayerId) =>
  expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
const grown = (shape: Geometry, by: Geometry): Geometry => ({ type: "polygon", rings: union([shape, by])[0]! });

describe("an epoch", () => {
  it("[EPO1] begins with what the layer holds, one entry for each annotation, and leaves rows and authors as they are", async () => {
    open();
    const layerId = await world.layer();
    const [ada, bea] = [await page(0, layerId), await page(1, layerId)];
    const [first, second, gone] = [outline(), outline({ classId: STROMA }), outline()];
    for (const each of [first, second, gone]) ada.layer.put(each);
    await saved(ada);
    await until(() => bea.annotations().length === 3);
    for (let edit = 0; edit < 5; edit++) {
      bea.layer.reclass(first.id, edit % 2 === 0 ? STROMA : TUMOUR, 1);
      const geometry = grown(first.geometry, square(150 + 40 * edit, 150, 200));
      ada.layer.reshape(first.id, { from: first.geometry, to: geometry, under: 1 });
    }
    bea.layer.setNote(second.id, "looked at");
    ada.layer.remove(gone.id);
    await Promise.all([saved(ada), saved(bea)]);
    await until(() => same(ada, bea), "equal");
    const [drawn, rows] = [ada.annotations(), await rowsOf(layerId)];
    const { lastSeq } = await layerRow(layerId);
    expect(await rooms.rollOver(layerId)).toBe(true);
    expect(await layerRow(layerId)).toMatchObject({ epoch: 2, lastSeq });
    const cem = await page(2, layerId);
    expect(cem.epoch).toBe(2);
    expect(cem.annotations()).toEqual(drawn);
    expect(structsIn(cem.doc)).toBe(2);
    expect(await rowsOf(layerId)).toEqual(rows);
    await sound(layerId);
    cem.layer.setNote(first.id, "by Cem");
    await saved(cem);
    expect((await rowsOf(layerId)).map(({ createdBy }) => createdBy)).toEqual(rows.map(({ createdBy }) => createdBy));
    await sound(layerId);
  });

  it("[EPO2] begins when more entries are dead than live, beyond a measured number, after a pause, or at once when overdue", async () => {
    let now = 1_000_000;
    open({ leastDead: 20, snapshotEvery: 5, now: () => now });
    const layerId = await world.layer();
    const ada = await page(0, layerId);
    const drawn = Array.from({ length: 10 }, () => outline());
    for (const each of drawn) ada.layer.put(each);
    for (let edit = 0; edit < 19; edit++) ada.layer.put({ ...drawn[edit % 10]!, geometry: square(edit, edit, 50) });
    await saved(ada);
    const weighed = () =>
      until(async () => {
        await rooms.tend();
        const [snapshot] = await database.db
          .select()
          .from(layerSnapshots)
          .where(eq(layerSnapshots.layerId, layerId))
          .orderBy(desc(layerSnapshots.epoch));
        return (snapshot?.seq ?? 0) > (await layerRow(layerId)).lastSeq - 5;
      }, "snapshot");
    await weighed();
    now += 10_000;
    await rooms.tend();
    expect((await layerRow(layerId)).epoch).toBe(1);
    for (let edit = 0; edit < 20; edit++) ada.layer.put({ ...drawn[edit % 10]!, geometry: square(9, edit, 60) });
    await saved(ada);
    await weighed();
    expect((await layerRow(layerId)).epoch, "people are drawing").toBe(1);
    now += 4_000;
    await until(async () => {
      await rooms.tend();
      return (await layerRow(layerId)).epoch === 2;
    }, "a pause");
    await until(() => !ada.connected, "told");
    const again = await comeBack(ada, layerId);
    for (let edit = 0; edit < 120; edit++) again.layer.put({ ...drawn[edit % 10]!, geometry: square(7, edit, 60) });
    await saved(again);
    await until(async () => {
      await rooms.tend();
      return (await layerRow(layerId)).epoch === 3;
    }, "overdue");
  });

  it("[EPO3] refuses whoever holds the old document, and takes nothing that is built on it", async () => {
    open();
    const layerId = await world.layer();
    const stock = new FakeReader(world.people[0]!);
    await stock.connect(rooms, layerId);
    await until(() => stock.synced);
    const [kept, gone] = [outline(), outline()];
    stock.layer.put(kept);
    stock.layer.put(gone);
    await saved(stock);
    const bea = await page(1, layerId);
    bea.layer.remove(gone.id);
    await saved(bea);
    await until(() => stock.annotations().length === 1);
    const early = new Y.Doc();
    Y.applyUpdate(early, Y.encodeStateAsUpdate(stock.doc));
    expect(await rooms.rollOver(layerId)).toBe(true);
    await until(() => !stock.connected);
    expect(stock.closes).toEqual([{ code: 4410, reason: "epoch-over" }]);
    stock.layer.put({ ...kept, note: "still here" });
    await stock.connect(rooms, layerId);
    await until(() => stock.closes.length === 2);
    expect(stock.closes[1]).toEqual({ code: 4410, reason: "epoch-over" });
    // One that sends without having asked: an old state, a deletion and an edit built on it.
    for (const update of [
      Y.encodeStateAsUpdate(early),
      Y.encodeStateAsUpdate(stock.doc),
      Y.encodeStateAsUpdate(stock.doc, Y.encodeStateVector(early)),
    ]) {
      const sly = new FakeReader(world.people[0]!);
      await sly.connect(rooms, layerId);
      await until(() => sly.synced);
      sly.sendRaw(updateFrame(update));
      await until(() => sly.closes.length === 1);
      expect(sly.closes[0]).toEqual({ code: 4410, reason: "epoch-over" });
    }
    expect(await shown(layerId)).toEqual([kept]);
    await sound(layerId);
  });

  it("[EPO4] takes work that was done offline on the old document: drawn, deleted, reclassed, noted and reshaped", async () => {
    open();
    const layerId = await world.layer();
    const [ada, bea] = [await page(0, layerId), await page(1, layerId)];
    const [shared, other, doomed, both] = [outline(), outline(), outline(), outline({ attributes: { grade: "1" } })];
    for (const each of [shared, other, doomed, both]) ada.layer.put(each);
    await saved(ada);
    await until(() => same(ada, bea));
    bea.drop();
    const [left, right, top] = [square(0, 150, 150), square(250, 150, 150), square(150, 20, 120)];
    bea.layer.reshape(shared.id, { from: shared.geometry, to: grown(shared.geometry, left), under: 1 });
    bea.layer.reclass(other.id, STROMA, 1);
    bea.layer.remove(doomed.id);
    const drawn = outline({ classId: STROMA, note: "drawn offline" });
    bea.layer.put(drawn);
    bea.layer.setNote(drawn.id, "and noted");
    bea.layer.setAttributes(both.id, { grade: "2" });
    ada.layer.reshape(shared.id, { from: shared.geometry, to: grown(shared.geometry, right), under: 1 });
    await saved(ada);
    expect(await rooms.rollOver(layerId)).toBe(true);
    const back = await comeBack(ada, layerId);
    back.layer.reshape(shared.id, { from: shared.geometry, to: grown(shared.geometry, top), under: 1 });
    back.layer.setNote(both.id, "by Ada");
    await saved(back);
    const late = await comeBack(bea, layerId);
    await until(() => same(late, back), "equal");
    const now = new Map((await shown(layerId)).map((each) => [each.id, each]));
    const wanted = union([shared.geometry, left, right, top]);
    expect(polygonsArea(difference(now.get(shared.id)!.geometry, { type: "polygon", rings: wanted[0]! }))).toBeLessThan(
      1,
    );
    expect(polygonsArea(difference({ type: "polygon", rings: wanted[0]! }, now.get(shared.id)!.geometry))).toBeLessThan(
      1,
    );
    expect(now.get(other.id)).toEqual({ ...other, classId: STROMA });
    expect(now.has(doomed.id)).toBe(false);
    expect(now.get(drawn.id)).toEqual({ ...drawn, note: "and noted" });
    expect(now.get(both.id)).toEqual({ ...both, attributes: { grade: "2" }, note: "by Ada" });
    const authors = new Map((await rowsOf(layerId)).map((row) => [row.id, [row.createdBy, row.updatedBy]]));
    const [a, b] = [ada.caller.personId, bea.caller.personId];
    expect(authors.get(drawn.id)).toEqual([b, b]);
    expect(authors.get(other.id)).toEqual([a, b]);
    await sound(layerId);
  });

  it("[EPO5] takes late work once, however often it is sent, and later work that builds on it; over several epochs", async () => {
    open();
    const layerId = await world.layer();
    const [ada, bea] = [await page(0, layerId), await page(1, layerId)];
    const shared = outline();
    ada.layer.put(shared);
    await saved(ada);
    await until(() => same(ada, bea));
    bea.drop();
    const drawn = outline();
    bea.layer.put(drawn);
    const crashed = [...bea.unsent];
    bea.layer.reclass(drawn.id, STROMA, 1);
    bea.layer.reclass(shared.id, STROMA, 1);
    await rooms.rollOver(layerId, { leastDead: 0 });
    await comeBack(ada, layerId).then((each) => each.drop());
    await rooms.rollOver(layerId, { leastDead: 0 });
    // A tab that crashed had kept the first of the changes; what it sends comes before the rest, and again with it.
    const recovered = await connect(new FakeReader(bea.caller, new Y.Doc(), crashed), layerId);
    await until(() => recovered.synced && recovered.acknowledged === 1);
    expect((await shown(layerId)).find(({ id }) => id === drawn.id)).toEqual(drawn);
    const back = await comeBack(bea, layerId);
    const { lastSeq } = await layerRow(layerId);
    back.drop();
    const again = await connect(new FakeReader(bea.caller, new Y.Doc(), bea.unsent), layerId);
    await until(() => again.synced && again.acknowledged === again.made);
    expect((await layerRow(layerId)).lastSeq).toBe(lastSeq);
    expect(new Set((await shown(layerId)).map(({ classId }) => classId))).toEqual(new Set([STROMA]));
    await sound(layerId);
    // Deleted by somebody after that, it does not come back with the same work.
    again.layer.remove(drawn.id);
    await saved(again);
    const stale = await connect(new FakeReader(bea.caller, new Y.Doc(), bea.unsent), layerId);
    await until(() => stale.synced && stale.acknowledged === stale.made);
    expect((await shown(layerId)).map(({ id }) => id)).toEqual([shared.id]);
    await sound(layerId);
  });

  it("[EPO6] refuses late work that is not its sender's to do, and of documents that never were, and disturbs nobody", async () => {
    open();
    const layerId = await world.layer("read", world.people[0]!.personId);
    const ada = await page(0, layerId);
    const drawn = outline();
    ada.layer.put(drawn);
    await saved(ada);
    const old = new Y.Doc();
    Y.applyUpdate(old, Y.encodeStateAsUpdate(ada.doc));
    await rooms.rollOver(layerId, { leastDead: 0 });
    const back = await comeBack(ada, layerId);
    back.layer.setNote(drawn.id, "noted");
    await saved(back);
    const changed = (client: number, change: (layer: LayerDoc) => void) => {
      const doc = new Y.Doc();
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(old));
      doc.clientID = client;
      const before = Y.encodeStateVector(doc);
      change(new LayerDoc(doc));
      return Y.encodeStateAsUpdate(doc, before);
    };
    const put = (layer: LayerDoc) => layer.put(outline());
    const attempts: [number, Uint8Array][] = [
      [1, changed(77, (layer) => layer.remove(drawn.id))],
      [1, changed(old.clientID, (layer) => layer.reclass(drawn.id, STROMA, 1))],
      [1, changed(ada.doc.clientID, put)],
      [1, changed(back.doc.clientID, put)],
      [2, changed(78, put)],
      [9, changed(79, put)],
      [0, changed(80, (layer) => layer.put(outline()))],
      [1, Uint8Array.of(1, 2, 3)],
    ];
    for (const [epoch, bytes] of attempts) {
      const bea = await page(1, layerId);
      bea.sendRaw(lateFrame({ epoch, bytes }));
      await until(() => bea.closes.length === 1, "refused");
      expect(["update-refused", "epoch-over", "frame-malformed"]).toContain(bea.closes[0]?.reason);
      expect(bea.closes[0]!.code).toBeGreaterThanOrEqual(4400);
      expect(bea.closes[0]!.code).toBeLessThan(4500);
    }
    world.access.set(ada.caller.personId, { see: true, write: false, locked: true });
    back.sendRaw(lateFrame({ epoch: 1, bytes: changed(81, put) }));
    back.layer.setNote(drawn.id, "locked");
    await until(() => back.standing?.write === false, "told");
    expect(back.acknowledged).toBeLessThan(back.made);
    expect(await shown(layerId)).toEqual([{ ...drawn, note: "noted" }]);
    world.access.clear();
    await sound(layerId);
  });

  it("[EPO7] lets commands that wait go on with the next document", async () => {
    open();
    const layerId = await world.layer();
    const ada = await page(0, layerId);
    ada.layer.put(outline());
    ada.layer.put(outline());
    await saved(ada);
    const put = (each: Annotation) =>
      rooms.edit(layerId, ada.caller.personId, (layer) => layer.put(each, { origin: "command" }));
    await put(outline());
    const rolled = rooms.rollOver(layerId, { leastDead: 0 });
    const edits = Array.from({ length: 20 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index));
      await put(outline());
    });
    expect(await rolled).toBe(true);
    await Promise.all(edits);
    expect(await shown(layerId)).toHaveLength(23);
    await sound(layerId);
  });

  it("[EPO8] begun by another process ends the room here, and everybody goes on with the next document", async () => {
    const there = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG });
    open();
    const layerId = await world.layer();
    const ada = await page(0, layerId);
    const drawn = outline();
    ada.layer.put(drawn);
    await saved(ada);
    expect(await there.rollOver(layerId, { leastDead: 0 })).toBe(true);
    await there.close();
    const offline = outline();
    ada.layer.put(offline);
    await until(() => !ada.connected, "the room has ended");
    const back = await comeBack(ada, layerId);
    expect(back.annotations().map(({ id }) => id)).toEqual([drawn.id, offline.id].sort());
    await sound(layerId);
  });

  it("[EPO9] a crash at any statement of its beginning leaves the old epoch or the new one, whole", async () => {
    const layerId = await world.layer();
    let begun = 0;
    for (let at = 1; begun === 0; at++) {
      let left = Number.POSITIVE_INFINITY;
      const db = failing(database.db, () => {
        left -= 1;
        if (left < 0) throw new Error("killed");
      });
      open({ db });
      const ada = await page(0, layerId);
      ada.layer.put(outline());
      await saved(ada);
      left = at;
      const rolled = await rooms.rollOver(layerId, { leastDead: 0 });
      left = Number.POSITIVE_INFINITY;
      const before = ada.annotations();
      await rooms.close();
      open();
      const back = await page(1, layerId);
      expect(back.annotations()).toEqual(before);
      expect(back.epoch).toBe(rolled ? 2 : 1);
      const epochs = await database.db.select().from(layerEpochs).where(eq(layerEpochs.layerId, layerId));
      expect(epochs).toHaveLength(rolled ? 1 : 0);
      await sound(layerId);
      await rooms.close();
      begun += rolled ? 1 : 0;
      expect(at).toBeLessThan(40);
    }
    open();
    const kept = await database.db.select().from(layerSnapshots).where(eq(layerSnapshots.layerId, layerId));
    expect(kept.map(({ epoch }) => epoch)).toContain(1);
    const log = await database.db.select().from(layerUpdates).where(eq(layerUpdates.layerId, layerId));
    expect(log.every(({ epoch }) => epoch === 1)).toBe(true);
    expect(polygonsOf(outline().geometry)).toHaveLength(1);
  });

  it("[EPO14] is begun in a worker too, and after a freeze where enough is dead, one layer after the other", async () => {
    open({ compaction: startCompaction(SILENT_LOG) });
    const [heavy, light] = [await world.layer(), await world.layer()];
    for (const layerId of [heavy, light]) {
      const drawn = Array.from({ length: 20 }, () => outline());
      const put = (round: number) =>
        rooms.edit(layerId, world.people[0]!.personId, (layer) => {
          for (const each of drawn) layer.put({ ...each, note: `note ${round}` }, { origin: "command" });
        });
      // By turns: what one session does to one outline in a row leaves one dead entry only.
      for (let round = 0; round < (layerId === heavy ? 60 : 5); round++) await put(round);
    }
    rooms.tidy([light, heavy]);
    await until(async () => (await layerRow(heavy)).epoch === 2, "begun anew");
    expect((await layerRow(light)).epoch).toBe(1);
    const bea = await page(1, heavy);
    expect(new Set(bea.annotations().map(({ note }) => note))).toEqual(new Set(["note 59"]));
    expect(structsIn(bea.doc)).toBe(20);
    await sound(heavy);
  });
});

/** The database with `each` called before every statement, inside of transactions too. */
function failing(db: Db, each: () => void): Db {
  const counted = (target: Db): Db =>
    new Proxy(target, {
      get(on, key, receiver) {
        if (key === "transaction") {
          return (work: (tx: Db) => Promise<unknown>) => on.transaction((tx) => work(counted(tx as Db)));
        }
        if (key === "select" || key === "insert" || key === "update" || key === "delete") each();
        return Reflect.get(on, key, receiver);
      },
    });
  return counted(db);
}
