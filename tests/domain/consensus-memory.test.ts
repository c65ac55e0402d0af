import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GRID, type Polygon, type Ring } from "#domain/annotation.ts";
import { weightedQuantile } from "#domain/boundary/weighted-quantile.ts";
import { Kept } from "#domain/consensus/memory.ts";
import { type ConsensusParameters, computeConsensus, Memory, type Outline, type Read } from "#domain/consensus.ts";
import { coveredArea } from "#domain/covered-area.ts";
import { containsPoint, geometryArea, geometryPerimeter, moveBy, polygonsArea } from "#domain/geometry.ts";
import { annotationId, type ClassId, classId } from "#domain/ids.ts";
import { coveredBy, intersection, normalise, type Shape, union } from "#domain/overlay.ts";
import { seededRandom } from "#domain/random.ts";
import { ringNear } from "#domain/ring-near.ts";
import { micronPerPx } from "#domain/units.ts";
import { anyOutline, anyRing, blob } from "#tests/support/outlines.ts";

const CLASSES = ["tumour00", "stroma00", "nucleus0"].map((id) => classId.parse(id));
const [tumour, stroma, nucleus] = CLASSES as [ClassId, ClassId, ClassId];
const region = { minX: 0, minY: 0, maxX: 400, maxY: 400 };
const parameters: ConsensusParameters = {
  quorum: 2,
  minDisputeUm2: 0,
  mpp: micronPerPx(0.5),
  region,
  classIds: CLASSES,
  rules: [{ classId: nucleus, objects: {} }],
  toleranceUm: 5,
};

describe("a consensus computed again after a change", () => {
  test("[CON14] what earlier computations left changes no bit of the result, whatever changed since", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = seededRandom(seed);
        const memory = new Memory();
        let reads = ["a", "b", "c"].map((readerKey) => readOf(readerKey, 4, random));
        for (let change = 0; change < 5; change++) {
          const method = change === 3 ? ({ kind: "staple", probability: 0.5 } as const) : undefined;
          const asked = method === undefined ? parameters : { ...parameters, method };
          // Decoded anew each time, as a worker does.
          const given = structuredClone(reads);
          const expected = computeConsensus(given, asked);
          expect(computeConsensus(given, asked, memory)).toEqual(expected);
          // Asked for again before anything has changed.
          if (random() < 0.3) expect(computeConsensus(structuredClone(reads), asked, memory)).toEqual(expected);
          reads = changed(reads, random);
        }
      }),
      { numRuns: 12 },
    );
  });

  test("[CON14] objects away from a change are not made again, also where the same was asked for in between", () => {
    const random = seededRandom(7);
    const memory = new Memory();
    const away = { ...outlineOf("away", random), classId: nucleus, geometry: blob([380, 380], 12, { vertices: 12 }) };
    const reads = ["a", "b", "c"].map((readerKey) => readOf(readerKey, 6, random));
    const withAway = reads.map((read, at) => (at === 0 ? { ...read, outlines: [...read.outlines, away] } : read));
    const placeOf = (given: readonly Read[]) =>
      computeConsensus(given, parameters, memory).disputes.find(({ clusterId }) => clusterId === away.annotationId);
    const first = placeOf(withAway);
    expect(first).toBeDefined();
    placeOf(structuredClone(withAway));
    placeOf(structuredClone(withAway));
    const moved = withAway.map((read, at) =>
      at === 1
        ? { ...read, outlines: read.outlines.map((each) => ({ ...each, geometry: moveBy(each.geometry, 1, 0) })) }
        : read,
    );
    expect(placeOf(structuredClone(moved))?.geometry).toBe(first?.geometry);
  });

  test("[CON20] regions that a change leaves as they are stay the same things, also where their outline hangs together with it", () => {
    const memory = new Memory();
    // A chain of blobs of one class: joined, they are one piece of each read.
    const chain = (readerKey: string, dx: number): Read => ({
      readerKey,
      outlines: Array.from({ length: 8 }, (_, place) => ({
        ...outlineOf(`${readerKey}${place}`, () => 0.1),
        classId: tumour,
        geometry: blob([40 + 40 * place + dx, 100 + 9 * dx], 26, { vertices: 24, phase: dx }),
      })),
    });
    const reads = ["a", "b", "c"].map((key, reader) => chain(key, reader));
    const first = computeConsensus(structuredClone(reads), parameters, memory);
    const moved = reads.map((read, reader) => ({
      ...read,
      outlines: read.outlines.map((each, place) =>
        reader === 0 && place === 0 ? { ...each, geometry: moveBy(each.geometry, 1, 2) } : each,
      ),
    }));
    const again = computeConsensus(structuredClone(moved), parameters, memory);
    expect(again).toEqual(computeConsensus(structuredClone(moved), parameters));
    const before = new Map(first.disputes.map((dispute) => [dispute.key, dispute]));
    const away = again.disputes.filter(({ bbox }) => bbox.minX > 120);
    expect(away.length).toBeGreaterThan(10);
    for (const { key, geometry, votes } of away) {
      expect(geometry).toBe(before.get(key)?.geometry);
      expect(votes).toBe(before.get(key)?.votes);
    }
  });

  test("[CON14] what did not change is not made again; what two computations in a row did not need is forgotten", () => {
    const [memory, kept] = [new Memory(), new Kept<string>()];
    const made: string[] = [];
    const ask = (key: string) =>
      kept.of(memory, key, () => {
        made.push(key);
        return key;
      });
    const turns = [["a", "b"], ["a"], ["a", "b"], ["c"], ["a"], [], [], ["a"]];
    for (const keys of turns) {
      memory.begin("study");
      for (const key of keys) ask(key);
    }
    expect(made).toEqual(["a", "b", "b", "c", "a", "a"]);
    memory.begin("another study");
    ask("a");
    expect(made.length).toBe(7);
  });
});

describe("quick ways that say what slow ones say", () => {
  test("[CON15] what at least so many shapes cover is what unions of intersections make, to the grid", () => {
    fc.assert(
      fc.property(fc.array(anyOutline(40), { minLength: 1, maxLength: 5 }), (drawn) => {
        const shapes = drawn.flatMap((each) => normalise(each) ?? []);
        const slack = shapes.reduce((sum, shape) => sum + geometryPerimeter(shape), 0) / GRID + 0.01;
        const slow = levelsBySteps(shapes);
        for (const [below, level] of slow.entries()) {
          const quick = coveredBy(shapes, below + 1);
          const both = polygonsArea(intersection(quick, level));
          expect(polygonsArea(quick) - both).toBeLessThan(slack);
          expect(polygonsArea(level) - both).toBeLessThan(slack);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("[CON15] what counts of a ring in a box winds around each place in it as the whole ring does", () => {
    const side = fc.integer({ min: 0, max: 40 });
    const place = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 999 }));
    let left = 0;
    fc.assert(
      fc.property(anyRing(100), side, side, fc.array(place, { minLength: 5 }), (ring, width, height, places) => {
        const box = { minX: 30, minY: 30, maxX: 30 + width, maxY: 30 + height };
        const near = ringNear(ring, box);
        left += ring.length - near.length;
        for (const [x, y] of places) {
          // Between the lines of the grid that vertices lie on.
          const at = [30.01 + (width * x) / 1_000, 30.02 + (height * y) / 1_000] as const;
          expect(windingOf(near, at)).toBe(windingOf(ring, at));
        }
      }),
      { numRuns: 300 },
    );
    expect(left).toBeGreaterThan(300);
  });

  test("[CON15] the area that boxes cover is that of their union", () => {
    const side = fc.integer({ min: 0, max: 400 }).map((value) => value / 8);
    const box = fc.tuple(side, side, side, side).map(([x, y, width, height]) => ({
      minX: x,
      minY: y,
      maxX: x + width,
      maxY: y + height,
    }));
    fc.assert(
      fc.property(fc.array(box, { maxLength: 30 }), (boxes) => {
        const drawn = boxes.filter(({ minX, maxX, minY, maxY }) => minX < maxX && minY < maxY);
        const shapes = drawn.map(({ minX, minY, maxX, maxY }): Polygon[] => [
          [
            [
              [minX, minY],
              [maxX, minY],
              [maxX, maxY],
              [minX, maxY],
            ],
          ],
        ]);
        expect(coveredArea(boxes)).toBe(polygonsArea(union(shapes)));
      }),
      { numRuns: 200 },
    );
  });

  test("[CON15] a weighted quantile is that of the sorted list", () => {
    const item = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 5 }));
    fc.assert(
      fc.property(fc.array(item, { maxLength: 40 }), fc.double({ min: 0, max: 1.1, noNaN: true }), (items, share) => {
        const reached = share * items.reduce((sum, [, weight]) => sum + weight, 0);
        const sorted = [...items].sort(([a], [b]) => a - b);
        const upTo = (place: number) => sorted.slice(0, place + 1).reduce((sum, [, weight]) => sum + weight, 0);
        const slow = sorted.find((_, place) => upTo(place) >= reached)?.[0] ?? null;
        const [values, weights] = [0, 1].map((at) => Float64Array.from(items, (each) => each[at] ?? 0));
        expect(weightedQuantile(values!, weights!, reached)).toBe(slow);
      }),
      { numRuns: 300 },
    );
  });

  test("[CON15] each cell of the raster has the votes of the smallest outline of each read at its middle", () => {
    const random = seededRandom(5);
    const reads = ["a", "b"].map((readerKey) => readOf(readerKey, 12, random));
    const { raster } = computeConsensus(reads, parameters);
    let differ = 0;
    for (let cell = 0; cell < raster.entropy.length; cell++) {
      const [column, row] = [cell % raster.columns, Math.floor(cell / raster.columns)];
      const at = [
        raster.originX + (column + 0.5) * raster.cellPx,
        raster.originY + (row + 0.5) * raster.cellPx,
      ] as const;
      const [a, b] = reads.map((read) => classAt(read, at));
      expect((raster.entropy[cell] ?? 0) > 0).toBe(a !== b);
      if (a !== b) differ++;
    }
    expect(differ).toBeGreaterThan(20);
  });
});

/** How often a ring goes around a place, by the edges that cross the level line to its right. */
function windingOf(ring: Ring, [x, y]: readonly [number, number]): number {
  return ring.reduce((winding, [toX, toY], place) => {
    const [fromX, fromY] = ring.at(place - 1) ?? [0, 0];
    if (fromY > y === toY > y || fromX + ((y - fromY) * (toX - fromX)) / (toY - fromY) < x) return winding;
    return winding + (toY > fromY ? 1 : -1);
  }, 0);
}

/** Each shape in turn adds to every level what lies in it and in the level before. */
function levelsBySteps(shapes: readonly Shape[]): (readonly Polygon[])[] {
  const levels: (readonly Polygon[])[] = shapes.map(() => []);
  for (const [index, shape] of shapes.entries()) {
    for (let level = index; level > 0; level--) {
      levels[level] = union([levels[level] ?? [], intersection(levels[level - 1] ?? [], shape)]);
    }
    levels[0] = union([levels[0] ?? [], shape]);
  }
  return levels;
}

function readOf(readerKey: string, count: number, random: () => number): Read {
  return {
    readerKey,
    outlines: Array.from({ length: count }, (_, index) => outlineOf(`${readerKey}${index}`, random)),
  };
}

function outlineOf(name: string, random: () => number): Outline {
  const id = random();
  const geometry = normalise(
    blob([60 + 280 * random(), 60 + 280 * random()], 10 + 50 * random(), {
      vertices: 24,
      wobble: 0.3,
      phase: random(),
    }),
  );
  if (geometry === null) throw new Error("no outline");
  return {
    annotationId: annotationId.parse(`outline${name}`.padEnd(12, "0")),
    classId: id < 0.4 ? tumour : id < 0.7 ? stroma : nucleus,
    geometry,
  };
}

/** One outline moved, re-classed, removed or drawn. */
function changed(reads: readonly Read[], random: () => number): Read[] {
  const reader = Math.floor(random() * reads.length);
  return reads.map((read, place) => {
    if (place !== reader) return read;
    const at = Math.floor(random() * read.outlines.length);
    const [kind, outline] = [random(), read.outlines[at]];
    if (kind < 0.2 || outline === undefined)
      return { ...read, outlines: [...read.outlines, outlineOf(`x${Math.floor(1e6 * random())}`, random)] };
    if (kind < 0.4) return { ...read, outlines: read.outlines.filter((each) => each !== outline) };
    const put = (next: Outline) => ({
      ...read,
      outlines: read.outlines.map((each) => (each === outline ? next : each)),
    });
    if (kind < 0.6) return put({ ...outline, classId: CLASSES[Math.floor(3 * random())] ?? tumour });
    return put({ ...outline, geometry: moveBy(outline.geometry, Math.round(8 * random()), Math.round(8 * random())) });
  });
}

/** The class of the smallest outline on a place. */
function classAt({ outlines }: Read, point: readonly [number, number]): ClassId | null {
  const on = outlines.filter(({ geometry }) => containsPoint(geometry, point));
  return on.sort((a, b) => geometryArea(a.geometry) - geometryArea(b.geometry))[0]?.classId ?? null;
}
