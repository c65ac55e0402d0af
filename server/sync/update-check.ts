import * as Y from "yjs";
import { type Annotation, geometryOf, verticesOf } from "#domain/annotation.ts";
import { decodeMarks, decodeRecord } from "#domain/annotation-record.ts";
import { LayerDocError } from "#domain/bytes.ts";
import { type ClassId, ID_PATTERN, type PersonId } from "#domain/ids.ts";
import { ANNOTATIONS_ROOT, EDITS_ROOT, MARKS_ROOT } from "#domain/layer-doc.ts";
import { checkEdit, EDIT_FORMAT, editedAnnotation } from "#domain/outline-edit.ts";
import { AppError, type ErrorCode } from "#server/errors.ts";

const MAX_CLOCK = 2 ** 31;
/** Client ids with something new in one update: the tabs of one person that were offline together. */
const MAX_FRESH_CLIENTS = 64;
/** A step 2 repeats every deletion that its sender knows; a live edit deletes what one stroke deletes. */
const MAX_DELETE_RANGES = { live: 10_000, step2: 200_000 } as const;

/** Classes of all published versions, and the number of the newest. */
export type KnownGuideline = { readonly classIds: ReadonlySet<ClassId>; readonly latest: number };
export type SlideSize = { readonly width: number; readonly height: number };

export type UpdateContext = {
  /** The layer as committed, and as the updates before this one in the same turn left it. */
  readonly doc: Y.Doc;
  readonly personId: PersonId;
  readonly step2: boolean;
  /** The person a Yjs client id belongs to. */
  readonly ownerOf: (clientId: number) => PersonId | undefined;
  /** Whether this person may change what others drew in this layer. */
  readonly mayChangeOthers: boolean;
  readonly slide: SlideSize;
  readonly guideline: KnownGuideline;
};

/**
 * `nothing`: the server has all of it. `gap`: it builds on what the server does not have.
 * `fresh`: it may be applied, and then these client ids belong to the person.
 */
export type UpdateVerdict =
  | { readonly kind: "nothing" }
  | { readonly kind: "gap" }
  | { readonly kind: "fresh"; readonly newClients: readonly number[] };

/**
 * Whether an update may become part of a layer: only the three roots, only binary content of known form, every outline on
 * the slide and of a class of the project, clocks without gaps, nobody else's client id, and nobody else's work changed
 * where that is not this person's right. Deletions the server knows already are not judged: a step 2 repeats them all.
 * Applies nothing. Cost: linear in the update. @throws AppError with the code that ends the socket
 */
export function checkUpdate(bytes: Uint8Array, context: UpdateContext): UpdateVerdict {
  const { structs, ds } = decodeUpdate(bytes);
  const fresh = freshItems(structs, context);
  const places = fresh === "gap" ? "gap" : placesOf(fresh, context.doc);
  if (fresh === "gap" || places === "gap") return { kind: "gap" };
  const allowed = authorCheck(context);
  for (const [item, place] of places) {
    checkContent(item, place, context);
    checkNew(item, place, context.doc);
    allowed(place.annotation);
  }
  if (lacksRecord(places, context.doc)) return { kind: "gap" };
  const deletions = checkDeletions(ds, fresh, context, allowed);
  if (deletions === "gap") return { kind: "gap" };
  if (places.size === 0 && deletions === 0) return { kind: "nothing" };
  return { kind: "fresh", newClients: [...fresh.keys()].filter((client) => context.ownerOf(client) === undefined) };
}

/**
 * Whether an annotation may be on this slide under this guideline.
 * @throws AppError `outline-off-slide`, `unknown-class` or, for a version that is not published, `update-refused`
 */
export function checkAnnotation(
  annotation: Pick<Annotation, "classId" | "under" | "geometry">,
  slide: SlideSize,
  guideline: KnownGuideline,
): void {
  checkClass(annotation, guideline);
  for (const [x, y] of verticesOf(annotation.geometry)) {
    if (x < 0 || y < 0 || x > slide.width || y > slide.height) throw new AppError("outline-off-slide", { x, y });
  }
}

/** The client id under which an annotation was drawn; it stays that of its creator whoever changes it afterwards. */
export function creatorClient(doc: Y.Doc, key: string): number | undefined {
  let item = doc.getMap(ANNOTATIONS_ROOT)._map.get(key);
  while (item?.left) item = item.left;
  return item?.id.client;
}

type Decoded = ReturnType<typeof Y.decodeUpdate>;
type Root = typeof ANNOTATIONS_ROOT | typeof MARKS_ROOT | typeof EDITS_ROOT;
/** Of an edit the key names the session too. */
type Place = { readonly root: Root; readonly key: string; readonly annotation: string };
/** What the server does not have: for each client id one run of items without a gap. */
type Fresh = ReadonlyMap<number, readonly Y.Item[]>;

function decodeUpdate(bytes: Uint8Array): Decoded {
  try {
    return Y.decodeUpdate(bytes);
  } catch (error) {
    throw new AppError("frame-malformed", { bytes: bytes.length }, error);
  }
}

function freshItems(structs: Decoded["structs"], context: UpdateContext): Fresh | "gap" {
  const fresh = new Map<number, Y.Item[]>();
  const ends = new Map<number, number>();
  let current: number | null = null;
  for (const struct of structs) {
    const { client, clock } = struct.id;
    const end = clock + struct.length;
    checkClock(clock, struct.length);
    // Yjs keeps only the last run of a client id, so a second one would not be what was checked.
    if (client !== current && ends.has(client)) throw new AppError("update-refused", { client });
    current = client;
    const known = ends.get(client) ?? Y.getState(context.doc.store, client);
    ends.set(client, Math.max(known, end));
    if (end <= known) continue;
    if (clock > known || struct instanceof Y.Skip) return "gap";
    addFresh(fresh, struct, context);
  }
  return fresh;
}

function checkClock(clock: number, length: number): void {
  if (!(length >= 1 && clock + length < MAX_CLOCK)) throw new AppError("update-refused", { clock, length });
}

function addFresh(fresh: Map<number, Y.Item[]>, struct: Y.Item | Y.GC, { ownerOf, personId }: UpdateContext): void {
  const { client } = struct.id;
  if (!(struct instanceof Y.Item)) throw new AppError("update-refused", { struct: "no item" });
  if ((ownerOf(client) ?? personId) !== personId) throw new AppError("update-refused", { client });
  const run = fresh.get(client);
  if (run) run.push(struct);
  else fresh.set(client, [struct]);
  if (fresh.size > MAX_FRESH_CLIENTS) throw new AppError("update-refused", { clients: fresh.size });
}

/**
 * Under which root and key each item lies: written in it, or that of the item it replaces. Goes through the items in
 * the order in which Yjs will integrate them; items that wait for each other for ever are refused.
 */
function placesOf(fresh: Fresh, doc: Y.Doc): ReadonlyMap<Y.Item, Place> | "gap" {
  const places = new Map<Y.Item, Place>();
  const runs = [...fresh.values()].map((items) => ({ items, at: 0 }));
  const count = runs.reduce((sum, { items }) => sum + items.length, 0);
  while (places.size < count) {
    const before = places.size;
    for (const run of runs) if (advance(run, fresh, places, doc) === "gap") return "gap";
    if (places.size === before) throw new AppError("update-refused", { struct: "circle" });
  }
  return places;
}

/** Places the items of one run until one of them waits for another run. */
function advance(
  run: { readonly items: readonly Y.Item[]; at: number },
  fresh: Fresh,
  places: Map<Y.Item, Place>,
  doc: Y.Doc,
): "gap" | "later" | "end" {
  for (let item = run.items[run.at]; item !== undefined; item = run.items[run.at]) {
    const place = placeOf(item, fresh, places, doc);
    if (place === "gap" || place === "later") return place;
    places.set(item, place);
    run.at += 1;
  }
  return "end";
}

function placeOf(item: Y.Item, fresh: Fresh, places: ReadonlyMap<Y.Item, Place>, doc: Y.Doc): Place | "gap" | "later" {
  if (item.rightOrigin !== null) throw new AppError("update-refused", { struct: "not a map entry" });
  const { origin } = item;
  if (origin === null) return writtenPlace(item);
  if (origin.clock < Y.getState(doc.store, origin.client)) return storedPlace(Y.getItem(doc.store, origin), doc);
  const before = runItem(fresh.get(origin.client), origin.clock);
  return before === undefined ? "gap" : (places.get(before) ?? "later");
}

/** The item of a run that holds a clock. */
function runItem(run: readonly Y.Item[] | undefined, clock: number): Y.Item | undefined {
  let [low, high] = [0, (run?.length ?? 0) - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const item = run?.[middle];
    if (item === undefined) return undefined;
    if (clock < item.id.clock) high = middle - 1;
    else if (clock >= item.id.clock + item.length) low = middle + 1;
    else return item;
  }
  return undefined;
}

function writtenPlace(item: Y.Item): Place {
  // A decoded item carries the root's name where an integrated one carries the type.
  const root: unknown = item.parent;
  const key = item.parentSub ?? "";
  const annotation = annotationAt(root, key);
  if (!isRoot(root) || annotation === null) {
    throw new AppError("update-refused", { root: typeof root === "string" ? root.slice(0, 32) : "nested" });
  }
  return { root, key, annotation };
}

function storedPlace(item: Y.Item, doc: Y.Doc): Place {
  const key = item.parentSub ?? "";
  const root = ([ANNOTATIONS_ROOT, EDITS_ROOT] as const).find((name) => item.parent === doc.getMap(name)) ?? MARKS_ROOT;
  return { root, key, annotation: annotationAt(root, key) ?? "" };
}

function isRoot(root: unknown): root is Root {
  return root === ANNOTATIONS_ROOT || root === MARKS_ROOT || root === EDITS_ROOT;
}

/** The annotation that a key of this root names, or null where it has not the root's form. */
function annotationAt(root: unknown, key: string): string | null {
  if (root === EDITS_ROOT) return editedAnnotation(key);
  return ID_PATTERN.test(key) ? key : null;
}

function checkContent(item: Y.Item, place: Place, { slide, guideline }: UpdateContext): void {
  const { content } = item;
  if (content instanceof Y.ContentDeleted) return;
  if (!(content instanceof Y.ContentBinary)) throw new AppError("update-refused", { content: content.getRef() });
  try {
    const bytes = content.content;
    if (place.root === MARKS_ROOT) checkClass(decodeMarks(bytes), guideline);
    else if (place.root === EDITS_ROOT || bytes[0] === EDIT_FORMAT) checkOutlineEdit(bytes, slide, guideline);
    else checkAnnotation(decodeRecord(bytes), slide, guideline);
  } catch (error) {
    throw asAppError(error, "update-refused");
  }
}

/** The shapes that an edit began from lie on the slide as well: what is shown is made of them. */
function checkOutlineEdit(bytes: Uint8Array, slide: SlideSize, guideline: KnownGuideline): void {
  const edit = checkEdit(bytes);
  checkAnnotation(edit, slide, guideline);
  for (const { polygons } of edit.stages)
    checkAnnotation({ ...edit, geometry: geometryOf(polygons) }, slide, guideline);
}

/** Ids are random and made once: an annotation that is there already can only be replaced, not made again under it. */
function checkNew(item: Y.Item, { root, key }: Place, doc: Y.Doc): void {
  if (root === ANNOTATIONS_ROOT && item.origin === null && doc.getMap(root)._map.has(key)) {
    throw new AppError("update-refused", { exists: key });
  }
}

function checkClass({ classId, under }: Pick<Annotation, "classId" | "under">, guideline: KnownGuideline): void {
  if (!guideline.classIds.has(classId)) throw new AppError("unknown-class", { classId });
  if (under > guideline.latest) throw new AppError("update-refused", { under, latest: guideline.latest });
}

/** The error of the edge for an error of a record; what is wrong with an outline keeps its code. Others stay as they are. */
export function asAppError(error: unknown, otherwise: ErrorCode): unknown {
  if (!(error instanceof LayerDocError)) return error;
  const { code } = error;
  const own = code === "coordinates-not-finite" || code === "outline-malformed" ? code : otherwise;
  return new AppError(own, error.detail, error);
}

/** Refuses a change of an annotation that somebody else drew, where that is not this person's right. */
function authorCheck({ doc, ownerOf, personId, mayChangeOthers }: UpdateContext): (key: string) => void {
  const judged = new Set<string>();
  return (key) => {
    if (mayChangeOthers || judged.has(key)) return;
    const creator = creatorClient(doc, key);
    const owner = creator === undefined ? personId : ownerOf(creator);
    if (owner !== personId) throw new AppError("update-refused", { annotation: key });
    judged.add(key);
  };
}

/** Whether there are marks or edits of an annotation that neither the server nor this update has. */
function lacksRecord(places: ReadonlyMap<Y.Item, Place>, doc: Y.Doc): boolean {
  const records = doc.getMap(ANNOTATIONS_ROOT)._map;
  const drawn = new Set<string>();
  for (const { root, key } of places.values()) if (root === ANNOTATIONS_ROOT) drawn.add(key);
  for (const { root, annotation } of places.values()) {
    if (root !== ANNOTATIONS_ROOT && !drawn.has(annotation) && !records.has(annotation)) return true;
  }
  return false;
}

/** @returns how many deletions are new to the server */
function checkDeletions(
  ds: Decoded["ds"],
  fresh: Fresh,
  { doc, step2 }: UpdateContext,
  allowed: (key: string) => void,
): number | "gap" {
  checkRanges(ds, step2 ? MAX_DELETE_RANGES.step2 : MAX_DELETE_RANGES.live);
  let deletions = 0;
  for (const [client, deletes] of ds.clients) {
    const known = Y.getState(doc.store, client);
    const last = fresh.get(client)?.at(-1);
    const reach = last ? last.id.clock + last.length : known;
    for (const { clock, len } of deletes) {
      if (clock + len > reach) return "gap";
      for (const item of livingItems(doc, client, clock, Math.min(clock + len, known))) {
        allowed(storedPlace(item, doc).annotation);
        deletions += 1;
      }
    }
  }
  return deletions;
}

function checkRanges(ds: Decoded["ds"], most: number): void {
  let ranges = 0;
  for (const deletes of ds.clients.values()) {
    ranges += deletes.length;
    if (ranges > most) throw new AppError("update-refused", { deleteRanges: ranges });
    for (const { clock, len } of deletes) checkClock(clock, len);
  }
}

/** Items of a client id in [from, end) that are not deleted yet. */
function* livingItems(doc: Y.Doc, client: number, from: number, end: number): Generator<Y.Item> {
  const structs = doc.store.clients.get(client);
  if (structs === undefined || from >= end) return;
  for (let index = Y.findIndexSS(structs, from); index < structs.length; index++) {
    const struct = structs[index];
    if (struct === undefined || struct.id.clock >= end) return;
    if (struct instanceof Y.Item && !struct.deleted) yield struct;
  }
}
