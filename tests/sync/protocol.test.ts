import { connect } from "node:net";
import { eq } from "drizzle-orm";
import fc from "fast-check";
import * as encoding from "lib0/encoding";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { annotationRows } from "#db/annotations.ts";
import { newId } from "#db/new-id.ts";
import { layerUpdates } from "#db/schema.ts";
import type { Annotation } from "#domain/annotation.ts";
import { encodeMarks, encodeRecord } from "#domain/annotation-record.ts";
import { annotationId, type ClassId, type LayerId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { SILENT_LOG } from "#server/log.ts";
import { markFrame, readMessage, updateFrame } from "#server/sync/protocol.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { cpuMs } from "#tests/support/cpu.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, presenceOf, until } from "#tests/support/fake-socket.ts";
import { within } from "#tests/support/lived-time.ts";
import { asBrowser, asProgram, ORIGIN, type SyncServer, socketWith, startSync } from "#tests/support/sync-server.ts";
import { STROMA, type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms;
let server: SyncServer;
const cleanups: (() => void)[] = [];

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG });
  server = await startSync(rooms, world);
});
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  world.access.clear();
});
afterAll(async () => {
  await server.close();
  await rooms.close();
  await database.close();
});

function outline(change: Partial<Annotation> = {}): Annotation {
  const rings = [
    [
      [100, 100],
      [200, 100],
      [200, 200],
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

async function reader(who: number, layerId: LayerId, doc?: Y.Doc): Promise<FakeReader> {
  const one = new FakeReader(world.people[who]!, doc);
  cleanups.push(() => one.drop());
  await one.connect(rooms, layerId);
  await until(() => one.synced && one.standing !== null, "synced");
  return one;
}

/** The update that a change makes on a document, optionally one of a given client id that knows some state. */
function updateOf(
  change: (doc: Y.Doc) => void,
  { client, knows }: { client?: number; knows?: Y.Doc } = {},
): Uint8Array {
  const doc = new Y.Doc();
  if (knows) Y.applyUpdate(doc, Y.encodeStateAsUpdate(knows));
  if (client !== undefined) doc.clientID = client;
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  change(doc);
  return updates.length === 1 ? updates[0]! : Y.mergeUpdates(updates);
}

/** Sends a frame and waits for what the server thinks of it. */
async function closeOf(one: FakeReader, frame: Uint8Array): Promise<{ code: number; reason: string } | "open"> {
  one.sendRaw(frame);
  one.sendRaw(markFrame(7));
  await until(() => one.closes.length > 0 || one.acknowledged === 7, "an answer");
  return one.closes[0] ?? "open";
}

const logged = async (layerId: LayerId) =>
  (await database.db.select().from(layerUpdates).where(eq(layerUpdates.layerId, layerId))).length;

type Stock = { doc: Y.Doc; layer: LayerDoc; provider: WebsocketProvider };

function stock(who: number, layerId: LayerId, socket = asProgram(world.people[who]!)): Stock {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(server.url, layerId, doc, { disableBc: true, WebSocketPolyfill: socket });
  cleanups.push(() => {
    provider.destroy();
    provider.awareness.destroy();
  });
  return { doc, layer: new LayerDoc(doc), provider };
}

function closedCode(address: string, headers: Record<string, string>): Promise<{ code: number; reason: string }> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(address, { headers });
    ws.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    ws.on("error", reject);
  });
}

describe("stock y-websocket client", () => {
  it("[PRO1] joins by token, syncs, draws and sees what others draw", async () => {
    const layerId = await world.layer();
    const [ada, bea] = [stock(0, layerId), stock(1, layerId)];
    await until(() => ada.provider.synced && bea.provider.synced, "synced");
    const drawn = outline();
    ada.layer.put(drawn);
    await until(() => bea.layer.get(drawn.id) !== null, "told");
    expect(bea.layer.get(drawn.id)).toEqual(drawn);
    const cem = stock(2, layerId);
    let atSync = -1;
    cem.provider.on("sync", () => {
      atSync = cem.layer.size;
    });
    await until(() => atSync !== -1);
    expect(atSync).toBe(1);
  });

  it("[PRO2] sees others under the name they signed in with, whatever they say, and no echo of itself", async () => {
    const layerId = await world.layer();
    const [ada, bea] = [stock(0, layerId), stock(1, layerId)];
    await until(() => ada.provider.synced && bea.provider.synced);
    ada.provider.awareness.setLocalState({ user: { name: "the lead", id: "x" }, cursor: [1, 2] });
    await until(() => bea.provider.awareness.getStates().get(ada.doc.clientID) !== undefined, "seen");
    const { personId, name, colour } = world.people[0]!;
    expect(bea.provider.awareness.getStates().get(ada.doc.clientID)).toEqual({
      user: { id: personId, name, colour },
      cursor: [1, 2],
    });
    expect(ada.provider.awareness.getLocalState()).toEqual({ user: { name: "the lead", id: "x" }, cursor: [1, 2] });
    ada.provider.destroy();
    await until(() => bea.provider.awareness.getStates().get(ada.doc.clientID) === undefined, "gone");
  });

  it("[PRO3] reads, and is seen, where it may not write: its updates are neither stored nor told nor acknowledged", async () => {
    const layerId = await world.layer();
    const token = socketWith({ authorization: `Bearer read:${world.people[0]!.personId}` });
    const [ada, bea] = [stock(0, layerId, token), stock(1, layerId)];
    await until(() => ada.provider.synced && bea.provider.synced);
    const told: unknown[] = [];
    const acknowledged: unknown[] = [];
    ada.provider.messageHandlers[101] = () => acknowledged.push(1);
    ada.provider.messageHandlers[102] = (_encoder, decoder) => {
      told.push(JSON.parse(Buffer.from(decoder.arr.subarray(decoder.pos + 1)).toString()));
    };
    ada.layer.put(outline());
    ada.provider.ws?.send(new Uint8Array(markFrame(1)));
    bea.layer.put(outline());
    ada.provider.awareness.setLocalState({ cursor: [3, 4] });
    await until(() => ada.layer.size === 2, "reads");
    await until(() => bea.provider.awareness.getStates().get(ada.doc.clientID)?.["cursor"] !== undefined, "seen");
    expect(bea.layer.size).toBe(1);
    expect(await logged(layerId)).toBe(1);
    expect(acknowledged).toEqual([]);
    expect(told).toEqual([{ write: false, code: "read-only-token" }]);
    expect(ada.provider.wsconnected).toBe(true);
  });

  it("[PRO4] is kept awake by a message even where nothing happens", async () => {
    const layerId = await world.layer();
    const ada = stock(0, layerId);
    await until(() => ada.provider.synced);
    const before = ada.provider.wsLastMessageReceived;
    await until(() => ada.provider.wsLastMessageReceived > before + 50, "a heartbeat");
  });
});

describe("upgrade", () => {
  it("[PRO5] tells a refused browser why by the close code of an open socket", async () => {
    const layerId = await world.layer();
    const { personId } = world.people[0]!;
    const browser = { cookie: `person=${personId}`, origin: ORIGIN };
    expect(await closedCode(`${server.url}/${layerId}`, {})).toEqual({ code: 4401, reason: "not-signed-in" });
    expect(await closedCode(`${server.url}/nosuchlayer1`, browser).then((each) => each.code)).toBe(4404);
    expect(await closedCode(`${server.url}/%00..%2f`, browser)).toEqual({ code: 4404, reason: "not-found" });
    expect(await closedCode(`${server.url}/%`, browser)).toEqual({ code: 4404, reason: "not-found" });
    world.access.set(personId, null);
    expect(await closedCode(`${server.url}/${layerId}`, browser)).toEqual({ code: 4404, reason: "not-found" });
  });

  it("[PRO6] refuses a cookie brought by a foreign page, and none, and takes a program's token without an origin", async () => {
    const layerId = await world.layer();
    const { personId } = world.people[0]!;
    const cookie = `person=${personId}`;
    for (const headers of [{ cookie }, { cookie, origin: "http://evil.test" }, { cookie, origin: "null" }]) {
      expect(await closedCode(`${server.url}/${layerId}`, headers)).toEqual({ code: 4403, reason: "origin-refused" });
    }
    const ada = stock(0, layerId, asBrowser(world.people[0]!));
    const bea = stock(1, layerId);
    await until(() => ada.provider.synced && bea.provider.synced);
  });

  it("[PRO7] outlives upgrades that are cut off and requests that are no upgrade of a socket", async () => {
    const layerId = await world.layer();
    for (const text of [
      `GET /sync/${layerId} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      `GET /sync/${layerId} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: nonsense\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    ]) {
      for (const cut of [true, false]) {
        const socket = connect(server.port, "127.0.0.1", () => socket.write(text));
        const ended = new Promise((resolve) => socket.on("close", resolve));
        socket.on("error", () => undefined);
        socket.resume();
        if (cut) setTimeout(() => socket.resetAndDestroy(), 5);
        await ended;
      }
    }
    const ada = stock(0, layerId);
    await until(() => ada.provider.synced);
  });
});

describe("session", () => {
  it("[PRO22] ends the open sockets of a person who is no longer signed in, and nobody else's", async () => {
    const layerId = await world.layer();
    const [ada, bea] = [stock(0, layerId), stock(1, layerId)];
    await until(() => ada.provider.synced && bea.provider.synced);
    let closed: { code: number; reason: string } | null = null;
    ada.provider.on("closed", (event) => {
      closed = event;
    });
    await server.revoke(world.people[0]!.personId);
    await until(() => closed !== null, "closed");
    expect(closed).toEqual({ code: 4401, reason: "not-signed-in" });
    expect(bea.provider.wsconnected).toBe(true);
  });
});

describe("a session or token that runs out", () => {
  it("[NET1] ends its sockets within two seconds, to be tried again with what is there then", async () => {
    let now = 1_000_000;
    const short = await startSync(rooms, world, { now: () => now, lifeMs: 60_000 });
    const layerId = await world.layer();
    const headers = { authorization: `Bearer ${world.people[0]!.personId}` };
    const ws = new WebSocket(`${short.url}/${layerId}`, { headers });
    let closed: { code: number; reason: string } | null = null;
    ws.on("close", (code, reason) => {
      closed = { code, reason: reason.toString() };
    });
    await until(() => ws.readyState === WebSocket.OPEN, "open");
    now += 59_000;
    let beats = 0;
    ws.on("ping", () => {
      beats += 1;
    });
    await until(() => beats >= 12, "a look that found nothing");
    expect(closed).toBeNull();
    now += 1_000;
    await within(2_000, () => closed !== null, "ended");
    expect(closed).toEqual({ code: 4501, reason: "session-ended" });
    await short.close();
  });
});

describe("authorship", () => {
  it("[PRO8] refuses a struct under another person's client id", async () => {
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    ada.layer.put(outline());
    await until(() => bea.layer.size === 1);
    const stolen = updateOf((doc) => new LayerDoc(doc).put(outline()), { client: ada.doc.clientID, knows: bea.doc });
    expect(await closeOf(bea, updateFrame(stolen))).toEqual({ code: 4403, reason: "update-refused" });
    ada.layer.put(outline());
    await until(() => ada.acknowledged === ada.made);
    expect((await annotationRows(database.db, { layerIds: [layerId] })).length).toBe(2);
    expect(ada.closes).toEqual([]);
  });

  it("[PRO9] refuses deletion, redrawing and marking of another person's outline in a read", async () => {
    const reads = world.people[0]!.personId;
    const layerId = await world.layer("read", reads);
    const ada = await reader(0, layerId);
    const drawn = outline();
    ada.layer.put(drawn);
    await until(() => ada.acknowledged === 1);
    const acts: ((layer: LayerDoc) => void)[] = [
      (layer) => layer.remove(drawn.id),
      (layer) => layer.put({ ...drawn, geometry: { type: "point", at: [1, 1] } }),
      (layer) => layer.reclass(drawn.id, STROMA, 1),
    ];
    for (const act of acts) {
      const bea = await reader(1, layerId);
      const update = updateOf((doc) => act(new LayerDoc(doc)), { knows: bea.doc });
      expect(await closeOf(bea, updateFrame(update))).toEqual({ code: 4403, reason: "update-refused" });
    }
    expect(ada.layer.get(drawn.id)).toEqual(drawn);
    expect(await logged(layerId)).toBe(1);
    // What a command wrote in the reader's layer the reader may change.
    const byLead = outline();
    await rooms.edit(layerId, world.people[2]!.personId, (layer) => layer.put(byLead));
    await until(() => ada.layer.size === 2);
    ada.layer.remove(byLead.id);
    await until(() => ada.acknowledged === 2);
    expect(ada.closes).toEqual([]);
  });

  it("[PRO10] lets people of a team layer change each other's outlines", async () => {
    const layerId = await world.layer("team");
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    const drawn = outline();
    ada.layer.put(drawn);
    await until(() => bea.layer.size === 1);
    bea.layer.remove(drawn.id);
    await until(() => bea.acknowledged === 1 && ada.layer.size === 0);
  });

  it("[PRO11] does not judge a step 2 for old deletions of others that it repeats", async () => {
    const layerId = await world.layer("read", world.people[0]!.personId);
    const ada = await reader(0, layerId);
    const drawn = outline();
    ada.layer.put(drawn);
    ada.layer.remove(drawn.id);
    await until(() => ada.acknowledged === 2);
    const bea = await reader(1, layerId);
    bea.drop();
    const own = outline();
    bea.layer.put(own);
    await bea.connect(rooms, layerId);
    await until(() => bea.acknowledged === bea.made, "saved");
    expect(bea.closes).toEqual([]);
    expect((await annotationRows(database.db, { layerIds: [layerId] })).map((row) => row.id)).toEqual([own.id]);
  });

  it("[PRO12] takes presence under a socket's own client id only", async () => {
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    const seen: Uint8Array[] = [];
    ada.socket!.onFrame = (frame) => seen.push(frame);
    bea.sendRaw(presenceOf([{ id: bea.doc.clientID, clock: 1, state: { cursor: [1, 1] } }]));
    expect(seen).toHaveLength(1);
    ada.sendRaw(presenceOf([{ id: bea.doc.clientID, clock: 9, state: { cursor: [2, 2] } }]));
    ada.sendRaw(presenceOf([{ id: bea.doc.clientID, clock: 9, state: null }]));
    const cem = await reader(2, layerId);
    const everybody = cem.socket!.frames.filter((frame) => frame[0] === 1);
    expect(everybody).toHaveLength(1);
    const text = Buffer.from(everybody[0]!).toString();
    expect(text).toContain('"cursor":[1,1]');
    expect(text).toContain(bea.caller.personId);
    expect(seen).toHaveLength(1);
  });
});

describe("what an update may hold", () => {
  const put = (root: string, key: string, value: unknown) => (doc: Y.Doc) => {
    doc.getMap(root).set(key, value);
  };
  const record = (change: Partial<Annotation> = {}) => encodeRecord(outline(change));

  it("[PRO13] is refused with its code where an outline is malformed, off the slide or of an unknown class", async () => {
    const layerId = await world.layer();
    const id = newId(annotationId);
    const offSlide = { type: "point", at: [4_097, 0] } as const;
    const broken = record().map((byte, index) => (index === 11 ? 9 : byte));
    const cases: [string, (doc: Y.Doc) => void][] = [
      ["outline-off-slide", put("ann", id, record({ geometry: offSlide }))],
      ["outline-off-slide", put("ann", id, record({ geometry: { type: "point", at: [-1, 5] } }))],
      ["unknown-class", put("ann", id, record({ classId: "foreignclass" as ClassId }))],
      ["outline-malformed", put("ann", id, broken)],
      ["update-refused", put("ann", id, record({ under: 2 }))],
      ["update-refused", put("ann", id, Uint8Array.of(9, 9, 9))],
      ["update-refused", put("ann", id, Uint8Array.of())],
      ["update-refused", put("ann", "Not An Id", record())],
      ["update-refused", put("other", id, record())],
      ["update-refused", put("ann", id, "text")],
      ["update-refused", put("ann", id, { nested: [1, { deep: true }] })],
      ["update-refused", put("ann", id, new Y.Map())],
      ["update-refused", (doc) => doc.getArray("ann").push([record()])],
      ["update-refused", (doc) => doc.getText("ann").insert(0, "text")],
    ];
    for (const [code, change] of cases) {
      const ada = await reader(0, layerId);
      expect(await closeOf(ada, updateFrame(updateOf(change))), code).toMatchObject({ reason: code });
    }
    expect(await logged(layerId)).toBe(0);
    const ada = await reader(0, layerId);
    expect(await closeOf(ada, updateFrame(updateOf(put("ann", id, record()))))).toBe("open");
    const unknown = updateOf(put("attr", id, encodeMarks(outline({ classId: "foreignclass" as ClassId }))));
    expect(await closeOf(await reader(1, layerId), updateFrame(unknown))).toMatchObject({ reason: "unknown-class" });
    const again = updateOf(put("ann", id, record()));
    expect(await closeOf(await reader(1, layerId), updateFrame(again))).toMatchObject({ reason: "update-refused" });
    expect(await logged(layerId)).toBe(1);
  });

  it("[PRO14] may build on what the server lacks only until the client's step 2 has come", async () => {
    const layerId = await world.layer();
    const ada = new FakeReader(world.people[0]!);
    cleanups.push(() => ada.drop());
    ada.layer.put(outline());
    const connected = ada.connect(rooms, layerId);
    await connected;
    ada.layer.put(outline());
    await until(() => ada.acknowledged === 2, "the early change waited for step 2");
    expect((await annotationRows(database.db, { layerIds: [layerId] })).length).toBe(2);
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    new LayerDoc(doc).put(outline());
    new LayerDoc(doc).put(outline());
    expect(await closeOf(ada, updateFrame(updates[1]!))).toEqual({ code: 4500, reason: "update-gap" });
    const bea = await reader(1, layerId);
    expect(await closeOf(bea, updateFrame(Y.mergeUpdates([updates[1]!])))).toMatchObject({ reason: "update-gap" });
    const orphan = updateOf(put("attr", newId(annotationId), encodeMarks(outline())));
    expect(await closeOf(await reader(1, layerId), updateFrame(orphan))).toMatchObject({ reason: "update-gap" });
  });

  it("[PRO15] of any bytes ends its own socket at most, and the room goes on", async () => {
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    const good = updateFrame(updateOf((doc) => new LayerDoc(doc).put(outline())));
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.nat(good.length),
        async (edits, length) => {
          const frame = good.slice(0, Math.max(1, length));
          for (const [at, byte] of edits) if (at < frame.length) frame[at] = byte;
          const bea = await reader(1, layerId);
          if ((await closeOf(bea, frame)) !== "open") refused += 1;
          bea.drop();
          expect(ada.closes).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
    expect(refused).toBeGreaterThan(50);
    ada.layer.put(outline());
    await until(() => ada.acknowledged === 1, "the room goes on");
    const rebuilt = await rooms.rebuild(layerId);
    expect(rebuilt).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
  });

  it("[PRO16] of hostile structure is refused: circles, huge clocks, skipped and dead structs", async () => {
    const layerId = await world.layer();
    const id = newId(annotationId);
    const structs = (write: (encoder: encoding.Encoder) => void) => {
      const encoder = encoding.createEncoder();
      write(encoder);
      return encoding.toUint8Array(encoder);
    };
    const header = (encoder: encoding.Encoder, client: number, clock: number, count: number) => {
      for (const value of [count, client, clock]) encoding.writeVarUint(encoder, value);
    };
    const successor = (encoder: encoding.Encoder, client: number, clock: number) => {
      encoding.writeUint8(encoder, 3 | 128);
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarUint8Array(encoder, record());
    };
    const dead = (encoder: encoding.Encoder, info: number, length: number) => {
      encoding.writeUint8(encoder, info);
      encoding.writeVarUint(encoder, length);
    };
    const cases: [string, Uint8Array][] = [
      [
        "circle",
        structs((encoder) => {
          encoding.writeVarUint(encoder, 2);
          header(encoder, 11, 0, 1);
          successor(encoder, 12, 0);
          header(encoder, 12, 0, 1);
          successor(encoder, 11, 0);
          encoding.writeVarUint(encoder, 0);
        }),
      ],
      [
        "huge dead struct",
        structs((encoder) => {
          encoding.writeVarUint(encoder, 1);
          header(encoder, 11, 0, 1);
          dead(encoder, 0, 2 ** 50);
          encoding.writeVarUint(encoder, 0);
        }),
      ],
      [
        "dead struct",
        structs((encoder) => {
          encoding.writeVarUint(encoder, 1);
          header(encoder, 11, 0, 1);
          dead(encoder, 0, 5);
          encoding.writeVarUint(encoder, 0);
        }),
      ],
      [
        "skipped",
        structs((encoder) => {
          encoding.writeVarUint(encoder, 1);
          header(encoder, 11, 0, 1);
          dead(encoder, 10, 5);
          encoding.writeVarUint(encoder, 0);
        }),
      ],
      [
        "deletes what is not there",
        structs((encoder) => {
          for (const value of [0, 1, 11, 1, 0, 5]) encoding.writeVarUint(encoder, value);
        }),
      ],
      [
        "deletes 20,000 ranges",
        structs((encoder) => {
          for (const value of [0, 1, 11, 20_000]) encoding.writeVarUint(encoder, value);
          for (let range = 0; range < 20_000; range++) {
            encoding.writeVarUint(encoder, range * 2);
            encoding.writeVarUint(encoder, 1);
          }
        }),
      ],
      [
        "20,000 roots",
        updateOf((doc) => {
          doc.transact(() => {
            for (let root = 0; root < 20_000; root++) doc.getMap(`r${root}`).set(id, 1);
          });
        }),
      ],
    ];
    for (const [name, update] of cases) {
      const ada = await reader(0, layerId);
      const started = cpuMs();
      expect(await closeOf(ada, updateFrame(update)), name).not.toBe("open");
      expect(cpuMs() - started, name).toBeLessThan(1_000);
    }
    expect(await logged(layerId)).toBe(0);
    expect(rooms.stats().rooms).toBeGreaterThan(0);
  });
});

describe("limits", () => {
  it("[PRO17] ends a socket for a frame that is malformed, text or too large, with a code each", async () => {
    const layerId = await world.layer();
    const send = (data: string | Uint8Array) =>
      new Promise<number>((resolve, reject) => {
        const ws = new WebSocket(`${server.url}/${layerId}`, {
          headers: { authorization: `Bearer ${world.people[0]!.personId}` },
        });
        ws.on("open", () => ws.send(data));
        ws.on("close", (code) => resolve(code));
        ws.on("error", reject);
      });
    const ada = stock(1, layerId);
    await until(() => ada.provider.synced);
    expect(await send("hello")).toBe(4400);
    expect(await send(Uint8Array.of())).toBe(4400);
    expect(await send(Uint8Array.of(0, 2, 255, 255, 255, 255, 15))).toBe(4400);
    expect(await send(Uint8Array.of(77))).toBe(4400);
    expect(await send(new Uint8Array(3 * 1024 * 1024))).toBe(4413);
    expect(await send(new Uint8Array(5 * 1024 * 1024))).toBe(1009);
    expect(ada.provider.wsconnected).toBe(true);
  });

  it("[PRO18] rations what asks for the whole document, and edits, each apart", async () => {
    const layerId = await world.layer();
    const ada = await reader(0, layerId);
    for (let count = 0; count < 25; count++) ada.sendRaw(Uint8Array.of(0, 0, 1, 0));
    await until(() => ada.closes.length > 0);
    expect(ada.closes[0]).toEqual({ code: 4529, reason: "rate-limited" });
    const bea = await reader(1, layerId);
    for (let count = 0; count < 500; count++) bea.sendRaw(Uint8Array.of(0, 2, 2, 0, 0));
    await until(() => bea.closes.length > 0);
    expect(bea.closes[0]).toEqual({ code: 4529, reason: "rate-limited" });
  });

  it("[PRO19] refuses presence that is large, of many ids or no state, and leaves out what is too much", async () => {
    const layerId = await world.layer();
    const bad: [string, Uint8Array][] = [
      ["frame-too-large", presenceOf([{ id: 5, clock: 1, state: { text: "x".repeat(5_000) } }])],
      ["frame-malformed", presenceOf([{ id: 5, clock: 1, state: "text" }])],
      ["frame-malformed", presenceOf([{ id: 5, clock: 1, state: [1] }])],
      ["update-refused", presenceOf([1, 2, 3].map((id) => ({ id, clock: 1, state: {} })))],
      ["frame-malformed", Uint8Array.of(1, 3, 1, 5, 1)],
      ["frame-malformed", presenceOf(Array.from({ length: 2_000 }, (_, id) => ({ id, clock: 1, state: null })))],
    ];
    for (const [code, frame] of bad) {
      const ada = await reader(0, layerId);
      ada.sendRaw(frame);
      await until(() => ada.closes.length > 0, code);
      expect(ada.closes[0]?.reason).toBe(code);
    }
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    const told: string[] = [];
    bea.socket!.onFrame = (frame) => told.push(Buffer.from(frame).toString());
    for (let clock = 1; clock <= 200; clock++) {
      ada.sendRaw(presenceOf([{ id: ada.doc.clientID, clock, state: { step: clock } }]));
    }
    const newest = () => Number(/"step":(\d+)/.exec(told.at(-1) ?? "")?.[1]);
    await until(() => newest() >= 60, "the newest is told with the next tick");
    expect(told.length).toBeLessThan(20);
    expect(newest()).toBeLessThan(100);
    expect(rooms.counters.get("presence_rationed")).toBeGreaterThan(100);
    expect(ada.closes).toEqual([]);
  });

  it("[PRO20] cuts a socket that does not take what it is sent, and leaves out its presence first", async () => {
    const layerId = await world.layer();
    const [ada, bea] = [await reader(0, layerId), await reader(1, layerId)];
    bea.socket!.bufferedAmount = 1024 * 1024;
    const before = bea.socket!.frames.length;
    ada.sendRaw(presenceOf([{ id: ada.doc.clientID, clock: 1, state: {} }]));
    expect(bea.socket!.frames.length).toBe(before);
    ada.layer.put(outline());
    await until(() => bea.layer.size === 1);
    bea.socket!.bufferedAmount = 9 * 1024 * 1024;
    ada.layer.put(outline());
    await until(() => bea.closes.length > 0);
    expect(bea.closes[0]).toEqual({ code: 4508, reason: "too-slow" });
    await until(() => ada.acknowledged === 2);
  });

  it("[PRO21] reads no byte beyond a frame and throws nothing but its own error for any frame", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 40 }), (bytes) => {
        try {
          const message = readMessage(bytes);
          if (message.type === "update") expect(message.bytes.length).toBeLessThan(bytes.length);
        } catch (error) {
          expect(error).toMatchObject({ name: "AppError", code: "frame-malformed" });
        }
      }),
      { numRuns: 500 },
    );
  });
});
