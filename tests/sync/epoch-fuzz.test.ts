import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import { layerPlace } from "#db/layers.ts";
import { type Annotation, polygonsOf } from "#domain/annotation.ts";
import { LAYOUT_VERSION } from "#domain/annotation-record.ts";
import { type AnnotationId, annotationId, idFromBytes, type LayerId } from "#domain/ids.ts";
import { difference, normaliseAll, strokeArea, union } from "#domain/overlay.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { SILENT_LOG } from "#server/log.ts";
import { epochFaults, snapshotFaults } from "#server/maintenance/layer-check.ts";
import { documentAt } from "#server/sync/log-walk.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { FakeReader, until } from "#tests/support/fake-socket.ts";
import { fuzzSeeds } from "#tests/support/fuzz-seeds.ts";
import { square } from "#tests/support/outlines.ts";
import { SLIDE_SIZE, STROMA, type SyncWorld, syncWorld, TUMOUR } from "#tests/support/sync-world.ts";

const READERS = 4;
const STEPS = 250;

let database: TestDatabase;
let world: SyncWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db, ["ada", "bea", "cem", "dan"]);
});
afterAll(() => database.close());

const KINDS = [
  ...["put", "brush", "class", "note", "remove", "undo", "move"],
  ...["drop", "crash", "connect", "restart", "command", "rest", "epoch", "other", "late", "away"],
] as const;
type Done = Record<(typeof KINDS)[number], number>;

/** People who draw, go away for simulated days, crash and come back, while the layer begins anew again and again. */
class Run {
  readonly done = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Done;
  readonly #random: Random;
  readonly #layerId: LayerId;
  readonly #readers: FakeReader[];
  readonly #undo: Y.UndoManager[];
  /** Steps for which somebody stays away. */
  readonly #away = new Array<number>(READERS).fill(0);
  #rooms = this.#open();
  /** Documents to which every change had been acknowledged, with their epoch. */
  readonly #acknowledged: { readonly epoch: number; readonly doc: Y.Doc }[] = [];
  readonly #made = new Set<AnnotationId>();
  readonly #removed = new Set<AnnotationId>();
  readonly #shaped = new Set<AnnotationId>();

  constructor(seed: number, layerId: LayerId) {
    this.#random = seededRandom(seed);
    this.#layerId = layerId;
    this.#readers = world.people.slice(0, READERS).map((caller) => new FakeReader(caller));
    this.#undo = this.#readers.map((reader) => reader.layer.undoManager());
  }

  async play(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      await this.#step();
      if (this.#random() < 0.4) await new Promise((resolve) => setTimeout(resolve, Math.floor(this.#random() * 6)));
    }
    this.#away.fill(0);
    await until(async () => {
      for (let who = 0; who < READERS; who++) await this.#connect(who);
      return this.#readers.every((reader) => reader.synced && reader.acknowledged === reader.made);
    }, "everything saved");
    await until(() => {
      const spellings = this.#readers.map((reader) => JSON.stringify(reader.annotations()));
      return spellings.every((each) => each === spellings[0]);
    }, "all documents equal");
  }

  /** Documents, rows and the log agree, and what was acknowledged is in the document of its epoch. */
  async compare(): Promise<void> {
    const drawn = this.#readers[0]!.annotations();
    const rows = await annotationRows(database.db, { layerIds: [this.#layerId] });
    expect(rows.map(annotationOf)).toEqual(drawn);
    expect(await this.#rooms.rebuild(this.#layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
    const place = (await layerPlace(database.db, this.#layerId))!;
    expect(await epochFaults(database.db, place)).toEqual([]);
    expect((await snapshotFaults(database.db, place)).faults).toEqual([]);
    let missing = 0;
    for (const { epoch, doc } of this.#acknowledged) {
      const logged = await documentAt(database.db, this.#layerId, { epoch, seq: place.lastSeq });
      logged.on("update", () => {
        missing += 1;
      });
      Y.applyUpdate(logged, Y.encodeStateAsUpdate(doc));
      expect(logged.store.pendingStructs).toBeNull();
    }
    expect(missing, "acknowledged and not in the log").toBe(0);
    const there = new Set(drawn.map(({ id }) => id));
    for (const id of this.#made)
      if (!this.#removed.has(id)) expect(there.has(id), `${id} was never deleted`).toBe(true);
    for (const id of this.#removed) if (!this.#shaped.has(id)) expect(there.has(id), `${id} was deleted`).toBe(false);
    for (const reader of this.#readers) {
      expect(
        reader.closes.filter(({ code, reason }) => code < 4500 && code >= 4400 && reason !== "epoch-over"),
      ).toEqual([]);
    }
    await this.#rooms.close();
    for (const undo of this.#undo) undo.destroy();
  }

  async #step(): Promise<void> {
    const who = this.#pick(READERS);
    const dice = this.#random();
    if (this.#away[who]! > 0) this.#away[who]! -= 1;
    if (dice < 0.04) await this.#restart();
    else if (dice < 0.12) this.#drop(who, 0);
    else if (dice < 0.15) this.#drop(who, 10 + this.#pick(20));
    else if (dice < 0.18) this.#crash(who);
    else if (dice < 0.3) await this.#connect(who);
    else if (dice < 0.33) await this.#command();
    else if (dice < 0.37) await this.#rest();
    else if (dice < 0.42) await this.#epoch();
    else this.#edit(this.#readers[who]!, this.#undo[who]!);
  }

  #edit(reader: FakeReader, undo: Y.UndoManager): void {
    const dice = this.#random();
    const known = reader.annotations();
    const target = known[this.#pick(Math.max(1, known.length))];
    if (target === undefined || dice < 0.25) {
      const drawn = this.#outline();
      reader.layer.put(drawn);
      this.#made.add(drawn.id);
      this.done.put += 1;
    } else if (dice < 0.55) this.#brush(reader, known[this.#pick(Math.min(3, known.length))] ?? target);
    else if (dice < 0.6) {
      reader.layer.put({ ...target, geometry: this.#outline().geometry });
      this.#shaped.add(target.id);
      this.done.move += 1;
    } else if (dice < 0.72) {
      reader.layer.reclass(target.id, target.classId === TUMOUR ? STROMA : TUMOUR, 1);
      this.done.class += 1;
    } else if (dice < 0.8) {
      reader.layer.setNote(target.id, `note ${this.#pick(1_000)}`);
      this.done.note += 1;
    } else if (dice < 0.92) {
      reader.layer.remove(target.id);
      this.#removed.add(target.id);
      this.done.remove += 1;
    } else {
      // It may take a deletion back, or a drawing: of what it touches nothing is claimed.
      const before = new Set(known.map(({ id }) => id));
      if (this.#random() < 0.5) undo.undo();
      else undo.redo();
      const after = new Set(reader.annotations().map(({ id }) => id));
      for (const id of [...before, ...after]) {
        if (before.has(id) === after.has(id)) continue;
        this.#removed.add(id);
        this.#shaped.add(id);
      }
      this.done.undo += 1;
    }
  }

  #brush(reader: FakeReader, { id, geometry, under }: Annotation): void {
    const at = () => 200 + this.#pick(SLIDE_SIZE - 400);
    const stroke = strokeArea([[at(), at()]], 50 + this.#pick(100));
    const to = normaliseAll(this.#random() < 0.7 ? union([geometry, stroke]) : difference(geometry, stroke));
    if (to === null || polygonsOf(geometry).length === 0) return;
    reader.layer.reshape(id, { from: geometry, to, under });
    this.#shaped.add(id);
    this.done.brush += 1;
  }

  async #command(): Promise<void> {
    const outline = this.#outline();
    this.#made.add(outline.id);
    const { personId } = world.people[this.#pick(READERS)]!;
    await this.#rooms.edit(this.#layerId, personId, (layer) => layer.put(outline, { origin: "command" }));
    this.done.command += 1;
  }

  async #rest(): Promise<void> {
    await this.#rooms.tend();
    this.done.rest += 1;
  }

  /** Here, or in another process of which this one learns by its next write. */
  async #epoch(): Promise<void> {
    if (this.#random() < 0.7) {
      if (await this.#rooms.rollOver(this.#layerId, { leastDead: 0 })) this.done.epoch += 1;
      return;
    }
    const other = this.#open();
    if (await other.rollOver(this.#layerId, { leastDead: 0 })) this.done.other += 1;
    await other.close();
  }

  async #connect(who: number): Promise<void> {
    const reader = this.#readers[who]!;
    if (reader.connected || this.#away[who]! > 0) return;
    if (reader.closes.at(-1)?.reason === "epoch-over") {
      if (reader.unsent.length > 0) this.done.late += 1;
      if (reader.acknowledged === reader.made) this.#acknowledged.push(reader);
      this.#replace(who, reader.rolledOver());
    }
    const now = this.#readers[who]!;
    await now.connect(this.#rooms, this.#layerId, undefined, { layout: LAYOUT_VERSION, epoch: now.epoch || null });
    this.done.connect += 1;
  }

  #drop(who: number, steps: number): void {
    this.#readers[who]!.drop();
    this.#away[who] = steps;
    this.done[steps === 0 ? "drop" : "away"] += 1;
  }

  /** The tab dies; the next one finds in the journal what was not acknowledged. */
  #crash(who: number): void {
    const reader = this.#readers[who]!;
    reader.drop();
    if (reader.acknowledged === reader.made) this.#acknowledged.push(reader);
    this.#replace(who, reader.rolledOver());
    this.done.crash += 1;
  }

  #replace(who: number, reader: FakeReader): void {
    this.#undo[who]!.destroy();
    this.#readers[who] = reader;
    this.#undo[who] = reader.layer.undoManager();
  }

  async #restart(): Promise<void> {
    for (const reader of this.#readers) reader.drop();
    await this.#rooms.close();
    this.#rooms = this.#open();
    this.done.restart += 1;
  }

  #open(): Rooms {
    return createRooms({ db: database.db, access: world.ask, log: SILENT_LOG, snapshotEvery: 10, quietMs: 0 });
  }

  #outline(): Annotation {
    const id = annotationId.parse(idFromBytes(Uint8Array.from({ length: 16 }, () => this.#pick(256))));
    const at = () => 100 + this.#pick(SLIDE_SIZE - 600);
    const classId = this.#random() < 0.5 ? TUMOUR : STROMA;
    return { id, classId, geometry: square(at(), at(), 60 + this.#pick(300)), under: 1, attributes: {}, note: "" };
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

describe("epoch fuzz", () => {
  const seeds = fuzzSeeds([1, 2, 3]);
  const totals = new Map<string, number>();

  for (const seed of seeds) {
    it(`[EPO13] epochs at random moments lose nothing and bring nothing back (FUZZ_SEED=${seed})`, async () => {
      const run = new Run(seed, await world.layer());
      await run.play();
      await run.compare();
      for (const [what, times] of Object.entries(run.done)) totals.set(what, (totals.get(what) ?? 0) + times);
    });
  }

  it("[EPO13] did of everything something", () => {
    for (const [what, times] of totals) expect(times, what).toBeGreaterThan(0);
    expect(totals.get("epoch") ?? 0).toBeGreaterThan(10);
  });
});
