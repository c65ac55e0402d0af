import type { Bbox } from "#domain/annotation.ts";
import type { Outline } from "#domain/consensus/partition.ts";
import type { AnnotationId } from "#domain/ids.ts";
import type { Link, Marked, Objects } from "./objects.ts";

/** Annotations that mean one object, at most one of each reader. */
export type Cluster = {
  /** The smallest id among the members: it stays while the members do. */
  readonly id: AnnotationId;
  /** In the order of the readers; null is "did not mark". */
  readonly members: readonly (Outline | null)[];
  /** How many have marked it. */
  readonly support: number;
  readonly bbox: Bbox;
};

/**
 * Clusters of matched objects, by id: matches are joined from the best down, and one that would bring a second object of
 * some reader into a cluster is passed over. An object without a match is a cluster of its own.
 */
export function clustersOf({ readerKeys, all }: Objects, matches: readonly Link[]): Cluster[] {
  const groups = all.map((_, place) => [place]);
  const groupOf = all.map((_, place) => place);
  const ordered = [...matches].sort((a, b) => b.worth - a.worth || a.first - b.first || a.second - b.second);
  for (const { first, second } of ordered) {
    const [into, from] = [groupOf[first] ?? 0, groupOf[second] ?? 0];
    const [kept, joined] = [groups[into] ?? [], groups[from] ?? []];
    if (into === from || shareReader(all, kept, joined)) continue;
    for (const place of joined) groupOf[place] = into;
    kept.push(...joined);
    groups[from] = [];
  }
  return groups
    .filter((places) => places.length > 0)
    .map((places) =>
      clusterOf(
        places.flatMap((place) => all[place] ?? []),
        readerKeys.length,
      ),
    )
    .sort(byId);
}

/** The order of clusters: by id, and by reader where two reads have annotations of one id. */
export function byId(a: Cluster, b: Cluster): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  const reader = ({ id, members }: Cluster) => members.findIndex((member) => member?.annotationId === id);
  return reader(a) - reader(b);
}

function shareReader(all: readonly Marked[], some: readonly number[], others: readonly number[]): boolean {
  return some.some((place) => others.some((other) => all[place]?.reader === all[other]?.reader));
}

function clusterOf(marked: readonly Marked[], readers: number): Cluster {
  const members = Array.from({ length: readers }, (): Outline | null => null);
  for (const { reader, outline } of marked) members[reader] = outline;
  const ids = marked.map(({ outline }) => outline.annotationId).sort();
  const bbox = marked
    .map((each) => each.bbox)
    .reduce((a, b) => ({
      minX: Math.min(a.minX, b.minX),
      minY: Math.min(a.minY, b.minY),
      maxX: Math.max(a.maxX, b.maxX),
      maxY: Math.max(a.maxY, b.maxY),
    }));
  const [id] = ids;
  if (id === undefined) throw new Error("a cluster has a member");
  return { id, members, support: marked.length, bbox };
}
