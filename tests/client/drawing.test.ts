import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { editingOf, keptOnSlide } from "#client/drawing.ts";
import { Scene } from "#client/scene.ts";
import { geometryArea, geometryBbox } from "#domain/geometry.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { aClassId, square } from "#tests/support/builders.ts";

describe("drawing", () => {
  it("[LAY12] cuts what is drawn over the slide's edge off at it, and draws nothing that lies beyond", () => {
    const layerDoc = new LayerDoc(new Y.Doc());
    const layer = new Scene().add("layer", "own");
    layerDoc.observe((changes) => {
      for (const { after } of changes) if (after) layer.put(after);
    });
    const editing = keptOnSlide(
      editingOf(layer, layerDoc, () => 1),
      { width: 1_000, height: 500 },
    );
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
});
