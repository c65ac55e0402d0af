import {
  type Bbox,
  type Geometry,
  geometryOf,
  geometryOnGrid,
  MAX_VERTICES,
  type Polygon,
  polygonsOf,
} from "./annotation.ts";
import { type AnnotationContent, decodeMarks, MAX_PARTS, withMarks } from "./annotation-record.ts";
import {
  decodeContent,
  decodeVersion,
  MAX_STAGES,
  type OutlineEdit,
  type OutlineVersion,
  type Seen,
  type Stage,
  stagesOf,
  within,
} from "./outline-edit.ts";
import { difference, intersection, normaliseAll, union, widened } from "./overlay.ts";
import { type SaidEntry, withSaid } from "./said-entries.ts";
import { buildIndex } from "./spatial-index.ts";

/** An added area reaches this far into the shape it was added to, px, so that no crack of rounding is left between them. */
const SEAM = 1 / 32;
/** Of more edits beside one record, the first ones are read: no room holds so many people. */
const MAX_EDITS = 64;
/** Shapes with more edges than this, or whose edges' boxes meet more often, are not merged: nobody draws such. */
const MAX_EDGES = 150_000;
const MEETINGS_PER_EDGE = 16;
const MEETINGS_AT_LEAST = 100_000;

/** The entries that an annotation is read from. Each is one byte string that is never changed. */
export type OutlineParts = {
  readonly record: Uint8Array | undefined;
  readonly marks: Uint8Array | undefined;
  /** What was said of single attributes, in the order of their names. */
  readonly said: readonly SaidEntry[];
  /** In the order of their keys. */
  readonly edits: readonly Uint8Array[];
};

/** An outline as its record and the edits beside it say. */
export type Standing = {
  /** The shape with everybody's edits; class, attributes and note as in the record; the newest stamp. */
  readonly content: AnnotationContent;
  readonly root: number;
  /** Every edit that the shape holds. */
  readonly seen: Seen;
  /** The versions that no other one has taken in; more than one where people edited at the same time. */
  readonly heads: readonly OutlineVersion[];
};

/** Whether there is an outline; marks alone are what is left of a deleted one. */
export function isThere({ record, edits }: OutlineParts): boolean {
  return record !== undefined || edits.length > 0;
}

/**
 * What an annotation is: its outline with everybody's edits, under the marks beside it.
 * @returns null where there is none; marks alone are what is left of a deleted one
 * @throws LayerDocError where an entry cannot be read
 */
export function readParts({ record, marks, said, edits }: OutlineParts): AnnotationContent | null {
  const merged = edits.length > 0 ? (standingOf(record, edits)?.content ?? null) : null;
  const content = merged ?? (record === undefined ? null : decodeContent(record));
  return content && withSaid(withMarks(content, marks === undefined ? null : decodeMarks(marks)), said);
}

/** Whether an outline is read from the very same entries, marks apart. */
export function sameParts(a: OutlineParts, b: OutlineParts): boolean {
  const same = a.record === b.record && a.edits.length === b.edits.length;
  return same && a.edits.every((bytes, index) => bytes === b.edits[index]);
}

/**
 * What an outline is, whatever order its parts arrived in: the shape with all areas that concurrent edits added, without
 * all that they removed. Edits of a record that has been replaced count no more; where the record was deleted while
 * somebody edited, the edit stands.
 * @param edits in the order of their keys
 * @returns null where there is neither a record nor an edit
 * @throws LayerDocError where one of them cannot be read
 */
export function standingOf(record: Uint8Array | undefined, edits: readonly Uint8Array[]): Standing | null {
  const all = [...(record === undefined ? [] : [record]), ...edits.slice(0, MAX_EDITS)].map(decodeVersion);
  const [first] = all;
  if (first === undefined) return null;
  const root = record === undefined ? Math.max(...all.map((each) => each.root)) : first.root;
  const versions = all.filter((each) => each.root === root);
  const heads = versions.filter((each, index) => !versions.some((other, at) => takenIn(each, index, other, at)));
  const { geometry, seen } = mergeHeads(heads, versions);
  const { classId, attributes, note, unknown } = versions[0] ?? first;
  const under = Math.max(...heads.map((each) => each.under));
  const content = { classId, under, geometry, attributes, note, ...(unknown && { unknown }) };
  return { content, root, seen, heads };
}

/**
 * What a session writes when it edits an outline. Where it goes on with its own edit, that one still starts where it
 * started; an edit of what others made starts there, and remembers where theirs did.
 * @param own what stands where this session writes
 * @param clock of the session's client after this edit
 * @throws LayerDocError where `own` cannot be read
 */
export function nextEdit(
  { content, root, seen, heads }: Standing,
  own: Uint8Array | undefined,
  { client, clock }: { readonly client: number; readonly clock: number },
  { classId, under, geometry, attributes, note, unknown }: AnnotationContent,
): OutlineEdit {
  const before = own === undefined ? null : decodeVersion(own);
  const [head] = heads;
  const goesOn =
    before?.seen.has(client) === true && head !== undefined && heads.length === 1 && sameSeen(before.seen, head.seen);
  const now: Stage = { seen, polygons: polygonsOf(content.geometry) };
  const stages = goesOn ? stagesOf(head) : [now, ...heads.flatMap(stagesOf)].slice(0, MAX_STAGES);
  const after = { classId, under, geometry, attributes, note, ...(unknown && { unknown }) };
  return { ...after, root, seen: new Map(seen).set(client, clock), stages };
}

/**
 * Two shapes that grew from one: what either added, without what either removed. Where both are without removals it is
 * their union, where both are without additions their intersection. It does not depend on their order.
 * @param start the shape that both began from; without polygons where it is not known, and then all is added
 * @returns null where nothing is left, or where it is more than can be merged or stored
 */
export function mergeShapes(start: readonly Polygon[], a: Geometry, b: Geometry): Geometry | null {
  const [first, second] = [polygonsOf(a), polygonsOf(b)];
  if (sameShape(first, second) || sameShape(start, second)) return a;
  if (sameShape(start, first)) return b;
  if (tangled([start, first, second])) return null;
  const both = intersection(union([first, addedTo(start, second)]), union([second, addedTo(start, first)]));
  const merged = normaliseAll(both);
  return merged !== null && storable(merged) ? merged : null;
}

/**
 * What a person's change makes of an outline that others have changed since they began.
 * @returns null where one of the shapes has no area
 */
export function carriedOver(
  now: Geometry,
  { from, to }: { readonly from: Geometry; readonly to: Geometry },
): Geometry | null {
  const shapes = [from, now, to].map(polygonsOf);
  if (shapes.some((polygons) => polygons.length === 0)) return null;
  return mergeShapes(polygonsOf(from), now, to) ?? to;
}

/** Whether two geometries differ by crumbs of rounding at most. */
export function sameArea(a: Geometry, b: Geometry): boolean {
  if (sameShape(polygonsOf(a), polygonsOf(b))) return true;
  return normaliseAll(difference(a, b)) === null && normaliseAll(difference(b, a)) === null;
}

/** Whether two shapes have the same vertices on the grid. */
export function sameShape(a: readonly Polygon[], b: readonly Polygon[]): boolean {
  return spelling(a) === spelling(b);
}

/** Whether one version is part of another; of equal ones the first stays. */
function takenIn(version: OutlineVersion, index: number, other: OutlineVersion, at: number): boolean {
  if (at === index || !within(version.seen, other.seen)) return false;
  return at < index || !within(other.seen, version.seen);
}

/** One after the other, each pair from the latest shape that both are known to have grown from. */
function mergeHeads(
  heads: readonly OutlineVersion[],
  versions: readonly OutlineVersion[],
): { geometry: Geometry; seen: Seen } {
  const [first, ...others] = heads;
  if (first === undefined) throw new Error("an outline has a version");
  let { geometry, seen }: { geometry: Geometry; seen: Seen } = first;
  if (others.length === 0) return { geometry, seen };
  const stages: Stage[] = versions.flatMap((version) => [
    { seen: version.seen, polygons: polygonsOf(version.geometry) },
    ...stagesOf(version),
  ]);
  let edgesLeft = MAX_EDGES;
  for (const other of others) {
    const start = latestCommon(stages, seen, other.seen);
    edgesLeft -= verticesIn([start, polygonsOf(geometry), polygonsOf(other.geometry)]);
    // What leaves nothing of the outline is left out: somebody must see that there is something to decide.
    if (edgesLeft > 0) geometry = mergeShapes(start, geometry, other.geometry) ?? geometry;
    seen = together(seen, other.seen);
  }
  return { geometry, seen };
}

function latestCommon(stages: readonly Stage[], a: Seen, b: Seen): readonly Polygon[] {
  let latest: Stage | null = null;
  for (const stage of stages) {
    const common = within(stage.seen, a) && within(stage.seen, b);
    if (common && (latest === null || sum(stage.seen) > sum(latest.seen))) latest = stage;
  }
  return latest?.polygons ?? [];
}

function sameSeen(a: Seen, b: Seen): boolean {
  return within(a, b) && within(b, a);
}

/** Grows with everything that is seen. */
function sum(seen: Seen): number {
  let total = 0;
  for (const clock of seen.values()) total += clock;
  return total;
}

function together(a: Seen, b: Seen): Seen {
  const both = new Map(a);
  for (const [client, clock] of b) both.set(client, Math.max(clock, both.get(client) ?? 0));
  return both;
}

/** What a shape has more than the one it grew from, and a seam of what it had. Crumbs of rounding are no addition. */
function addedTo(start: readonly Polygon[], shape: readonly Polygon[]): readonly Polygon[] {
  const added = normaliseAll(difference(shape, start));
  return added === null ? [] : intersection(shape, widened(added, SEAM));
}

/** Whether the edges meet more often than those of drawn outlines do; the clipper's work grows with it. */
function tangled(shapes: readonly (readonly Polygon[])[]): boolean {
  if (verticesIn(shapes) > MAX_EDGES) return true;
  const boxes = shapes.flatMap((polygons) => polygons.flatMap((polygon) => polygon.flatMap(edgeBoxes)));
  const index = buildIndex(boxes);
  let left = Math.max(MEETINGS_AT_LEAST, MEETINGS_PER_EDGE * boxes.length);
  for (const box of boxes) {
    left -= index.search(box).length;
    if (left < 0) return true;
  }
  return false;
}

function verticesIn(shapes: readonly (readonly Polygon[])[]): number {
  let count = 0;
  for (const polygons of shapes) for (const ring of polygons.flat()) count += ring.length;
  return count;
}

function edgeBoxes(ring: Polygon[number]): readonly Bbox[] {
  return ring.map(([x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length] ?? [x, y];
    return {
      minX: Math.min(x, nextX),
      minY: Math.min(y, nextY),
      maxX: Math.max(x, nextX),
      maxY: Math.max(y, nextY),
    };
  });
}

function storable(geometry: Geometry): boolean {
  const polygons = polygonsOf(geometry);
  if (polygons.length > MAX_PARTS || polygons.some((polygon) => polygon.length > MAX_PARTS)) return false;
  return verticesIn([polygons]) <= MAX_VERTICES;
}

function spelling(polygons: readonly Polygon[]): string {
  return polygons.length === 0 ? "" : JSON.stringify(geometryOnGrid(geometryOf(polygons)));
}
