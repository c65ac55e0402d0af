import * as Y from "yjs";
import { type Annotation, type Geometry, geometryOnGrid } from "./annotation.ts";
import {
  type AnnotationContent,
  type AnnotationMarks,
  decodeMarks,
  encodeMarks,
  encodeRecord,
  withMarks,
} from "./annotation-record.ts";
import { LayerDocError, sameBytes } from "./bytes.ts";
import { type AnnotationId, type ClassId, ID_PATTERN } from "./ids.ts";
import { type AreaStep, LayerUndo } from "./layer-undo.ts";
import { decodeContent, editedAnnotation, editKey, encodeEdit, MAX_SEEN } from "./outline-edit.ts";
import {
  carriedOver,
  isThere,
  nextEdit,
  type OutlineParts,
  type Standing,
  sameParts,
  standingOf,
} from "./outline-merge.ts";
import { encodeSaid, saidIn, saidKey, saidPlace, withSaid } from "./said-entries.ts";
import { SideKeys } from "./side-keys.ts";

/** Root of the whole annotations: id -> record, or the edit of the session that wrote the record. */
export const ANNOTATIONS_ROOT = "ann";
/**
 * Root of what was changed after drawing: id -> marks, `saidKey(id, attribute)` -> what is said of one attribute. Read over
 * the record, and the latter over the marks; without an outline both are ignored.
 */
export const MARKS_ROOT = "attr";
/** Root of what other sessions made of an outline: `editKey(id, client)` -> edit. */
export const EDITS_ROOT = "edit";

/** Who makes a change in this browser or process: undo takes back `draw` only. What comes over the wire has another origin. */
export type EditOrigin = "draw" | "task" | "import" | "command" | "journal" | "undo";

export type AnnotationChange = {
  readonly id: AnnotationId;
  /** Null where there was none, or where it cannot be read. */
  readonly before: Annotation | null;
  readonly after: Annotation | null;
};

/** An entry that this code cannot read, kept as it is. */
export type Unreadable = { readonly id: AnnotationId; readonly code: LayerDocError["code"] };

/** With the fields of newer clients, which are kept with whatever is edited. */
type Stored = Annotation & Pick<AnnotationMarks, "unknown">;
type Entries = Map<string, Uint8Array | undefined>;

/** A change of an existing outline's area: the shape that the person began from, and what they made of it. */
export type Reshape = { readonly from: Geometry; readonly to: Geometry; readonly under: number };

/**
 * The one owner of how annotations lie in a layer's Yjs document. A record holds a whole annotation; the marks beside it
 * are written only when class, attributes or note change afterwards, so that one person's change of shape and another's
 * change of class both survive. Every entry is one immutable byte string.
 *
 * An edit of an outline's area (`reshape`) is written where only this session writes: over the record if this session
 * wrote it, else under a key of its own. So edits that are made at the same time all stay, and are shown as the shape with
 * all that was added, without all that was removed, until the next edit takes them in. Everything else that changes a
 * shape (`put`: a whole move, a point, a line, a redrawn outline) replaces the record: of two of those the last one stays,
 * and edits of the replaced outline that were made at the same time are given up.
 */
export class LayerDoc {
  readonly doc: Y.Doc;
  readonly #records: Y.Map<Uint8Array>;
  readonly #marks: Y.Map<Uint8Array>;
  readonly #edits: Y.Map<Uint8Array>;
  readonly #editKeys = new SideKeys(editedAnnotation);
  readonly #saidKeys = new SideKeys((key) => saidPlace(key)?.id ?? null);
  /** What edits came to, so that asking again costs no overlay. */
  readonly #merged = new Map<string, { readonly raw: OutlineParts; readonly standing: Standing | null }>();
  /** What the transaction under way has done to areas. */
  #areaSteps: AreaStep[] = [];

  constructor(doc: Y.Doc) {
    this.doc = doc;
    this.#records = doc.getMap(ANNOTATIONS_ROOT);
    this.#marks = doc.getMap(MARKS_ROOT);
    this.#edits = doc.getMap(EDITS_ROOT);
    this.#editKeys.follow(this.#edits);
    this.#saidKeys.follow(this.#marks);
    doc.on("beforeTransaction", () => {
      this.#areaSteps = [];
    });
  }

  /** Number of entries, unreadable ones included. */
  get size(): number {
    return this.#records.size + this.#withoutRecord().length;
  }

  /** Whether there is an entry, readable or not. */
  has(id: AnnotationId): boolean {
    return isThere(this.#raw(id));
  }

  /** Null where there is none, or where it cannot be read. Decodes on every call. */
  get(id: AnnotationId): Annotation | null {
    return this.#readable(id, this.#raw(id));
  }

  /** Every readable annotation, decoded one by one. */
  *all(): Generator<Annotation> {
    for (const id of this.#ids()) {
      const annotation = this.get(id);
      if (annotation) yield annotation;
    }
  }

  /** Entries of a newer format, or damaged ones; to be shown as such, never dropped. */
  unreadable(): readonly Unreadable[] {
    const found: Unreadable[] = [];
    for (const id of this.#ids()) {
      const result = this.#decode(id, this.#raw(id));
      if (result instanceof LayerDocError) found.push({ id, code: result.code });
    }
    return found;
  }

  /**
   * Adds an annotation or changes one. A changed shape is written to the record, changed marks beside it.
   * @throws LayerDocError where a field is out of its bounds, or where the entry cannot be read and would be lost;
   * nothing is written then
   */
  put(given: Stored, { origin = "draw" }: { origin?: EditOrigin } = {}): void {
    if (!ID_PATTERN.test(given.id)) throw new LayerDocError("record-malformed", { id: given.id });
    const before = this.#decode(given.id, this.#raw(given.id));
    if (before instanceof LayerDocError) throw before;
    const annotation: Stored = before?.unknown === undefined ? given : { ...given, unknown: before.unknown };
    const record = encodeRecord(annotation);
    this.transact(() => {
      if (before === null) {
        this.#records.set(annotation.id, record);
        // Marks without a record are what is left of a deleted annotation, and would be read over this one.
        this.#dropMarks(annotation.id);
        return;
      }
      if (shapeOf(before) !== shapeOf(annotation)) {
        this.#records.set(annotation.id, record);
        this.#dropEdits(annotation.id);
      }
      this.#writeMarks(before, annotation);
    }, origin);
  }

  /**
   * Edits the area of an outline: what was added and removed since `from` stays, whatever others did to it meanwhile.
   * Geometries without an area are replaced, as by `put`.
   * @throws LayerDocError where there is no such annotation, or a field is out of its bounds; nothing is written then
   */
  reshape(id: AnnotationId, { from, to, under }: Reshape, { origin = "draw" }: { origin?: EditOrigin } = {}): void {
    const before = this.#existing(id);
    const geometry = carriedOver(before.geometry, { from, to });
    const after = { ...before, geometry: geometry ?? to, under };
    const changed = geometry !== null && shapeOf(after) !== shapeOf(before);
    const standing = changed ? this.#standing(id, this.#raw(id)) : null;
    const client = this.doc.clientID;
    const full = standing !== null && standing.seen.size >= MAX_SEEN && !standing.seen.has(client);
    if (standing === null || full) {
      this.put(after, { origin });
      return;
    }
    const { root } = standing;
    this.transact(() => {
      this.#areaSteps = [...this.#areaSteps, { id, root, before: before.geometry, after: after.geometry }];
      this.#writeEdit(id, standing, after);
      this.#writeMarks(before, after);
    }, origin);
  }

  /** Gives an annotation another class, judged under this guideline version. @throws LayerDocError where there is none */
  reclass(id: AnnotationId, classId: ClassId, under: number, options: { origin?: EditOrigin } = {}): void {
    this.put({ ...this.#existing(id), classId, under }, options);
  }

  /**
   * Replaces the attributes; the guideline stamp stays. What differs is written attribute by attribute, so that what others
   * say of another one at the same time stays. @throws LayerDocError where there is no such annotation */
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
      this.#dropMarks(id);
      this.#dropEdits(id);
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
    let [records, marks, edits]: [Entries, Entries, Entries] = [new Map(), new Map(), new Map()];
    const onRecords = (event: Y.YMapEvent<Uint8Array>) => collect(event, records);
    const onMarks = (event: Y.YMapEvent<Uint8Array>) => collect(event, marks);
    const onEdits = (event: Y.YMapEvent<Uint8Array>) => collect(event, edits);
    const onEnd = (transaction: Y.Transaction) => {
      const old = { records, marks, edits };
      if (records.size + marks.size + edits.size === 0) return;
      [records, marks, edits] = [new Map(), new Map(), new Map()];
      const changes = this.#changes(old);
      if (changes.length > 0) listener(changes, transaction.origin);
    };
    this.#records.observe(onRecords);
    this.#marks.observe(onMarks);
    this.#edits.observe(onEdits);
    this.doc.on("afterTransaction", onEnd);
    return () => {
      this.#records.unobserve(onRecords);
      this.#marks.unobserve(onMarks);
      this.#edits.unobserve(onEdits);
      this.doc.off("afterTransaction", onEnd);
    };
  }

  /** Undo and redo of one's own steps only: each transaction of these origins is one step. The caller destroys it. */
  undoManager(origins: readonly EditOrigin[] = ["draw", "task"]): Y.UndoManager {
    return new LayerUndo([this.#records, this.#marks, this.#edits], origins, {
      shapeOf: (id, root) => {
        const now = this.get(id);
        return now !== null && this.#standing(id, this.#raw(id))?.root === root ? now.geometry : null;
      },
      reshape: (changes) =>
        this.transact(() => {
          for (const { id, to } of changes) {
            const { geometry: from, under } = this.#existing(id);
            this.reshape(id, { from, to, under }, { origin: "undo" });
          }
        }, "undo"),
      latest: () => this.#areaSteps,
    });
  }

  *#ids(): Generator<AnnotationId> {
    for (const id of this.#records.keys()) yield id as AnnotationId;
    yield* this.#withoutRecord();
  }

  /** Outlines that one person deleted while another edited them. */
  #withoutRecord(): readonly AnnotationId[] {
    const edited = [...this.#editKeys.annotations()] as AnnotationId[];
    return edited.filter((id) => !this.#records.has(id) && this.#livingEdits(id).length > 0);
  }

  #raw(id: AnnotationId): OutlineParts {
    const edits = this.#livingEdits(id).flatMap((key) => this.#edits.get(key) ?? []);
    const said = saidIn(this.#saidKeys.of(id), (key) => this.#marks.get(key));
    return { record: this.#records.get(id), marks: this.#marks.get(id), said, edits };
  }

  #dropMarks(id: AnnotationId): void {
    for (const key of [id, ...this.#saidKeys.of(id)]) if (this.#marks.has(key)) this.#marks.delete(key);
  }

  #livingEdits(id: AnnotationId): readonly string[] {
    return this.#editKeys.of(id).filter((key) => this.#edits.has(key));
  }

  #dropEdits(id: AnnotationId): void {
    for (const key of this.#livingEdits(id)) this.#edits.delete(key);
  }

  /** What others wrote beside the record is part of this edit from now on, and goes. */
  #writeEdit(id: AnnotationId, standing: Standing, after: Annotation): void {
    const client = this.doc.clientID;
    const [key, inRecord] = [editKey(id, client), this.#wroteRecord(id)];
    const own = inRecord ? this.#records.get(id) : this.#edits.get(key);
    const clock = Y.getState(this.doc.store, client) + 1;
    const bytes = encodeEdit(nextEdit(standing, own, { client, clock }, after));
    if (inRecord) this.#records.set(id, bytes);
    else {
      this.#editKeys.note(key);
      this.#edits.set(key, bytes);
    }
    for (const old of this.#livingEdits(id)) if (inRecord || old !== key) this.#edits.delete(old);
  }

  /** Whether the record that counts was written by this session, so that nobody else can write over it at the same time. */
  #wroteRecord(id: AnnotationId): boolean {
    const item = this.#records._map.get(id);
    return item !== undefined && !item.deleted && item.id.client === this.doc.clientID;
  }

  #decode(id: AnnotationId, raw: OutlineParts): Stored | LayerDocError | null {
    try {
      const content = this.#content(id, raw);
      const marks = raw.marks === undefined ? null : decodeMarks(raw.marks);
      return content && { id, ...withSaid(withMarks(content, marks), raw.said) };
    } catch (error) {
      if (error instanceof LayerDocError) return error;
      throw error;
    }
  }

  #content(id: AnnotationId, raw: OutlineParts): AnnotationContent | null {
    if (raw.edits.length > 0) return this.#standing(id, raw)?.content ?? null;
    this.#merged.delete(id);
    return raw.record === undefined ? null : decodeContent(raw.record);
  }

  #standing(id: AnnotationId, raw: OutlineParts): Standing | null {
    const known = this.#merged.get(id);
    if (known && sameParts(known.raw, raw)) return known.standing;
    const standing = standingOf(raw.record, raw.edits);
    // A decoded outline takes ten times the heap of its bytes: only what took an overlay to find is kept.
    if (standing !== null && standing.heads.length > 1) this.#merged.set(id, { raw, standing });
    else this.#merged.delete(id);
    return standing;
  }

  #readable(id: AnnotationId, raw: OutlineParts): Annotation | null {
    const result = this.#decode(id, raw);
    return result instanceof LayerDocError ? null : result;
  }

  #existing(id: AnnotationId): Stored {
    const annotation = this.#decode(id, this.#raw(id));
    if (annotation instanceof LayerDocError) throw annotation;
    if (!annotation) throw new LayerDocError("no-such-annotation", { id });
    return annotation;
  }

  /** Marks are written where they differ, and their stamp follows a change of shape so that it is always the last one. */
  #writeMarks(before: AnnotationMarks, after: AnnotationMarks & { readonly id: AnnotationId }): void {
    this.#writeSaid(before.attributes, after);
    const written = encodeMarks({ ...after, attributes: before.attributes });
    if (sameBytes(written, encodeMarks(before))) return;
    const onlyStamp = sameBytes(written, encodeMarks({ ...before, under: after.under }));
    const stampIsInShape = !this.#marks.has(after.id) && this.#shapeStamp(after.id) === after.under;
    if (!(onlyStamp && stampIsInShape)) this.#marks.set(after.id, encodeMarks(after));
  }

  #writeSaid(before: Annotation["attributes"], after: Pick<Annotation, "id" | "attributes">): void {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after.attributes)])) {
      const value = after.attributes[name] ?? null;
      if (value === (before[name] ?? null)) continue;
      this.#saidKeys.note(saidKey(after.id, name));
      this.#marks.set(saidKey(after.id, name), encodeSaid(value));
    }
  }

  #shapeStamp(id: AnnotationId): number | undefined {
    return this.#content(id, this.#raw(id))?.under;
  }

  #changes(old: Readonly<Record<"records" | "marks" | "edits", Entries>>): AnnotationChange[] {
    const edited = [...old.edits.keys()].flatMap((key) => editedAnnotation(key) ?? []);
    const changes: AnnotationChange[] = [];
    const marked = [...old.marks.keys()].map((key) => saidPlace(key)?.id ?? key);
    for (const key of new Set([...old.records.keys(), ...marked, ...edited])) {
      const id = key as AnnotationId;
      const now = this.#raw(id);
      const before: OutlineParts = {
        record: old.records.has(id) ? old.records.get(id) : now.record,
        marks: old.marks.has(id) ? old.marks.get(id) : now.marks,
        said: saidIn(this.#saidKeys.of(id), (key) => (old.marks.has(key) ? old.marks.get(key) : this.#marks.get(key))),
        edits: this.#editKeys
          .of(id)
          .flatMap((each) => (old.edits.has(each) ? old.edits.get(each) : this.#edits.get(each)) ?? []),
      };
      if (isThere(before) || isThere(now)) {
        changes.push({ id, before: this.#readable(id, before), after: this.#readable(id, now) });
      }
    }
    return changes;
  }
}

/** Old values must be taken while the event is being told. */
function collect(event: Y.YMapEvent<Uint8Array>, into: Entries): void {
  for (const [key, change] of event.changes.keys) into.set(key, change.oldValue as Uint8Array | undefined);
}

function shapeOf(annotation: Annotation): string {
  return JSON.stringify(geometryOnGrid(annotation.geometry));
}
