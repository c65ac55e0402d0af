import * as Y from "yjs";
import { type Annotation, geometryOnGrid } from "./annotation.ts";
import {
  type AnnotationContent,
  type AnnotationMarks,
  decodeMarks,
  decodeRecord,
  encodeMarks,
  encodeRecord,
} from "./annotation-record.ts";
import { LayerDocError } from "./bytes.ts";
import { type AnnotationId, type ClassId, ID_PATTERN } from "./ids.ts";

/** Root of the whole annotations: id -> record. */
export const ANNOTATIONS_ROOT = "ann";
/** Root of what was changed after drawing: id -> marks. Read over the record; without one it is ignored. */
export const MARKS_ROOT = "attr";

/** Who makes a change in this browser or process: undo takes back `draw` only. What comes over the wire has another origin. */
export type EditOrigin = "draw" | "task" | "import" | "command" | "journal";

export type AnnotationChange = {
  readonly id: AnnotationId;
  /** Null where there was none, or where it cannot be read. */
  readonly before: Annotation | null;
  readonly after: Annotation | null;
};

/** An entry that this code cannot read, kept as it is. */
export type Unreadable = { readonly id: AnnotationId; readonly code: LayerDocError["code"] };

type Raw = { readonly record: Uint8Array | undefined; readonly marks: Uint8Array | undefined };

/**
 * The one owner of how annotations lie in a layer's Yjs document. A record holds a whole annotation and is replaced when
 * its shape changes; the marks beside it are written only when class, attributes or note change afterwards. So one
 * person's change of shape and another's change of class both survive, and every entry stays one immutable byte string.
 */
export class LayerDoc {
  readonly doc: Y.Doc;
  readonly #records: Y.Map<Uint8Array>;
  readonly #marks: Y.Map<Uint8Array>;

  constructor(doc: Y.Doc) {
    this.doc = doc;
    this.#records = doc.getMap(ANNOTATIONS_ROOT);
    this.#marks = doc.getMap(MARKS_ROOT);
  }

  /** Number of entries, unreadable ones included. */
  get size(): number {
    return this.#records.size;
  }

  /** Whether there is an entry, readable or not. */
  has(id: AnnotationId): boolean {
    return this.#records.has(id);
  }

  /** Null where there is none, or where it cannot be read. Decodes on every call. */
  get(id: AnnotationId): Annotation | null {
    return readable(id, this.#raw(id));
  }

  /** Every readable annotation, decoded one by one. */
  *all(): Generator<Annotation> {
    for (const id of this.#records.keys()) {
      const annotation = this.get(id as AnnotationId);
      if (annotation) yield annotation;
    }
  }

  /** Entries of a newer format, or damaged ones; to be shown as such, never dropped. */
  unreadable(): readonly Unreadable[] {
    const found: Unreadable[] = [];
    for (const key of this.#records.keys()) {
      const id = key as AnnotationId;
      const result = decode(id, this.#raw(id));
      if (result instanceof LayerDocError) found.push({ id, code: result.code });
    }
    return found;
  }

  /**
   * Adds an annotation or changes one. A changed shape is written to the record, changed marks beside it.
   * @throws LayerDocError where a field is out of its bounds, or where the entry cannot be read and would be lost;
   * nothing is written then
   */
  put(annotation: Annotation, { origin = "draw" }: { origin?: EditOrigin } = {}): void {
    if (!ID_PATTERN.test(annotation.id)) throw new LayerDocError("record-malformed", { id: annotation.id });
    const record = encodeRecord(annotation);
    const before = decode(annotation.id, this.#raw(annotation.id));
    if (before instanceof LayerDocError) throw before;
    this.transact(() => {
      if (before === null) {
        this.#records.set(annotation.id, record);
        // Marks without a record are what is left of a deleted annotation, and would be read over this one.
        if (this.#marks.has(annotation.id)) this.#marks.delete(annotation.id);
        return;
      }
      if (shapeOf(before) !== shapeOf(annotation)) this.#records.set(annotation.id, record);
      this.#writeMarks(before, annotation);
    }, origin);
  }

  /** Gives an annotation another class, judged under this guideline version. @throws LayerDocError where there is none */
  reclass(id: AnnotationId, classId: ClassId, under: number, options: { origin?: EditOrigin } = {}): void {
    this.put({ ...this.#existing(id), classId, under }, options);
  }

  /** Replaces the attributes; the guideline stamp stays. @throws LayerDocError where there is no such annotation */
  setAttributes(
    id: AnnotationId,
    attributes: Readonly<Record<string, string>>,
    options: { origin?: EditOrigin } = {},
  ): void {
    this.put({ ...this.#existing(id), attributes }, options);
  }

  /** Replaces the note; the guideline stamp stays. @throws LayerDocError where there is no such annotation */
  setNote(id: AnnotationId, note: string, options: { origin?: EditOrigin } = {}): void {
    this.put({ ...this.#existing(id), note }, options);
  }

  /** Deletes an annotation, readable or not; nothing happens where there is none. */
  remove(id: AnnotationId, { origin = "draw" }: { origin?: EditOrigin } = {}): void {
    this.transact(() => {
      if (this.#records.has(id)) this.#records.delete(id);
      if (this.#marks.has(id)) this.#marks.delete(id);
    }, origin);
  }

  /** Makes the changes inside `change` one: one update on the wire, one step of undo. */
  transact<T>(change: () => T, origin: EditOrigin = "draw"): T {
    return this.doc.transact(change, origin);
  }

  /**
   * Tells what changed, once for each transaction, wherever it came from.
   * @param listener gets the origin of the transaction: an `EditOrigin`, an undo manager, or whatever brought the update
   * @returns stops it
   */
  observe(listener: (changes: readonly AnnotationChange[], origin: unknown) => void): () => void {
    let records = new Map<string, Uint8Array | undefined>();
    let marks = new Map<string, Uint8Array | undefined>();
    const onRecords = (event: Y.YMapEvent<Uint8Array>) => collect(event, records);
    const onMarks = (event: Y.YMapEvent<Uint8Array>) => collect(event, marks);
    const onEnd = (transaction: Y.Transaction) => {
      const [oldRecords, oldMarks] = [records, marks];
      if (oldRecords.size + oldMarks.size === 0) return;
      [records, marks] = [new Map(), new Map()];
      const changes = this.#changes(oldRecords, oldMarks);
      if (changes.length > 0) listener(changes, transaction.origin);
    };
    this.#records.observe(onRecords);
    this.#marks.observe(onMarks);
    this.doc.on("afterTransaction", onEnd);
    return () => {
      this.#records.unobserve(onRecords);
      this.#marks.unobserve(onMarks);
      this.doc.off("afterTransaction", onEnd);
    };
  }

  /** Undo and redo of one's own steps only: each transaction of these origins is one step. The caller destroys it. */
  undoManager(origins: readonly EditOrigin[] = ["draw", "task"]): Y.UndoManager {
    return new Y.UndoManager([this.#records, this.#marks], { trackedOrigins: new Set(origins), captureTimeout: 0 });
  }

  #raw(id: AnnotationId): Raw {
    return { record: this.#records.get(id), marks: this.#marks.get(id) };
  }

  #existing(id: AnnotationId): Annotation {
    const annotation = this.get(id);
    if (!annotation) throw new LayerDocError("no-such-annotation", { id });
    return annotation;
  }

  /** Marks are written where they differ, and their stamp follows a change of shape so that it is always the last one. */
  #writeMarks(before: AnnotationMarks, after: AnnotationMarks & { readonly id: AnnotationId }): void {
    const written = encodeMarks(after);
    if (sameBytes(written, encodeMarks(before))) return;
    const onlyStamp = sameBytes(written, encodeMarks({ ...before, under: after.under }));
    const stampIsInRecord = !this.#marks.has(after.id) && this.#recordStamp(after.id) === after.under;
    if (!(onlyStamp && stampIsInRecord)) this.#marks.set(after.id, written);
  }

  #recordStamp(id: AnnotationId): number | undefined {
    const record = this.#records.get(id);
    return record && decodeRecord(record).under;
  }

  #changes(
    records: ReadonlyMap<string, Uint8Array | undefined>,
    marks: ReadonlyMap<string, Uint8Array | undefined>,
  ): AnnotationChange[] {
    const changes: AnnotationChange[] = [];
    for (const key of new Set([...records.keys(), ...marks.keys()])) {
      const id = key as AnnotationId;
      const now = this.#raw(id);
      const old: Raw = {
        record: records.has(key) ? records.get(key) : now.record,
        marks: marks.has(key) ? marks.get(key) : now.marks,
      };
      if (old.record !== undefined || now.record !== undefined) {
        changes.push({ id, before: readable(id, old), after: readable(id, now) });
      }
    }
    return changes;
  }
}

/** An annotation as its two byte strings say; the projection stores them as one record. @throws LayerDocError */
export function readEntry(record: Uint8Array, marks: Uint8Array | undefined): AnnotationContent {
  const content = decodeRecord(record);
  return marks === undefined ? content : { ...content, ...decodeMarks(marks) };
}

function decode(id: AnnotationId, { record, marks }: Raw): Annotation | LayerDocError | null {
  if (record === undefined) return null;
  try {
    return { id, ...readEntry(record, marks) };
  } catch (error) {
    if (error instanceof LayerDocError) return error;
    throw error;
  }
}

function readable(id: AnnotationId, raw: Raw): Annotation | null {
  const result = decode(id, raw);
  return result instanceof LayerDocError ? null : result;
}

/** Old values must be taken while the event is being told. */
function collect(event: Y.YMapEvent<Uint8Array>, into: Map<string, Uint8Array | undefined>): void {
  for (const [key, change] of event.changes.keys) into.set(key, change.oldValue as Uint8Array | undefined);
}

function shapeOf(annotation: Annotation): string {
  return JSON.stringify(geometryOnGrid(annotation.geometry));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
