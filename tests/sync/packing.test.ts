import { inflateRawSync } from "node:zlib";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import * as Y from "yjs";
import { LightClient } from "#bench/sync/client.ts";
import { plainWire } from "#bench/sync/wire.ts";
import { CLASSES, contentOf, Editor } from "#bench/sync/workload.ts";
import { journalOn, memoryPages, memoryStore } from "#client/journal.ts";
import { joinLayer } from "#client/live-layer.ts";
import { layerSnapshots } from "#db/schema.ts";
import { unpackUpdate } from "#domain/packed-update.ts";
import { seededRandom } from "#domain/random.ts";
import { SILENT_LOG } from "#server/log.ts";
import { packSnapshot } from "#server/sync/packing.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, until } from "#tests/support/fake-socket.ts";
import { asBrowser, type SyncServer, startSync } from "#tests/support/sync-server.ts";
import { type SyncWorld, syncWorld } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
let rooms: Rooms;
let server: SyncServer;

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
  await start();
});
afterAll(async () => {
  await server.close();
  await rooms.close();
  await database.close();
});

async function start(): Promise<void> {
  rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG, snapshotEvery: 1, quietMs: 3_600_000 });
  server = await startSync(rooms, world);
}

describe("a packed document", () => {
  it("[NET8] of outlines as they are drawn is at most two thirds of the plain one, and holds the same", () => {
    const editor = new Editor(seededRandom(3));
    editor.createMany(2_000);
    for (let stroke = 0; stroke < 500; stroke++) editor.next();
    const plain = Y.encodeStateAsUpdate(editor.doc);
    const packed = packSnapshot(plain);
    expect(packed.length / plain.length).toBeLessThan(2 / 3);
    expect(Buffer.compare(unpackUpdate(inflateRawSync(packed)), plain)).toBe(0);
  });

  it("[NET8] goes to who has asked for it, whole before it is called synced, and a stock client gets the plain one", async () => {
    const layerId = await world.layer();
    const ada = new FakeReader(world.people[0]!);
    await ada.connect(rooms, layerId);
    await until(() => ada.synced, "synced");
    ada.layer.transact(() => {
      for (let made = 0; made < 900; made++) ada.layer.put(drawn(made));
    });
    await until(() => ada.acknowledged === ada.made, "saved");
    await until(() => rooms.counters.get("compactions") > 0, "a snapshot");
    const expected = contentOf(ada.doc);
    const bytes = async (packed: boolean): Promise<number> => {
      const doc = new Y.Doc();
      let whole = false;
      const client = new LightClient(
        {
          url: `${server.url}/${layerId}${packed ? "?packed=1" : ""}`,
          headers: { authorization: `Bearer ${world.people[1]!.personId}` },
          wire: plainWire({ marks: true }),
        },
        {
          onDocument: (update, step2) => {
            Y.applyUpdate(doc, update);
            if (step2) whole = contentOf(doc) === expected;
          },
        },
      );
      await client.joined();
      expect(whole).toBe(true);
      const { bytesIn } = client;
      await client.close();
      return bytesIn;
    };
    const plain = await bytes(false);
    expect(await bytes(true)).toBeLessThan(0.75 * plain);
    const caller = world.people[2]!;
    const user = { id: caller.personId, name: "", colour: "" };
    const heard: number[] = [];
    const Socket = asBrowser(caller);
    const live = joinLayer({
      url: server.url,
      layerId,
      user,
      journal: journalOn(memoryStore(), memoryPages(), user.id, layerId),
      WebSocketPolyfill: class extends (Socket as unknown as typeof WebSocket) {
        constructor(address: string) {
          super(address);
          this.on("message", (data: ArrayBuffer) => heard.push(new Uint8Array(data)[0] ?? -1));
        }
      } as unknown as typeof globalThis.WebSocket,
    });
    let sizeAtSynced = -1;
    live.subscribe(() => {
      if (live.status.synced && sizeAtSynced === -1) sizeAtSynced = live.layerDoc.size;
    });
    await until(() => live.status.synced, "synced");
    expect(sizeAtSynced).toBe(900);
    expect(heard).toContain(105);
    expect([...live.layerDoc.all()].length).toBe(900);
    live.close();
    ada.drop();

    // One that is damaged in the store is not sent, and made anew.
    await rooms.evictIdle();
    await rooms.close();
    const damaged = Buffer.alloc(1_000);
    await database.db.update(layerSnapshots).set({ packed: damaged }).where(eq(layerSnapshots.layerId, layerId));
    await server.close();
    await start();
    await bytes(true);
    expect(rooms.counters.get("snapshots_damaged")).toBe(1);
    await until(async () => (await bytes(true)) < 0.75 * plain, "packed anew");
  });
});

function drawn(index: number) {
  const points = Array.from({ length: 40 }, (_, step) => {
    const angle = (step / 40) * 2 * Math.PI;
    const round = (value: number) => Math.round(value * 64) / 64;
    return [round(2_000 + (50 + index) * Math.cos(angle)), round(2_000 + (50 + index) * Math.sin(angle))] as const;
  });
  const id = `outline${String(index).padStart(8, "0")}` as never;
  return {
    id,
    classId: CLASSES[0],
    geometry: { type: "polygon", rings: [points] },
    under: 1,
    attributes: {},
    note: "",
  } as const;
}
