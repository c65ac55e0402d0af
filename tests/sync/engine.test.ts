import type { Socket } from "node:net";
import { eq } from "drizzle-orm";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import { newId } from "#db/new-id.ts";
import { layerSnapshots } from "#db/schema.ts";
import type { Annotation } from "#domain/annotation.ts";
import { encodeRecord } from "#domain/annotation-record.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { SILENT_LOG } from "#server/log.ts";
import { metricsText } from "#server/metrics.ts";
import { type Compact, checksumOf, compactHere, compactPieces } from "#server/sync/compaction.ts";
import { startCompaction } from "#server/sync/compaction-pool.ts";
import { STOCK_CLIENT } from "#server/sync/handshake.ts";
import { Pace } from "#server/sync/pace.ts";
import { step1Frame, updateFrame } from "#server/sync/protocol.ts";
import { createRooms, type Rooms, type RoomsOptions } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, FakeSocket, presenceOf, until } from "#tests/support/fake-socket.ts";
import { bytesInBuffers } from "#tests/support/garbage.ts";
import { asProgram, startSync } from "#tests/support/sync-server.ts";
import { STROMA, type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms;
let now = 1_000_000;

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
});
afterEach(() => rooms.close());
afterAll(() => database.close());

/** Rooms that do nothing by themselves from time to time, only when they are told to. */
function open(options: Partial<RoomsOptions> = {}): Rooms {
  const own = { now: () => now, tendMs: 1_000_000 };
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG, ...own, ...options });
  return rooms;
}

function outline(change: Partial<Annotation> = {}): Annotation {
  const geometry = { type: "point", at: [100, 100] } as const;
  return { id: newId(annotationId), classId: TUMOUR, geometry, under: 1, attributes: {}, note: "", ...change };
}

async function reader(who: number, layerId: LayerId): Promise<FakeReader> {
  const one = new FakeReader(world.people[who]!);
  await one.connect(rooms, layerId);
  await until(() => one.synced && one.standing !== null, "synced");
  return one;
}

async function draw(one: FakeReader, count: number, note = ""): Promise<void> {
  for (let each = 0; each < count; each++) one.layer.put(outline({ note }));
  await until(() => one.acknowledged === one.made, "saved");
}

const stored = async (layerId: LayerId) =>
  (await database.db.select().from(layerSnapshots).where(eq(layerSnapshots.layerId, layerId)))[0];

const rowsOf = async (layerId: LayerId) =>
  (await annotationRows(database.db, { layerIds: [layerId] })).map(annotationOf);

/** The sync messages among frames: step and payload. */
function syncMessages(frames: readonly Uint8Array[]): { step: number; payload: Uint8Array }[] {
  return frames
    .filter((frame) => frame[0] === 0)
    .map((frame) => {
      const decoder = decoding.createDecoder(frame.subarray(1));
      return { step: decoding.readVarUint(decoder), payload: decoding.readVarUint8Array(decoder) };
    });
}

describe("joining", () => {
  it("[ENG5] sends the stored snapshot as it is and the updates after it, and says last that it was all", async () => {
    const layerId = await world.layer();
    open();
    await draw(await reader(0, layerId), 20);
    await rooms.close();
    open();
    const ada = await reader(0, layerId);
    await draw(ada, 3);
    const bea = await reader(1, layerId);
    const sent = syncMessages(bea.socket!.frames);
    expect(sent.map(({ step }) => step)).toEqual([2, 2, 2, 2, 1, 0]);
    expect(sent[0]?.payload).toEqual((await stored(layerId))?.bytes);
    expect(sent[4]?.payload).toEqual(Uint8Array.of(0, 0));
    expect(bea.annotations()).toEqual(ada.annotations());
    expect(rooms.counters.get("joins_whole")).toBe(2);
  });

  it("[ENG6] sends who has every struct of the snapshot only what was deleted in it, and the updates after it", async () => {
    const layerId = await world.layer();
    open();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    await draw(ada, 50);
    await until(() => bea.layer.size === 50);
    bea.drop();
    for (const { id } of ada.annotations().slice(0, 10)) ada.layer.remove(id);
    await until(() => ada.acknowledged === ada.made);
    await rooms.close();
    open();
    await bea.connect(rooms, layerId);
    await until(() => bea.synced);
    expect(bea.layer.size).toBe(40);
    const bytes = bea.socket!.frames.reduce((sum, frame) => sum + frame.length, 0);
    expect(bytes).toBeLessThan(200);
    expect(rooms.counters.get("joins_tail")).toBe(1);
  });
});

describe("content", () => {
  it("[ENG7] is let go of where nobody uses it, and read again for a join, a stroke and a command", async () => {
    const layerId = await world.layer();
    open({ quietMs: 1_000 });
    const ada = await reader(0, layerId);
    await draw(ada, 5);
    const asleep = async (written = true) => {
      now += written ? 10_000 : 500;
      await rooms.tend();
      expect(rooms.stats()).toMatchObject({ awake: 1, rooms: 1 });
      now += written ? 15_000 : 600;
      await rooms.tend();
      expect(rooms.stats()).toMatchObject({ bytes: 0, awake: 0, rooms: 1 });
    };
    await asleep();
    const bea = await reader(1, layerId);
    expect(bea.annotations()).toEqual(ada.annotations());
    await asleep(false);
    const [first] = bea.annotations();
    bea.layer.reclass(first!.id, STROMA, 1);
    await until(() => bea.acknowledged === bea.made, "a stroke");
    await until(() => ada.layer.get(first!.id)?.classId === STROMA, "told");
    await asleep();
    const own = outline();
    await rooms.edit(layerId, world.people[2]!.personId, (layer) => layer.put(own));
    await until(() => bea.layer.size === 6, "a command");
    expect(await rowsOf(layerId)).toEqual(bea.annotations());
    expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
    expect(rooms.counters.get("sleeps")).toBe(3);
  });

  it("[ENG22] is nothing of the document while it is asleep, packed or not", async () => {
    const layerId = await world.layer();
    open({ maxBytes: 1 });
    const many = Array.from({ length: 1_000 }, () => outline({ note: "n".repeat(1_000) }));
    await rooms.edit(layerId, world.people[0]!.personId, (layer) => {
      for (const each of many) layer.put(each);
    });
    await rooms.close();
    open({ maxBytes: 1 });
    const socket = new FakeSocket();
    const access = { see: true, write: true, locked: false } as const;
    const before = bytesInBuffers();
    const connection = await rooms.join(layerId, socket, world.people[1]!, access, { ...STOCK_CLIENT, unpacks: true });
    connection.receive(step1Frame(Y.encodeStateVector(new Y.Doc())));
    await until(() => socket.frames.some(({ length }) => length > 1_000), "the document");
    expect(rooms.stats().bytes).toBeGreaterThan(1_000_000);
    expect(bytesInBuffers() - before).toBeGreaterThan(1_000_000);
    socket.frames.length = 0;
    await rooms.tend();
    expect(rooms.stats()).toMatchObject({ bytes: 0, awake: 0, rooms: 1, sockets: 1 });
    expect(bytesInBuffers() - before).toBeLessThan(100_000);
  });

  it("[ENG8] of all layers together is bounded: that which was used longest ago is let go of", async () => {
    const layers = [await world.layer(), await world.layer(), await world.layer()];
    open({ maxBytes: 1 });
    for (const layerId of layers) {
      now += 1;
      await draw(await reader(0, layerId), 2);
    }
    expect(rooms.stats().awake).toBe(3);
    await rooms.tend();
    expect(rooms.stats()).toMatchObject({ awake: 0, rooms: 3 });
    await rooms.close();
    open({ maxBytes: 40_000 });
    for (const layerId of layers) {
      now += 1;
      await draw(await reader(0, layerId), 2, "x".repeat(1_900));
    }
    await rooms.tend();
    expect(rooms.stats().bytes).toBeLessThanOrEqual(40_000);
    expect(rooms.stats().awake).toBeGreaterThan(0);
  });
});

describe("snapshots", () => {
  it("[ENG9] are made in a worker while people draw, and hold nothing else than the log", async () => {
    const layerId = await world.layer();
    open({ compaction: startCompaction(SILENT_LOG), snapshotEvery: 20 });
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    for (let round = 0; round < 8; round++) await Promise.all([draw(ada, 5), draw(bea, 5)]);
    await until(() => rooms.counters.get("compactions") >= 1, "a snapshot");
    // However much the first one covers, twenty more make the next one due.
    for (let round = 0; round < 3; round++) await Promise.all([draw(ada, 5), draw(bea, 5)]);
    await until(() => rooms.counters.get("compactions") >= 2, "another snapshot");
    await until(() => ada.layer.size === 110 && bea.layer.size === 110);
    const cem = await reader(2, layerId);
    expect(cem.annotations()).toEqual(ada.annotations());
    await rooms.close();
    const snapshot = await stored(layerId);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, snapshot!.bytes);
    expect(new LayerDoc(doc).size).toBe(110);
    expect(snapshot!.checksum).toBe(checksumOf(snapshot!.bytes));
  });

  it("[ENG9] that are late replace only what they cover: strokes made meanwhile stay", async () => {
    const layerId = await world.layer();
    let begun = 0;
    let release: () => void = () => undefined;
    const slow: Compact = async (pieces) => {
      await new Promise<void>((resolve) => {
        begun += 1;
        release = resolve;
      });
      return compactPieces(pieces);
    };
    open({ compaction: { compact: slow, close: async () => undefined }, snapshotEvery: 2 });
    const ada = await reader(0, layerId);
    await draw(ada, 2);
    await until(() => begun === 1, "a snapshot begun");
    await draw(ada, 3);
    expect(await stored(layerId)).toBeUndefined();
    release();
    await until(async () => (await stored(layerId)) !== undefined, "a snapshot");
    expect((await stored(layerId))!.seq).toBe(2);
    await until(() => rooms.counters.get("compactions") === 1);
    const bea = await reader(1, layerId);
    expect(bea.annotations()).toEqual(ada.annotations());
    const ending = rooms.close();
    while (rooms.counters.get("compactions") < 2) {
      release();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await ending;
    expect((await stored(layerId))!.seq).toBe(5);
  });

  it("[ENG10] that fail or are cut off by the end of the process leave the older one and the log", async () => {
    const layerId = await world.layer();
    open();
    await draw(await reader(0, layerId), 3);
    await rooms.close();
    const before = await stored(layerId);
    const broken: Compact = () => Promise.reject(new Error("the worker died"));
    open({ compaction: { compact: broken, close: async () => undefined }, snapshotEvery: 1 });
    const ada = await reader(0, layerId);
    await draw(ada, 3);
    await until(() => rooms.counters.get("compactions_failed") >= 1, "a failure");
    await draw(ada, 3);
    expect(rooms.counters.get("compactions_failed")).toBe(1);
    await rooms.close();
    expect(await stored(layerId)).toEqual(before);
    open();
    expect((await reader(1, layerId)).annotations()).toEqual(ada.annotations());
  });

  it("[ENG11] are due after a pause with much to read, and soon where the stored one is damaged", async () => {
    const layerId = await world.layer();
    open();
    const ada = await reader(0, layerId);
    await draw(ada, 30, "x".repeat(1_900));
    await rooms.tend();
    expect(await stored(layerId)).toBeUndefined();
    now += 3_500;
    await rooms.tend();
    expect((await stored(layerId))?.seq).toBe(30);
    await rooms.close();
    await database.db
      .update(layerSnapshots)
      .set({ bytes: Uint8Array.of(1, 2, 3) })
      .where(eq(layerSnapshots.layerId, layerId));
    open();
    expect((await reader(1, layerId)).annotations()).toEqual(ada.annotations());
    expect(rooms.counters.get("snapshots_damaged")).toBe(1);
    await until(async () => (await stored(layerId))!.bytes.length > 30_000, "a sound snapshot");
    const { bytes, checksum } = (await stored(layerId))!;
    expect(checksum).toBe(checksumOf(bytes));
  });

  it("[ENG10] are refused where something is missing in the log that they would put together", async () => {
    const updates: Uint8Array[] = [];
    const doc = new Y.Doc();
    doc.on("update", (update: Uint8Array) => updates.push(update));
    new LayerDoc(doc).put(outline());
    new LayerDoc(doc).put(outline());
    await expect(compactHere({ seq: 1, snapshot: null, updates: updates.slice(1) })).rejects.toThrow("gap");
  });
});

describe("telling", () => {
  it("[ENG12] writes once to each socket in a turn, however much there is to tell", async () => {
    const layerId = await world.layer();
    open();
    const [ada, bea, cem] = [await reader(0, layerId), await reader(1, layerId), await reader(2, layerId)];
    const writes = [ada, bea, cem].map((one) => one.socket!.writes);
    const turns = rooms.counters.get("turns");
    for (const one of [ada, bea]) for (let each = 0; each < 10; each++) one.layer.put(outline());
    await until(() => [ada, bea, cem].every((one) => one.layer.size === 20), "told");
    await until(() => ada.acknowledged === 10 && bea.acknowledged === 10, "saved");
    const took = rooms.counters.get("turns") - turns;
    for (const [index, one] of [ada, bea, cem].entries()) {
      expect(one.socket!.writes - writes[index]!).toBeLessThanOrEqual(took);
    }
    expect(took).toBeLessThan(20);
  });

  it("[ENG13] waits after a turn of a large room for what else a frame brings, and longer where the process is busy", () => {
    let busy = 0.2;
    const pace = new Pace(() => busy);
    expect(pace.pauseAt(5)).toBe(0);
    pace.record(100, 0.1);
    expect(pace.pauseAt(100)).toBe(12);
    expect(pace.pauseAt(104)).toBe(8);
    expect(pace.pauseAt(130)).toBe(0);
    pace.record(200, 50);
    expect(pace.pauseAt(200)).toBe(12);
    busy = 0.8;
    pace.record(250, 0.1);
    expect(pace.pauseAt(250)).toBe(12);
    pace.record(300, 2);
    expect(pace.pauseAt(310)).toBe(14);
    pace.record(400, 50);
    expect(pace.pauseAt(400)).toBe(40);
  });

  it("[ENG14] combines the presence of all in one message a tick, and gives nobody their own", async () => {
    const layerId = await world.layer();
    open();
    const [ada, bea, cem] = [await reader(0, layerId), await reader(1, layerId), await reader(2, layerId)];
    const seen = new Map([ada, bea, cem].map((one) => [one, [] as string[]]));
    for (const [one, frames] of seen) {
      one.socket!.onFrame = (frame) => frame[0] === 1 && frames.push(Buffer.from(frame).toString());
    }
    for (let step = 1; step <= 10; step++) {
      for (const one of [ada, bea]) {
        const state = { of: one.doc.clientID, step };
        one.sendRaw(presenceOf([{ id: one.doc.clientID, clock: step, state }]));
      }
    }
    const last = (one: FakeReader) => seen.get(one)!.at(-1) ?? "";
    await until(() => last(cem).includes('"step":10'), "the newest");
    expect(seen.get(cem)!.length).toBeLessThanOrEqual(3);
    expect(last(cem)).toContain(`"of":${ada.doc.clientID}`);
    expect(last(cem)).toContain(`"of":${bea.doc.clientID}`);
    for (const one of [ada, bea]) {
      expect(seen.get(one)!.join("")).not.toContain(`"of":${one.doc.clientID}`);
      expect(last(one)).toContain('"step":10');
    }
    expect(last(cem)).toContain(ada.caller.personId);
  });

  it("[ENG15] shows a socket that was too slow for presence who is where when its line is free again", async () => {
    const layerId = await world.layer();
    open();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    const socket = bea.socket!;
    socket.bufferedAmount = 300 * 1024;
    ada.sendRaw(presenceOf([{ id: ada.doc.clientID, clock: 1, state: { cursor: [7, 7] } }]));
    expect(rooms.counters.get("presence_skipped")).toBe(1);
    socket.bufferedAmount = 0;
    await until(() => socket.frames.some((frame) => Buffer.from(frame).toString().includes('"cursor":[7,7]')), "shown");
  });

  it("[ENG19] cuts a real line that takes nothing any more, and brings it up to date when it comes back", async () => {
    const layerId = await world.layer();
    open();
    const server = await startSync(rooms, world, { heartbeatMs: 60_000 });
    const ada = await reader(0, layerId);
    const doc = new Y.Doc();
    const bea = new WebsocketProvider(server.url, layerId, doc, {
      disableBc: true,
      WebSocketPolyfill: asProgram(world.people[1]!),
    });
    await until(() => bea.synced, "synced");
    const line = (bea.ws as unknown as WebSocket & { _socket: Socket })._socket;
    line.pause();
    const points = Array.from({ length: 20_000 }, (_, at) => [(at * 37) % 4_000, (at * 91) % 4_000] as const);
    let drawn = 0;
    while (rooms.counters.get("slow_closed") === 0) {
      // Many at a time: what takes long on a busy machine is one commit after the other.
      for (let stroke = 0; stroke < 24; stroke++) ada.layer.put(outline({ geometry: { type: "line", points } }));
      drawn += 24;
      // A line that takes nothing would hold it up for ever, so how long a busy disk may take says nothing.
      await until(() => ada.acknowledged === ada.made, "saved, whoever is slow");
    }
    expect(rooms.stats().sockets).toBe(1);
    line.resume();
    const layer = new LayerDoc(doc);
    await until(() => bea.synced && layer.size === drawn, "up to date");
    bea.destroy();
    bea.awareness.destroy();
    await server.close();
  }, 240_000);

  it("[ENG16] counts what rooms do, without naming a layer or a person", async () => {
    const layerId = await world.layer();
    open();
    const ada = await reader(0, layerId);
    await draw(ada, 3);
    const text = metricsText(rooms.metrics());
    expect(text).toMatch(/^# TYPE concord_sync_updates_total counter\nconcord_sync_updates_total 3$/m);
    expect(text).toMatch(/^concord_sync_sockets 1$/m);
    expect(text).not.toContain(layerId);
    const lines = text.trim().split("\n");
    for (const line of lines)
      expect(line).toMatch(/^# TYPE \w+ (counter|gauge|histogram)$|^\w+(\{(le|code)="[\w+.-]+"\})? [\d.e+-]+$/);
  });
});

describe("commands", () => {
  it("[ENG20] see every stroke and every earlier command, and nothing of a refused one", async () => {
    const layerId = await world.layer();
    open({ snapshotEvery: 4 });
    const ada = await reader(0, layerId);
    const sizes: number[] = [];
    for (let round = 0; round < 10; round++) {
      await draw(ada, 1);
      for (const who of [1, 2]) {
        const { personId } = world.people[who]!;
        const put = (layer: LayerDoc) => {
          layer.put(outline());
          return layer.size;
        };
        const refused = rooms.edit(layerId, personId, put, { alongside: () => Promise.reject(new Error("no")) });
        await expect(refused).rejects.toThrow("no");
        sizes.push(await rooms.edit(layerId, personId, put));
      }
      if (round === 5) {
        now += 5_000;
        await rooms.tend();
      }
    }
    expect(sizes).toEqual(sizes.map((_, at) => Math.floor(at / 2) * 3 + 2 + (at % 2)));
    await until(() => ada.layer.size === 30, "told");
    expect(await rowsOf(layerId)).toEqual(ada.annotations());
    expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
  });
});

describe("what is stored", () => {
  it("[ENG4] is written anew from what was checked: known structs, old deletions and odd spellings are left out", async () => {
    const layerId = await world.layer();
    open();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    const id = newId(annotationId);
    const encoder = encoding.createEncoder();
    const run = (client: number, clock: number, count: number) => {
      for (const value of [count, client, clock]) encoding.writeVarUint(encoder, value);
    };
    const record = encodeRecord(outline());
    encoding.writeVarUint(encoder, 3);
    run(11, 0, 1);
    encoding.writeUint8(encoder, 3 | 32);
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarString(encoder, "ann");
    encoding.writeVarString(encoder, id);
    encoding.writeVarUint8Array(encoder, record);
    run(12, 0, 0);
    run(11, 1, 1);
    encoding.writeUint8(encoder, 3 | 128);
    encoding.writeVarUint(encoder, 11);
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarUint8Array(encoder, encodeRecord(outline({ note: "second" })));
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarUint(encoder, 77);
    ada.sendRaw(updateFrame(encoding.toUint8Array(encoder)));
    await until(() => bea.layer.get(id)?.note === "second", "both structs of one client id, which came in two runs");
    bea.layer.remove(id);
    await until(() => bea.acknowledged === bea.made);
    bea.sendRaw(updateFrame(Y.encodeStateAsUpdate(bea.doc)));
    await draw(bea, 1);
    expect(rooms.counters.get("updates")).toBe(3);
    expect(await rooms.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
  });
});
