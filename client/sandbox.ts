import type { UndoManager } from "yjs";
import { Doc } from "yjs";
import { type Annotation, type Geometry, polygonsOf } from "#domain/annotation.ts";
import type { ClassId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { normaliseAll, union } from "#domain/overlay.ts";
import type { Guideline } from "./class-standing.ts";
import { type Editing, editingOf, type Stamp } from "./drawing.ts";
import type { Workbench } from "./workbench.ts";

const SANDBOX_LAYER = "sandbox";

/**
 * A place to draw a shape that is handed over as an answer and not written by this browser: the redrawing of an outline
 * in a locked layer, or of a disputed region. All tools work in it; nothing in it is sent or stored.
 */
export class Sandbox {
  readonly editing: Editing;
  readonly #workbench: Workbench;
  readonly #layerDoc = new LayerDoc(new Doc());
  readonly #undo: UndoManager;
  readonly #changed: () => void;

  /** @param start the outlines to start from  @param classId what is drawn  @param changed told after each stroke */
  constructor(workbench: Workbench, start: readonly Annotation[], classId: ClassId | null, changed: () => void) {
    this.#workbench = workbench;
    this.#changed = changed;
    const layer = workbench.scene.add(SANDBOX_LAYER, "own");
    this.#layerDoc.transact(() => {
      for (const annotation of start) this.#layerDoc.put(annotation, { origin: "import" });
    }, "import");
    this.#undo = this.#layerDoc.undoManager();
    layer.load(this.#layerDoc.all());
    this.#layerDoc.observe(() => {
      layer.load(this.#layerDoc.all());
      workbench.sceneChanged();
      this.#changed();
    });
    this.editing = editingOf(layer, this.#layerDoc, () => stampIn(workbench.guideline));
    workbench.setEditing(this.editing);
    const [first] = start;
    workbench.store.setState({
      classId,
      selection: first === undefined ? [] : [{ layerId: SANDBOX_LAYER, id: first.id }],
      tool: first === undefined ? "polygon" : "edit",
    });
    workbench.sceneChanged();
  }

  /** Everything drawn, one by one. */
  outlines(): readonly Annotation[] {
    return [...this.#layerDoc.all()];
  }

  undo(): void {
    this.#undo.undo();
  }

  redo(): void {
    this.#undo.redo();
  }

  /** Everything drawn as one geometry; a point or line where that is all there is; null where nothing is left. */
  geometry(): Geometry | null {
    const geometries = [...this.#layerDoc.all()].map(({ geometry }) => geometry);
    const polygons = geometries.flatMap(polygonsOf);
    return polygons.length === 0 ? (geometries[0] ?? null) : normaliseAll(union([polygons]));
  }

  close(): void {
    this.#undo.destroy();
    this.#layerDoc.doc.destroy();
    this.#workbench.scene.remove(SANDBOX_LAYER);
    this.#workbench.store.setState({ selection: [], tool: "select" });
    this.#workbench.setEditing(null);
    this.#workbench.sceneChanged();
  }
}

/** Nothing is stored of what is drawn before the first version, but what is drawn has a stamp. */
function stampIn(guideline: Guideline): Stamp {
  const number = Math.max(1, guideline.number);
  return { ...guideline, number, reshaped: (annotation) => ({ ...guideline.reshaped(annotation), under: number }) };
}
