import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { ANNOTATIONS_ROOT, EDITS_ROOT, LayerDoc, MARKS_ROOT } from "#domain/layer-doc.ts";
import { editedAnnotation } from "#domain/outline-edit.ts";
import type { OutlineParts } from "#domain/outline-merge.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { ItemIndex } from "#server/sync/item-index.ts";
import { mapUpdate, type Root, readDeletes } from "#server/sync/update-reader.ts";
import { ValueStore } from "#server/sync/value-store.ts";
import { anyOrder } from "#tests/support/any-order.ts";

const ROOTS: readonly Root[] = [ANNOTATIONS_ROOT, MARKS_ROOT, EDITS_ROOT];
const SAID = ["grade", "size/mm"];
const IDS = ["aaaaaaa1", "bbbbbbb2", "ccccccc3", "ddddddd4"];
const KEYS: Readonly<Record<Root, readonly string[]>> = {
  [ANNOTATIONS_ROOT]: IDS,
  [MARKS_ROOT]: [...IDS, ...SAID.flatMap((name) => [`aaaaaaa1/${name}`, `ccccccc3/${name}`])],
  // Two outlines that several people edit, one key that names nothing, and two of one prefix.
  [EDITS_ROOT]: ["aaaaaaa1/z", "aaaaaaa1/10", "bbbbbbb2/a", "bbbbbbb2/b", "bbbbbbb2/", "bbbbbbb22/a"],
};

type Writer = { readonly doc: Y.Doc; readonly undo: Y.UndoManager };

/** Several documents that set, delete and undo the same few keys, and hear of each other now and then, in any order. */
class History {
  readonly updates: Uint8Array[] = [];
  readonly #random: Random;
  readonly #writers: Writer[];

  constructor(random: Random, writers: number) {
    this.#random = random;
    this.#writers = Array.from({ length: writers }, () => this.#writer());
  }

  play(steps: number): void {
    for (let step = 0; step < steps; step++) {
      const writer = this.#writers[this.#pick(this.#writers.length)];
      if (writer === undefined) return;
      const dice = this.#random();
      const root = ROOTS[this.#pick(ROOTS.length)] ?? MARKS_ROOT;
      const map = writer.doc.getMap<Uint8Array>(root);
      const key = KEYS[root][this.#pick(KEYS[root].length)] ?? "";
      if (dice < 0.5)
        map.set(
          key,
          Uint8Array.from({ length: this.#pick(9) }, () => this.#pick(256)),
        );
      else if (dice < 0.65) map.delete(key);
      else if (dice < 0.75) writer.undo.undo();
      else if (dice < 0.8) writer.undo.redo();
      else if (dice < 0.97) this.#hear(writer);
      else this.#writers[this.#writers.indexOf(writer)] = this.#writer();
    }
  }

  /** A writer gets what some other lacks nothing of: its whole state. */
  #hear({ doc }: Writer): void {
    const other = this.#writers[this.#pick(this.#writers.length)];
    if (other) Y.applyUpdate(doc, Y.encodeStateAsUpdate(other.doc, Y.encodeStateVector(doc)), "heard");
  }

  #writer(): Writer {
    const doc = new Y.Doc();
    doc.clientID = 1 + this.#pick(2 ** 31);
    doc.on("update", (update: Uint8Array, origin: unknown) => origin === "heard" || this.updates.push(update));
    const undo = new LayerDoc(doc).undoManager();
    undo.addTrackedOrigin(null);
    return { doc, undo };
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

/** What a document holds of an annotation. */
function entriesIn(doc: Y.Doc, id: string): OutlineParts {
  const edits = doc.getMap<Uint8Array>(EDITS_ROOT);
  const keys = [...edits.keys()].filter((key) => editedAnnotation(key) === id).sort();
  return {
    record: doc.getMap<Uint8Array>(ANNOTATIONS_ROOT).get(id),
    marks: doc.getMap<Uint8Array>(MARKS_ROOT).get(id),
    said: SAID.flatMap((name) => {
      const bytes = doc.getMap<Uint8Array>(MARKS_ROOT).get(`${id}/${name}`);
      return bytes === undefined ? [] : [{ name, bytes }];
    }),
    edits: keys.flatMap((key) => edits.get(key) ?? []),
  };
}

function expectSame(index: ItemIndex, doc: Y.Doc): void {
  for (const root of ROOTS) {
    const map = doc.getMap<Uint8Array>(root);
    for (const key of KEYS[root]) {
      expect(index.value(root, key)).toEqual(map.get(key));
      expect(index.has(root, key)).toBe(map._map.has(key));
    }
  }
  for (const id of IDS) expect(index.raw(id)).toEqual(entriesIn(doc, id));
  for (const [client] of doc.store.clients) expect(index.clockOf(client)).toBe(Y.getState(doc.store, client));
}

describe("item index", () => {
  it("[ENG1] resolves every key as Yjs does, after every update of random concurrent histories in any allowed order", () => {
    let [checked, concurrent] = [0, 0];
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed);
      const history = new History(random, 2 + (seed % 4));
      history.play(60);
      const index = new ItemIndex();
      const doc = new Y.Doc();
      for (const update of anyOrder(history.updates, random)) {
        const before = new Map(IDS.map((id) => [id, index.raw(id)]));
        const changed = index.apply(update);
        Y.applyUpdate(doc, update);
        expectSame(index, doc);
        for (const id of IDS) expect(changed.get(id) ?? index.raw(id)).toEqual(before.get(id));
        checked += 1;
      }
      for (const root of ROOTS) for (const item of doc.getMap(root)._map.values()) if (item.left?.left) concurrent += 1;
      // A snapshot holds merged runs of dead items; a late update may build on the middle of one.
      const snapshot = new ItemIndex();
      snapshot.load(Y.encodeStateAsUpdate(doc));
      expectSame(snapshot, doc);
    }
    expect(checked).toBeGreaterThan(1_500);
    expect(concurrent).toBeGreaterThan(100);
  });

  it("[ENG1] goes on from a snapshot as from the whole log, also where a late update builds on a dead run", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(1_000 + seed);
      const history = new History(random, 3);
      history.play(60);
      const ordered = anyOrder(history.updates, random);
      const cut = Math.floor(random() * ordered.length);
      const doc = new Y.Doc();
      for (const update of ordered.slice(0, cut)) Y.applyUpdate(doc, update);
      const index = new ItemIndex();
      index.load(Y.encodeStateAsUpdate(doc));
      for (const update of ordered.slice(cut)) {
        index.apply(update);
        Y.applyUpdate(doc, update);
        expectSame(index, doc);
      }
    }
  });

  it("[ENG2] reads of an update what Yjs reads of it: client ids, clocks and deletions", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const history = new History(seededRandom(2_000 + seed), 3);
      history.play(40);
      const doc = new Y.Doc();
      for (const update of history.updates) Y.applyUpdate(doc, update);
      const whole = Y.encodeStateAsUpdate(doc);
      const map = mapUpdate(whole);
      const vector = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(whole));
      expect(new Map(map.sections.map(({ client, end }) => [client, end]))).toEqual(vector);
      const { ds } = Y.decodeUpdate(whole);
      const ranges = [...ds.clients].flatMap(([client, all]) => all.map(({ clock, len }) => [client, clock, len]));
      const read = [...readDeletes(whole, map.deletesAt)].map(({ client, clock, length }) => [client, clock, length]);
      expect(read).toEqual(ranges);
      for (let cut = 0; cut < whole.length; cut++) {
        expect(() => {
          const part = whole.subarray(0, cut);
          for (const range of readDeletes(part, mapUpdate(part).deletesAt)) expect(range.length).toBeGreaterThan(0);
        }).toThrow(RangeError);
      }
    }
  });

  it("[ENG3] keeps values apart while others are added, dropped and squeezed out", () => {
    const random = seededRandom(7);
    const store = new ValueStore();
    const held = new Map<number, Uint8Array>();
    for (let step = 0; step < 5_000; step++) {
      const value = Uint8Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256));
      held.set(store.add(value), value);
      if (random() < 0.45) {
        const [number] = [...held.keys()].slice(Math.floor(random() * held.size));
        if (number !== undefined) {
          store.drop(number);
          held.delete(number);
        }
      }
    }
    for (const [number, value] of held) expect(store.get(number)).toEqual(value);
    const living = [...held.values()].reduce((sum, value) => sum + value.length, 0);
    expect(store.bytes).toBeLessThan(living * 4);
  });
});
