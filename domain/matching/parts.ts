import { Kept, type Memory } from "#domain/consensus/memory.ts";
import { bestAssignment } from "./assignment.ts";
import { byId, type Cluster, clustersOf } from "./clusters.ts";
import type { Link, Marked, Objects, Overlaps } from "./objects.ts";
import { isPartOfOne, type Regrouping, regroupingsOf } from "./regroupings.ts";

/** A regrouping between two readers, by their places. */
export type RegroupedPair = { readonly a: number; readonly b: number; readonly found: Regrouping };

/** What is matched among objects. */
export type Matched = {
  /** Of each link, in their order: 1 where its two objects are one. */
  readonly isMatched: Uint8Array;
  /** The same where only objects of one class are looked at that overlap by more than a half. */
  readonly isOfClass: Uint8Array;
  /** By id. */
  readonly clusters: readonly Cluster[];
  /** In no particular order. */
  readonly regroupings: readonly RegroupedPair[];
};

/** Objects that links hold together, and the places of the links among them. */
type Part = { readonly places: number[]; readonly links: number[]; key: string };

const PARTS = new Kept<Matched>();
const LAST = new Kept<{ readonly links: readonly Link[]; readonly isEnough: Uint8Array; readonly matched: Matched }>();

/**
 * Which objects are one, found in each part that hangs together by links that can matter, and not again in a part that an
 * earlier computation has matched. Whatever is decided between objects is decided by their own part alone.
 * @param isEnough of each link: 1 where it may make its two objects one
 */
export function matchedIn(overlaps: Overlaps, isEnough: Uint8Array, memory: Memory): Matched {
  const last = LAST.find(memory, "");
  if (last !== null && last.links === overlaps.links && isSame(last.isEnough, isEnough)) return last.matched;
  const matched = matchedByParts(overlaps, isEnough, memory);
  LAST.set(memory, "", { links: overlaps.links, isEnough, matched });
  return matched;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((each, at) => each === b[at]);
}

function matchedByParts({ objects, links }: Overlaps, isEnough: Uint8Array, memory: Memory): Matched {
  const { all, readerKeys } = objects;
  const isMatched = new Uint8Array(links.length);
  const isOfClass = new Uint8Array(links.length);
  const clusters: Cluster[] = [];
  const regroupings: RegroupedPair[] = [];
  for (const part of partsOf(all, links, isEnough, memory)) {
    const found = PARTS.of(memory, part.key, () => {
      const own = { readerKeys, all: part.places.flatMap((place) => all[place] ?? []) };
      return matchPart(
        own,
        localLinks(part, links),
        Uint8Array.from(part.links, (at) => isEnough[at] ?? 0),
        memory,
      );
    });
    for (let at = 0; at < part.links.length; at++) {
      const link = part.links[at] ?? 0;
      isMatched[link] = found.isMatched[at] ?? 0;
      isOfClass[link] = found.isOfClass[at] ?? 0;
    }
    for (const cluster of found.clusters) clusters.push(cluster);
    for (const each of found.regroupings) regroupings.push(each);
  }
  return { isMatched, isOfClass, clusters: clusters.sort(byId), regroupings };
}

/** Parts by their first object; a key says which objects they have, and which of their links are enough. */
function partsOf(all: readonly Marked[], links: readonly Link[], isEnough: Uint8Array, memory: Memory): Part[] {
  const matters = thatMatter(all, links, isEnough);
  const roots = rootsOf(all.length, links, matters);
  const parts: Part[] = [];
  const partAt = new Int32Array(all.length);
  for (const [place, object] of all.entries()) {
    const root = roots[place] ?? place;
    const at = root === place ? parts.push({ places: [], links: [], key: "" }) - 1 : (partAt[root] ?? 0);
    const part = parts[at];
    if (part === undefined) continue;
    partAt[place] = at;
    part.places.push(place);
    part.key += `${memory.name(object)},`;
  }
  for (const [at, { first }] of links.entries()) {
    const part = matters[at] === 1 ? parts[partAt[first] ?? 0] : undefined;
    if (part === undefined) continue;
    part.links.push(at);
    part.key += isEnough[at] === 1 ? "+" : "-";
  }
  return parts;
}

/** 1 for each link that may make two objects one, or one of them a part of the other. */
function thatMatter(all: readonly Marked[], links: readonly Link[], isEnough: Uint8Array): Uint8Array {
  const matters = isEnough.slice();
  for (const [at, link] of links.entries()) if (matters[at] === 0 && isPartOfOne(all, link)) matters[at] = 1;
  return matters;
}

/** For each object the first of those that it hangs together with by links that matter. */
function rootsOf(count: number, links: readonly Link[], matters: Uint8Array): Int32Array {
  const parents = Int32Array.from({ length: count }, (_, place) => place);
  for (const [at, { first, second }] of links.entries()) {
    if (matters[at] !== 1) continue;
    const [a, b] = [rootOf(parents, first), rootOf(parents, second)];
    parents[Math.max(a, b)] = Math.min(a, b);
  }
  return parents.map((_, place) => rootOf(parents, place));
}

function rootOf(parents: Int32Array, place: number): number {
  let root = place;
  for (let parent = parents[root] ?? root; parent !== root; parent = parents[root] ?? root) {
    parents[root] = parents[parent] ?? parent;
    root = parent;
  }
  return root;
}

/** The links of a part between places in it. */
function localLinks(part: Part, links: readonly Link[]): Link[] {
  const local = new Map(part.places.map((place, at) => [place, at]));
  return part.links.flatMap((at): Link[] => {
    const link = links[at];
    if (link === undefined) return [];
    return [{ ...link, first: local.get(link.first) ?? 0, second: local.get(link.second) ?? 0 }];
  });
}

function matchPart(objects: Objects, links: readonly Link[], isEnough: Uint8Array, memory: Memory): Matched {
  const { all } = objects;
  const isMatched = new Uint8Array(links.length);
  const isOfClass = new Uint8Array(links.length);
  const regroupings: RegroupedPair[] = [];
  for (const { a, b, places } of byPair(objects, links)) {
    const own = places.flatMap((at) => links[at] ?? []);
    choose(
      places.filter((at) => isEnough[at] === 1),
      links,
      isMatched,
    );
    choose(
      places.filter((at) => isCloseOfClass(all, links[at])),
      links,
      isOfClass,
    );
    for (const found of regroupingsOf(all, own, memory)) regroupings.push({ a, b, found });
  }
  const matches = links.filter((_, at) => isMatched[at] === 1);
  return { isMatched, isOfClass, clusters: clustersOf(objects, matches), regroupings };
}

/** Links by the readers of their objects. */
function byPair({ all, readerKeys }: Objects, links: readonly Link[]) {
  const pairs = new Map<number, { readonly a: number; readonly b: number; readonly places: number[] }>();
  for (const [at, { first, second }] of links.entries()) {
    const [a, b] = [all[first]?.reader ?? 0, all[second]?.reader ?? 0];
    const known = pairs.get(a * readerKeys.length + b);
    if (known === undefined) pairs.set(a * readerKeys.length + b, { a, b, places: [at] });
    else known.places.push(at);
  }
  return pairs.values();
}

function isCloseOfClass(all: readonly Marked[], link: Link | undefined): boolean {
  if (link === undefined || link.fit <= 0.5) return false;
  return all[link.first]?.outline.classId === all[link.second]?.outline.classId;
}

/** Sets the links of the best assignment among some of two readers. */
function choose(places: readonly number[], links: readonly Link[], isChosen: Uint8Array): void {
  const candidates = places.flatMap((at) => {
    const link = links[at];
    return link === undefined ? [] : [{ at, row: link.first, column: link.second, worth: link.worth }];
  });
  const chosen = candidates.length === 1 ? candidates : bestAssignment(candidates);
  for (const { at } of chosen) isChosen[at] = 1;
}
