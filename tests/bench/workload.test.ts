import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Deliveries } from "#bench/sync/deliveries.ts";
import { firstPresence, namedWire, plainWire, presenceUpdate } from "#bench/sync/wire.ts";
import { contentOf, Editor, holds, keysIn } from "#bench/sync/workload.ts";
import { seededRandom } from "#domain/random.ts";

const strokesOf = (seed: number, count: number) => {
  const editor = new Editor(seededRandom(seed));
  return { editor, strokes: Array.from({ length: count }, () => editor.next()) };
};

describe("work of the sync bench", () => {
  it("[BEN9] the same seed draws the same strokes, and all kinds of them", () => {
    const [first, again] = [strokesOf(3, 300), strokesOf(3, 300)];
    expect(first.strokes).toEqual(again.strokes);
    const deletions = first.strokes.filter(({ key }) => key.startsWith("d:"));
    expect(deletions.length).toBeGreaterThan(20);
    expect(first.editor.doc.getMap("ann").size).toBeGreaterThan(30);
    expect(first.editor.doc.getMap("attr").size).toBeGreaterThan(5);
  });

  it("[BEN10] every stroke is recognised in what arrives, alone and merged with others", () => {
    const { strokes } = strokesOf(4, 200);
    for (const { bytes, key } of strokes) expect(keysIn(bytes)).toContain(key);
    for (let at = 0; at < strokes.length; at += 10) {
      const some = strokes.slice(at, at + 10);
      const merged = keysIn(Y.mergeUpdates(some.map(({ bytes }) => bytes)));
      expect(merged).toEqual(expect.arrayContaining(some.map(({ key }) => key)));
    }
  });

  it("[BEN11] a delivery counts for everybody but its author, once for each screen", () => {
    const { strokes } = strokesOf(5, 2);
    const deliveries = new Deliveries();
    for (const stroke of strokes) deliveries.send(stroke, { room: 0, author: 0, timed: true });
    const merged = Y.mergeUpdates(strokes.map(({ bytes }) => bytes));
    for (const reader of [0, 1]) deliveries.receive(merged, reader);
    expect([deliveries.delivered, deliveries.delays.length, deliveries.missing(2)]).toEqual([2, 2, 2]);
    deliveries.receive(merged, 2);
    expect(deliveries.missing(2)).toBe(0);
  });

  it("[BEN15] of the ways of strokes those between two nodes are known apart", () => {
    const { strokes } = strokesOf(5, 1);
    const deliveries = new Deliveries((author, reader) => author % 2 !== reader % 2);
    for (const stroke of strokes) deliveries.send(stroke, { room: 0, author: 0, timed: true });
    for (const reader of [0, 1, 2, 3]) for (const { bytes } of strokes) deliveries.receive(bytes, reader);
    expect([deliveries.delays.length, deliveries.across.length]).toEqual([3, 2]);
  });

  it("[BEN12] a document lacks exactly the strokes that it never got", () => {
    const { strokes, editor } = strokesOf(6, 100);
    const doc = new Y.Doc();
    for (const { bytes } of strokes.slice(0, 60)) Y.applyUpdate(doc, bytes);
    const { ds } = Y.snapshot(doc);
    expect(strokes.map(({ key }) => holds(doc, ds, key))).toEqual(strokes.map((_, index) => index < 60));
    expect(contentOf(doc)).not.toBe(contentOf(editor.doc));
    for (const { bytes } of strokes.slice(60)) Y.applyUpdate(doc, bytes);
    expect(contentOf(doc)).toBe(contentOf(editor.doc));
  });

  it("[BEN13] frames of both dialects are read as they were written", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    for (const wire of [plainWire({ marks: true }), namedWire("room")]) {
      expect(wire.read(wire.update(bytes))).toEqual({ kind: "document", bytes, step2: false });
      expect(wire.read(wire.step2(bytes))).toEqual({ kind: "document", bytes, step2: true });
      expect(wire.read(wire.step1(bytes))).toEqual({ kind: "step-1", vector: bytes });
    }
    const marked = plainWire({ marks: true });
    expect(marked.read(marked.mark(300) ?? bytes)).toEqual({ kind: "told", upTo: 300 });
    expect(firstPresence(presenceUpdate(70_000, 5, { cursor: [1, 2] }))).toEqual({ clientId: 70_000, clock: 5 });
  });
});
