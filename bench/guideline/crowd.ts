import { annotationOf, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { type Geometry, onGrid, type Point } from "#domain/annotation.ts";
import { geometryBbox } from "#domain/geometry.ts";
import type { ClassId, LayerId } from "#domain/ids.ts";
import { sharesOf } from "#domain/pair-shares.ts";
import { bytesOf, CLASSES, type Seeded } from "./seed.ts";

/** Layers that are crowded: outlines of three classes lie so close that each overlaps several others. */
export type Crowd = { readonly layers: number; readonly outlines: number };

/** From one middle to the next, and from a middle to the corners, level-0 px. */
const STEP = 60;
const REACH = { least: 24, most: 52 } as const;
const CORNERS = 32;
const KINDS = CLASSES.slice(0, 3);

/** Outlines with corners at uneven distances, row by row, all drawn under version 1. */
export function* crowded({ layers, outlines }: Crowd, seed: number): Generator<Seeded> {
  const columns = Math.ceil(Math.sqrt(outlines));
  for (let n = 0; n < layers * outlines; n++) {
    const bytes = bytesOf(seed, n);
    const place = n % outlines;
    const middle: Point = [1_000 + (place % columns) * STEP, 1_000 + Math.floor(place / columns) * STEP];
    yield {
      n,
      layer: Math.floor(n / outlines),
      classOf: KINDS[(bytes[0] ?? 0) % KINDS.length] ?? "",
      under: 1,
      shape: "polygon",
      geometry: unevenOutline(middle, bytes),
    };
  }
}

function unevenOutline([x, y]: Point, bytes: Uint8Array): Geometry {
  const ring = Array.from({ length: CORNERS }, (_, corner): Point => {
    const reach = REACH.least + ((REACH.most - REACH.least) * (bytes[corner % bytes.length] ?? 0)) / 255;
    const angle = (2 * Math.PI * corner) / CORNERS;
    return [onGrid(x + reach * Math.cos(angle)), onGrid(y + reach * Math.sin(angle))];
  });
  return { type: "polygon", rings: [ring] };
}

type Outline = {
  readonly id: string;
  readonly classId: ClassId;
  readonly geometry: Geometry;
};

/** How many pairs of a layer's outlines are of different classes and share tissue, and which outlines are asked about them. */
export type PlainPairs = { readonly sharing: number; readonly asked: ReadonlySet<string> };

/**
 * The plain way to know which outlines of a layer share more than their classes allow: every one is held against every
 * other. Of two the one is asked of which more is shared, of equals the one with the smaller id.
 * @param most share that others may claim of an outline, by class; any share where there is none
 */
export async function plainPairs(db: Db, layerId: LayerId, most: ReadonlyMap<ClassId, number>): Promise<PlainPairs> {
  const outlines = (await annotationRows(db, { layerIds: [layerId] })).map(
    (row): Outline => ({ ...row, ...annotationOf(row) }),
  );
  const boxes = outlines.map(({ geometry }) => geometryBbox(geometry));
  const asked = new Set<string>();
  let sharing = 0;
  for (const [place, a] of outlines.entries()) {
    const box = boxes[place];
    if (box === undefined) continue;
    for (let other = place + 1; other < outlines.length; other++) {
      const [b, around] = [outlines[other], boxes[other]];
      if (b === undefined || around === undefined || b.classId === a.classId) continue;
      if (box.maxX < around.minX || around.maxX < box.minX || box.maxY < around.minY || around.maxY < box.minY)
        continue;
      const [ofA, ofB] = sharesOf(a.geometry, b.geometry);
      sharing += Number(ofA > 0 || ofB > 0);
      const isTooMuch = ofA > (most.get(a.classId) ?? 1) || ofB > (most.get(b.classId) ?? 1);
      if (isTooMuch) asked.add(ofA > ofB || (ofA === ofB && a.id < b.id) ? a.id : b.id);
    }
  }
  return { sharing, asked };
}
