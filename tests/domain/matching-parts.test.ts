import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bbox, polygonsOf } from "#domain/annotation.ts";
import { Memory, type Outline, type Read } from "#domain/consensus.ts";
import { moveBy } from "#domain/geometry.ts";
import { annotationId, classId } from "#domain/ids.ts";
import { clustersOf } from "#domain/matching/clusters.ts";
import type { Link, Overlaps } from "#domain/matching/objects.ts";
import { regroupingsOf } from "#domain/matching/regroupings.ts";
import { bestAssignment, LEAST_IOU, type Matching, matchOverlaps, overlapsOf } from "#domain/matching.ts";
import { overlapArea } from "#domain/overlay.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { blob } from "#tests/support/outlines.ts";

const CLASSES = ["tumour00", "stroma00"].map((id) => classId.parse(id));

test("[CON15] matched part by part, with what earlier changes left, all is as matched over the whole slide", () => {
  let regrouped = 0;
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(0.05, LEAST_IOU, 0.6), (seed, least) => {
      const random = seededRandom(seed);
      const memory = new Memory();
      let reads = ["a", "b", "c", "d"].map((readerKey) => readOf(readerKey, random));
      for (let change = 0; change < 4; change++) {
        memory.begin("study");
        const overlaps = overlapsOf(reads, memory);
        expect(overlaps.links.map(({ first, second }) => [first, second])).toEqual(pairsThatMeet(overlaps));
        const found = matchOverlaps(overlaps, least, memory);
        expect(found).toEqual(matchedWhole(overlaps, least));
        regrouped += found.pairs.reduce((sum, { regroupings }) => sum + regroupings.length, 0);
        reads = changed(reads, random);
      }
    }),
    { numRuns: 15 },
  );
  expect(regrouped).toBeGreaterThan(0);
});

function readOf(readerKey: string, random: Random): Read {
  return {
    readerKey,
    outlines: Array.from({ length: 14 }, (_, place) => outlineOf(`${readerKey}o00000${place + 10}`, random)),
  };
}

function outlineOf(id: string, random: Random): Outline {
  const geometry = blob([200 * random(), 200 * random()], 10 + 25 * random(), { vertices: 16, phase: 7 * random() });
  return { annotationId: annotationId.parse(id), classId: CLASSES[Math.floor(2 * random())]!, geometry };
}

/** One outline moved, drawn anew, added or taken away. */
function changed(reads: readonly Read[], random: Random): Read[] {
  const at = Math.floor(reads.length * random());
  return reads.map((read, place) => {
    if (place !== at) return read;
    const [first, ...others] = read.outlines;
    const what = Math.floor(4 * random());
    if (what === 0 || first === undefined)
      return {
        ...read,
        outlines: [...read.outlines, outlineOf(`${read.readerKey}n${Math.floor(1e6 * (1 + random()))}`, random)],
      };
    if (what === 1) return { ...read, outlines: others };
    const now =
      what === 2 ? { ...first, geometry: moveBy(first.geometry, 3, 2) } : outlineOf(first.annotationId, random);
    return { ...read, outlines: [...others, now] };
  });
}

function pairsThatMeet({ objects: { all } }: Overlaps): number[][] {
  return all.flatMap((one, first) =>
    all.flatMap((other, second) => {
      if (second <= first || other.reader === one.reader || !touch(one.bbox, other.bbox)) return [];
      const common = overlapArea(polygonsOf(one.outline.geometry), polygonsOf(other.outline.geometry));
      return common > 0 ? [[first, second]] : [];
    }),
  );
}

function touch(a: Bbox, b: Bbox): boolean {
  return a.minX <= b.maxX && b.minX <= a.maxX && a.minY <= b.maxY && b.minY <= a.maxY;
}

/** Every pair of readers assigned over the whole slide at once, and clusters joined over it. */
function matchedWhole({ objects, links }: Overlaps, least: number): Matching {
  const { all, readerKeys } = objects;
  const matched: Link[] = [];
  const pairs = readerKeys.flatMap((_, a) =>
    readerKeys.slice(a + 1).map((__, step) => {
      const b = a + 1 + step;
      const own = links.filter(({ first, second }) => all[first]?.reader === a && all[second]?.reader === b);
      const enough = own.filter(({ fit }) => fit >= least);
      const chosen = bestAssignment(enough.map((link) => ({ ...link, row: link.first, column: link.second })));
      matched.push(...chosen);
      const taken = new Set(chosen.flatMap(({ first, second }) => [first, second]));
      const idsOf = (places: readonly number[]) => places.flatMap((place) => all[place]?.outline.annotationId ?? []);
      const left = (reader: number) =>
        idsOf([...all.keys()].filter((place) => all[place]?.reader === reader && !taken.has(place)));
      const matches = chosen.flatMap(({ first, second, fit }) => {
        const [one, other] = idsOf([first, second]);
        return one === undefined || other === undefined ? [] : [{ a: one, b: other, fit }];
      });
      return { a, b, matches, onlyA: left(a), onlyB: left(b), regroupings: regroupingsOf(all, own, new Memory()) };
    }),
  );
  return { readerKeys, pairs, clusters: clustersOf(objects, matched) };
}
