import * as Y from "yjs";
import { type Geometry, polygonsOf } from "./annotation.ts";
import type { AnnotationId } from "./ids.ts";
import { mergeShapes, sameArea } from "./outline-merge.ts";

/** What a step did to the area of an outline. */
export type AreaStep = {
  readonly id: AnnotationId;
  /** The record that the outline grew from. */
  readonly root: number;
  readonly before: Geometry;
  readonly after: Geometry;
};

/** The outlines that steps are taken back from. */
export type Areas = {
  /** Null where there is none any more, or where it was replaced, as by a move: it has not these areas then. */
  readonly shapeOf: (id: AnnotationId, root: number) => Geometry | null;
  /** One transaction that is no step of its own. */
  readonly reshape: (changes: readonly { readonly id: AnnotationId; readonly to: Geometry }[]) => void;
  /** What the latest transaction did to areas. */
  readonly latest: () => readonly AreaStep[];
};

type Way = "undo" | "redo";
const AREAS = "areas";

/**
 * Undo and redo of one's own steps. What a step did to an area is taken back also from what others have made of it since;
 * a step of which nothing is left to take back is passed over.
 */
export class LayerUndo extends Y.UndoManager {
  readonly #areas: Areas;

  constructor(roots: Y.Map<Uint8Array>[], origins: Iterable<unknown>, areas: Areas) {
    super(roots, { trackedOrigins: new Set(origins), captureTimeout: 0 });
    this.#areas = areas;
    this.on("stack-item-added", ({ stackItem }) => stackItem.meta.set(AREAS, areas.latest()));
  }

  override undo(): Item | null {
    return this.#take("undo");
  }

  override redo(): Item | null {
    return this.#take("redo");
  }

  #take(way: Way): Item | null {
    for (;;) {
      const stack = way === "undo" ? this.undoStack : this.redoStack;
      const item = stack.pop();
      if (item === undefined) return null;
      const steps: readonly AreaStep[] = item.meta.get(AREAS) ?? [];
      const done = this.#alone(way, item, stack);
      const carried = this.#carry(way, steps);
      if (!done && !carried) continue;
      const opposite = way === "undo" ? this.redoStack : this.undoStack;
      if (!done) opposite.push(item);
      opposite.at(-1)?.meta.set(AREAS, steps);
      this.emit("stack-item-popped", [
        { stackItem: item, type: way, origin: this, changedParentTypes: new Map() },
        this,
      ]);
      return item;
    }
  }

  /** Lets Yjs take one item only: it would go on to the next one by itself where it finds nothing to do. */
  #alone(way: Way, item: Item, rest: Item[]): boolean {
    if (way === "undo") this.undoStack = [item];
    else this.redoStack = [item];
    const done = (way === "undo" ? super.undo() : super.redo()) !== null;
    if (way === "undo") this.undoStack = rest;
    else this.redoStack = rest;
    return done;
  }

  /** Does to the outlines as they are what the steps did to them as they were. @returns whether anything was left to do */
  #carry(way: Way, steps: readonly AreaStep[]): boolean {
    const changes = new Map<AnnotationId, Geometry>();
    for (const { id, root, before, after } of way === "undo" ? steps.toReversed() : steps) {
      const [from, to] = way === "undo" ? [after, before] : [before, after];
      const now = changes.get(id) ?? this.#areas.shapeOf(id, root);
      const merged = now && polygonsOf(now).length > 0 ? mergeShapes(polygonsOf(from), now, to) : null;
      if (now && merged && !sameArea(now, merged)) changes.set(id, merged);
    }
    if (changes.size > 0) this.#areas.reshape([...changes].map(([id, to]) => ({ id, to })));
    return changes.size > 0;
  }
}

type Item = Y.UndoManager["undoStack"][number];
