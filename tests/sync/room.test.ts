import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { annotationOf, annotationRows, countAnnotations } from "#db/annotations.ts";
import { newId } from "#db/new-id.ts";
import { annotations, layerClients, layerSnapshots, layers, layerUpdates } from "#db/schema.ts";
import type { Annotation } from "#domain/annotation.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { AppError } from "#server/errors.ts";
import { SILENT_LOG } from "#server/log.ts";
import type { AskAccess } from "#server/sync/access.ts";
import { STOCK_CLIENT } from "#server/sync/handshake.ts";
import { updateFrame } from "#server/sync/protocol.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, until } from "#tests/support/fake-socket.ts";
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

function open(access: AskAccess = world.ask): Rooms {
  rooms = createRooms({ db: database.db, access, log: SILENT_LOG });
  return rooms;
}

function outline(change: Partial<Annotation> = {}): Annotation {
  const rings = [
    [
      [100, 100],
      [200, 100],
      [200, 200],
      [100, 200],
    ],
  ] as const;
  return {
    id: newId(annotationId),
    classId: TUMOUR,
    geometry: { type: "polygon", rings },
    under: 1,
    attributes: {},
    note: "",
    ...change,
  };
}

async function reader(who: number, layerId: LayerId): Promise<FakeReader> {
  const one = new FakeReader(world.people[who]!);
  await one.connect(rooms, layerId);
  await until(() => one.synced, "synced");
  return one;
}

const saved = (one: FakeReader) => until(() => one.acknowledged === one.made, "saved");

async function rowsOf(layerId: LayerId): Promise<Annotation[]> {
  return (await annotationRows(database.db, { layerIds: [layerId] })).map(annotationOf);
}

describe("room", () => {
  it("[SNC1] logs an update with its author and the server's time, projects it, tells the others and then the author", async () => {
    open();
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    const drawn = outline();
    ada.layer.put(drawn);
    await saved(ada);
    const log = await database.db.select().from(layerUpdates).where(eq(layerUpdates.layerId, layerId));
    expect(log).toMatchObject([{ seq: 1, authorId: ada.caller.personId }]);
    const [row] = await annotationRows(database.db, { layerIds: [layerId] });
    expect(row).toMatchObject({
      id: drawn.id,
      projectId: world.projectId,
      slideId: world.slideId,
      classId: TUMOUR,
      areaPx: 10_000,
      minX: 100,
      maxY: 200,
      createdBy: ada.caller.personId,
      updatedBy: ada.caller.personId,
      createdAt: log[0]!.at,
    });
    await until(() => bea.layer.size === 1, "told");
    expect(bea.annotations()).toEqual([drawn]);
    expect(await rowsOf(layerId)).toEqual([drawn]);
  });

  it("[SNC2] keeps who made an annotation while others change, delete and restore it", async () => {
    open();
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    const drawn = outline();
    ada.layer.put(drawn);
    await until(() => bea.layer.size === 1);
    bea.layer.reclass(drawn.id, STROMA, 1);
    await saved(bea);
    const by = async () =>
      (await annotationRows(database.db, { layerIds: [layerId] })).map((row) => [row.createdBy, row.updatedBy]);
    expect(await by()).toEqual([[ada.caller.personId, bea.caller.personId]]);
    const undo = bea.layer.undoManager();
    bea.layer.remove(drawn.id);
    await saved(bea);
    expect(await by()).toEqual([]);
    undo.undo();
    await saved(bea);
    expect(await by()).toEqual([[ada.caller.personId, bea.caller.personId]]);
    undo.destroy();
  });

  it("[SNC3] loses nothing that was acknowledged when the server is killed, and starts again from snapshot and log", async () => {
    const layerId = await world.layer();
    const all: Annotation[] = [];
    for (let life = 0; life < 3; life++) {
      open();
      const ada = await reader(0, layerId);
      expect(ada.annotations()).toHaveLength(all.length);
      for (let count = 0; count < 5; count++) {
        const drawn = outline();
        all.push(drawn);
        ada.layer.put(drawn);
      }
      await saved(ada);
      // Killed: the rooms are left without being closed, except once, when the snapshot of an orderly end is wanted.
      if (life === 1) await rooms.close();
    }
    open();
    const bea = await reader(1, layerId);
    const expected = [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(bea.annotations()).toEqual(expected);
    expect(await rowsOf(layerId)).toEqual(expected);
    expect(await database.db.select().from(layerSnapshots).where(eq(layerSnapshots.layerId, layerId))).toHaveLength(1);
  });

  it("[SNC3] rebuilds from the log when the snapshot is damaged", async () => {
    const layerId = await world.layer();
    open();
    const ada = await reader(0, layerId);
    ada.layer.put(outline());
    await saved(ada);
    await rooms.close();
    await database.db
      .update(layerSnapshots)
      .set({ bytes: Uint8Array.of(1, 2, 3) })
      .where(eq(layerSnapshots.layerId, layerId));
    open();
    expect((await reader(1, layerId)).annotations()).toEqual(ada.annotations());
  });

  it("[SNC4] says synced only with the whole stored document, and then asks for what was drawn offline", async () => {
    const layerId = await world.layer();
    open();
    const ada = await reader(0, layerId);
    ada.layer.put(outline());
    await saved(ada);
    ada.drop();
    ada.layer.put(outline());
    ada.layer.put(outline());
    const bea = await reader(1, layerId);
    expect(bea.layer.size).toBe(1);
    await ada.connect(rooms, layerId);
    await until(() => bea.layer.size === 3, "offline work told");
    await saved(ada);
    expect(await rowsOf(layerId)).toHaveLength(3);
  });

  it("[SNC5] writes nothing twice: a reconnect without news leaves the log as it is", async () => {
    const layerId = await world.layer();
    open();
    const ada = await reader(0, layerId);
    const drawn = outline();
    ada.layer.put(drawn);
    ada.layer.remove(drawn.id);
    await saved(ada);
    for (let count = 0; count < 3; count++) {
      ada.drop();
      await ada.connect(rooms, layerId);
      await until(() => ada.synced);
      ada.sendRaw(Uint8Array.of(101, 99));
      await until(() => ada.acknowledged === 99);
      ada.acknowledged = ada.made;
    }
    const log = await database.db.select().from(layerUpdates).where(eq(layerUpdates.layerId, layerId));
    expect(log).toHaveLength(2);
  });

  it("[SNC6] runs a command's edit like a stroke: logged in the person's name, projected, told", async () => {
    open();
    const layerId = await world.layer("ground-truth");
    const ada = await reader(0, layerId);
    const drawn = outline();
    const size = await rooms.edit(layerId, world.people[1]!.personId, (layer) => {
      layer.put(drawn, { origin: "command" });
      return layer.size;
    });
    expect(size).toBe(1);
    await until(() => ada.layer.size === 1, "told");
    const [row] = await annotationRows(database.db, { layerIds: [layerId] });
    expect(row).toMatchObject({ createdBy: world.people[1]!.personId, updatedBy: world.people[1]!.personId });
    const owners = await database.db.select().from(layerClients).where(eq(layerClients.layerId, layerId));
    expect(owners.map((each) => each.personId)).toEqual([world.people[1]!.personId]);
    await rooms.edit(layerId, world.people[2]!.personId, (layer) => layer.setNote(drawn.id, "seen"));
    expect((await rowsOf(layerId))[0]?.note).toBe("seen");
  });

  it("[SNC7] undoes an edit whose transaction is refused, and disturbs nobody", async () => {
    open();
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    const kept = outline();
    ada.layer.put(kept);
    await saved(ada);
    const edit = rooms.edit(layerId, world.people[1]!.personId, (layer) => layer.put(outline()), {
      alongside: async (tx) => {
        await tx.update(layers).set({ state: "submitted" }).where(eq(layers.id, layerId));
        throw new AppError("task-not-open");
      },
    });
    await expect(edit).rejects.toMatchObject({ code: "task-not-open" });
    const off = rooms.edit(layerId, world.people[1]!.personId, (layer) =>
      layer.put(outline({ geometry: { type: "point", at: [5_000, 1] } })),
    );
    await expect(off).rejects.toMatchObject({ code: "outline-off-slide" });
    const broken = rooms.edit(layerId, world.people[1]!.personId, (layer) => {
      layer.put(outline());
      layer.put(outline({ geometry: { type: "line", points: [[1, 1]] } }));
    });
    await expect(broken).rejects.toMatchObject({ code: "outline-malformed" });
    expect(await rowsOf(layerId)).toEqual([kept]);
    const more = outline();
    ada.layer.put(more);
    await saved(ada);
    expect(ada.connected).toBe(true);
    expect(await rooms.edit(layerId, world.people[1]!.personId, (layer) => layer.size)).toBe(2);
    const [row] = await database.db.select().from(layers).where(eq(layers.id, layerId));
    expect(row?.state).toBe("open");
  });

  it("[SNC8] asks authority again at the commit, and locks open sockets at once", async () => {
    open();
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    ada.layer.put(outline());
    await saved(ada);
    world.access.set(ada.caller.personId, { see: true, write: false, locked: true });
    ada.layer.put(outline());
    await until(() => ada.standing?.code === "layer-locked", "told");
    expect(await rowsOf(layerId)).toHaveLength(1);
    expect(ada.acknowledged).toBe(1);
    const bea = await reader(1, layerId);
    await until(() => bea.standing?.write === true, "told what may be done");
    world.access.set(bea.caller.personId, { see: true, write: false, locked: true });
    await rooms.recheck({ layerId });
    await until(() => bea.standing?.code === "layer-locked", "locked");
    world.access.set(bea.caller.personId, { see: true, write: true, locked: false });
    await rooms.recheck({ personId: bea.caller.personId });
    await until(() => bea.standing?.write === true, "open again");
    world.access.set(bea.caller.personId, null);
    await rooms.recheck({ projectId: world.projectId });
    await until(() => bea.closes.length === 1);
    expect(bea.closes[0]?.code).toBe(4404);
  });

  describe("rights that change while they are asked for", () => {
    const LOCKED = { see: true, write: true, locked: true } as const;
    const OPEN = { see: true, write: true, locked: false } as const;

    /** Asks as the world does; the answer to the next question inside a transaction, or outside, can be held back. */
    function gated() {
      const asked = { within: 0, outside: 0 };
      const gates: { within: Promise<void> | null; outside: Promise<void> | null } = { within: null, outside: null };
      open(async (caller, _layerId, tx) => {
        const where = tx === undefined ? "outside" : "within";
        const answer = await world.ask(caller);
        const gate = gates[where];
        gates[where] = null;
        asked[where] += 1;
        await gate;
        return answer;
      });
      /** @returns lets the answer through */
      const shut = (where: keyof typeof gates) => {
        let letThrough: () => void = () => undefined;
        gates[where] = new Promise<void>((resolve) => {
          letThrough = resolve;
        });
        return () => letThrough();
      };
      return { shut, asked };
    }

    it("[SNC31] are those after it: a stroke that came too early comes again, and one too late is not taken", async () => {
      const { shut, asked } = gated();
      const layerId = await world.layer();
      const ada = await reader(0, layerId);
      const { personId } = ada.caller;
      world.access.set(personId, LOCKED);
      let letThrough = shut("within");
      ada.layer.put(outline());
      await until(() => asked.within === 1, "asked while it is locked");
      world.access.set(personId, OPEN);
      await rooms.recheck({ personId });
      letThrough();
      await until(() => ada.closes.length === 1, "to come again");
      expect(ada.closes[0]).toEqual({ code: 4500, reason: "update-gap" });
      await ada.connect(rooms, layerId);
      await saved(ada);
      expect(await rowsOf(layerId)).toHaveLength(1);
      let before = asked.within;
      letThrough = shut("within");
      ada.layer.put(outline());
      await until(() => asked.within > before, "asked while it is open");
      world.access.set(personId, LOCKED);
      await rooms.recheck({ personId });
      letThrough();
      await saved(ada);
      // The stroke was allowed when it was asked about; the socket stays locked all the same.
      expect(ada.standing?.code).toBe("layer-locked");
      before = asked.within;
      ada.layer.put(outline());
      await until(() => asked.within > before, "asked again");
      expect(await rowsOf(layerId)).toHaveLength(2);
    });

    it("[SNC31] are those after it, where two changes are looked into and the first answer comes last", async () => {
      const { shut, asked } = gated();
      const layerId = await world.layer();
      const ada = await reader(0, layerId);
      const { personId } = ada.caller;
      await until(() => ada.standing !== null, "told what may be done");
      world.access.set(personId, LOCKED);
      const letThrough = shut("outside");
      const before = asked.outside;
      const first = rooms.recheck({ personId });
      await until(() => asked.outside > before, "asked while it is locked");
      world.access.set(personId, OPEN);
      await rooms.recheck({ personId });
      letThrough();
      await first;
      expect(ada.standing).toMatchObject({ write: true });
      ada.layer.put(outline());
      await saved(ada);
    });

    it("[SNC31] are those after it for somebody who was just coming in", async () => {
      open();
      const layerId = await world.layer();
      const bea = new FakeReader(world.people[1]!);
      const { rechecks } = rooms;
      world.access.set(bea.caller.personId, null);
      await rooms.recheck({ personId: bea.caller.personId });
      await bea.connect(rooms, layerId, OPEN, STOCK_CLIENT, rechecks);
      await until(() => bea.closes.length === 1, "sent away");
      expect(bea.closes[0]?.code).toBe(4404);
    });
  });

  it("[SNC9] takes in what another process wrote to its log before it writes on, and tells it", async () => {
    const layerId = await world.layer();
    const first = open();
    const ada = await reader(0, layerId);
    ada.layer.put(outline());
    await saved(ada);
    open();
    const bea = await reader(1, layerId);
    bea.layer.put(outline());
    await saved(bea);
    ada.layer.put(outline());
    await until(() => ada.acknowledged === 2 && ada.layer.size === 3, "everything");
    expect(ada.closes).toEqual([]);
    expect(await rowsOf(layerId)).toHaveLength(3);
    expect(first.counters.get("updates_elsewhere")).toBe(1);
    await first.close();
  });

  it("[SNC10] acknowledges nothing while the database is away, and loses nothing", async () => {
    const layerId = await world.layer();
    open();
    const ada = await reader(0, layerId);
    ada.layer.put(outline());
    await saved(ada);
    const { db } = database;
    const broken = { down: true };
    const shaky = new Proxy(db, {
      get: (target, key, receiver) => {
        if (broken.down && (key === "transaction" || key === "$client")) throw new Error("connection lost");
        return Reflect.get(target, key, receiver);
      },
    });
    await rooms.close();
    broken.down = false;
    rooms = createRooms({ db: shaky, access: world.ask, log: SILENT_LOG });
    await ada.connect(rooms, layerId);
    await until(() => ada.synced);
    broken.down = true;
    ada.layer.put(outline());
    await until(() => ada.closes.some((each) => each.code === 4503), "told to try again");
    expect(ada.acknowledged).toBe(1);
    await expect(ada.connect(rooms, layerId)).rejects.toMatchObject({ code: "not-saved" });
    broken.down = false;
    await ada.connect(rooms, layerId);
    await until(() => ada.acknowledged === 2);
    expect(await rowsOf(layerId)).toHaveLength(2);
  });

  it("[SNC11] computes the rows from the log again and says what was wrong", async () => {
    open();
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    const [one, two, three] = [outline(), outline(), outline()];
    ada.layer.put(one);
    ada.layer.put(two);
    ada.layer.put(three);
    await until(() => bea.layer.size === 3);
    bea.layer.remove(two.id);
    bea.layer.reclass(one.id, STROMA, 1);
    await saved(bea);
    expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
    const before = await annotationRows(database.db, { layerIds: [layerId] });
    await database.db.update(annotations).set({ note: "tampered" }).where(eq(annotations.id, one.id));
    await database.db.delete(annotations).where(eq(annotations.id, three.id));
    expect(await rooms.rebuild(layerId)).toEqual({
      missing: [three.id],
      extra: [],
      different: [one.id],
      miscounted: [],
    });
    expect(await annotationRows(database.db, { layerIds: [layerId] })).toEqual(before);
  });

  it("[SNC11] has the same rows as the log where one turn deletes and makes an annotation again", async () => {
    open();
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    const drawn = outline();
    ada.layer.put(drawn);
    await saved(ada);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(ada.doc));
    const frames: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => frames.push(updateFrame(update)));
    const layer = new LayerDoc(doc);
    layer.remove(drawn.id);
    layer.put({ ...drawn, note: "again" });
    for (const frame of frames) ada.sendRaw(frame);
    await until(async () => (await rowsOf(layerId))[0]?.note === "again", "made again");
    expect(frames).toHaveLength(2);
    expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
    // A rebuild comes after the turn, at whose end commits are counted.
    expect(rooms.counters.get("commits")).toBe(2);
  });

  it("[SNC12] lets go of an idle room with a snapshot, and counts what is open", async () => {
    let now = 1_000_000;
    rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG, now: () => now, idleMs: 1_000 });
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    ada.layer.put(outline());
    await saved(ada);
    expect(rooms.stats()).toMatchObject({ rooms: 1, sockets: 1 });
    await rooms.evictIdle();
    expect(rooms.stats()).toMatchObject({ rooms: 1, sockets: 1 });
    ada.drop();
    await rooms.evictIdle();
    expect(rooms.stats()).toMatchObject({ rooms: 1, sockets: 0 });
    now += 2_000;
    await rooms.evictIdle();
    expect(rooms.stats()).toMatchObject({ rooms: 0, sockets: 0 });
    const [snapshot] = await database.db.select().from(layerSnapshots).where(eq(layerSnapshots.layerId, layerId));
    const doc = new Y.Doc();
    Y.applyUpdate(doc, snapshot!.bytes);
    expect(new LayerDoc(doc).size).toBe(1);
  });

  it("[SNC12] writes a snapshot every so many updates, of strokes and of commands", async () => {
    rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG, snapshotEvery: 3 });
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    const position = async () =>
      (await database.db.select().from(layerSnapshots).where(eq(layerSnapshots.layerId, layerId)))[0]?.seq;
    for (let count = 1; count <= 2; count++) {
      ada.layer.put(outline());
      await saved(ada);
    }
    expect(await position()).toBeUndefined();
    await rooms.edit(layerId, ada.caller.personId, (layer) => layer.put(outline()));
    await until(async () => (await position()) === 3, "a snapshot");
  });

  it("[SNC8] takes up again what was dropped when the right to write comes back", async () => {
    open();
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    const drawn = outline();
    ada.layer.put(drawn);
    await saved(ada);
    world.access.set(ada.caller.personId, { see: true, write: false, locked: true });
    ada.layer.remove(drawn.id);
    await until(() => ada.standing?.write === false, "dropped");
    world.access.clear();
    ada.layer.put(outline());
    await until(() => ada.closes.length === 1, "sent back");
    expect(ada.closes[0]?.code).toBe(4500);
    expect(ada.acknowledged).toBe(1);
    await ada.connect(rooms, layerId);
    await saved(ada);
    expect(await rowsOf(layerId)).toEqual(ada.annotations());
    expect(ada.layer.size).toBe(1);
  });

  it("[SNC13] stores what a socket sent just before it went, and ends every socket on an orderly stop", async () => {
    open();
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    new LayerDoc(doc).put(outline());
    for (const update of updates) ada.sendRaw(updateFrame(update));
    ada.drop();
    await until(async () => (await rowsOf(layerId)).length === 1, "stored");
    const cem = await reader(2, layerId);
    await rooms.close();
    await until(() => cem.closes.length === 1);
    expect(cem.closes[0]?.code).toBe(1001);
    await expect(rooms.edit(layerId, cem.caller.personId, () => 1)).rejects.toMatchObject({ code: "starting" });
  });

  it("[SNC14] counts annotations by class, stamp, person, slide and layer in one query", async () => {
    open();
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    ada.layer.put(outline());
    ada.layer.put(outline());
    bea.layer.put(outline({ classId: STROMA }));
    await Promise.all([saved(ada), saved(bea)]);
    const counts = await countAnnotations(database.db, { layerIds: [layerId] });
    expect(counts.map(({ classId, createdBy, count, areaPx }) => [classId, createdBy, count, areaPx])).toEqual([
      [STROMA, bea.caller.personId, 1, 10_000],
      [TUMOUR, ada.caller.personId, 2, 20_000],
    ]);
  });

  it("[SNC15] has no room for a layer that does not exist", async () => {
    open();
    await expect(rooms.edit("nosuchlayer" as LayerId, world.people[0]!.personId, () => 1)).rejects.toMatchObject({
      code: "not-found",
    });
  });
});
