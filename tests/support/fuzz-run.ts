import { expect } from "vitest";
import * as Y from "yjs";
import { annotationOf, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { updatesAfter } from "#db/layers.ts";
import { type Annotation, polygonsOf } from "#domain/annotation.ts";
import { annotationId, idFromBytes, type LayerId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { difference, normaliseAll, strokeArea, union } from "#domain/overlay.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import type { Bus } from "#server/bus/bus.ts";
import { SILENT_LOG } from "#server/log.ts";
import type { Caller } from "#server/sync/access.ts";
import { createRooms, type Rooms } from "#server/sync/rooms.ts";
import { FakeReader, until } from "./fake-socket.ts";
import { LossyLine } from "./lossy-bus.ts";
import { SLIDE_SIZE, STROMA, type SyncWorld, TUMOUR } from "./sync-world.ts";

const READERS = 4;
const STEPS = 300;
/** A third of all messages between nodes is lost or comes twice, and they overtake each other. */
const FAULTS = { lost: 0.2, doubled: 0.15, maxDelayMs: 30 };

/** Of messages to the server so many are held back, for so long at most, and so many come twice. */
const LINES = { held: 0.1, maxHeldMs: 12, doubled: 0.08 };
/** In so many steps somebody may not write any more, or may again. */
const TURNED = 0.06;

/** How often what happened in a run. */
export type Done = Record<
  | "put"
  | "shape"
  | "brush"
  | "class"
  | "note"
  | "remove"
  | "undo"
  | "drop"
  | "crash"
  | "connect"
  | "restart"
  | "command"
  | "rest"
  | "lost"
  | "cut"
  | "moved"
  | "elsewhere"
  | "held"
  | "doubled"
  | "locked",
  number
>;

/** The database as a process sees it that may be killed: from then on it sends no commit any more. */
function mortal(db: Db, life: { readonly over: boolean }): Db {
  const transaction: Db["transaction"] = (work, config) =>
    db.transaction(async (tx) => {
      const result = await work(tx);
      if (life.over) throw new Error("killed");
      return result;
    }, config);
  return new Proxy(db, {
    get: (target, key, receiver) => (key === "transaction" ? transaction : Reflect.get(target, key, receiver)),
  });
}

/** A server process: its rooms, and whether it was killed. */
type Node = { readonly rooms: Rooms; readonly life: { over: boolean }; readonly bus: Bus | null };

/**
 * One run of a seed on one server process, or on several over one database: everything that happens in it is chosen by
 * the seed, save how frames and commits interleave.
 */
export class FuzzRun {
  readonly done: Done = {
    put: 0,
    shape: 0,
    brush: 0,
    class: 0,
    note: 0,
    remove: 0,
    undo: 0,
    drop: 0,
    crash: 0,
    connect: 0,
    restart: 0,
    command: 0,
    rest: 0,
    lost: 0,
    cut: 0,
    moved: 0,
    elsewhere: 0,
    held: 0,
    doubled: 0,
    locked: 0,
  };
  readonly #db: Db;
  readonly #world: SyncWorld;
  readonly #random: Random;
  /** Of what lines and rights do, so that the strokes of a seed stay what they are. */
  readonly #trouble: Random;
  readonly #layerId: LayerId;
  readonly #line: LossyLine;
  readonly #readers: FakeReader[];
  readonly #undo: Y.UndoManager[];
  /** Which node each reader came to last. */
  readonly #at = new Map<FakeReader, number>();
  readonly #nodes: Node[];
  #commands: Promise<unknown>[] = [];
  /** Documents of dead tabs to which every change had been acknowledged. */
  readonly #acknowledged: Y.Doc[] = [];

  /** @param nodes how many server processes there are; one has no line to others */
  constructor(db: Db, world: SyncWorld, { seed, layerId, nodes }: { seed: number; layerId: LayerId; nodes: number }) {
    this.#db = db;
    this.#world = world;
    this.#random = seededRandom(seed);
    this.#trouble = seededRandom(seed + 2);
    this.#layerId = layerId;
    this.#line = new LossyLine(seededRandom(seed + 1), FAULTS);
    this.#nodes = Array.from({ length: nodes }, () => this.#open(nodes > 1));
    this.#readers = world.people.slice(0, READERS).map((caller) => this.#reader(caller));
    this.#undo = this.#readers.map((reader) => reader.layer.undoManager());
  }

  async play(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      await this.#step();
      if (this.#trouble() < TURNED) await this.#turnRights();
      if (this.#random() < 0.5) await new Promise((resolve) => setTimeout(resolve, Math.floor(this.#random() * 8)));
    }
    await Promise.all(this.#commands);
    this.#line.mend();
    this.#world.access.clear();
    for (const { rooms } of this.#nodes) await rooms.recheck({ layerId: this.#layerId });
    await until(async () => {
      for (const reader of this.#readers) if (!reader.connected) await this.#connect(reader);
      return this.#readers.every((reader) => reader.synced && reader.acknowledged === reader.made);
    }, "everything saved");
    await until(() => {
      const vectors = this.#readers.map((reader) => this.#spelling(reader.layer));
      return vectors.every((each) => each === vectors[0]);
    }, "all documents equal");
  }

  /** All documents, the rows, and the log replayed by a stranger, say the same. */
  async compare(): Promise<void> {
    const [first] = this.#readers;
    const drawn = first!.annotations();
    const rows = await annotationRows(this.#db, { layerIds: [this.#layerId] });
    expect(rows.map(annotationOf)).toEqual(drawn);
    const replayed = new LayerDoc(new Y.Doc());
    const log = await updatesAfter(this.#db, this.#layerId, 0, { limit: 100_000 });
    for (const { bytes } of log) Y.applyUpdate(replayed.doc, bytes);
    expect(this.#spelling(replayed)).toBe(this.#spelling(first!.layer));
    let missing = 0;
    replayed.doc.on("update", () => {
      missing += 1;
    });
    for (const doc of this.#acknowledged) Y.applyUpdate(replayed.doc, Y.encodeStateAsUpdate(doc));
    expect(missing, "acknowledged and not in the log").toBe(0);
    for (const { rooms } of this.#nodes) {
      expect(await rooms.rebuild(this.#layerId)).toEqual({ missing: [], extra: [], different: [], miscounted: [] });
      this.done.elsewhere += rooms.counters.get("updates_elsewhere");
    }
    for (const reader of this.#readers)
      expect(reader.closes.filter(({ code }) => code >= 4400 && code < 4500)).toEqual([]);
    for (const { rooms } of this.#nodes) await rooms.close();
    for (const undo of this.#undo) undo.destroy();
  }

  async #step(): Promise<void> {
    const who = this.#pick(READERS);
    const reader = this.#readers[who]!;
    const dice = this.#random();
    if (dice < 0.06) await this.#restart();
    else if (dice < 0.14) this.#drop(reader);
    else if (dice < 0.17) this.#crash(who);
    else if (dice < 0.3 || (!reader.connected && dice < 0.5)) await this.#connect(reader);
    else if (dice < 0.34) this.#command();
    else if (dice < 0.4) await this.#rest();
    else if (dice < 0.43 && this.#nodes.length > 1) this.#cutOrMend();
    else this.#edit(reader, this.#undo[who]!);
  }

  #edit(reader: FakeReader, undo: Y.UndoManager): void {
    const dice = this.#random();
    const known = reader.annotations();
    const target = known[this.#pick(Math.max(1, known.length))];
    if (target === undefined || dice < 0.25) {
      reader.layer.put(this.#outline());
      this.done.put += 1;
    } else if (dice < 0.3) {
      reader.layer.put({ ...target, geometry: this.#outline().geometry });
      this.done.shape += 1;
    } else if (dice < 0.6) {
      // Of few, so that several people edit one at the same time.
      this.#brush(reader, known[this.#pick(Math.min(3, known.length))] ?? target);
    } else if (dice < 0.7) {
      reader.layer.reclass(target.id, target.classId === TUMOUR ? STROMA : TUMOUR, 1);
      this.done.class += 1;
    } else if (dice < 0.78) {
      reader.layer.setNote(target.id, `note ${this.#pick(1_000)}`);
      this.done.note += 1;
    } else if (dice < 0.9) {
      reader.layer.remove(target.id);
      this.done.remove += 1;
    } else {
      if (this.#random() < 0.5) undo.undo();
      else undo.redo();
      this.done.undo += 1;
    }
  }

  /** A stroke that adds to an outline or cuts from it, as the brush and the eraser do. */
  #brush(reader: FakeReader, { id, geometry, under }: Annotation): void {
    const at = () => 200 + this.#pick(SLIDE_SIZE - 400);
    const stroke = strokeArea([[at(), at()]], 50 + this.#pick(100));
    const to = normaliseAll(this.#random() < 0.6 ? union([geometry, stroke]) : difference(geometry, stroke));
    if (to === null || polygonsOf(geometry).length === 0) return;
    reader.layer.reshape(id, { from: geometry, to, under });
    this.done.brush += 1;
  }

  /** An edit by the server in somebody's name, some of them refused by their own transaction. */
  #command(): void {
    const { personId } = this.#world.people[this.#pick(READERS)]!;
    const outline = this.#outline();
    const refused = this.#random() < 0.3;
    const edit = this.#anyNode().rooms.edit(
      this.#layerId,
      personId,
      (layer) => layer.put(outline, { origin: "command" }),
      {
        alongside: async () => {
          if (refused) throw new Error("refused by the command");
        },
      },
    );
    // A restart meanwhile ends the command too; what counts is that documents and rows agree afterwards.
    this.#commands.push(edit.catch((error: unknown) => expect(error).toBeInstanceOf(Error)));
    this.done.command += 1;
  }

  /** The room lets go of what it holds, where nothing is under way; snapshots are made all the time. */
  async #rest(): Promise<void> {
    const { rooms } = this.#anyNode();
    await rooms.tend();
    if (rooms.counters.get("sleeps") > 0) this.done.rest += 1;
  }

  async #connect(reader: FakeReader): Promise<void> {
    if (reader.connected) return;
    const node = this.#pick(this.#nodes.length);
    const access = (await this.#world.ask(reader.caller)) ?? undefined;
    await reader.connect(this.#nodes[node]!.rooms, this.#layerId, access);
    this.done.connect += 1;
    if ((this.#at.get(reader) ?? node) !== node) this.done.moved += 1;
    this.#at.set(reader, node);
  }

  #drop(reader: FakeReader): void {
    if (!reader.connected) return;
    if (reader.acknowledged < reader.made) this.done.lost += 1;
    reader.drop();
    this.done.drop += 1;
  }

  /** The tab dies and takes its document with it: what was acknowledged to it must be in the log all the same. */
  #crash(who: number): void {
    const reader = this.#readers[who]!;
    this.#drop(reader);
    if (reader.acknowledged === reader.made) this.#acknowledged.push(reader.doc);
    this.#undo[who]!.destroy();
    this.#readers[who] = this.#reader(reader.caller);
    this.#undo[who] = this.#readers[who].layer.undoManager();
    this.done.crash += 1;
  }

  /** A server dies: its lines break, what it has not committed is gone, and nobody closes anything. */
  async #restart(): Promise<void> {
    const which = this.#pick(this.#nodes.length);
    const dead = this.#nodes[which]!;
    for (const reader of this.#readers) if (this.#at.get(reader) === which) this.#drop(reader);
    this.done.elsewhere += dead.rooms.counters.get("updates_elsewhere");
    if (this.#random() < 0.3) await dead.rooms.close();
    dead.life.over = true;
    await dead.bus?.close();
    this.#nodes[which] = this.#open(dead.bus !== null);
    this.done.restart += 1;
  }

  #reader(caller: Caller): FakeReader {
    const reader = new FakeReader(caller);
    const happens = (what: "held" | "doubled") => {
      if (this.#trouble() >= LINES[what]) return false;
      this.done[what] += 1;
      return true;
    };
    reader.mischief = {
      heldMs: () => (happens("held") ? this.#trouble() * LINES.maxHeldMs : 0),
      times: () => (happens("doubled") ? 2 : 1),
    };
    return reader;
  }

  /** Somebody's read is locked, or open again: what they draw meanwhile waits in their page, and is not lost. */
  async #turnRights(): Promise<void> {
    const { personId } = this.#world.people[Math.floor(this.#trouble() * READERS)]!;
    if (this.#world.access.has(personId)) this.#world.access.delete(personId);
    else {
      this.#world.access.set(personId, { see: true, write: true, locked: true });
      this.done.locked += 1;
    }
    for (const { rooms } of this.#nodes) await rooms.recheck({ personId });
  }

  #cutOrMend(): void {
    if (this.#random() < 0.3) this.#line.cut();
    else this.#line.mend();
    this.done.cut = this.#line.counts.cut;
  }

  #anyNode(): Node {
    return this.#nodes[this.#pick(this.#nodes.length)]!;
  }

  #open(hasOthers: boolean): Node {
    const life = { over: false };
    const bus = hasOthers ? this.#line.node() : null;
    const nodes = bus === null ? {} : { nodes: { bus, pollMs: 100, brokenPollMs: 50, aliveMs: 200 } };
    const options = { access: this.#world.ask, log: SILENT_LOG, snapshotEvery: 10, quietMs: 0, ...nodes };
    return { rooms: createRooms({ db: mortal(this.#db, life), ...options }), life, bus };
  }

  #outline(): Annotation {
    const bytes = Uint8Array.from({ length: 16 }, () => this.#pick(256));
    const corner = () => this.#pick(SLIDE_SIZE * 64) / 64;
    const ring = Array.from({ length: 3 + this.#pick(20) }, () => [corner(), corner()] as const);
    return {
      id: annotationId.parse(idFromBytes(bytes)),
      classId: this.#random() < 0.5 ? TUMOUR : STROMA,
      geometry: { type: "polygon", rings: [ring] },
      under: 1,
      attributes: {},
      note: "",
    };
  }

  #spelling(layer: LayerDoc): string {
    return JSON.stringify([...layer.all()].sort((a, b) => (a.id < b.id ? -1 : 1)));
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }
}
