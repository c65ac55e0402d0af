import * as Y from "yjs";
import type { Geometry, Point } from "#domain/annotation.ts";
import { geometryOnGrid, polygonsOf } from "#domain/annotation.ts";
import { type AnnotationId, type ClassId, classId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";

/** A way to keep outlines in a Yjs document. */
export type Layout = {
  readonly add: (id: string, classId: ClassId, geometry: Geometry) => void;
  /** Vertices from `at` on are moved; the others stay where they are. */
  readonly reshape: (id: string, geometry: Geometry, at: number, moved: number) => void;
  readonly reclass: (id: string, classId: ClassId) => void;
  readonly remove: (id: string) => void;
  readonly shapeOf: (id: string) => Geometry | null;
  readonly classOf: (id: string) => string | null;
  readonly ids: () => readonly string[];
};

export const LAYOUTS = ["Concord", "nested maps, vertices in arrays", "nested maps, shape as JSON"] as const;
export type LayoutName = (typeof LAYOUTS)[number];

export function layoutOn(name: LayoutName, doc: Y.Doc): Layout {
  if (name === "Concord") return concord(doc);
  return nested(doc, name === LAYOUTS[1] ? VERTICES : JSON_SHAPE);
}

function concord(doc: Y.Doc): Layout {
  const layer = new LayerDoc(doc);
  const at = (id: string) => layer.get(id as AnnotationId);
  return {
    add: (id, given, geometry) =>
      layer.put({ id: id as AnnotationId, classId: given, geometry, under: 1, attributes: {}, note: "" }),
    reshape: (id, to) => {
      const before = at(id);
      if (before !== null) layer.reshape(before.id, { from: before.geometry, to, under: 1 });
    },
    reclass: (id, given) => layer.reclass(id as AnnotationId, given, 1),
    remove: (id) => layer.remove(id as AnnotationId),
    shapeOf: (id) => at(id)?.geometry ?? null,
    classOf: (id) => at(id)?.classId ?? null,
    ids: () => [...layer.all()].map(({ id }) => id),
  };
}

/** How a shape lies in the map of its annotation. */
type Shape = {
  readonly write: (map: Y.Map<unknown>, ring: readonly Point[]) => void;
  readonly move: (map: Y.Map<unknown>, ring: readonly Point[], at: number, moved: number) => void;
  readonly read: (map: Y.Map<unknown>) => readonly Point[];
};

const VERTICES: Shape = {
  write: (map, ring) => map.set("ring", Y.Array.from([...ring])),
  move: (map, ring, at, moved) => {
    const vertices = map.get("ring");
    if (!(vertices instanceof Y.Array)) return;
    const count = Math.min(moved, ring.length - at);
    vertices.delete(at, count);
    vertices.insert(at, ring.slice(at, at + count));
  },
  read: (map) => {
    const vertices = map.get("ring");
    return vertices instanceof Y.Array ? vertices.toArray() : [];
  },
};

const JSON_SHAPE: Shape = {
  write: (map, ring) => map.set("ring", ring),
  move: (map, ring) => map.set("ring", ring),
  read: (map) => {
    const ring: unknown = map.get("ring");
    return Array.isArray(ring) ? ring : [];
  },
};

function nested(doc: Y.Doc, shape: Shape): Layout {
  const annotations = doc.getMap<Y.Map<unknown>>("annotations");
  const at = (id: string) => annotations.get(id);
  return {
    add: (id, given, geometry) =>
      doc.transact(() => {
        const map = new Y.Map<unknown>();
        annotations.set(id, map);
        map.set("classId", given);
        map.set("under", 1);
        map.set("attributes", {});
        map.set("note", "");
        shape.write(map, ringOf(geometry));
      }),
    reshape: (id, geometry, from, moved) =>
      doc.transact(() => {
        const map = at(id);
        if (map) shape.move(map, ringOf(geometry), from, moved);
      }),
    reclass: (id, given) => at(id)?.set("classId", given),
    remove: (id) => annotations.delete(id),
    shapeOf: (id) => {
      const map = at(id);
      return map === undefined ? null : { type: "polygon", rings: [shape.read(map)] };
    },
    classOf: (id) => {
      const found = at(id)?.get("classId");
      return typeof found === "string" ? classId.parse(found) : null;
    },
    ids: () => [...annotations.keys()],
  };
}

function ringOf(geometry: Geometry): readonly Point[] {
  return polygonsOf(geometryOnGrid(geometry))[0]?.[0] ?? [];
}
