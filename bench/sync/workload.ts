import * as Y from "yjs";
import type { Geometry, Point } from "#domain/annotation.ts";
import { type AnnotationId, type ClassId, classId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import type { Random } from "#domain/random.ts";

/** Names of the two classes in the guideline of the bench. */
export const CLASS_NAMES = ["tumour", "stroma"] as const;
export const CLASSES: readonly [ClassId, ClassId] = [classId.parse("tumour00"), classId.parse("stroma00")];
/** Side of the slide that is drawn on, level-0 px. */
export const SLIDE_PX = 65_536;
/** What a stroke does: 35 % new, 50 % changed (half shape, half class), 15 % deleted. */
const CREATE = 0.35;
const EDIT = 0.85;

/** A stroke as it goes over the wire, and how to recognise it there. */
export type Stroke = { readonly bytes: Uint8Array; readonly key: string };

/** Somebody who draws, edits and deletes outlines of their own; the same strokes for the same random numbers. */
export class Editor {
  readonly doc = new Y.Doc();
  readonly #layer = new LayerDoc(this.doc);
  readonly #random: Random;
  readonly #own: AnnotationId[] = [];
  #stroke: Stroke | null = null;

  constructor(random: Random) {
    this.#random = random;
    this.doc.clientID = Math.floor(random() * 2 ** 31) + 1;
    this.doc.on("update", (bytes: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      this.#stroke = { bytes, key: keyOf(transaction) };
    });
  }

  get clientId(): number {
    return this.doc.clientID;
  }

  create(): Stroke {
    return this.#made(() => this.#put(this.#newId()));
  }

  /** The next stroke of the mix. */
  next(): Stroke {
    const kind = this.#random();
    const at = Math.floor(this.#random() * this.#own.length);
    const id = this.#own[at];
    if (id === undefined || kind < CREATE) return this.create();
    if (kind < EDIT) return this.#made(() => this.#edit(id));
    this.#own.splice(at, 1);
    return this.#made(() => this.#layer.remove(id));
  }

  /** Many outlines as one update. */
  createMany(count: number): Uint8Array {
    const { bytes } = this.#made(() =>
      this.#layer.transact(() => {
        for (let made = 0; made < count; made++) this.#put(this.#newId());
      }),
    );
    return bytes;
  }

  #edit(id: AnnotationId): void {
    const annotation = this.#layer.get(id);
    if (annotation === null) throw new Error(`${id} is not there`);
    if (this.#random() < 0.5) this.#layer.put({ ...annotation, geometry: outline(this.#random) });
    else this.#layer.reclass(id, annotation.classId === CLASSES[0] ? CLASSES[1] : CLASSES[0], 1);
  }

  #put(id: AnnotationId): void {
    const geometry = outline(this.#random);
    this.#layer.put({ id, classId: CLASSES[0], geometry, under: 1, attributes: {}, note: "" });
  }

  #newId(): AnnotationId {
    const text = () =>
      Math.floor(this.#random() * 36 ** 8)
        .toString(36)
        .padStart(8, "0");
    const id = `${text()}${text()}` as AnnotationId;
    this.#own.push(id);
    return id;
  }

  #made(change: () => void): Stroke {
    this.#stroke = null;
    change();
    if (this.#stroke === null) throw new Error("a stroke changed nothing");
    return this.#stroke;
  }
}

/** A round outline of about forty vertices, as a hand draws it. */
export function outline(random: Random): Geometry {
  const radius = 60 + random() * 300;
  const center = (): number => radius * 1.3 + random() * (SLIDE_PX - radius * 2.6);
  const [x, y, phase] = [center(), center(), random() * 6];
  const vertices = 30 + Math.floor(random() * 20);
  const ring = Array.from({ length: vertices }, (_, index): Point => {
    const angle = (2 * Math.PI * index) / vertices;
    const reach = radius * (1 + 0.2 * Math.sin(3 * angle + phase));
    return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
  });
  return { type: "polygon", rings: [ring] };
}

/** The clock that a stroke ends at, or the first item that it deletes where it writes nothing. */
function keyOf(transaction: Y.Transaction): string {
  const { clientID, store } = transaction.doc;
  const end = Y.getState(store, clientID);
  if (end > (transaction.beforeState.get(clientID) ?? 0)) return structKey(clientID, end);
  const [deleted] = transaction.deleteSet.clients.get(clientID) ?? [];
  if (deleted === undefined) throw new Error("a stroke neither writes nor deletes");
  return deletionKey(clientID, deleted.clock);
}

/** Keys of every stroke whose changes end in this update, also where a server has merged several. */
export function keysIn(update: Uint8Array): string[] {
  const { structs, ds } = Y.decodeUpdate(update);
  const keys = structs.map(({ id, length }) => structKey(id.client, id.clock + length));
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) {
      for (let at = clock; at < clock + Math.min(len, 1_000); at++) keys.push(deletionKey(client, at));
    }
  }
  return keys;
}

/** Whether a document has what a stroke did. */
export function holds(doc: Y.Doc, deleted: Y.Snapshot["ds"], key: string): boolean {
  const [kind, client, clock] = key.split(":");
  if (kind === "s") return Y.getState(doc.store, Number(client)) >= Number(clock);
  return Y.isDeleted(deleted, Y.createID(Number(client), Number(clock)));
}

function structKey(client: number, end: number): string {
  return `s:${client}:${end}`;
}

function deletionKey(client: number, clock: number): string {
  return `d:${client}:${clock}`;
}

/** What a layer's document says, as a text that is equal exactly if the annotations are. */
export function contentOf(doc: Y.Doc): string {
  const lines: string[] = [];
  const records = doc.getMap<Uint8Array>("ann");
  const marks = doc.getMap<Uint8Array>("attr");
  for (const [id, record] of records.entries()) {
    const mark = marks.get(id);
    const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? "" : Buffer.from(bytes).toString("base64"));
    lines.push(`${id} ${text(record)} ${text(mark)}`);
  }
  for (const [key, edit] of doc.getMap<Uint8Array>("edit").entries()) {
    lines.push(`${key} ${Buffer.from(edit).toString("base64")}`);
  }
  return lines.sort().join("\n");
}
