import { Doc } from "yjs";
import { editingOf, type Stamp } from "#client/drawing.ts";
import { Scene } from "#client/scene.ts";
import type { Pick, Tool, ToolHost, ToolPointer } from "#client/tools/tool.ts";
import { type Annotation, type Geometry, type Point, polygonsOf } from "#domain/annotation.ts";
import type { ClassId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { aClassId, anAnnotationId } from "./builders.ts";

/** Stamps changes with a version that no unit was changed before. */
export const stampedWith = (number: number) => (): Stamp => ({
  number,
  restamped: ({ attributes }) => attributes,
  reshaped: ({ attributes }) => ({ under: number, attributes }),
});

export type Bench = ReturnType<typeof toolBench>;

/** A layer to draw in, at some CSS px per level-0 px, with everything that tools may ask for. */
export function toolBench({ scale = 1, writable = true }: { scale?: number; writable?: boolean } = {}) {
  const layerDoc = new LayerDoc(new Doc());
  const undo = layerDoc.undoManager();
  const scene = new Scene();
  const layer = scene.add("layer", "own");
  layerDoc.observe((changes) => {
    for (const { id, after } of changes) after === null ? layer.remove(id) : layer.put(after);
  });
  const editing = editingOf(layer, layerDoc, stampedWith(3));
  const state = {
    selection: [] as readonly Pick[],
    classId: aClassId("a") as ClassId | null,
    said: [] as string[],
    scale,
  };
  const host: ToolHost = {
    scale: () => state.scale,
    mpp: () => 0.5,
    drawing: () => (writable ? editing : null),
    classId: () => state.classId,
    allows: (_id, type) => type !== "line",
    classOf: ({ classId }) => classId,
    brushRadius: () => 20,
    hits: (at, tolerance) => scene.hits(at, tolerance / state.scale),
    visibleIn: (box) => scene.visibleIn(box),
    selection: () => state.selection,
    select: (picks) => {
      state.selection = picks.map(({ layerId, id }) => ({ layerId, id }));
    },
    hover: () => undefined,
    repaint: () => undefined,
    say: (text) => state.said.push(text),
  };
  return {
    host,
    state,
    scene,
    undo,
    put: (name: string, geometry: Geometry, className = "a") => putOutline(layerDoc, name, geometry, className),
    all: (): readonly Annotation[] => [...layerDoc.all()],
    sole: (): Annotation => {
      const [first, ...others] = layerDoc.all();
      if (first === undefined || others.length > 0)
        throw new Error(`${others.length + Number(first !== undefined)} outlines`);
      return first;
    },
    pick: (name: string) => {
      state.selection = [{ layerId: layer.id, id: anAnnotationId(name) }];
    },
  };
}

function putOutline(layerDoc: LayerDoc, name: string, geometry: Geometry, className: string): void {
  const id = anAnnotationId(name);
  layerDoc.put(
    { id, classId: aClassId(className), geometry, under: 1, attributes: {}, note: "" },
    { origin: "import" },
  );
}

/** Holes of all parts of a geometry. */
export function holesOf(geometry: Geometry): number {
  return polygonsOf(geometry).reduce((sum, polygon) => sum + polygon.length - 1, 0);
}

type Held = { readonly shift?: boolean; readonly alt?: boolean; readonly coarse?: boolean };

export function point(tool: Tool, kind: ToolPointer["kind"], at: Point, held: Held = {}): "pan" | undefined {
  return tool.pointer({ kind, at, shift: false, alt: false, coarse: false, ...held });
}

/** A press and a release at the same place. */
export function click(tool: Tool, at: Point, held: Held = {}): void {
  point(tool, "hover", at, held);
  point(tool, "down", at, held);
  point(tool, "up", at, held);
}

/** A press, moves along a path, and a release at its end. */
export function drag(tool: Tool, path: readonly Point[], held: Held = {}): void {
  const [first = [0, 0], ...rest] = path;
  point(tool, "hover", first, held);
  point(tool, "down", first, held);
  for (const at of rest) point(tool, "move", at, held);
  point(tool, "up", path.at(-1) ?? first, held);
}
