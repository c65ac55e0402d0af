import * as Y from "yjs";
import { type Geometry, polygonsOf } from "./annotation.ts";
import { sameBytes } from "./bytes.ts";
import type { AnnotationId } from "./ids.ts";
import { mergeShapes, sameArea } from "./outline-merge.ts";
import { saidPlace } from "./said-entries.ts";

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
type Marks = { readonly before: Uint8Array | undefined; readonly after: Uint8Array | undefined };
const AREAS = "areas";
const MARKS = "marks";

/**
 * Undo and redo of one's own steps. What a step did to an area is taken back also from what others have made of it since;
 * a step of which nothing is left to take back is passed over.
 */
export class LayerUndo extends Y.UndoManager {
  readonly #records: Y.Map<Uint8Array>;
  readonly #marks: Y.Map<Uint8Array>;
  readonly #areas: Areas;

  constructor(
    [records, marks, edits]: readonly [Y.Map<Uint8Array>, Y.Map<Uint8Array>, Y.Map<Uint8Array>],
    origins: Iterable<unknown>,
    areas: Areas,
  ) {
    super([records, marks, edits], { trackedOrigins: new Set(origins), captureTimeout: 0 });
    this.#records = records;
    this.#marks = marks;
    this.#areas = areas;
    this.on("stack-item-added", ({ stackItem, changedParentTypes }) => {
      stackItem.meta.set(AREAS, areas.latest());
      const changed = [...changedParentTypes]
        .filter(([type]) => Object.is(type, marks))
        .flatMap(([, events]) => events.flatMap((event) => [...event.changes.keys]));
      const steps = changed.map(([id, { oldValue }]) => [id, { before: oldValue, after: marks.get(id) }] as const);
      stackItem.meta.set(MARKS, new Map<string, Marks>(steps));
    });
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
      const marks: ReadonlyMap<string, Marks> = item.meta.get(MARKS) ?? new Map();
      const done = this.#alone(way, item, stack);
      const written = this.#writeMarks(way, marks);
      const carried = this.#carry(way, steps);
      if (!done && !written && !carried) continue;
      const opposite = way === "undo" ? this.redoStack : this.undoStack;
      if (!done) opposite.push(item);
      opposite.at(-1)?.meta.set(AREAS, steps).set(MARKS, marks);
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

  /**
   * Yjs cannot go back to marks that somebody else replaced at the same time: it leaves none, and with them would go what
   * they held. @returns whether any had to be written
   */
  #writeMarks(way: Way, steps: ReadonlyMap<string, Marks>): boolean {
    const wanted = [...steps].flatMap(([id, { before, after }]) => {
      const [from, to] = way === "undo" ? [undefined, before] : [before, after];
      const stuck =
        this.#records.has(saidPlace(id)?.id ?? id) && to !== undefined && sameMarks(this.#marks.get(id), from);
      return stuck && !sameMarks(from, to) ? [[id, to] as const] : [];
    });
    const write = () => {
      for (const [id, to] of wanted) this.#marks.set(id, to);
    };
    if (wanted.length > 0) this.doc.transact(write, "undo");
    return wanted.length > 0;
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

function sameMarks(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && sameBytes(a, b));
}

type Item = Y.UndoManager["undoStack"][number];
