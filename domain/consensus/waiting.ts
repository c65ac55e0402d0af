import { type Geometry, polygonsOf } from "#domain/annotation.ts";
import { containsPoint, distanceToOutline, geometryBbox } from "#domain/geometry.ts";
import type { AnnotationId } from "#domain/ids.ts";
import { normalise, overlapArea } from "#domain/overlay.ts";
import { buildIndex } from "#domain/spatial-index.ts";
import type { Dispute, Vote } from "./disputes.ts";
import type { Outline, Read } from "./partition.ts";

/** Less in common is the rounding of an edge. */
const REACH_PX2 = 0.25;

/**
 * Says at the votes of those who mark nothing which outlines of theirs lie there and wait for a class: a split whose
 * question nobody has answered. Such an outline gives its place to no class, and yet it was drawn.
 * @param waiting by read, the outlines whose class is still to be chosen
 */
export function withWaiting(disputes: readonly Dispute[], waiting: readonly Read[]): readonly Dispute[] {
  const found = new Map(
    waiting.filter(({ outlines }) => outlines.length > 0).map((read) => [read.readerKey, placesOf(read.outlines)]),
  );
  if (found.size === 0) return disputes;
  return disputes.map((dispute) => ({
    ...dispute,
    votes: dispute.votes.map((vote): Vote => {
      const waitingIds = vote.classId === null ? (found.get(vote.readerKey)?.(dispute) ?? []) : [];
      return waitingIds.length === 0 ? vote : { ...vote, waitingIds };
    }),
  }));
}

/** Which of some outlines lie in a dispute, by id. */
function placesOf(outlines: readonly Outline[]): (dispute: Dispute) => readonly AnnotationId[] {
  const index = buildIndex(outlines.map(({ geometry }) => geometryBbox(geometry)));
  return (dispute) => {
    const reach = reachOf(dispute);
    const { minX, minY, maxX, maxY } = dispute.bbox;
    const near = { minX: minX - reach, minY: minY - reach, maxX: maxX + reach, maxY: maxY + reach };
    return index
      .search(near)
      .flatMap((place) => outlines[place] ?? [])
      .filter(({ geometry }) => liesIn(geometry, dispute.geometry, reach))
      .map(({ annotationId }) => annotationId)
      .sort();
  };
}

/** How far around itself the dispute about a point is a place, px. */
function reachOf({ geometry, areaPx }: Dispute): number {
  return geometry.type === "point" ? Math.sqrt(areaPx / Math.PI) : 0;
}

function liesIn(outline: Geometry, place: Geometry, reach: number): boolean {
  if (place.type === "point") return containsPoint(outline, place.at) || distanceToOutline(outline, place.at) <= reach;
  if (outline.type === "point") return containsPoint(place, outline.at);
  const valid = polygonsOf(outline).length === 0 ? null : normalise(outline);
  return valid !== null && overlapArea(valid, place) > REACH_PX2;
}
