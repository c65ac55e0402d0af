import * as Y from "yjs";
import { CLASSES } from "#bench/sync/workload.ts";
import { type Geometry, type Point, polygonsOf } from "#domain/annotation.ts";
import { containsPoint, isSimple } from "#domain/geometry.ts";
import { LAYOUTS, type Layout, type LayoutName, layoutOn } from "./models.ts";

const ID = "outline00000000";
const SIDE = 100;

/** What becomes of two changes that two people make at once, in a few words; the same on both screens (checked). */
export function mergings(): readonly (readonly [what: string, ...answers: string[]])[] {
  const of = (tell: (name: LayoutName) => string) => LAYOUTS.map(tell);
  return [
    ["class changed / shape changed", ...of(classAndShape)],
    ["two brush strokes on one outline", ...of(twoStrokes)],
    ["two strokes over the same vertices", ...of(sameVertices)],
    ["deleted / class changed", ...of((name) => deletedAnd(name, (layout) => layout.reclass(ID, CLASSES[1])))],
    ["deleted / shape changed", ...of((name) => deletedAnd(name, (layout) => grow(layout, 0)))],
  ];
}

function classAndShape(name: LayoutName): string {
  const layout = both(
    name,
    (one) => one.reclass(ID, CLASSES[1]),
    (two) => grow(two, 0),
  );
  return layout.classOf(ID) === CLASSES[1] && has(layout, 0) ? "both stay" : "one is lost";
}

function twoStrokes(name: LayoutName): string {
  const layout = both(
    name,
    (one) => grow(one, 0),
    (two) => grow(two, 2),
  );
  const kept = [0, 2].filter((corner) => has(layout, corner)).length;
  return kept === 2 ? "both stay" : `${kept} of 2 stays`;
}

/** Each moves two corners, one of which the other moves too. */
function sameVertices(name: LayoutName): string {
  const layout = both(
    name,
    (one) => growMany(one, 0),
    (two) => growMany(two, 1),
  );
  const ring = polygonsOf(layout.shapeOf(ID) ?? square())[0]?.[0] ?? [];
  const sound = new Set(ring.map((point) => point.join())).size === ring.length && isSimple(ring);
  if (!sound) return "a broken outline";
  return has(layout, 0) && has(layout, 2) ? "both stay" : "one is lost";
}

function deletedAnd(name: LayoutName, change: (layout: Layout) => void): string {
  const layout = both(name, (one) => one.remove(ID), change);
  return layout.ids().includes(ID) ? "the change stays" : "the deletion stays";
}

/** Two people change the same square without hearing of each other, then meet. */
function both(name: LayoutName, first: (layout: Layout) => void, second: (layout: Layout) => void): Layout {
  const [a, b] = [new Y.Doc(), new Y.Doc()];
  [a.clientID, b.clientID] = [1, 2];
  const [one, two] = [layoutOn(name, a), layoutOn(name, b)];
  one.add(ID, CLASSES[0], square());
  Y.applyUpdate(b, Y.encodeStateAsUpdate(a));
  first(one);
  second(two);
  const [fromA, fromB] = [Y.encodeStateAsUpdate(a), Y.encodeStateAsUpdate(b)];
  Y.applyUpdate(a, fromB);
  Y.applyUpdate(b, fromA);
  const said = [one, two].map((each) => JSON.stringify([each.ids(), each.classOf(ID), each.shapeOf(ID)]));
  if (said[0] !== said[1]) throw new Error(`${name}: the two screens differ`);
  return one;
}

function square(): Geometry {
  return { type: "polygon", rings: [corners()] };
}

function corners(): Point[] {
  return [
    [200, 200],
    [200 + SIDE, 200],
    [200 + SIDE, 200 + SIDE],
    [200, 200 + SIDE],
  ];
}

/** A corner goes outwards by half a side. */
function grow(layout: Layout, corner: number): void {
  const ring = corners().map((point, index) => (index === corner ? outside(corner, 50) : point));
  layout.reshape(ID, { type: "polygon", rings: [ring] }, corner, 1);
}

function has(layout: Layout, corner: number): boolean {
  const shape = layout.shapeOf(ID);
  return shape !== null && polygonsOf(shape).length > 0 && containsPoint(shape, outside(corner, 20));
}

function growMany(layout: Layout, first: number): void {
  const ring = corners().map((point, index) => (index === first || index === first + 1 ? outside(index, 50) : point));
  layout.reshape(ID, { type: "polygon", rings: [ring] }, first, 2);
}

function outside(corner: number, by: number): Point {
  const [x, y] = corners()[corner] ?? [0, 0];
  const middle = 200 + SIDE / 2;
  return [x + Math.sign(x - middle) * by, y + Math.sign(y - middle) * by];
}
