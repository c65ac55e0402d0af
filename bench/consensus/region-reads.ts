import { onGrid, type Point } from "#domain/annotation.ts";
import type { Outline, Read } from "#domain/consensus.ts";
import { annotationId } from "#domain/ids.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { CLASS_IDS, READERS } from "./reads.ts";

/** Tissue regions of one slide: how many each reader outlines, with how many vertices, and how much room each has, px. */
export type RegionField = { readonly regions: number; readonly vertices: number; readonly roomPx: number };

/** Few large regions, as most studies have, and many small ones that touch, as glands in a dense field. */
export const LARGE: RegionField = { regions: 60, vertices: 400, roomPx: 2_000 };
export const DENSE: RegionField = { regions: 500, vertices: 60, roomPx: 100 };

type Wave = { readonly turns: number; readonly phase: number; readonly height: number };

/** Reads as pathologists leave them: each hand follows the same borders with a slow drift of its own; some are missed. */
export function regionReads(seed: number, { regions, vertices, roomPx }: RegionField): Read[] {
  const random = seededRandom(seed);
  const across = Math.ceil(Math.sqrt(regions));
  const truth = Array.from({ length: regions }, (_, index) => ({
    at: [20_000 + roomPx * ((index % across) + 0.2 * random()), 20_000 + roomPx * Math.floor(index / across)] as const,
    radius: roomPx * (0.35 + 0.3 * random()),
    label: Math.floor(random() * CLASS_IDS.length),
    waves: wavesOf(random, [3, 7, 11], 0.1),
  }));
  return Array.from({ length: READERS }, (_, reader) => ({
    readerKey: `reader${reader}`,
    outlines: truth.flatMap(({ at, radius, label, waves }, index): Outline[] => {
      if (random() < 0.06) return [];
      const own = [...waves, ...wavesOf(random, [2, 5, 9, 14, 23], 0.015)];
      const ring = Array.from({ length: vertices }, (__, vertex): Point => {
        const angle = (2 * Math.PI * vertex) / vertices;
        const reach = own.reduce(
          (sum, { turns, phase, height }) => sum + height * Math.sin(turns * angle + phase),
          0.85,
        );
        return [onGrid(at[0] + radius * reach * Math.cos(angle)), onGrid(at[1] + radius * reach * Math.sin(angle))];
      });
      const seen = random() < 0.9 ? label : 0;
      return [
        {
          annotationId: annotationId.parse(`r${reader}g${String(index).padStart(8, "0")}`),
          classId: CLASS_IDS[seen] ?? CLASS_IDS[0]!,
          geometry: { type: "polygon", rings: [ring] },
        },
      ];
    }),
  }));
}

function wavesOf(random: Random, turns: readonly number[], height: number): Wave[] {
  return turns.map((each) => ({ turns: each, phase: 7 * random(), height: height * random() }));
}
