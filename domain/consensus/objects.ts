import { type Geometry, geometryOf, onGrid, type Point, polygonsOf } from "#domain/annotation.ts";
import { geometryArea, geometryBbox } from "#domain/geometry.ts";
import type { AnnotationId, ClassId } from "#domain/ids.ts";
import {
  type Cluster,
  LEAST_IOU,
  type Matched,
  matchedOverlaps,
  matchPoints,
  type Overlaps,
  overlapsOf,
  POINT_RADIUS_UM,
} from "#domain/matching.ts";
import { coveredBy, normalise, overlapArea, union } from "#domain/overlay.ts";
import { type MicronPerPx, micronPerPx, toSquareMicron } from "#domain/units.ts";
import { type DisputeKind, disputeKey, type Unranked } from "./disputes.ts";
import { Bound, Memory } from "./memory.ts";
import type { Judge } from "./method.ts";
import type { Outline, Read } from "./partition.ts";

/** How two outlines, or two points, of a class come to be one object. */
export type ObjectMatching = { readonly leastIou?: number | undefined; readonly radiusUm?: number | undefined };

/** What several reads say of the single objects of some classes. */
export type MatchedObjects = {
  /** Outlines and points, by id. */
  readonly clusters: readonly Cluster[];
  /** Annotations that one reader drew as one and another as several. */
  readonly regrouped: ReadonlySet<AnnotationId>;
};

/** One object of the consensus. */
export type ConsensusObject = {
  /** The cluster that it was made of. */
  readonly clusterId: AnnotationId;
  readonly classId: ClassId;
  readonly geometry: Geometry;
  /** How many marked it at all. */
  readonly support: number;
};

/** @param reads with outlines and points of the object classes only */
export function matchObjects(
  reads: readonly Read[],
  matchingOf: (classId: ClassId) => ObjectMatching,
  mpp: MicronPerPx | null,
): MatchedObjects {
  const memory = new Memory();
  return matchKnown(reads, overlapsOf(reads, memory), matchingOf, mpp, memory);
}

/** @param overlaps of the outlines of the same reads */
export function matchKnown(
  reads: readonly Read[],
  overlaps: Overlaps,
  matchingOf: (classId: ClassId) => ObjectMatching,
  mpp: MicronPerPx | null,
  memory: Memory,
): MatchedObjects {
  const iou = (outline: Outline) => matchingOf(outline.classId).leastIou ?? LEAST_IOU;
  const radius = (outline: Outline) => matchingOf(outline.classId).radiusUm ?? POINT_RADIUS_UM;
  const outlines = matchedOverlaps(overlaps, iou, memory);
  // Without a scale a radius in um means nothing; a px is taken for a quarter of a um, as at 40x.
  const points = matchPoints(reads, mpp ?? USUAL_MPP, radius);
  return { clusters: [...outlines.clusters, ...points.clusters], regrouped: regroupedIn(outlines) };
}

const USUAL_MPP = micronPerPx(0.25);

function regroupedIn({ regroupings }: Matched): Set<AnnotationId> {
  return new Set(regroupings.flatMap(({ found }) => [found.one, ...found.several]));
}

/** Votes on one cluster: the label of each read's member, 0 for "did not mark". */
export function labelsOf(cluster: Cluster, classIds: readonly ClassId[]): number[] {
  return cluster.members.map((member) => (member === null ? 0 : classIds.indexOf(member.classId) + 1));
}

/** A cluster with what each read says of it: the label of its member, 0 for "did not mark". */
export type Voted = { readonly cluster: Cluster; readonly labels: readonly number[] };

/** What a dispute about an object is made of, whatever the verdict. */
type Place = Pick<Unranked, "geometry" | "bbox" | "areaPx" | "key" | "votes">;

const PLACES = new Bound<Cluster, Place>();
const AGREED = new Bound<Cluster, { readonly geometry: Geometry | null }>();

/** How objects are named and judged. */
export type ObjectRules = {
  readonly readerKeys: readonly string[];
  readonly classIds: readonly ClassId[];
  readonly judge: Judge;
  readonly mpp: MicronPerPx | null;
};

/** Clusters on which the reads differ. */
export function objectDisputes(
  voted: readonly Voted[],
  regrouped: ReadonlySet<AnnotationId>,
  rules: ObjectRules,
  memory: Memory,
): Unranked[] {
  const { classIds, judge, mpp } = rules;
  return voted.flatMap(({ cluster, labels }): Unranked[] => {
    if (labels.every((each) => each === labels[0])) return [];
    const { geometry, bbox, areaPx, key, votes } = PLACES.of(memory, cluster, "", () => placed(cluster, rules));
    const { label, standing } = judge(labels);
    return [
      {
        basis: "object",
        key,
        kind: kindOf(cluster, labels, regrouped),
        geometry,
        bbox,
        areaPx,
        areaUm2: mpp === null ? null : toSquareMicron(areaPx, mpp),
        votes,
        labels,
        clusterId: cluster.id,
        majority: label === null ? null : (classIds[label - 1] ?? null),
        verdict: standing,
      },
    ];
  });
}

function placed(cluster: Cluster, { readerKeys, mpp }: ObjectRules): Place {
  const votes = cluster.members.map((member, read) => ({
    readerKey: readerKeys[read] ?? "",
    classId: member?.classId ?? null,
    annotationIds: member === null ? [] : [member.annotationId],
  }));
  const geometry = placeOf(cluster);
  const areaPx = geometry.type === "point" ? discPx(mpp) : geometryArea(geometry);
  return { geometry, bbox: geometryBbox(geometry), areaPx, key: disputeKey(geometry, votes), votes };
}

/** The objects that the verdicts make, each as most of those who gave it the class drew it. */
export function consensusObjects(
  voted: readonly Voted[],
  classIds: readonly ClassId[],
  judge: Judge,
  memory: Memory,
): ConsensusObject[] {
  return voted.flatMap(({ cluster, labels }): ConsensusObject[] => {
    const { label } = judge(labels);
    const classId = label === null || label === 0 ? undefined : classIds[label - 1];
    if (classId === undefined) return [];
    const { geometry } = AGREED.of(memory, cluster, classId, () => ({ geometry: agreedShape(cluster, classId) }));
    return geometry === null ? [] : [{ clusterId: cluster.id, classId, geometry, support: cluster.support }];
  });
}

function given({ members }: Cluster): Outline[] {
  return members.filter((member) => member !== null);
}

/** What more than half of the members of the class cover; where that is nothing, the member that fits the others best. */
function agreedShape(cluster: Cluster, classId: ClassId): Geometry | null {
  const own = given(cluster).filter((member) => member.classId === classId);
  const drawn = own.length > 0 ? own : given(cluster);
  const points = drawn.flatMap(({ geometry }) => (geometry.type === "point" ? [geometry.at] : []));
  if (points.length > 0) return { type: "point", at: middleOf(points) };
  const shapes = drawn.map(({ geometry }) => polygonsOf(geometry));
  const most = Math.floor(shapes.length / 2) + 1;
  const polygons = coveredBy(shapes, most);
  const agreed = polygons.length === 0 ? null : normalise(geometryOf(polygons));
  return agreed ?? bestFitting(drawn);
}

function bestFitting(drawn: readonly Outline[]): Geometry | null {
  const closeness = ({ geometry }: Outline) =>
    drawn.reduce((sum, other) => sum + overlapArea(geometry, other.geometry), 0) - geometryArea(geometry);
  const [first] = [...drawn].sort((a, b) => closeness(b) - closeness(a) || (a.annotationId < b.annotationId ? -1 : 1));
  return first?.geometry ?? null;
}

function placeOf(cluster: Cluster): Geometry {
  const drawn = given(cluster);
  const points = drawn.flatMap(({ geometry }) => (geometry.type === "point" ? [geometry.at] : []));
  if (points.length > 0) return { type: "point", at: middleOf(points) };
  const [only] = drawn;
  if (drawn.length === 1 && only !== undefined) return only.geometry;
  return geometryOf(union(drawn.map(({ geometry }) => geometry)));
}

/** Sums in the order of the values, so that the order of readers moves no bit. */
function middleOf(points: readonly Point[]): Point {
  const mean = (axis: 0 | 1) => {
    const values = points.map((point) => point[axis]).sort((a, b) => a - b);
    return onGrid(values.reduce((sum, value) => sum + value, 0) / values.length);
  };
  return [mean(0), mean(1)];
}

function discPx(mpp: MicronPerPx | null): number {
  return Math.PI * (POINT_RADIUS_UM / (mpp ?? USUAL_MPP)) ** 2;
}

function kindOf({ members }: Cluster, labels: readonly number[], regrouped: ReadonlySet<AnnotationId>): DisputeKind {
  if (members.some((member) => member !== null && regrouped.has(member.annotationId))) return "regrouped";
  return new Set(labels.filter((label) => label > 0)).size > 1 ? "class-conflict" : "missed";
}
