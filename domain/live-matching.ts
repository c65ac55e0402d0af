import type { Ratings, Votes } from "./agreement.ts";
import { type Bbox, polygonsOf } from "./annotation.ts";
import type { Outline, Read } from "./consensus/partition.ts";
import { geometryBbox } from "./geometry.ts";
import type { AnnotationId, ClassId } from "./ids.ts";
import {
  byId,
  type Cluster,
  LEAST_IOU,
  type Match,
  type Matching,
  matchOutlines,
  type Regrouping,
  ratingsOfClusters,
} from "./matching.ts";
import { commonArea, iouOf, prepareShapes } from "./overlap.ts";
import { LiveIndex } from "./spatial-index.ts";

type Marked = { readonly reader: number; readonly outline: Outline; readonly bbox: Bbox };
type Pair = { readonly matches: Map<AnnotationId, Match>; readonly splits: Found; readonly merges: Found };
/** By the id of the one. */
type Found = Map<AnnotationId, Regrouping>;

/** What one change did to the clusters, by id. */
export type ClusterChange = { readonly gone: readonly Cluster[]; readonly come: readonly Cluster[] };

/**
 * The matching of reads that are being drawn, where all may see it. After every change it is what `matchOutlines` would
 * give for the outlines as they are then, to the bit and whatever the order of changes; but only what hangs together with
 * the change is looked at, so that the cost does not depend on how many outlines there are.
 */
export class LiveMatching {
  readonly readerKeys: readonly string[];
  readonly #classIds: readonly ClassId[];
  readonly #leastIou: number;
  readonly #index = new LiveIndex();
  readonly #objects = new Map<string, Marked>();
  readonly #clusterOf = new Map<string, Cluster>();
  readonly #patterns = new Map<string, { readonly labels: Votes["labels"]; weight: number }>();
  readonly #pairs = new Map<string, Pair>();

  /** @throws RangeError where two reads have the same key */
  constructor(reads: readonly Read[], classIds: readonly ClassId[], leastIou: number = LEAST_IOU) {
    const matching = matchOutlines(reads, leastIou);
    this.readerKeys = matching.readerKeys;
    this.#classIds = classIds;
    this.#leastIou = leastIou;
    for (const { readerKey, outlines } of reads) {
      const reader = this.readerKeys.indexOf(readerKey);
      for (const outline of outlines)
        if (isMatched(outline)) this.#objects.set(keyOf(reader, outline), marked(reader, outline));
    }
    this.#index.load([...this.#objects].map(([key, { bbox }]) => [key, bbox]));
    this.#take(matching, () => true);
  }

  /** Adds an outline to a read, or puts it in the place of the one of its id. */
  set(readerKey: string, outline: Outline): ClusterChange {
    return this.#change(readerKey, outline.annotationId, isMatched(outline) ? outline : null);
  }

  remove(readerKey: string, annotationId: AnnotationId): ClusterChange {
    return this.#change(readerKey, annotationId, null);
  }

  /** Votes on the objects so far, one row for each combination. */
  ratings(): Ratings {
    const rows = [...this.#patterns]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { labels, weight }]) => ({ labels, weight }));
    return { categories: this.#classIds.length + 1, rows };
  }

  /** The whole matching. Cost about n log n in the number of outlines. */
  matching(): Matching {
    const byReader = this.readerKeys.map((): AnnotationId[] => []);
    for (const { reader, outline } of this.#objects.values()) byReader[reader]?.push(outline.annotationId);
    for (const ids of byReader) ids.sort();
    const pairs = this.readerKeys.flatMap((_, a) =>
      this.readerKeys.slice(a + 1).map((__, step) => {
        const b = a + 1 + step;
        const { matches, splits, merges } = this.#pair(a, b);
        const ordered = inOrder(matches);
        const [takenA, takenB] = [new Set(ordered.map((match) => match.a)), new Set(ordered.map((match) => match.b))];
        return {
          a,
          b,
          matches: ordered,
          onlyA: (byReader[a] ?? []).filter((id) => !takenA.has(id)),
          onlyB: (byReader[b] ?? []).filter((id) => !takenB.has(id)),
          regroupings: [...inOrder(splits), ...inOrder(merges)],
        };
      }),
    );
    return { readerKeys: this.readerKeys, pairs, clusters: [...new Set(this.#clusterOf.values())].sort(byId) };
  }

  #change(readerKey: string, annotationId: AnnotationId, outline: Outline | null): ClusterChange {
    const reader = this.readerKeys.indexOf(readerKey);
    if (reader === -1) throw new RangeError(`no read has the key ${readerKey}`);
    const key = `${reader} ${annotationId}`;
    const before = this.#objects.get(key);
    const seeds = new Set(before === undefined ? [] : this.#index.search(before.bbox));
    seeds.delete(key);
    if (outline === null) {
      this.#objects.delete(key);
      this.#index.remove(key);
    } else {
      const now = marked(reader, outline);
      this.#objects.set(key, now);
      this.#index.set(key, now.bbox);
      for (const near of this.#index.search(now.bbox)) seeds.add(near);
    }
    const group = this.#hangingTogether(seeds);
    const touched = [...group].flatMap((each) => this.#objects.get(each) ?? []);
    const gone = this.#forget([
      { key, reader, annotationId },
      ...touched.map((each) => ({
        key: keyOf(each.reader, each.outline),
        reader: each.reader,
        annotationId: each.outline.annotationId,
      })),
    ]);
    const around = new Set([...group].flatMap((each) => [each, ...this.#near(each)]));
    const come = this.#take(matchOutlines(this.#readsOf(around), this.#leastIou), (each) => group.has(each));
    return { gone, come };
  }

  /** Seeds and all that is linked to them by enough overlap, over any number of links. */
  #hangingTogether(seeds: ReadonlySet<string>): Set<string> {
    const group = new Set(seeds);
    const open = [...seeds];
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      const own = this.#objects.get(key);
      if (own === undefined) continue;
      for (const near of this.#near(key)) {
        const other = this.#objects.get(near);
        if (group.has(near) || other === undefined || other.reader === own.reader) continue;
        if (fitOf(own, other) < this.#leastIou) continue;
        group.add(near);
        open.push(near);
      }
    }
    return group;
  }

  #near(key: string): string[] {
    const bbox = this.#index.bbox(key);
    return bbox === undefined ? [] : this.#index.search(bbox);
  }

  #readsOf(keys: ReadonlySet<string>): Read[] {
    const outlines = this.readerKeys.map((): Outline[] => []);
    for (const key of keys) {
      const object = this.#objects.get(key);
      if (object !== undefined) outlines[object.reader]?.push(object.outline);
    }
    return this.readerKeys.map((readerKey, reader) => ({ readerKey, outlines: outlines[reader] ?? [] }));
  }

  /** Takes out all that is known about some objects; whatever they are matched with is among them. */
  #forget(objects: readonly { key: string; reader: number; annotationId: AnnotationId }[]): Cluster[] {
    const gone = new Set<Cluster>();
    for (const { key, reader, annotationId } of objects) {
      const cluster = this.#clusterOf.get(key);
      if (cluster !== undefined) gone.add(cluster);
      this.#clusterOf.delete(key);
      for (const other of this.readerKeys.keys()) {
        const { matches, splits, merges } = this.#pair(Math.min(reader, other), Math.max(reader, other));
        if (reader < other) matches.delete(annotationId);
        if (reader < other) splits.delete(annotationId);
        else merges.delete(annotationId);
      }
    }
    for (const cluster of gone) this.#count(cluster, -1);
    return [...gone].sort(byId);
  }

  /** Takes in what a matching says about some of its objects. */
  #take({ pairs, clusters }: Matching, isMeant: (key: string) => boolean): Cluster[] {
    for (const { a, b, matches, regroupings } of pairs) {
      const pair = this.#pair(a, b);
      for (const match of matches) if (isMeant(`${a} ${match.a}`)) pair.matches.set(match.a, match);
      for (const found of regroupings) {
        const [reader, known] = found.kind === "split" ? [a, pair.splits] : [b, pair.merges];
        if (isMeant(`${reader} ${found.one}`)) known.set(found.one, found);
      }
    }
    const taken = clusters.filter(({ members }) => keysOf(members).some(isMeant));
    for (const cluster of taken) this.#keep(cluster);
    return taken;
  }

  #keep(cluster: Cluster): void {
    for (const key of keysOf(cluster.members)) this.#clusterOf.set(key, cluster);
    this.#count(cluster, 1);
  }

  #count(cluster: Cluster, change: 1 | -1): void {
    const [row] = ratingsOfClusters([cluster], this.#classIds).rows;
    if (row === undefined) return;
    const key = row.labels.join();
    const weight = (this.#patterns.get(key)?.weight ?? 0) + change;
    if (weight === 0) this.#patterns.delete(key);
    else this.#patterns.set(key, { labels: row.labels, weight });
  }

  #pair(a: number, b: number): Pair {
    const key = `${a} ${b}`;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const made = { matches: new Map(), splits: new Map(), merges: new Map() };
    this.#pairs.set(key, made);
    return made;
  }
}

function isMatched({ geometry }: Outline): boolean {
  return polygonsOf(geometry).length > 0;
}

function marked(reader: number, outline: Outline): Marked {
  return { reader, outline, bbox: geometryBbox(outline.geometry) };
}

function keyOf(reader: number, { annotationId }: Outline): string {
  return `${reader} ${annotationId}`;
}

function keysOf(members: Cluster["members"]): string[] {
  return members.flatMap((member, reader) => (member === null ? [] : [keyOf(reader, member)]));
}

function fitOf(a: Marked, b: Marked): number {
  const shapes = prepareShapes([polygonsOf(a.outline.geometry), polygonsOf(b.outline.geometry)]);
  return iouOf(shapes, 0, 1, commonArea(shapes, 0, 1));
}

function inOrder<Value>(byId: ReadonlyMap<AnnotationId, Value>): Value[] {
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
