import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import type { LayerPlace } from "#db/layers.ts";
import { type Annotation, polygonsOf } from "#domain/annotation.ts";
import {
  type AnnotationId,
  annotationId,
  classId,
  type LayerId,
  type PersonId,
  type ProjectId,
  type SlideId,
} from "#domain/ids.ts";
import { ANNOTATIONS_ROOT, type AnnotationChange, EDITS_ROOT, LayerDoc, MARKS_ROOT } from "#domain/layer-doc.ts";
import { editedAnnotation } from "#domain/outline-edit.ts";
import { standingOf } from "#domain/outline-merge.ts";
import { difference, normaliseAll, strokeArea, union } from "#domain/overlay.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { compactPieces } from "#server/sync/compaction.ts";
import { LayerContent } from "#server/sync/layer-content.ts";
import { LayerState } from "#server/sync/layer-state.ts";
import { Projection } from "#server/sync/projection.ts";
import { anyOrder } from "#tests/support/any-order.ts";
import { square } from "#tests/support/builders.ts";

const TUMOUR = classId.parse("tumour00");
const STROMA = classId.parse("stroma00");
const IDS: readonly AnnotationId[] = ["aaaaaaa1", "bbbbbbb2", "ccccccc3"].map((id) => annotationId.parse(id));
const ADA = "ada00000" as PersonId;
const PLACE: LayerPlace = {
  id: "layer000" as LayerId,
  projectId: "project0" as ProjectId,
  slideId: "slide000" as SlideId,
  kind: "team",
  readerId: null,
  lastSeq: 0,
  epoch: 1,
  width: 1_000,
  height: 1_000,
};

/** People who brush at, erase from, move, reclass, delete and undo a few outlines, and meet now and then. */
class Crowd {
  readonly updates: Uint8Array[] = [];
  readonly #random: Random;
  readonly #people: { readonly layer: LayerDoc; readonly undo: Y.UndoManager }[];

  constructor(random: Random, count: number) {
    this.#random = random;
    this.#people = Array.from({ length: count }, () => this.#person());
    const [first, ...others] = this.#people;
    for (const id of IDS) first?.layer.put(outline(id, 300 + this.#pick(200)));
    for (const { layer } of others) Y.applyUpdate(layer.doc, Y.encodeStateAsUpdate(first!.layer.doc), "heard");
  }

  play(steps: number): void {
    for (let step = 0; step < steps; step++) {
      const { layer, undo } = this.#people[this.#pick(this.#people.length)]!;
      const id = IDS[this.#pick(IDS.length)]!;
      const target = layer.get(id);
      const dice = this.#random();
      if (dice < 0.25) this.#hear(layer);
      else if (dice < 0.3) undo.undo();
      else if (dice < 0.33) undo.redo();
      // An id is made once: it comes back by undo only.
      else if (target === null) continue;
      else if (dice < 0.8) this.#brush(layer, target);
      else if (dice < 0.86) layer.put({ ...target, geometry: square(300 + this.#pick(200), 300, 200) });
      else if (dice < 0.93) layer.reclass(id, target.classId === TUMOUR ? STROMA : TUMOUR, 1);
      else layer.remove(id);
    }
  }

  #brush(layer: LayerDoc, { id, geometry }: Annotation): void {
    const at = () => 250 + this.#pick(400);
    const stroke = strokeArea([[at(), at()]], 30 + this.#pick(60));
    const to = normaliseAll(this.#random() < 0.6 ? union([geometry, stroke]) : difference(geometry, stroke));
    if (to !== null && polygonsOf(geometry).length > 0) layer.reshape(id, { from: geometry, to, under: 1 });
  }

  #hear({ doc }: LayerDoc): void {
    const other = this.#people[this.#pick(this.#people.length)]!.layer.doc;
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)), "heard");
  }

  #person() {
    const doc = new Y.Doc();
    doc.clientID = 1 + this.#pick(2 ** 31);
    doc.on("update", (update: Uint8Array, origin: unknown) => origin === "heard" || this.updates.push(update));
    const layer = new LayerDoc(doc);
    return { layer, undo: layer.undoManager() };
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

function outline(id: AnnotationId, x: number): Annotation {
  return { id, classId: TUMOUR, geometry: square(x, 300, 200), under: 1, attributes: {}, note: "" };
}

/** A layer as a room holds it. */
async function stateOf(updates: readonly Uint8Array[]): Promise<LayerState> {
  const content = new LayerContent(null);
  for (const [index, update] of updates.entries()) content.append(index + 1, update);
  const read = { content, snapshotSeq: 0, damaged: false };
  const state = new LayerState({ ...PLACE, lastSeq: updates.length }, [], read, async () => read);
  await state.wake();
  return state;
}

function byId(changes: readonly AnnotationChange[]): AnnotationChange[] {
  return [...changes].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const creator = () => ADA;

describe("rooms of outlines that several people edit at once", () => {
  it("[ENG1] tell the changes and project the rows of a real document after every update, in any allowed order", async () => {
    let [checked, concurrent] = [0, 0];
    for (let seed = 1; seed <= 25; seed++) {
      const random = seededRandom(seed);
      const crowd = new Crowd(random, 2 + (seed % 3));
      crowd.play(50);
      const updates = anyOrder(crowd.updates, random);
      const state = await stateOf([]);
      const real = new LayerDoc(new Y.Doc());
      let told: readonly AnnotationChange[] = [];
      real.observe((changes) => {
        told = changes;
      });
      const [ours, theirs] = [new Projection(PLACE, creator), new Projection(PLACE, creator)];
      for (const [index, bytes] of updates.entries()) {
        const { changes } = state.apply(bytes, [], ADA);
        state.committed(bytes);
        told = [];
        Y.applyUpdate(real.doc, bytes, "wire");
        expect(byId(changes)).toEqual(byId(told));
        const update = { authorId: ADA, at: new Date(index) };
        ours.add({ ...update, changes });
        theirs.add({ ...update, changes: told });
        concurrent += IDS.filter((id) => heads(real.doc, id) > 1).length;
        checked += 1;
      }
      expect(ours.rows()).toEqual(theirs.rows());
      expect(byRowId(ours.rows())).toEqual([...real.all()].map(({ id }) => id).sort());
      await expectFromSnapshot(updates, random, real);
    }
    expect(checked).toBeGreaterThan(500);
    expect(concurrent).toBeGreaterThan(200);
  });

  it("[ENG20] let a command go on from everybody's edits, and take its edit as a document does", async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = seededRandom(500 + seed);
      const crowd = new Crowd(random, 3);
      crowd.play(30);
      const state = await stateOf(anyOrder(crowd.updates, random));
      const real = new LayerDoc(new Y.Doc());
      for (const update of crowd.updates) Y.applyUpdate(real.doc, update);
      for (const radius of [40, 60]) {
        const { applied, keep } = await state.editAs(ADA, (layer) => {
          for (const { id, geometry } of [...layer.all()]) {
            const to = normaliseAll(union([geometry, strokeArea([[600, 600]], radius)]));
            if (to !== null) layer.reshape(id, { from: geometry, to, under: 1 }, { origin: "command" });
          }
        });
        if (applied === null) continue;
        const { changes } = state.apply(applied.bytes, [], ADA);
        state.committed(applied.bytes);
        keep();
        Y.applyUpdate(real.doc, applied.bytes);
        expect(byId(changes)).toEqual(byId(applied.changes));
        for (const { id, after } of changes) expect(after).toEqual(real.get(id));
      }
    }
  });
});

/** How many edits of an outline are shown together. */
function heads(doc: Y.Doc, id: AnnotationId): number {
  const edits = doc.getMap<Uint8Array>(EDITS_ROOT);
  const keys = [...edits.keys()].filter((key) => editedAnnotation(key) === id).sort();
  const record = doc.getMap<Uint8Array>(ANNOTATIONS_ROOT).get(id);
  return (
    standingOf(
      record,
      keys.flatMap((key) => edits.get(key) ?? []),
    )?.heads.length ?? 0
  );
}

function byRowId(rows: readonly { readonly id: AnnotationId }[]): AnnotationId[] {
  return rows.map(({ id }) => id).sort();
}

/** A room that starts from a snapshot goes on as the document does, and ends with the same content. */
async function expectFromSnapshot(updates: readonly Uint8Array[], random: Random, real: LayerDoc): Promise<void> {
  const cut = Math.floor(random() * updates.length);
  const { bytes } = compactPieces({ snapshot: null, updates: updates.slice(0, cut) });
  const state = await stateOf([bytes]);
  for (const update of updates.slice(cut)) {
    state.apply(update, [], ADA);
    state.committed(update);
  }
  const index = await state.wake();
  for (const root of [ANNOTATIONS_ROOT, MARKS_ROOT, EDITS_ROOT] as const) {
    for (const [key, value] of real.doc.getMap<Uint8Array>(root)) expect(index.value(root, key)).toEqual(value);
  }
  const joined = new LayerDoc(new Y.Doc());
  for (const update of (await state.content()).updates()) Y.applyUpdate(joined.doc, update);
  expect([...joined.all()].sort(byAnnotation)).toEqual([...real.all()].sort(byAnnotation));
}

function byAnnotation(a: Annotation, b: Annotation): number {
  return a.id < b.id ? -1 : 1;
}
