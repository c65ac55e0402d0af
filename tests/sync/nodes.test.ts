import { readFile } from "node:fs/promises";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { annotationRows } from "#db/annotations.ts";
import { snapshotPosition, updatesAfter } from "#db/layers.ts";
import { LAYER_LOCK } from "#db/locks.ts";
import { newId } from "#db/new-id.ts";
import type { Annotation } from "#domain/annotation.ts";
import { LAYOUT_VERSION } from "#domain/annotation-record.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import { seededRandom } from "#domain/random.ts";
import { SILENT_LOG } from "#server/log.ts";
import { metricsText, processMetrics } from "#server/metrics.ts";
import { compactHere, type Pieces } from "#server/sync/compaction.ts";
import { updateFrame } from "#server/sync/protocol.ts";
import { type Renewable, renewHere } from "#server/sync/renewal.ts";
import { createRooms, type Rooms, type RoomsOptions } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, presenceOf, until } from "#tests/support/fake-socket.ts";
import { LossyLine } from "#tests/support/lossy-bus.ts";
import { presenceIn, statesIn } from "#tests/support/presence-frames.ts";
import { type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;
let line: LossyLine;
let opened: Rooms[] = [];

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db);
});
afterEach(async () => {
  world.access.clear();
  for (const rooms of opened) await rooms.close();
  opened = [];
});
afterAll(() => database.close());

type Beats = { readonly pollMs?: number; readonly aliveMs?: number } & Pick<
  RoomsOptions,
  "compaction" | "snapshotEvery" | "quietMs"
>;

/** Two nodes on a sound line. Where a poll is not asked for, or that silence means death, there is none within a test. */
function twoNodes(beats: Beats = {}): [Rooms, Rooms] {
  line = new LossyLine(seededRandom(1));
  return [node(beats), node(beats)];
}

function node({ pollMs = 1_000_000, aliveMs = 1_000_000, quietMs = 0, ...rest }: Beats = {}): Rooms {
  const nodes = { bus: line.node(), pollMs, brokenPollMs: pollMs, aliveMs };
  const rooms = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG, quietMs, nodes, ...rest });
  opened.push(rooms);
  return rooms;
}

function outline(change: Partial<Annotation> = {}): Annotation {
  const ring = [[100, 100] as const, [200, 100] as const, [200, 200] as const];
  const geometry = { type: "polygon" as const, rings: [ring] };
  return { id: newId(annotationId), classId: TUMOUR, geometry, under: 1, attributes: {}, note: "", ...change };
}

async function reader(rooms: Rooms, who: number, layerId: LayerId): Promise<FakeReader> {
  return connected(new FakeReader(world.people[who]!), rooms, layerId);
}

/** Connects as our page does, which says what it holds. */
async function connected(one: FakeReader, rooms: Rooms, layerId: LayerId): Promise<FakeReader> {
  const version = { layout: LAYOUT_VERSION, epoch: one.epoch === 0 ? null : one.epoch };
  await one.connect(rooms, layerId, undefined, version);
  await until(() => one.synced, "synced");
  return one;
}

const saved = (one: FakeReader) => until(() => one.acknowledged === one.made, "saved");

describe("two nodes of one layer", () => {
  it("[NOD2] tell each other's people what is drawn, in one numbered log", async () => {
    const [first, second] = twoNodes();
    const layerId = await world.layer();
    const [ada, bea] = [await reader(first, 0, layerId), await reader(second, 1, layerId)];
    ada.layer.put(outline());
    await until(() => bea.layer.size === 1, "told over there");
    bea.layer.put(outline());
    await until(() => ada.layer.size === 2, "told over here");
    await Promise.all([saved(ada), saved(bea)]);
    const log = await updatesAfter(database.db, layerId, 0);
    expect(log.map(({ seq, authorId }) => [seq, authorId])).toEqual([
      [1, ada.caller.personId],
      [2, bea.caller.personId],
    ]);
    expect(await annotationRows(database.db, { layerIds: [layerId] })).toHaveLength(2);
  });

  it("[NOD2] a command on one is seen on the other", async () => {
    const [first, second] = twoNodes();
    const layerId = await world.layer();
    const bea = await reader(second, 1, layerId);
    await first.edit(layerId, world.people[0]!.personId, (layer) => layer.put(outline()));
    await until(() => bea.layer.size === 1, "told");
  });

  it("[NOD3] what was not heard is found by looking, and at once when the line is whole again", async () => {
    const [first, second] = twoNodes({ pollMs: 30 });
    const layerId = await world.layer();
    const [ada, bea] = [await reader(first, 0, layerId), await reader(second, 1, layerId)];
    line.cut();
    ada.layer.put(outline());
    await saved(ada);
    await until(() => bea.layer.size === 1, "found");
    line.mend();
    for (const rooms of opened.splice(0)) await rooms.close();
    const [third, fourth] = twoNodes();
    const [cem, dan] = [await reader(third, 2, layerId), await reader(fourth, 0, layerId)];
    line.cut();
    cem.layer.put(outline());
    await saved(cem);
    expect(dan.layer.size).toBe(1);
    line.mend();
    await until(() => dan.layer.size === 2, "caught up");
  });

  it("[NOD4] says synced only with what any node committed before", async () => {
    const [first, second] = twoNodes();
    const layerId = await world.layer();
    const [ada, bea] = [await reader(first, 0, layerId), await reader(second, 1, layerId)];
    line.cut();
    for (let count = 1; count <= 3; count++) ada.layer.put(outline());
    await saved(ada);
    expect(bea.layer.size).toBe(0);
    const cem = await reader(second, 2, layerId);
    expect(cem.layer.size).toBe(3);
    await until(() => bea.layer.size === 3, "and so does everybody else there");
  });

  it("[NOD5] a client id that was used first on one belongs to that person on all", async () => {
    const [first, second] = twoNodes();
    const layerId = await world.layer();
    const [ada, bea] = [await reader(first, 0, layerId), await reader(second, 1, layerId)];
    line.cut();
    ada.layer.put(outline());
    await saved(ada);
    const thief = new Y.Doc();
    Y.applyUpdate(thief, Y.encodeStateAsUpdate(ada.doc));
    thief.clientID = ada.doc.clientID;
    const forged: Uint8Array[] = [];
    thief.on("update", (update: Uint8Array) => forged.push(update));
    thief.getMap<Uint8Array>("ann").set(newId(annotationId), thief.getMap<Uint8Array>("ann").values().next().value!);
    bea.sendRaw(updateFrame(forged[0]!));
    await until(() => bea.closes.length === 1, "closed");
    expect(bea.closes[0]).toEqual({ code: 4403, reason: "update-refused" });
    expect(await updatesAfter(database.db, layerId, 0)).toHaveLength(1);
  });

  it("[NOD5] a deletion of what another node committed is judged by who drew it", async () => {
    const [first, second] = twoNodes();
    const [owner, other] = [world.people[0]!, world.people[1]!];
    const layerId = await world.layer("read", owner.personId);
    const [ada, bea] = [await reader(first, 0, layerId), await reader(second, 1, layerId)];
    ada.layer.put(outline());
    await until(() => bea.layer.size === 1, "told");
    line.cut();
    ada.layer.put(outline());
    await saved(ada);
    // Right to write, and yet not the reader whose outlines these are.
    world.access.set(other.personId, { see: true, write: true, locked: false });
    bea.layer.remove(bea.annotations()[0]!.id);
    await until(() => bea.closes.length === 1, "closed");
    expect(bea.closes[0]?.code).toBe(4403);
    expect(await annotationRows(database.db, { layerIds: [layerId] })).toHaveLength(2);
  });

  it("[NOD6] goes on from a snapshot that another node wrote further on", async () => {
    const [first, second] = twoNodes();
    const layerId = await world.layer();
    const bea = await reader(second, 1, layerId);
    bea.layer.put(outline());
    await saved(bea);
    line.cut();
    const ada = await reader(first, 0, layerId);
    for (let count = 1; count <= 5; count++) ada.layer.put(outline());
    await saved(ada);
    ada.drop();
    // Writes its snapshot at the end of the log, beyond where the other node is; that one has let go of its content.
    await first.close();
    opened = opened.filter((rooms) => rooms !== first);
    await until(async () => {
      await second.tend();
      return second.stats().awake === 0;
    }, "asleep");
    bea.layer.put(outline());
    await until(() => bea.layer.size === 7, "everything");
    expect(bea.closes).toEqual([]);
  });

  it("[NOD6] people of all nodes leave an epoch that one of them ended, and nothing is lost", async () => {
    const [first, second] = twoNodes();
    const layerId = await world.layer();
    const [ada, bea] = [await reader(first, 0, layerId), await reader(second, 1, layerId)];
    const drawn = outline();
    ada.layer.put(drawn);
    for (const note of ["a", "b", "c"]) ada.layer.setNote(drawn.id, note);
    await saved(ada);
    await until(() => bea.annotations()[0]?.note === "c", "told");
    expect(await first.rollOver(layerId)).toBe(true);
    await until(() => ada.closes.length === 1 && bea.closes.length === 1, "closed");
    expect([...ada.closes, ...bea.closes].map(({ reason }) => reason)).toEqual(["epoch-over", "epoch-over"]);
    bea.layer.put(outline());
    const beaNow = await connected(bea.rolledOver(), first, layerId);
    const adaNow = await connected(ada.rolledOver(), second, layerId);
    await until(() => adaNow.layer.size === 2 && beaNow.layer.size === 2, "late work is there");
    expect(await annotationRows(database.db, { layerIds: [layerId] })).toHaveLength(2);
  });
});

/** Compaction that waits until it is let go, and says what it was asked for. */
function heldCompaction() {
  const asked: Pieces[] = [];
  const waiting: (() => void)[] = [];
  const held = async (pieces: Pieces): Promise<Pieces> => {
    asked.push(pieces);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return pieces;
  };
  const compaction = {
    compact: async (pieces: Pieces) => compactHere(await held(pieces)),
    renew: async (renewable: Renewable) => {
      await held(renewable.pieces);
      return renewHere(renewable);
    },
    close: async () => undefined,
  };
  const letGo = () => {
    for (const each of waiting.splice(0)) each();
  };
  return { asked, compaction, letGo };
}

describe("two nodes that would rewrite one layer", () => {
  const count = (rooms: Rooms, name: string) => new Map<string, number>(rooms.counters.entries()).get(name) ?? 0;
  /** Not waited for: what is held would hold it up. */
  const tend = (...nodes: Rooms[]) => {
    for (const rooms of nodes) void rooms.tend();
  };
  const draw = (one: FakeReader, count: number) => {
    for (let each = 0; each < count; each++) one.layer.put(outline());
  };
  /** What is stored is the log's, and a stranger gets it whole. */
  async function sound(rooms: Rooms, layerId: LayerId, size: number): Promise<void> {
    expect((await reader(rooms, 2, layerId)).layer.size).toBe(size);
    const fresh = createRooms({ db: database.db, access: world.ask, log: SILENT_LOG });
    expect(await fresh.rebuild(layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
    await fresh.close();
  }

  it("[NOD23] make a snapshot once: one does, people draw on, and the other goes on with it", async () => {
    const { asked, compaction, letGo } = heldCompaction();
    const [first, second] = twoNodes({ compaction, snapshotEvery: 20, quietMs: 1_000_000 });
    const layerId = await world.layer();
    const [ada, bea] = [await reader(first, 0, layerId), await reader(second, 1, layerId)];
    draw(ada, 15);
    await until(() => bea.layer.size === 15, "told");
    draw(bea, 15);
    await until(() => ada.layer.size === 30 && asked.length > 0, "one begins");
    // Both are due at every turn, and the layer goes on meanwhile.
    for (let more = 0; more < 5; more++) {
      draw(ada, 1);
      draw(bea, 1);
      await until(() => ada.layer.size === bea.layer.size && ada.layer.size === 32 + 2 * more, "told");
      tend(first, second);
    }
    expect(asked).toHaveLength(1);
    letGo();
    await until(async () => (await snapshotPosition(database.db, layerId, 1)) === asked[0]?.seq, "written");
    // The other one finds it when it looks again, and does not make its own.
    await until(() => {
      tend(first, second);
      return count(first, "compactions_elsewhere") + count(second, "compactions_elsewhere") === 1;
    }, "gone on with");
    expect(count(first, "compactions") + count(second, "compactions")).toBe(1);
    expect(asked).toHaveLength(1);
    await sound(second, layerId, 40);
  });

  it("[NOD23] begin no epoch while another makes a snapshot, and of two epochs at once only one", async () => {
    const { asked, compaction, letGo } = heldCompaction();
    line = new LossyLine(seededRandom(1));
    const first = node({ compaction, snapshotEvery: 20, quietMs: 1_000_000 });
    // Makes none by itself: a node that is at it does one thing after the other.
    const second = node({ compaction, snapshotEvery: 1_000_000, quietMs: 1_000_000 });
    const layerId = await world.layer();
    const [ada, bea] = [await reader(first, 0, layerId), await reader(second, 1, layerId)];
    draw(ada, 25);
    for (const { id } of ada.annotations().slice(0, 5)) ada.layer.remove(id);
    await until(() => asked.length === 1 && ada.acknowledged === ada.made, "a snapshot is made");
    expect(await second.rollOver(layerId)).toBe(false);
    letGo();
    await until(() => count(first, "compactions") + count(second, "compactions") === 1, "made");
    const both = Promise.all([first.rollOver(layerId), second.rollOver(layerId)]);
    await until(() => asked.length === 2, "an epoch is made");
    draw(bea, 1);
    await saved(bea);
    letGo();
    // Somebody drew meanwhile, so it is made once more.
    await until(() => asked.length === 3, "once more");
    letGo();
    expect((await both).filter(Boolean)).toHaveLength(1);
    await until(() => ada.closes.length === 1 && bea.closes.length === 1, "closed");
    expect([...ada.closes, ...bea.closes].map(({ reason }) => reason)).toEqual(["epoch-over", "epoch-over"]);
    await sound(first, layerId, 21);
    await sound(second, layerId, 21);
  });

  it("[NOD23] go on when the one that was at it is gone, and what it still writes does no harm", async () => {
    const { asked, compaction, letGo } = heldCompaction();
    const [first, second] = twoNodes({ compaction, snapshotEvery: 20, quietMs: 1_000_000 });
    const layerId = await world.layer();
    const [ada, bea] = [await reader(first, 0, layerId), await reader(second, 1, layerId)];
    draw(ada, 25);
    await until(() => asked.length === 1 && bea.layer.size === 25, "a snapshot is made");
    await database.db.execute(sql`select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and classid = ${LAYER_LOCK} and database = (select oid from pg_database where datname = current_database())`);
    draw(bea, 5);
    await saved(bea);
    await until(() => {
      tend(first, second);
      return asked.length === 2;
    }, "another one makes it");
    letGo();
    await until(async () => (await snapshotPosition(database.db, layerId, 1)) === asked[1]?.seq, "written");
    await until(() => count(first, "compactions") + count(second, "compactions") === 2, "both have ended");
    expect(await snapshotPosition(database.db, layerId, 1)).toBe(asked[1]?.seq);
    await sound(first, layerId, 30);
  });
});

describe("presence among nodes", () => {
  const state = (x: number) => ({ cursor: [x, x] });

  async function saying(rooms: Rooms, who: number, layerId: LayerId, clock = 1): Promise<FakeReader> {
    const one = await reader(rooms, who, layerId);
    one.sendRaw(presenceOf([{ id: one.doc.clientID, clock, state: { ...state(who), user: { id: "forged" } } }]));
    return one;
  }
  const seenBy = (one: FakeReader) => presenceIn(one.socket?.frames ?? []);

  it("[NOD7] shows everybody of all nodes, with the person that their own node knows", async () => {
    const [first, second] = twoNodes();
    const layerId = await world.layer();
    const ada = await saying(first, 0, layerId);
    const bea = await saying(second, 1, layerId);
    await until(() => seenBy(ada).get(bea.doc.clientID)?.state !== undefined, "bea seen by ada");
    await until(() => seenBy(bea).get(ada.doc.clientID)?.state !== undefined, "ada seen by bea");
    expect(seenBy(bea).get(ada.doc.clientID)?.state).toMatchObject({
      cursor: [0, 0],
      user: { id: ada.caller.personId, name: "ada" },
    });
    ada.drop();
    await until(() => seenBy(bea).get(ada.doc.clientID)?.state === null, "ada gone");
  });

  it("[NOD7] people of another layer are not shown", async () => {
    const [first, second] = twoNodes();
    const [mine, theirs] = [await world.layer(), await world.layer()];
    const ada = await saying(first, 0, mine);
    const cem = await saying(first, 2, theirs);
    const bea = await saying(second, 1, mine);
    await until(() => seenBy(bea).has(ada.doc.clientID), "ada seen by bea");
    expect(seenBy(bea).has(cem.doc.clientID)).toBe(false);
  });

  it("[NOD8] people of a node that is not heard any more vanish, and stay where they came back", async () => {
    const [first, second] = twoNodes({ aliveMs: 30 });
    const layerId = await world.layer();
    const [ada, cem] = [await saying(first, 0, layerId), await saying(first, 2, layerId)];
    const bea = await saying(second, 1, layerId);
    await until(() => seenBy(bea).has(ada.doc.clientID) && seenBy(bea).has(cem.doc.clientID), "both seen");
    line.cut();
    cem.drop();
    const again = new FakeReader(cem.caller, cem.doc);
    await again.connect(second, layerId);
    await until(() => again.synced, "synced");
    again.sendRaw(presenceOf([{ id: cem.doc.clientID, clock: 2, state: state(9) }]));
    await until(() => seenBy(bea).get(ada.doc.clientID)?.state === null, "ada gone");
    expect(seenBy(bea).get(cem.doc.clientID)).toMatchObject({ clock: 2, state: { cursor: [9, 9] } });
  });

  it("[NOD8] of a node that was silent for long and is heard again it asks who is there", async () => {
    const [first] = twoNodes({ aliveMs: 30 });
    const layerId = await world.layer();
    const bea = await saying(first, 1, layerId);
    const silent = line.node();
    const asked: string[] = [];
    silent.listen({
      heard: (_from, { kind }) => {
        if (kind !== "who") return;
        asked.push(kind);
        const frame = presenceOf([{ id: 77, clock: asked.length, state: { user: { id: world.people[2]!.personId } } }]);
        silent.send({ kind: "presence", layerId, states: Buffer.from(statesIn(frame)).toString("base64") });
      },
      returned: () => undefined,
    });
    silent.send({ kind: "alive" });
    await until(() => seenBy(bea).get(77)?.state !== undefined, "somebody there");
    await until(() => seenBy(bea).get(77)?.state === null, "taken for dead");
    const before = asked.length;
    silent.send({ kind: "alive" });
    await until(() => asked.length > before, "asked again");
    await until(() => (seenBy(bea).get(77)?.clock ?? 0) > before, "somebody there again");
  });

  it("[NOD8] counts the nodes that it hears, and none that has gone", async () => {
    const [first, second] = twoNodes({ aliveMs: 30 });
    const values = () =>
      first.metrics().flatMap((each) => (each.name.startsWith("nodes_") && "value" in each ? [each.value] : []));
    await until(() => values().join() === "1,1", "one heard");
    await second.close();
    opened = opened.filter((rooms) => rooms !== second);
    await until(() => values().join() === "1,0", "none heard");
    line.cut();
    expect(values()).toEqual([0, 0]);
  });

  it("[MET2] the operator's page names metrics as they are", async () => {
    const [first] = twoNodes();
    const pool = { totalCount: 1, idleCount: 1, waitingCount: 0 };
    const text = metricsText([...first.metrics(), ...processMetrics({ lagMs: () => 0 }, pool)]);
    const there = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
    const page = await readFile(new URL("../../docs/OPERATING.md", import.meta.url), "utf8");
    // In its table a name that begins like the one before it is shortened to what is other.
    const named = [...page.matchAll(/`(concord_\w+|_\w+)(?:\{\w+\})?`/g)].map(([, name = ""]) =>
      name.startsWith("_") ? `concord_sync${name}` : name,
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !there.has(name))).toEqual([]);
  });

  it("[NOD8] a node that stops in good order takes its people with it at once", async () => {
    const [first, second] = twoNodes({ aliveMs: 1_000_000 });
    const layerId = await world.layer();
    const ada = await saying(first, 0, layerId);
    const bea = await saying(second, 1, layerId);
    await until(() => seenBy(bea).has(ada.doc.clientID), "seen");
    await first.close();
    opened = opened.filter((rooms) => rooms !== first);
    await until(() => seenBy(bea).get(ada.doc.clientID)?.state === null, "gone");
  });

  it("[NOD9] what another node says of a person never takes the place of a socket of this one", async () => {
    const [first] = twoNodes();
    const layerId = await world.layer();
    const ada = await saying(first, 0, layerId);
    const bea = await saying(first, 1, layerId);
    await until(() => seenBy(bea).has(ada.doc.clientID), "seen");
    const liar = line.node();
    const say = (clock: number, said: unknown) => {
      const frame = presenceOf([{ id: ada.doc.clientID, clock, state: said }]);
      liar.send({ kind: "presence", layerId, states: Buffer.from(statesIn(frame)).toString("base64") });
    };
    say(5, null);
    say(6, { user: { id: bea.caller.personId } });
    say(7, { user: "nobody" });
    liar.send({ kind: "presence", layerId, states: Buffer.from([1, 2, 3]).toString("base64") });
    ada.sendRaw(presenceOf([{ id: ada.doc.clientID, clock: 2, state: state(4) }]));
    await until(() => seenBy(bea).get(ada.doc.clientID)?.clock === 2, "still ada's own");
    expect(seenBy(bea).get(ada.doc.clientID)?.state).toMatchObject({ user: { id: ada.caller.personId } });
  });
});
