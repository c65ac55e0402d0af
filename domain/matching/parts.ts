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

/** Places, in order, of objects that links hold together, and of the links among them. */
type Part = { readonly places: Int32Array; readonly links: Int32Array };

/** What is matched in a part of these objects, whose links are enough or not as said. */
type KnownPart = { readonly objects: readonly Marked[]; readonly isEnough: Uint8Array; readonly matched: Matched };

/** Parts by their first object. */
type KnownParts = Map<Marked, KnownPart[]>;

const PARTS = new Kept<KnownParts>();
const LAST = new Kept<{ readonly links: readonly Link[]; readonly isEnough: Uint8Array; readonly matched: Matched }>();

/**
 * Which objects are one, found in each part that hangs together by links that can matter, and not again in a part that an
 * earlier computation has matched. Whatever is decided between objects is decided by their own part alone.
 * @param isEnough of each link: 1 where it may make its two objects one
 */
export function matchedIn(overlaps: Overlaps, isEnough: Uint8Array, memory: Memory): Matched {
  const last = LAST.find(memory, "");
  if (last !== null && last.links === overlaps.links && isSame(last.isEnough, isEnough)) {
    LAST.set(memory, "", last);
    PARTS.of(memory, `${memory.turn}`, () => PARTS.find(memory, `${memory.turn - 1}`) ?? new Map());
    return last.matched;
  }
  const matched = matchedByParts(overlaps, isEnough, memory);
  LAST.set(memory, "", { links: overlaps.links, isEnough, matched });
  return matched;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((each, at) => each === b[at]);
}

function matchedByParts({ objects, links }: Overlaps, isEnough: Uint8Array, memory: Memory): Matched {
  const isMatched = new Uint8Array(links.length);
  const isOfClass = new Uint8Array(links.length);
  const clusters: Cluster[] = [];
  const regroupings: RegroupedPair[] = [];
  const knownOf = knownParts(objects, links, isEnough, memory);
  for (const part of partsOf(objects.all, links, isEnough)) {
    const { matched } = knownOf(part);
    for (let at = 0; at < part.links.length; at++) {
      const link = part.links[at] ?? 0;
      isMatched[link] = matched.isMatched[at] ?? 0;
      isOfClass[link] = matched.isOfClass[at] ?? 0;
    }
    for (const cluster of matched.clusters) clusters.push(cluster);
    for (const each of matched.regroupings) regroupings.push(each);
  }
  return { isMatched, isOfClass, clusters: clusters.sort(byId), regroupings };
}

/** Finds a part among those of this computation and of the one before, or matches it. */
function knownParts(
  objects: Objects,
  links: readonly Link[],
  isEnough: Uint8Array,
  memory: Memory,
): (part: Part) => KnownPart {
  const now = PARTS.of(memory, `${memory.turn}`, (): KnownParts => new Map());
  const before: KnownParts = PARTS.find(memory, `${memory.turn - 1}`) ?? new Map();
  return (part) => {
    const first = objects.all[part.places[0] ?? -1];
    const isSought = isPart(part, objects.all, isEnough);
    const already = first && now.get(first)?.find(isSought);
    if (already !== undefined) return already;
    const known = (first && before.get(first)?.find(isSought)) ?? madePart(part, objects, links, isEnough, memory);
    if (first !== undefined) now.set(first, [...(now.get(first) ?? []), known]);
    return known;
  };
}

/** Whether a known part has the same objects, and links between them that are enough where these are. */
function isPart({ places, links }: Part, all: readonly Marked[], isEnough: Uint8Array): (known: KnownPart) => boolean {
  return (known) => {
    if (known.objects.length !== places.length || known.isEnough.length !== links.length) return false;
    for (let at = 0; at < places.length; at++) if (known.objects[at] !== all[places[at] ?? -1]) return false;
    for (let at = 0; at < links.length; at++) if (known.isEnough[at] !== isEnough[links[at] ?? -1]) return false;
    return true;
  };
}

function madePart(
  part: Part,
  { all, readerKeys }: Objects,
  links: readonly Link[],
  isEnough: Uint8Array,
  memory: Memory,
): KnownPart {
  const objects = Array.from(part.places).flatMap((place) => all[place] ?? []);
  const enough = Uint8Array.from(part.links, (at) => isEnough[at] ?? 0);
  const matched = matchPart({ readerKeys, all: objects }, localLinks(part, links), enough, memory);
  return { objects, isEnough: enough, matched };
}

/** Parts by their first object. */
function partsOf(all: readonly Marked[], links: readonly Link[], isEnough: Uint8Array): Part[] {
  const matters = thatMatter(all, links, isEnough);
  const roots = rootsOf(all.length, links, matters);
  const partAt = new Int32Array(all.length);
  let count = 0;
  for (let place = 0; place < all.length; place++) {
    const root = roots[place] ?? place;
    partAt[place] = root === place ? count++ : (partAt[root] ?? 0);
  }
  const linkPart = Int32Array.from(links, ({ first }, at) => (matters[at] === 1 ? (partAt[first] ?? -1) : -1));
  const [places, ofLinks] = [grouped(partAt, count), grouped(linkPart, count)];
  return Array.from({ length: count }, (_, part) => ({ places: places(part), links: ofLinks(part) }));
}

/** Places in a list by the number that stands there, each group in order; numbers below 0 are left out. */
function grouped(numbers: Int32Array, groups: number): (group: number) => Int32Array {
  const ends = new Int32Array(groups + 1);
  for (const group of numbers) if (group >= 0) ends[group + 1] = (ends[group + 1] ?? 0) + 1;
  for (let group = 0; group < groups; group++) ends[group + 1] = (ends[group + 1] ?? 0) + (ends[group] ?? 0);
  const starts = ends.slice();
  const places = new Int32Array(ends[groups] ?? 0);
  for (let place = 0; place < numbers.length; place++) {
    const group = numbers[place] ?? -1;
    if (group < 0) continue;
    const at = ends[group] ?? 0;
    places[at] = place;
    ends[group] = at + 1;
  }
  return (group) => places.subarray(starts[group] ?? 0, starts[group + 1] ?? 0);
}

/** 1 for each link that may make two objects one, or one of them a part of the other. */
function thatMatter(all: readonly Marked[], links: readonly Link[], isEnough: Uint8Array): Uint8Array {
  const matters = isEnough.slice();
  for (let at = 0; at < links.length; at++) {
    const link = links[at];
    if (link !== undefined && matters[at] === 0 && isPartOfOne(all, link)) matters[at] = 1;
  }
  return matters;
}

/** For each object the first of those that it hangs together with by links that matter. */
function rootsOf(count: number, links: readonly Link[], matters: Uint8Array): Int32Array {
  const parents = Int32Array.from({ length: count }, (_, place) => place);
  let at = 0;
  for (const { first, second } of links) {
    if (matters[at++] !== 1) continue;
    const a = rootOf(parents, first);
    const b = rootOf(parents, second);
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
  const local = new Map(Array.from(part.places, (place, at) => [place, at]));
  return Array.from(part.links).flatMap((at): Link[] => {
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
