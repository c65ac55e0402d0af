import type { Ratings } from "#domain/agreement.ts";
import { type Polygon, polygonsOf } from "#domain/annotation.ts";
import type { ClassId } from "#domain/ids.ts";
import { union } from "#domain/overlay.ts";
import { stapleOfClasses } from "#domain/staple.ts";
import { facesOf } from "./faces.ts";
import { Memory } from "./memory.ts";
import { labelsOf, type MatchedObjects } from "./objects.ts";
import { partOf, type Read } from "./partition.ts";
import { cleaned } from "./regions.ts";
import { unionByGroups } from "./union-by-groups.ts";

/** How probable a label is where the reads say these, in the order of the reads; null for votes that were not counted. */
export type ProbabilityOf = (labels: readonly number[], label: number) => number | null;

/**
 * Probability of every class for each combination of votes of a slide, each reader weighed by how far they fit the
 * others: a view beside the votes, never the record.
 * @param ratings one row for each combination of votes
 * Cost grows with the combinations of votes and not with the outlines.
 */
export function stapleProbabilities(ratings: Ratings): ProbabilityOf {
  const { posterior } = stapleOfClasses(ratings);
  const known = new Map(ratings.rows.map(({ labels }, row) => [labels.join(), posterior[row] ?? []]));
  return (labels, label) => known.get(labels.join())?.[label] ?? null;
}

/**
 * Where a class is at least so probable, level by level: what all reads laid over one another are cut into has one
 * combination of votes each and so one probability, and a level is what of it reaches that. Edges are those that were
 * drawn.
 * @param classIds the classes that are voted on by place, in the order of their labels
 * @param levels ascending; each lies within the one before
 */
export function probabilityLevels(
  reads: readonly Read[],
  classIds: readonly ClassId[],
  classId: ClassId,
  probabilityOf: ProbabilityOf,
  levels: readonly number[],
): (readonly Polygon[])[] {
  const memory = new Memory();
  const label = classIds.indexOf(classId) + 1;
  const parts = reads.map((read) => partOf(read, classIds, memory));
  const faces = facesOf(parts, memory).map((face) => ({
    polygons: [face.polygon],
    bbox: face.bbox,
    probability: probabilityOf(face.labels, label) ?? 0,
  }));
  return levels.map((level) => {
    const reaching = faces.filter(({ probability }) => probability >= level);
    return unionByGroups(reaching, memory).flatMap(cleaned);
  });
}

/**
 * The same of single objects, which are voted on as a whole: a level holds, of every object that is at least so probable,
 * all that was drawn of it in the class. Points cover nothing.
 * @param classIds the classes that are compared object by object, in the order of their labels
 */
export function objectProbabilityLevels(
  { clusters }: Pick<MatchedObjects, "clusters">,
  classIds: readonly ClassId[],
  classId: ClassId,
  probabilityOf: ProbabilityOf,
  levels: readonly number[],
): (readonly Polygon[])[] {
  const label = classIds.indexOf(classId) + 1;
  const objects = clusters.map((cluster) => {
    const own = cluster.members.filter((member) => member?.classId === classId);
    return {
      polygons: own.flatMap((member) => (member === null ? [] : [polygonsOf(member.geometry)])),
      probability: probabilityOf(labelsOf(cluster, classIds), label) ?? 0,
    };
  });
  return levels.map((level) =>
    union(objects.filter(({ probability }) => probability >= level).flatMap(({ polygons }) => polygons)),
  );
}
