import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ratings } from "#domain/agreement.ts";
import { computeConsensus, type Outline, type Read } from "#domain/consensus.ts";
import { geometryBbox } from "#domain/geometry.ts";
import { annotationId, type ClassId } from "#domain/ids.ts";
import { LiveSquares } from "#domain/live-squares.ts";
import { normalise } from "#domain/overlay.ts";
import { seededRandom, shuffled } from "#domain/random.ts";
import {
  TILE_PX,
  type TileTally,
  tileBox,
  tilesAround,
  tilesMeeting,
  tilesTogether,
  tileTally,
} from "#domain/tile-agreement.ts";
import { micronPerPx } from "#domain/units.ts";
import { aClassId } from "#tests/support/builders.ts";
import { blob } from "#tests/support/outlines.ts";

const [A, B, CELL] = [aClassId("a"), aClassId("b"), aClassId("c")];
const rules = [{ classId: CELL, objects: { leastIou: 0.3 } }];
const settings = { classIds: [A, B, CELL], rules, mpp: micronPerPx(0.5) };
const classes = { regions: 2, objects: 1 };
const region = { minX: 0, minY: 0, maxX: 3_000, maxY: 3_000 };

type State = Map<string, Outline>[];

function outline(id: string, classId: ClassId, x: number, y: number, radius: number): Outline {
  const geometry = normalise(blob([x, y], radius, { vertices: 24 }));
  if (geometry === null) throw new Error("a blob has an area");
  return { annotationId: annotationId.parse(id), classId, geometry };
}

/** Three reads with regions over the edges of squares, and cells. */
function start(seed: number): State {
  const random = seededRandom(seed);
  return [0, 1, 2].map((reader) => {
    const drawn = Array.from({ length: 12 }, (_, place) => {
      const id = `r${reader}o${String(place).padStart(6, "0")}`;
      const [x, y] = [300 + 2_300 * random(), 300 + 2_300 * random()];
      if (place % 3 === 2) return outline(id, CELL, 400 * place + 4 * random(), 900, 20);
      return outline(id, place % 2 === 0 ? A : B, x, y, 60 + 180 * random());
    });
    return new Map(drawn.map((each) => [each.annotationId, each]));
  });
}

function readsOf(state: State): Read[] {
  return state.map((outlines, reader) => ({ readerKey: `read${reader}`, outlines: [...outlines.values()] }));
}

function allTiles(state: State): string[] {
  const boxes = state.flatMap((outlines) => [...outlines.values()].map(({ geometry }) => geometryBbox(geometry)));
  return [...new Set(boxes.flatMap(tilesMeeting))].sort();
}

function whole(state: State): Map<string, TileTally> {
  return new Map(allTiles(state).map((key) => [key, tileTally(readsOf(state), key, settings)]));
}

function areas({ rows }: Ratings): Map<string, number> {
  return new Map(rows.map(({ labels, weight }) => [labels.join(), weight]));
}

test("[LVE2] a box meets the squares that it lies in, and a square has the squares around it", () => {
  expect(tilesMeeting({ minX: 10, minY: 10, maxX: 20, maxY: 20 })).toEqual(["0_0"]);
  expect(tilesMeeting({ minX: 1_000, minY: 10, maxX: 1_100, maxY: 2_100 })).toEqual([
    "0_0",
    "1_0",
    "0_1",
    "1_1",
    "0_2",
    "1_2",
  ]);
  expect(tileBox("2_1")).toEqual({ minX: 2_048, minY: 1_024, maxX: 3_072, maxY: 2_048 });
  expect(tilesAround("2_1")).toHaveLength(9);
  expect(TILE_PX).toBe(1_024);
});

test("[LVE2] all squares together have the votes of the whole slide, by area and by object", () => {
  for (const seed of [1, 2, 3]) {
    const state = start(seed);
    const together = tilesTogether([...whole(state).values()], classes);
    const { tally } = computeConsensus(readsOf(state), {
      quorum: 2,
      minDisputeUm2: 0,
      mpp: micronPerPx(1),
      region,
      classIds: settings.classIds,
      rules,
    });
    const [own, slide] = [areas(together.regions), areas(tally.regions)];
    slide.delete("0,0,0");
    expect([...own.keys()].sort()).toEqual([...slide.keys()].sort());
    for (const [votes, area] of slide) expect(Math.abs((own.get(votes) ?? 0) - area)).toBeLessThan(2);
    expect(areas(together.objects)).toEqual(areas(tally.objects));
  }
});

test("[LVE2] after any changes in any order, squares looked at again are byte for byte those of the whole", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = seededRandom(seed);
      const state = start(7);
      const kept = whole(state);
      const dirty = new Set<string>();
      const live = new LiveSquares(
        state.map((_, reader) => `read${reader}`),
        settings,
      );
      const known = (reader: number, id: string, now: Outline | null) =>
        live.change([{ readerKey: `read${reader}`, annotationId: annotationId.parse(id), outline: now }]);
      for (const [reader, outlines] of state.entries())
        for (const [id, each] of shuffled([...outlines], random)) known(reader, id, each);
      for (let change = 0; change < 6; change++) {
        const reader = Math.floor(random() * 3);
        const outlines = state[reader]!;
        const [id, before] = shuffled([...outlines], random)[0]!;
        const after =
          random() < 0.2
            ? null
            : outline(id, before.classId, 300 + 2_300 * random(), 300 + 2_300 * random(), 40 + 80 * random());
        if (after === null) outlines.delete(id);
        else outlines.set(id, after);
        known(reader, id, after);
        for (const each of [before, ...(after === null ? [] : [after])]) {
          const met = tilesMeeting(geometryBbox(each.geometry));
          for (const key of each.classId === CELL ? met.flatMap(tilesAround) : met) dirty.add(key);
        }
        for (const key of dirty) live.tally(key);
      }
      const mixed = readsOf(state).map((read) => ({ ...read, outlines: shuffled(read.outlines, random) }));
      for (const key of dirty) kept.set(key, tileTally(shuffled(mixed, random), key, settings));
      const again = whole(state);
      for (const [key, tally] of again) {
        expect(JSON.stringify(kept.get(key)), key).toBe(JSON.stringify(tally));
        expect(JSON.stringify(live.tally(key)), key).toBe(JSON.stringify(tally));
      }
      const [one, other] = [kept, again].map((tallies) =>
        tilesTogether(shuffled([...tallies.values()], random), classes),
      );
      expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    }),
    { numRuns: 12 },
  );
});
