import { type Annotation, type Bbox, type Geometry, geometryOnGrid } from "#domain/annotation.ts";
import { geometryBbox } from "#domain/geometry.ts";
import { type AnnotationId, type AttributeId, annotationId, type ClassId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { clipTo } from "#domain/overlay.ts";
import type { Guideline } from "./class-standing.ts";
import { freshId } from "./fresh-id.ts";
import type { SceneLayer } from "./scene.ts";
import type { Drawing, ShapeChange } from "./tools/tool.ts";

/** Changes of the layer that is drawn in; each call is one transaction, so one update on the wire and one step of undo. */
export type Editing = Drawing & {
  readonly reclass: (ids: readonly AnnotationId[], classId: ClassId) => void;
  readonly setNote: (id: AnnotationId, note: string) => void;
  /** Says something about outlines, or takes it back; all of it is one step of undo, and the stamps stay. */
  readonly say: (said: readonly Said[]) => void;
};

/** One attribute of one outline; a null value takes back what is there. */
export type Said = { readonly id: AnnotationId; readonly attributeId: AttributeId; readonly value: string | null };

/** What a change of class or shape is stamped with: the number of the version in force, and what is then to be stored. */
export type Stamp = Pick<Guideline, "number" | "restamped" | "reshaped">;

/**
 * Editing of one layer. Reads come from the scene, which mirrors the document and is already decoded.
 * @param stamp of the version in force at the moment of a change
 */
export function editingOf(layer: SceneLayer, layerDoc: LayerDoc, stamp: () => Stamp): Editing {
  const get = (id: AnnotationId): Annotation | undefined => layer.shapes.get(id)?.annotation;
  const existing = (ids: readonly AnnotationId[]): Annotation[] => ids.flatMap((id) => get(id) ?? []);
  const restate = ({ id, attributes: before }: Annotation, attributes: Annotation["attributes"]): void => {
    if (attributes !== before) layerDoc.setAttributes(id, attributes);
  };
  return {
    layerId: layer.id,
    get,
    near: (box) => layer.search(box).map(({ annotation }) => annotation),
    add: (geometry, classId) => {
      const id = freshId(annotationId);
      const shape = geometryOnGrid(geometry);
      layerDoc.put({ id, classId, geometry: shape, under: stamp().number, attributes: {}, note: "" });
      return id;
    },
    reshape: (changes) =>
      layerDoc.transact(() => {
        for (const { id, geometry, from } of changes) {
          const before = get(id);
          if (before === undefined) continue;
          const to = geometryOnGrid(geometry);
          const { under, attributes } = stamp().reshaped(before);
          layerDoc.reshape(id, { from: from ?? before.geometry, to, under });
          restate(before, attributes);
        }
      }),
    replace: (changes) =>
      layerDoc.transact(() => {
        for (const { id, geometry } of changes) {
          const before = get(id);
          if (before === undefined) continue;
          layerDoc.put({ ...before, ...stamp().reshaped(before), geometry: geometryOnGrid(geometry) });
        }
      }),
    remove: (ids) =>
      layerDoc.transact(() => {
        for (const { id } of existing(ids)) layerDoc.remove(id);
      }),
    reclass: (ids, classId) =>
      layerDoc.transact(() => {
        for (const before of existing(ids)) {
          layerDoc.reclass(before.id, classId, stamp().number);
          restate(before, stamp().restamped(before));
        }
      }),
    setNote: (id, note) => {
      if (get(id) !== undefined) layerDoc.setNote(id, note);
    },
    say: (said) =>
      layerDoc.transact(() => {
        for (const { id, attributeId, value } of said) {
          const before = get(id);
          if (before !== undefined) layerDoc.setAttributes(id, withValue(before.attributes, attributeId, value));
        }
      }),
  };
}

/**
 * The same layer for tools that may draw over the edge of the slide: what lies beyond it is cut off, because the server
 * takes nothing there. What lies wholly beyond it is not drawn.
 * @param slide its size, level-0 px
 */
export function keptOnSlide(drawing: Drawing, slide: { readonly width: number; readonly height: number }): Drawing {
  const frame: Bbox = { minX: 0, minY: 0, maxX: slide.width, maxY: slide.height };
  return {
    ...drawing,
    add: (geometry, classId) => {
      const kept = clipped(geometry, frame);
      return kept === null ? null : drawing.add(kept, classId);
    },
    reshape: (changes) => drawing.reshape(allClipped(changes, frame)),
    replace: (changes) => drawing.replace(allClipped(changes, frame)),
  };
}

function allClipped(changes: readonly ShapeChange[], frame: Bbox): readonly ShapeChange[] {
  return changes.flatMap((change) => {
    const geometry = clipped(change.geometry, frame);
    return geometry === null ? [] : [{ ...change, geometry }];
  });
}

function clipped(geometry: Geometry, frame: Bbox): Geometry | null {
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  const inside = minX >= frame.minX && minY >= frame.minY && maxX <= frame.maxX && maxY <= frame.maxY;
  return inside ? geometry : clipTo(geometry, frame);
}

function withValue(attributes: Annotation["attributes"], attributeId: AttributeId, value: string | null) {
  const { [attributeId]: _before, ...others } = attributes;
  return value === null ? others : { ...others, [attributeId]: value };
}
