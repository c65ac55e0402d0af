import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { editingOf, keptOnSlide } from "#client/drawing.ts";
import { Scene } from "#client/scene.ts";
import { geometryArea, geometryBbox, moveBy, moveVertex } from "#domain/geometry.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { aClassId, square } from "#tests/support/builders.ts";
import { stampedWith } from "#tests/support/tool-host.ts";

describe("drawing", () => {
  it("[LAY12] cuts what is drawn over the slide's edge off at it, and draws nothing that lies beyond", () => {
    const layerDoc = new LayerDoc(new Y.Doc());
    const layer = new Scene().add("layer", "own");
    layerDoc.observe((changes) => {
      for (const { after } of changes) if (after) layer.put(after);
    });
    const editing = keptOnSlide(editingOf(layer, layerDoc, stampedWith(1)), { width: 1_000, height: 500 });
    const id = editing.add(square(-50, 450, 100), aClassId("a"));
    expect(id).not.toBeNull();
    const [drawn] = [...layerDoc.all()];
    expect(geometryBbox(drawn!.geometry)).toEqual({ minX: 0, minY: 450, maxX: 50, maxY: 500 });
    expect(editing.add(square(2_000, 0, 10), aClassId("a"))).toBeNull();
    expect(editing.add({ type: "point", at: [-1, 5] }, aClassId("a"))).toBeNull();
    expect(layerDoc.size).toBe(1);
    editing.reshape([{ id: drawn!.id, geometry: square(990, 100, 40) }]);
    expect(geometryArea(layerDoc.get(drawn!.id)!.geometry)).toBe(400);
    editing.reshape([{ id: drawn!.id, geometry: square(5_000, 100, 40) }]);
    expect(geometryArea(layerDoc.get(drawn!.id)!.geometry)).toBe(400);
  });

  it("[EDT10] of a vertex keeps what came in during the drag; a move of the whole outline replaces it", () => {
    const layerDoc = new LayerDoc(new Y.Doc());
    const layer = new Scene().add("layer", "own");
    layerDoc.observe((changes) => {
      for (const { after } of changes) if (after) layer.put(after);
    });
    const editing = editingOf(layer, layerDoc, stampedWith(2));
    const id = editing.add(square(100, 100, 100), aClassId("a"))!;
    const from = editing.get(id)!.geometry;
    const other = new LayerDoc(new Y.Doc());
    Y.applyUpdate(other.doc, Y.encodeStateAsUpdate(layerDoc.doc));
    other.reshape(id, { from, to: square(100, 100, 150), under: 1 });
    Y.applyUpdate(layerDoc.doc, Y.encodeStateAsUpdate(other.doc), "wire");
    expect(geometryArea(editing.get(id)!.geometry)).toBe(22_500);
    editing.reshape([{ id, geometry: moveVertex(from, { polygon: 0, ring: 0, index: 0 }, [50, 50]), from }]);
    const { geometry, under } = layerDoc.get(id)!;
    expect(geometryArea(geometry)).toBeCloseTo(22_500 + 5_000, 0);
    expect(under).toBe(2);
    editing.replace([{ id, geometry: moveBy(geometry, 10, 0) }]);
    expect(layerDoc.get(id)?.geometry).toEqual(moveBy(geometry, 10, 0));
    expect(layerDoc.doc.getMap("edit").size).toBe(0);
  });
});
