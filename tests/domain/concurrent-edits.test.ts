import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type Annotation, type Geometry, polygonsOf } from "#domain/annotation.ts";
import { geometryArea, moveBy, moveVertex } from "#domain/geometry.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { type EditOrigin, LayerDoc } from "#domain/layer-doc.ts";
import { decodeVersion, editKey, encodeEdit } from "#domain/outline-edit.ts";
import { mergeShapes } from "#domain/outline-merge.ts";
import { difference, normaliseAll, overlapArea, strokeArea, union } from "#domain/overlay.ts";
import {
  annotationOfCells,
  CELLS_ID,
  type Cells,
  cellsOf,
  minus,
  plus,
  rimError,
  SIDE,
  shapeOfCells,
} from "#tests/support/cells.ts";
import { cpuMs } from "#tests/support/cpu.ts";

const STROMA = classId.parse("stroma00");
const ALL = SIDE * SIDE;
/** What rounding and the seam may cost along an outline, px. */
const RIM = 1 / 16;

/** People with a document each; updates wait until they are handed over, in any order. */
class Crowd {
  readonly layers: readonly LayerDoc[];
  readonly #waiting: Uint8Array[][];

  constructor(count: number, start: Annotation) {
    this.layers = Array.from({ length: count }, () => new LayerDoc(new Y.Doc()));
    this.#waiting = this.layers.map(() => []);
    for (const [from, layer] of this.layers.entries()) {
      layer.doc.on("update", (update: Uint8Array, origin: unknown) => {
        if (origin === "wire") return;
        for (const [to, queue] of this.#waiting.entries()) if (to !== from) queue.push(update);
      });
    }
    this.at(0).put(start);
    this.meet();
  }

  at(person: number): LayerDoc {
    return this.layers[person]!;
  }

  /** Hands over one of the waiting updates; Yjs keeps what comes too early. */
  deliver(to: number, which: number): void {
    const queue = this.#waiting[to]!;
    const [update] = queue.length === 0 ? [] : queue.splice(which % queue.length, 1);
    if (update) Y.applyUpdate(this.at(to).doc, update, "wire");
  }

  meet(): void {
    for (const [to, queue] of this.#waiting.entries()) while (queue.length > 0) this.deliver(to, queue.length - 1);
    const [first, ...others] = this.layers.map((layer) => [...layer.all()].sort((a, b) => (a.id < b.id ? -1 : 1)));
    for (const other of others) expect(other).toEqual(first);
  }
}

function shapeAt(layer: LayerDoc): Geometry {
  return layer.get(CELLS_ID)!.geometry;
}

/** A person's edit: the cells that they see become these. */
function edit(layer: LayerDoc, cells: Cells, origin: EditOrigin = "draw"): void {
  const to = shapeOfCells(cells);
  if (to !== null) layer.reshape(CELLS_ID, { from: shapeAt(layer), to, under: 1 }, { origin });
}

function expectCells(layer: LayerDoc, cells: Cells): void {
  const shape = shapeAt(layer);
  expect([...cellsOf(shape)].sort((a, b) => a - b)).toEqual([...cells].sort((a, b) => a - b));
  expect(rimError(shape)).toBeLessThan(RIM);
}

const cell = fc.nat(ALL - 1);
const someCells = fc.uniqueArray(cell, { minLength: 1, maxLength: 12 }).map((cells): Cells => new Set(cells));
const startCells = fc.uniqueArray(cell, { minLength: 8, maxLength: 30 }).map((cells): Cells => new Set(cells));
/** An edit adds all of some cells or removes them. */
const stroke = fc.record({ adds: fc.boolean(), cells: someCells });
const struck = (cells: Cells, { adds, cells: others }: { adds: boolean; cells: Cells }) =>
  adds ? plus(cells, others) : minus(cells, others);

const disc = (x: number, y: number, radius: number) => strokeArea([[x, y]], radius);
const BLOB: Annotation = { ...annotationOfCells(new Set([0])), geometry: normaliseAll(disc(500, 500, 200))! };

describe("edits of one outline at the same time", () => {
  it("[EDT3] both stay: two brush strokes at two sides, or one stroke more and one less", () => {
    const crowd = new Crowd(2, BLOB);
    const [a, b] = [crowd.at(0), crowd.at(1)];
    a.reshape(CELLS_ID, {
      from: BLOB.geometry,
      to: normaliseAll(union([BLOB.geometry, disc(300, 500, 60)]))!,
      under: 1,
    });
    b.reshape(CELLS_ID, {
      from: BLOB.geometry,
      to: normaliseAll(difference(BLOB.geometry, disc(700, 500, 60)))!,
      under: 1,
    });
    crowd.meet();
    const expected = difference(union([BLOB.geometry, disc(300, 500, 60)]), disc(700, 500, 60));
    expect(geometryArea(shapeAt(a))).toBeCloseTo(geometryArea(normaliseAll(expected)!), -1);
    expect(overlapArea(shapeAt(a), disc(700, 500, 55))).toBeCloseTo(0, 6);
    expect(overlapArea(shapeAt(a), disc(300, 500, 60))).toBeCloseTo(
      geometryArea(normaliseAll(disc(300, 500, 60))!),
      -1,
    );
    expect(polygonsOf(shapeAt(a)).flat()).toHaveLength(1);
  });

  it("[EDT3] leave neither cracks nor slivers: strokes apart from each other leave one ring", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            adds: fc.boolean(),
            angle: fc.double({ min: 0, max: 6.28, noNaN: true }),
            radius: fc.integer({ min: 20, max: 60 }),
          }),
          { minLength: 2, maxLength: 3 },
        ),
        (strokes) => {
          const crowd = new Crowd(strokes.length, BLOB);
          let [added, removed]: [ReturnType<typeof disc>, ReturnType<typeof disc>] = [[], []];
          for (const [person, { adds, angle, radius }] of strokes.entries()) {
            const brush = disc(500 + 200 * Math.cos(angle), 500 + 200 * Math.sin(angle), radius);
            const to = normaliseAll(adds ? union([BLOB.geometry, brush]) : difference(BLOB.geometry, brush));
            if (adds) added = union([added, difference(brush, BLOB.geometry)]);
            else removed = union([removed, brush]);
            crowd.at(person).reshape(CELLS_ID, { from: BLOB.geometry, to: to!, under: 1 });
          }
          crowd.meet();
          const shape = shapeAt(crowd.at(0));
          const [kept, plusAdded] = [difference(BLOB.geometry, removed), added];
          const common = overlapArea(shape, kept) + overlapArea(shape, plusAdded);
          const wanted =
            geometryArea(normaliseAll(kept)!) + (added.length === 0 ? 0 : geometryArea(normaliseAll(plusAdded)!));
          expect(Math.abs(common - wanted)).toBeLessThan(60);
          expect(Math.abs(geometryArea(shape) - wanted)).toBeLessThan(60);
          const widths = polygonsOf(shape)
            .flat()
            .map((ring) => geometryArea({ type: "polygon", rings: [ring] }));
          expect(Math.min(...widths)).toBeGreaterThan(1);
          const middles = strokes.map(({ angle, radius }) => ({
            x: 200 * Math.cos(angle),
            y: 200 * Math.sin(angle),
            radius,
          }));
          const apart = middles.every((one, index) =>
            middles
              .slice(index + 1)
              .every((two) => Math.hypot(one.x - two.x, one.y - two.y) > one.radius + two.radius + 2),
          );
          // A hairline across a bite would make a hole of it.
          if (apart) expect(widths).toHaveLength(1);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("[EDT4] are shown as the shape with all that was added, without all that was removed, for any number of people", () => {
    fc.assert(
      fc.property(startCells, fc.array(stroke, { minLength: 2, maxLength: 4 }), (start, strokes) => {
        const crowd = new Crowd(strokes.length, annotationOfCells(start));
        const results = strokes.map((each) => struck(start, each));
        for (const [person, cells] of results.entries()) edit(crowd.at(person), cells);
        const seen = results.map((cells) => (cells.size === 0 ? start : cells));
        const expected = minus(plus(start, ...seen), ...seen.map((cells) => minus(start, cells)));
        crowd.meet();
        if (expected.size > 0) expectCells(crowd.at(0), expected);
        else expect(cellsOf(shapeAt(crowd.at(0))).size).toBeGreaterThan(0);
      }),
      { numRuns: 80 },
    );
  });

  it("[EDT4] stay whole where several were made one after the other before the people met", () => {
    fc.assert(
      fc.property(
        startCells,
        fc.array(fc.array(stroke, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 3 }),
        (start, people) => {
          const crowd = new Crowd(people.length, annotationOfCells(start));
          const results = people.map((strokes, person) => {
            let cells: Cells = start;
            for (const each of strokes) {
              const next = struck(cells, each);
              if (next.size === 0) continue;
              cells = next;
              edit(crowd.at(person), cells);
            }
            return cells;
          });
          crowd.meet();
          const expected = minus(plus(start, ...results), ...results.map((cells) => minus(start, cells)));
          if (expected.size > 0) expectCells(crowd.at(0), expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("[EDT5] of which one removes what the other paints over: it is removed, and what was new is added", () => {
    const crowd = new Crowd(2, annotationOfCells(new Set([0, 1, 2, 3])));
    edit(crowd.at(0), new Set([0, 1]));
    edit(crowd.at(1), new Set([0, 1, 2, 3, 4, 5]));
    crowd.meet();
    expectCells(crowd.at(0), new Set([0, 1, 4, 5]));
  });

  it("[EDT6] are taken in by the next edit, which may add again what was removed and remove what was added", () => {
    const crowd = new Crowd(3, annotationOfCells(new Set([0, 1, 2, 3])));
    edit(crowd.at(0), new Set([0, 1]));
    edit(crowd.at(1), new Set([0, 1, 2, 3, 4, 5]));
    crowd.meet();
    edit(crowd.at(2), new Set([0, 1, 2, 3, 4]));
    crowd.meet();
    expectCells(crowd.at(1), new Set([0, 1, 2, 3, 4]));
    edit(crowd.at(0), new Set([0, 1, 2, 3, 4, 6]));
    edit(crowd.at(1), new Set([0, 1, 2]));
    crowd.meet();
    expectCells(crowd.at(2), new Set([0, 1, 2, 6]));
  });

  it("[EDT6] of which one goes on with an edit that the other has taken in: what it takes back is gone", () => {
    const crowd = new Crowd(2, annotationOfCells(new Set([0, 1, 2, 3])));
    edit(crowd.at(0), new Set([0, 1, 2, 3, 9]));
    crowd.meet();
    edit(crowd.at(1), new Set([0, 1, 2, 3, 9, 15]));
    edit(crowd.at(0), new Set([0, 1, 2, 3]));
    crowd.meet();
    expectCells(crowd.at(0), new Set([0, 1, 2, 3, 15]));
  });

  it("[EDT7] end equal on every screen whatever order they arrive in", () => {
    const step = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom("edit", "edit", "edit", "deliver", "deliver", "class", "remove", "undo", "move", "meet"),
      stroke,
      which: fc.nat(20),
    });
    fc.assert(
      fc.property(startCells, fc.array(step, { minLength: 4, maxLength: 25 }), (start, steps) => {
        const crowd = new Crowd(3, annotationOfCells(start));
        const undo = crowd.layers.map((layer) => layer.undoManager());
        for (const { who, what, stroke: drawn, which } of steps) {
          const layer = crowd.at(who);
          const now = layer.get(CELLS_ID);
          if (what === "deliver") crowd.deliver(who, which);
          else if (what === "meet") crowd.meet();
          else if (what === "undo") undo[who]!.undo();
          else if (now === null) layer.put(annotationOfCells(start));
          else if (what === "edit") edit(layer, struck(cellsOf(now.geometry), drawn));
          else if (what === "class") layer.reclass(CELLS_ID, STROMA, 2);
          else if (what === "remove" && which < 4) layer.remove(CELLS_ID);
          else if (what === "move" && which < 4) layer.put({ ...now, geometry: moveBy(now.geometry, 32, 0) });
        }
        crowd.meet();
        for (const layer of crowd.layers) {
          expect(layer.unreadable()).toEqual([]);
          expect(layer.size).toBe(layer.get(CELLS_ID) === null ? 0 : 1);
        }
        const fresh = new LayerDoc(new Y.Doc());
        Y.applyUpdate(fresh.doc, Y.encodeStateAsUpdate(crowd.at(0).doc));
        expect([...fresh.all()]).toEqual([...crowd.at(0).all()]);
        for (const manager of undo) manager.destroy();
      }),
      { numRuns: 100 },
    );
  });

  it("[EDT7] tell each screen the same shape before and after, once for each transaction", () => {
    const crowd = new Crowd(2, annotationOfCells(new Set([0, 1])));
    const mirror = new Map<string, Annotation | null>([[CELLS_ID, crowd.at(1).get(CELLS_ID)]]);
    crowd.at(1).observe((changes) => {
      for (const { id, before, after } of changes) {
        expect(before).toEqual(mirror.get(id));
        mirror.set(id, after);
      }
    });
    edit(crowd.at(0), new Set([0, 1, 2]));
    edit(crowd.at(1), new Set([0, 1, 7]));
    crowd.meet();
    edit(crowd.at(0), new Set([0, 1, 2]));
    crowd.meet();
    crowd.at(0).remove(CELLS_ID);
    crowd.meet();
    expect(mirror.get(CELLS_ID)).toBeNull();
  });

  it("[EDT8] and a deletion at the same time: the edited outline stays, with its class; a deletion that saw them deletes", () => {
    for (const editor of [0, 1]) {
      const crowd = new Crowd(2, annotationOfCells(new Set([0, 1])));
      crowd.at(0).reclass(CELLS_ID, STROMA, 1);
      crowd.meet();
      edit(crowd.at(editor), new Set([0, 1, 2]));
      crowd.at(1 - editor).remove(CELLS_ID);
      crowd.meet();
      expectCells(crowd.at(0), new Set([0, 1, 2]));
      expect(crowd.at(0).get(CELLS_ID)?.classId).toBe(STROMA);
      expect(crowd.at(0).size).toBe(1);
      edit(crowd.at(0), new Set([0, 1, 2, 8]));
      crowd.meet();
      expectCells(crowd.at(1), new Set([0, 1, 2, 8]));
      crowd.at(1 - editor).remove(CELLS_ID);
      crowd.meet();
      expect(crowd.at(0).has(CELLS_ID)).toBe(false);
    }
  });

  it("[EDT8] and a change of class at the same time all stay", () => {
    const crowd = new Crowd(3, annotationOfCells(new Set([0, 1])));
    edit(crowd.at(0), new Set([0, 1, 2]));
    edit(crowd.at(1), new Set([0, 1, 6]));
    crowd.at(2).reclass(CELLS_ID, STROMA, 2);
    crowd.meet();
    expectCells(crowd.at(0), new Set([0, 1, 2, 6]));
    expect(crowd.at(0).get(CELLS_ID)).toMatchObject({ classId: STROMA, under: 2 });
  });

  it("[EDT9] are undone one's own only, also where others have taken them in, and redone", () => {
    for (const [mine, theirs] of [
      [0, 1],
      [1, 0],
    ] as const) {
      for (const meets of [false, true]) {
        const crowd = new Crowd(2, annotationOfCells(new Set([0, 1])));
        const undo = crowd.at(mine).undoManager();
        edit(crowd.at(mine), new Set([0, 1, 2]));
        if (meets) crowd.meet();
        edit(crowd.at(theirs), plus(cellsOf(shapeAt(crowd.at(theirs))), new Set([6])));
        crowd.meet();
        expectCells(crowd.at(mine), new Set([0, 1, 2, 6]));
        undo.undo();
        crowd.meet();
        expectCells(crowd.at(theirs), new Set([0, 1, 6]));
        undo.redo();
        crowd.meet();
        expectCells(crowd.at(theirs), new Set([0, 1, 2, 6]));
        undo.destroy();
      }
    }
  });

  it("[EDT9] of one person alone are undone step by step down to the drawing itself, and redone", () => {
    const layer = new LayerDoc(new Y.Doc());
    const undo = layer.undoManager();
    const steps = [new Set([0, 1]), new Set([0, 1, 2]), new Set([1, 2]), new Set([1, 2, 8])];
    layer.put(annotationOfCells(steps[0]!));
    for (const cells of steps.slice(1)) edit(layer, cells);
    const shapes = [shapeAt(layer)];
    for (const cells of steps.slice(0, -1).toReversed()) {
      undo.undo();
      expectCells(layer, cells);
      shapes.unshift(shapeAt(layer));
    }
    undo.undo();
    expect(layer.has(CELLS_ID)).toBe(false);
    expect(undo.undo()).toBeNull();
    for (const shape of shapes) {
      undo.redo();
      expect(shapeAt(layer)).toEqual(shape);
    }
    expect(undo.redo()).toBeNull();
    undo.destroy();
  });

  it("[EDT9] are not undone in an outline that somebody has moved away since", () => {
    const crowd = new Crowd(2, annotationOfCells(new Set([0, 1, 2])));
    const undo = crowd.at(0).undoManager();
    edit(crowd.at(0), new Set([0, 1]));
    crowd.meet();
    const moved = moveBy(shapeAt(crowd.at(1)), 96, 96);
    crowd.at(1).put({ ...crowd.at(1).get(CELLS_ID)!, geometry: moved });
    crowd.meet();
    undo.undo();
    crowd.meet();
    expect(shapeAt(crowd.at(1))).toEqual(moved);
    undo.destroy();
  });

  it("[EDT10] begin from the shape that the person saw: what came in during a drag stays", () => {
    const crowd = new Crowd(2, BLOB);
    const from = shapeAt(crowd.at(0));
    const dragged = moveVertex(from, { polygon: 0, ring: 0, index: 0 }, [250, 500]);
    const theirs = normaliseAll(union([BLOB.geometry, disc(700, 500, 60)]))!;
    crowd.at(1).reshape(CELLS_ID, { from: BLOB.geometry, to: theirs, under: 1 });
    crowd.meet();
    crowd.at(0).reshape(CELLS_ID, { from, to: dragged, under: 1 });
    crowd.meet();
    expect(overlapArea(shapeAt(crowd.at(1)), disc(740, 500, 15))).toBeGreaterThan(600);
    expect(geometryArea(shapeAt(crowd.at(1)))).toBeGreaterThan(geometryArea(theirs));
  });

  it("[EDT11] of points, lines and whole moves are not merged: one stays whole, and a move gives up edits made meanwhile", () => {
    const crowd = new Crowd(2, annotationOfCells(new Set([0, 1])));
    const moved = moveBy(shapeAt(crowd.at(0)), 64, 64);
    edit(crowd.at(1), new Set([0, 1, 2]));
    crowd.at(0).put({ ...crowd.at(0).get(CELLS_ID)!, geometry: moved });
    crowd.meet();
    expect(shapeAt(crowd.at(1))).toEqual(moved);
    edit(crowd.at(1), plus(cellsOf(moved), new Set([0])));
    crowd.meet();
    expect(cellsOf(shapeAt(crowd.at(0)))).toEqual(plus(cellsOf(moved), new Set([0])));
    const id = annotationId.parse("point000");
    crowd.at(0).put({ ...BLOB, id, geometry: { type: "point", at: [1, 1] } });
    crowd.meet();
    const from = crowd.at(0).get(id)!.geometry;
    crowd.at(0).reshape(id, { from, to: { type: "point", at: [2, 2] }, under: 1 });
    crowd.at(1).reshape(id, { from, to: { type: "point", at: [3, 3] }, under: 1 });
    crowd.meet();
    expect([
      [2, 2],
      [3, 3],
    ]).toContainEqual((crowd.at(0).get(id)!.geometry as { at: unknown }).at);
  });

  it("[EDT12] of a newer format leave the outline unreadable, and it is kept and not written", () => {
    const crowd = new Crowd(1, annotationOfCells(new Set([0, 1])));
    const layer = crowd.at(0);
    const newer = Uint8Array.from([3, 1, 2, 3]);
    layer.doc.getMap("edit").set(`${CELLS_ID}/abc`, newer);
    expect(layer.get(CELLS_ID)).toBeNull();
    expect(layer.unreadable()).toEqual([{ id: CELLS_ID, code: "record-newer" }]);
    const shape = shapeOfCells(new Set([5]))!;
    expect(() => layer.reshape(CELLS_ID, { from: shape, to: shape, under: 1 })).toThrow("record-newer");
    expect(() => layer.put(annotationOfCells(new Set([5])))).toThrow("record-newer");
    expect(layer.doc.getMap("edit").get(`${CELLS_ID}/abc`)).toEqual(newer);
    layer.remove(CELLS_ID);
    expect(layer.has(CELLS_ID)).toBe(false);
  });

  it("[EDT13] that would together leave nothing leave the outline of one of them for somebody to decide", () => {
    const crowd = new Crowd(2, annotationOfCells(new Set([0, 1])));
    edit(crowd.at(0), new Set([0]));
    edit(crowd.at(1), new Set([1]));
    crowd.meet();
    expectCells(crowd.at(1), new Set([0]));
  });

  it("[EDT13] of shapes that nobody draws are not merged, so that no pair of them holds up a server", () => {
    const comb = (turned: boolean): Geometry => {
      const teeth = Array.from(
        { length: 1_500 },
        (_, tooth) =>
          [
            [2 * tooth, 0],
            [2 * tooth, 4_000],
            [2 * tooth + 1, 4_000],
            [2 * tooth + 1, 0],
          ] as const,
      ).flat();
      const points = [...teeth, [3_000, -10] as const, [0, -10] as const];
      return { type: "polygon", rings: [points.map(([x, y]) => (turned ? ([y, x] as const) : ([x, y] as const)))] };
    };
    const from = cpuMs();
    expect(mergeShapes(polygonsOf(BLOB.geometry), comb(false), comb(true))).toBeNull();
    expect(cpuMs() - from).toBeLessThan(500);
  });

  it("[EDT13] beyond any number of people are not merged, so that a heap of them holds up nobody", () => {
    const layer = new LayerDoc(new Y.Doc());
    layer.put(BLOB);
    const { root } = decodeVersion(layer.doc.getMap<Uint8Array>("ann").get(CELLS_ID)!);
    layer.transact(() => {
      for (let client = 1; client <= 3_000; client++) {
        const [seen, stages] = [new Map([[client, 1]]), [{ seen: new Map(), polygons: polygonsOf(BLOB.geometry) }]];
        const geometry = normaliseAll([
          [
            [
              [300, 500],
              [700, 300 + (client % 400)],
              [700, 700],
            ],
          ],
        ])!;
        layer.doc.getMap("edit").set(editKey(CELLS_ID, client), encodeEdit({ ...BLOB, geometry, root, seen, stages }));
      }
    });
    const from = cpuMs();
    expect(layer.get(CELLS_ID)).not.toBeNull();
    expect(cpuMs() - from).toBeLessThan(3_000);
  });

  it("[EDT14] cost at most twice what replacing the record costs, in bytes on the wire and in what stays behind", () => {
    const plain = new LayerDoc(new Y.Doc());
    const areas = [new LayerDoc(new Y.Doc()), new LayerDoc(new Y.Doc())] as const;
    const size = (doc: Y.Doc) => Y.encodeStateAsUpdate(doc).length;
    plain.put(BLOB);
    areas[0].put(BLOB);
    Y.applyUpdate(areas[1].doc, Y.encodeStateAsUpdate(areas[0].doc), "wire");
    const sizes = { plain: [] as number[], own: [] as number[], other: [] as number[] };
    plain.doc.on("update", (update: Uint8Array) => sizes.plain.push(update.length));
    areas[0].doc.on("update", (update: Uint8Array) => sizes.own.push(update.length));
    areas[1].doc.on("update", (update: Uint8Array) => sizes.other.push(update.length));
    let shape = BLOB.geometry;
    for (let turn = 0; turn < 10; turn++) {
      const to = normaliseAll(union([shape, disc(500 + 200 * Math.cos(turn), 500 + 200 * Math.sin(turn), 30)]))!;
      plain.put({ ...BLOB, geometry: to });
      for (const layer of areas) layer.reshape(CELLS_ID, { from: shape, to, under: 1 });
      shape = to;
    }
    const total = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0);
    expect(total(sizes.own)).toBeLessThan(2 * total(sizes.plain));
    expect(total(sizes.other)).toBeLessThan(2 * total(sizes.plain));
    for (const layer of areas) expect(size(layer.doc)).toBeLessThan(2 * size(plain.doc));
  });

  it("[EDT14] of more sessions than an edit remembers begin a fresh record", () => {
    let shape = new Set([0, 1]);
    const start = new LayerDoc(new Y.Doc());
    start.put(annotationOfCells(shape));
    let doc = start.doc;
    for (let session = 0; session < 40; session++) {
      const layer = new LayerDoc(new Y.Doc());
      Y.applyUpdate(layer.doc, Y.encodeStateAsUpdate(doc));
      shape = session % 2 === 0 ? new Set([0, 1, 2]) : new Set([0, 1]);
      edit(layer, shape);
      expectCells(layer, shape);
      doc = layer.doc;
    }
    expect(doc.getMap("edit").size).toBeLessThan(4);
  });
});
