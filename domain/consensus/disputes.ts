import { type Bbox, type Geometry, geometryOf } from "#domain/annotation.ts";
import { geometryPerimeter } from "#domain/geometry.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import { overlapArea } from "#domain/overlay.ts";
import { seedFrom } from "#domain/random.ts";
import { type BoxIndex, buildIndex } from "#domain/spatial-index.ts";
import { type MicronPerPx, toSquareMicron } from "#domain/units.ts";
import type { Face } from "./faces.ts";
import type { Part } from "./partition.ts";

/** What one read says in a dispute; class null is "did not mark". */
export type Vote = {
  readonly readerKey: string;
  readonly classId: ClassId | null;
  /** The read's outlines of that class that reach into the dispute, by id. */
  readonly annotationIds: readonly AnnotationId[];
};

/**
 * `boundary`: a thin, long strip, as two hands leave along one edge; else `class-conflict` where reads name different
 * classes; else `missed`: some marked it and some did not.
 */
export type DisputeKind = "class-conflict" | "missed" | "boundary";

/** A connected region in which the reads differ, each saying one thing throughout. */
export type Dispute = {
  /** Made of the region (to the px) and the votes: the same dispute has the same key whenever it is computed. */
  readonly key: string;
  readonly kind: DisputeKind;
  readonly geometry: Geometry;
  readonly bbox: Bbox;
  readonly areaPx: number;
  /** Null where the slide's scale is not known. */
  readonly areaUm2: number | null;
  /** In the order of the reads. */
  readonly votes: readonly Vote[];
  /** The class that a quorum gives it; null where the quorum says "not marked", or where there is none. */
  readonly majority: ClassId | null;
  readonly verdict: "class" | "not-marked" | "tie";
};

/** A strip is thin below this mean width, and long where its perimeter squared is this much larger than a disc's. */
const BOUNDARY_WIDTH_UM = 25;
const BOUNDARY_WIDTH_PX = 100;
const BOUNDARY_ELONGATION = 4;
/** Faces narrower than half a pixel or smaller than 4 px2 cannot be seen, let alone decided. */
const LEAST_AREA_PX = 4;
const LEAST_WIDTH_PX = 0.5;
/** An outline reaches into a dispute with more than the rounding of an edge. */
const REACH_PX2 = 0.25;

/** All disputes that are large enough, the largest first, equals by key. */
export function disputesOf(
  faces: readonly Face[],
  parts: readonly Part[],
  classIds: readonly ClassId[],
  rules: { readonly quorum: number; readonly minDisputeUm2: number; readonly mpp: MicronPerPx | null },
): Dispute[] {
  const indexes = parts.map((part) => buildIndex(part.outlines.map((outline) => outline.bbox)));
  const disputes = faces.flatMap((face): Dispute[] => {
    const geometry = geometryOf([face.polygon]);
    const width = (2 * face.areaPx) / geometryPerimeter(geometry);
    const areaUm2 = rules.mpp === null ? null : toSquareMicron(face.areaPx, rules.mpp);
    const differ = new Set(face.labels).size > 1;
    const seen = face.areaPx >= LEAST_AREA_PX && width >= LEAST_WIDTH_PX;
    if (!differ || !seen || (areaUm2 !== null && areaUm2 < rules.minDisputeUm2)) return [];
    const votes = parts.map((part, read) => voteOf(part, indexes[read], face, read, classIds));
    const { label, verdict } = verdictOf(face.labels, rules.quorum);
    return [
      {
        key: keyOf(geometry, votes),
        kind: kindOf(face.labels, face.areaPx, width, rules.mpp),
        geometry,
        bbox: face.bbox,
        areaPx: face.areaPx,
        areaUm2,
        votes,
        majority: label === null ? null : (classIds[label - 1] ?? null),
        verdict,
      },
    ];
  });
  return disputes.sort((a, b) => b.areaPx - a.areaPx || (a.key < b.key ? -1 : 1));
}

function voteOf(part: Part, index: BoxIndex | undefined, face: Face, read: number, classIds: readonly ClassId[]): Vote {
  const label = face.labels[read] ?? 0;
  const near = label === 0 || index === undefined ? [] : index.search(face.bbox);
  const annotationIds = near.flatMap((place) => {
    const outline = part.outlines[place];
    if (outline === undefined || outline.label !== label) return [];
    return overlapArea(outline.geometry, [face.polygon]) > REACH_PX2 ? [outline.annotationId] : [];
  });
  return { readerKey: part.readerKey, classId: classIds[label - 1] ?? null, annotationIds: annotationIds.sort() };
}

function kindOf(labels: readonly number[], areaPx: number, width: number, mpp: MicronPerPx | null): DisputeKind {
  const perimeter = (2 * areaPx) / width;
  const thin = width < (mpp === null ? BOUNDARY_WIDTH_PX : BOUNDARY_WIDTH_UM / mpp);
  if (thin && perimeter ** 2 / (4 * Math.PI * areaPx) > BOUNDARY_ELONGATION) return "boundary";
  return new Set(labels.filter((label) => label > 0)).size > 1 ? "class-conflict" : "missed";
}

/** The label with the most votes where it has a quorum and no other has as many. */
function verdictOf(labels: readonly number[], quorum: number): { label: number | null; verdict: Dispute["verdict"] } {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first, second] = [...counts].sort((a, b) => b[1] - a[1]);
  if (first === undefined || first[1] < quorum || first[1] === second?.[1]) return { label: null, verdict: "tie" };
  return first[0] === 0 ? { label: null, verdict: "not-marked" } : { label: first[0], verdict: "class" };
}

/** 64 bits of FNV-1a in 16 hexadecimal digits; not a secret, only a name. */
function keyOf(geometry: Geometry, votes: readonly Vote[]): string {
  const said = votes.map(({ readerKey, classId }) => [readerKey, classId]);
  const place =
    geometry.type === "polygon"
      ? geometry.rings.map((ring) => ring.map(([x, y]) => [Math.round(x), Math.round(y)]))
      : [];
  const text = JSON.stringify([said, place]);
  const half = (part: string) => seedFrom(part).toString(16).padStart(8, "0");
  return half(`a${text}`) + half(`b${text}`);
}
