import * as Y from "yjs";
import { type Annotation, geometryOf, verticesOf } from "#domain/annotation.ts";
import { decodeMarks, decodeRecord } from "#domain/annotation-record.ts";
import { LayerDocError } from "#domain/bytes.ts";
import { type ClassId, ID_PATTERN, type PersonId } from "#domain/ids.ts";
import { ANNOTATIONS_ROOT, EDITS_ROOT, MARKS_ROOT } from "#domain/layer-doc.ts";
import { checkEdit, EDIT_FORMAT } from "#domain/outline-edit.ts";
import { decodeSaid, saidPlace } from "#domain/said-entries.ts";
import { AppError, type ErrorCode } from "#server/errors.ts";
import type { ItemIndex, Place } from "./item-index.ts";
import { annotationAt, type DeleteRange, isRoot } from "./update-reader.ts";
import { type Struct, writeUpdate } from "./update-writer.ts";

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
  readonly index: ItemIndex;
  readonly personId: PersonId;
  readonly step2: boolean;
  /** The person a Yjs client id belongs to. */
  readonly ownerOf: (clientId: number) => PersonId | undefined;
  /** Whether a client id is of a document that this layer has left: what is built on that one does not belong here. */
  readonly retired: (clientId: number) => boolean;
  /** Whether this person may change what others drew in this layer. */
  readonly mayChangeOthers: boolean;
  readonly slide: SlideSize;
  readonly guideline: KnownGuideline;
};

/**
 * `nothing`: the server has all of it. `gap`: it builds on what the server does not have.
 * `fresh`: what is new in it may be applied, and then these client ids belong to the person.
 */
export type UpdateVerdict =
  | { readonly kind: "nothing" }
  | { readonly kind: "gap" }
  | { readonly kind: "fresh"; readonly newClients: readonly number[]; readonly bytes: Uint8Array };

/**
 * Whether an update may become part of a layer: only the three roots, only binary content of known form, every outline on
 * the slide and of a class of the project, clocks without gaps, nobody else's client id, and nobody else's work changed
 * where that is not this person's right. Deletions the server knows already are not judged: a step 2 repeats them all.
 * Applies nothing. Cost: linear in the update. @throws AppError with the code that ends the socket
 */
export function checkUpdate(bytes: Uint8Array, context: UpdateContext): UpdateVerdict {
  const { structs, ds } = decodeUpdate(bytes);
  const { index, ownerOf } = context;
  refuseEnded({ structs, ds }, context);
  const fresh = freshItems(structs, context);
  const places = fresh === "gap" ? "gap" : placesOf(fresh, index);
  if (fresh === "gap" || places === "gap") return { kind: "gap" };
  const allowed = authorCheck(context);
  for (const [item, place] of places) {
    checkContent(item, place, context);
    checkNew(item, place, index);
    allowed(place.annotation);
  }
  if (lacksRecord(places, index)) return { kind: "gap" };
  const deletions = newDeletions(ds, fresh, context, allowed);
  if (deletions === "gap") return { kind: "gap" };
  if (places.size === 0 && deletions.length === 0) return { kind: "nothing" };
  const news = [...fresh.values()].flat().map((item) => ({ ...item, ...(places.get(item) ?? NOWHERE) }));
  return {
    kind: "fresh",
    newClients: [...fresh.keys()].filter((client) => ownerOf(client) === undefined),
    bytes: writeUpdate(news, deletions),
  };
}

/** Every client id that an update writes under, builds on or deletes. @throws AppError `frame-malformed` */
export function clientsNamed(bytes: Uint8Array): ReadonlySet<number> {
  return named(decodeUpdate(bytes));
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

type Decoded = ReturnType<typeof Y.decodeUpdate>;
/** A struct that is new; its root is what was written in it, to be looked at. */
type Item = Omit<Struct, "root" | "key"> & {
  readonly written: { readonly root: unknown; readonly key: string | null };
};
/** What the server does not have: for each client id one run of items without a gap. */
type Fresh = ReadonlyMap<number, readonly Item[]>;

const NOWHERE: Place = { root: ANNOTATIONS_ROOT, key: "", annotation: "" };

function decodeUpdate(bytes: Uint8Array): Decoded {
  try {
    return Y.decodeUpdate(bytes);
  } catch (error) {
    throw new AppError("frame-malformed", { bytes: bytes.length }, error);
  }
}

/** What names anything of another document was made in it. */
function refuseEnded(update: Decoded, { retired }: UpdateContext): void {
  for (const client of named(update)) if (retired(client)) throw new AppError("epoch-over", { client });
}

function named({ structs, ds }: Decoded): Set<number> {
  const clients = new Set<number>(ds.clients.keys());
  for (const struct of structs) {
    clients.add(struct.id.client);
    if (struct instanceof Y.Item && struct.origin !== null) clients.add(struct.origin.client);
  }
  return clients;
}

function freshItems(structs: Decoded["structs"], context: UpdateContext): Fresh | "gap" {
  const fresh = new Map<number, Item[]>();
  const ends = new Map<number, number>();
  let current: number | null = null;
  for (const struct of structs) {
    const { client, clock } = struct.id;
    const end = clock + struct.length;
    checkClock(clock, struct.length);
    // Yjs keeps only the last run of a client id, so a second one would not be what was checked.
    if (client !== current && ends.has(client)) throw new AppError("update-refused", { client });
    current = client;
    const known = ends.get(client) ?? context.index.clockOf(client);
    ends.set(client, Math.max(known, end));
    if (end <= known) continue;
    if (clock > known || struct instanceof Y.Skip) return "gap";
    addFresh(fresh, itemOf(struct, known), context);
  }
  return fresh;
}

/** The part of a struct from a clock on. */
function itemOf(struct: Y.Item | Y.GC, from: number): Item {
  const { client, clock } = struct.id;
  if (!(struct instanceof Y.Item)) throw new AppError("update-refused", { struct: "no item" });
  if (struct.rightOrigin !== null) throw new AppError("update-refused", { struct: "not a map entry" });
  const { content } = struct;
  if (!(content instanceof Y.ContentBinary || content instanceof Y.ContentDeleted)) {
    throw new AppError("update-refused", { content: content.getRef() });
  }
  return {
    client,
    clock: from,
    length: clock + struct.length - from,
    origin: from > clock ? { client, clock: from - 1 } : struct.origin,
    // A decoded item carries the root's name where an integrated one carries the type.
    written: { root: struct.parent, key: struct.parentSub },
    value: content instanceof Y.ContentBinary ? content.content : null,
  };
}

function checkClock(clock: number, length: number): void {
  if (!(length >= 1 && clock + length < MAX_CLOCK)) throw new AppError("update-refused", { clock, length });
}

function addFresh(fresh: Map<number, Item[]>, item: Item, { ownerOf, personId }: UpdateContext): void {
  const { client } = item;
  if ((ownerOf(client) ?? personId) !== personId) throw new AppError("update-refused", { client });
  const run = fresh.get(client);
  if (run) run.push(item);
  else fresh.set(client, [item]);
  if (fresh.size > MAX_FRESH_CLIENTS) throw new AppError("update-refused", { clients: fresh.size });
}

/**
 * Under which root and key each item lies: written in it, or that of the item it replaces. Goes through the items in
 * the order in which Yjs will integrate them; items that wait for each other for ever are refused.
 */
function placesOf(fresh: Fresh, index: ItemIndex): ReadonlyMap<Item, Place> | "gap" {
  const places = new Map<Item, Place>();
  const runs = [...fresh.values()].map((items) => ({ items, at: 0 }));
  const count = runs.reduce((sum, { items }) => sum + items.length, 0);
  while (places.size < count) {
    const before = places.size;
    for (const run of runs) if (advance(run, fresh, places, index) === "gap") return "gap";
    if (places.size === before) throw new AppError("update-refused", { struct: "circle" });
  }
  return places;
}

/** Places the items of one run until one of them waits for another run. */
function advance(
  run: { readonly items: readonly Item[]; at: number },
  fresh: Fresh,
  places: Map<Item, Place>,
  index: ItemIndex,
): "gap" | "later" | "end" {
  for (let item = run.items[run.at]; item !== undefined; item = run.items[run.at]) {
    const place = placeOf(item, fresh, places, index);
    if (place === "gap" || place === "later") return place;
    places.set(item, place);
    run.at += 1;
  }
  return "end";
}

function placeOf(
  { origin, written }: Item,
  fresh: Fresh,
  places: ReadonlyMap<Item, Place>,
  index: ItemIndex,
): Place | "gap" | "later" {
  if (origin === null) return writtenPlace(written);
  if (origin.clock < index.clockOf(origin.client)) return index.placeOf(origin.client, origin.clock);
  const before = runItem(fresh.get(origin.client), origin.clock);
  return before === undefined ? "gap" : (places.get(before) ?? "later");
}

/** The item of a run that holds a clock. */
function runItem(run: readonly Item[] | undefined, clock: number): Item | undefined {
  let [low, high] = [0, (run?.length ?? 0) - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const item = run?.[middle];
    if (item === undefined) return undefined;
    if (clock < item.clock) high = middle - 1;
    else if (clock >= item.clock + item.length) low = middle + 1;
    else return item;
  }
  return undefined;
}

function writtenPlace({ root, key }: Item["written"]): Place {
  const annotation = isRoot(root) && key !== null ? annotationAt(root, key) : null;
  if (!isRoot(root) || key === null || annotation === null || !ID_PATTERN.test(annotation)) {
    throw new AppError("update-refused", { root: typeof root === "string" ? root.slice(0, 32) : "nested" });
  }
  return { root, key, annotation };
}

function checkContent({ value }: Item, { root, key }: Place, { slide, guideline }: UpdateContext): void {
  if (value === null) return;
  try {
    if (root === MARKS_ROOT && saidPlace(key) !== null) decodeSaid(value);
    else if (root === MARKS_ROOT) checkClass(decodeMarks(value), guideline);
    else if (root === EDITS_ROOT || value[0] === EDIT_FORMAT) checkOutlineEdit(value, slide, guideline);
    else checkAnnotation(decodeRecord(value), slide, guideline);
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
function checkNew({ origin }: Item, { root, key }: Place, index: ItemIndex): void {
  if (root === ANNOTATIONS_ROOT && origin === null && index.has(root, key)) {
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
function authorCheck({ index, ownerOf, personId, mayChangeOthers }: UpdateContext): (key: string) => void {
  const judged = new Set<string>();
  return (key) => {
    if (mayChangeOthers || judged.has(key)) return;
    const creator = index.creatorClient(key);
    const owner = creator === undefined ? personId : ownerOf(creator);
    if (owner !== personId) throw new AppError("update-refused", { annotation: key });
    judged.add(key);
  };
}

/** Whether there are marks or edits of an annotation that neither the server nor this update has. */
function lacksRecord(places: ReadonlyMap<Item, Place>, index: ItemIndex): boolean {
  const drawn = new Set<string>();
  for (const { root, key } of places.values()) if (root === ANNOTATIONS_ROOT) drawn.add(key);
  for (const { root, annotation } of places.values()) {
    if (root !== ANNOTATIONS_ROOT && !drawn.has(annotation) && !index.has(ANNOTATIONS_ROOT, annotation)) return true;
  }
  return false;
}

/** @returns the deletions that are new to the server */
function newDeletions(
  ds: Decoded["ds"],
  fresh: Fresh,
  { index, step2 }: UpdateContext,
  allowed: (key: string) => void,
): DeleteRange[] | "gap" {
  checkRanges(ds, step2 ? MAX_DELETE_RANGES.step2 : MAX_DELETE_RANGES.live);
  const deletions: DeleteRange[] = [];
  for (const [client, deletes] of ds.clients) {
    const known = index.clockOf(client);
    const last = fresh.get(client)?.at(-1);
    const reach = last ? last.clock + last.length : known;
    for (const { clock, len } of deletes) {
      const end = clock + len;
      if (end > reach) return "gap";
      for (const item of index.living(client, clock, Math.min(end, known))) {
        allowed(item.place.annotation);
        deletions.push({ client, clock: item.clock, length: 1 });
      }
      const from = Math.max(clock, known);
      if (end > from) deletions.push({ client, clock: from, length: end - from });
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
