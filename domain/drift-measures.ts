import { pairConfusion } from "./agreement.ts";
import { type Bbox, geometryOf } from "./annotation.ts";
import { type OffsetSettings, type OutlineOffset, outlineOffset } from "./boundary.ts";
import { facesOf } from "./consensus/faces.ts";
import { Memory } from "./consensus/memory.ts";
import { ratingsOfFaces } from "./consensus/numbers.ts";
import { type Outline, type Part, partOf } from "./consensus/partition.ts";
import { polygonsArea, rectangle } from "./geometry.ts";
import type { ClassId } from "./ids.ts";
import { intersection, type Shape, union } from "./overlay.ts";

export type PairSettings = {
  /** The classes that both reads could use, in the order of the table. */
  readonly classIds: readonly ClassId[];
  /** The slide, level-0 px. */
  readonly slide: Bbox;
  /** How far around outlines the table looks; further away all would agree that there is nothing. */
  readonly marginPx: number;
  /** Only what lies in these boxes counts, all of it; null where the whole slide was read. */
  readonly within: readonly Bbox[] | null;
};

/**
 * Areas on which two reads say the row and the column, px2; 0 is "not marked". A place has the class of the smallest outline
 * on it, as in a consensus; points and lines say nothing here.
 */
export function pairAreasOf(
  first: readonly Outline[],
  again: readonly Outline[],
  { classIds, slide, marginPx, within }: PairSettings,
): number[][] {
  const boxes = within === null ? null : union(within.map(boxShape));
  const memory = new Memory();
  const parts = [first, again].map((outlines, place) => {
    const clipped = boxes === null ? outlines : outlines.flatMap((outline) => clippedTo(outline, boxes));
    return partOf({ readerKey: String(place), outlines: clipped }, classIds, memory);
  });
  const region = boxes ?? intersection(around(parts, marginPx), boxShape(slide));
  return pairConfusion(ratingsOfFaces(facesOf(parts, memory), 2, classIds.length, polygonsArea(region)), 0, 1);
}

/** Offset of a read's outlines against the consensus, class by class in their order. */
export function readOffsets(
  outlines: readonly Outline[],
  truth: readonly { readonly classId: ClassId; readonly polygons: Shape }[],
  classIds: readonly ClassId[],
  settings: OffsetSettings,
): OutlineOffset[] {
  const part = partOf({ readerKey: "", outlines }, classIds, new Memory());
  return classIds.map((classId, index) => {
    const drawn = part.pieces.filter(({ label }) => label === index + 1).map(({ polygon }) => polygon);
    const known = truth.find((each) => each.classId === classId)?.polygons ?? [];
    return outlineOffset(drawn, known, settings);
  });
}

function clippedTo(outline: Outline, boxes: Shape): Outline[] {
  const inside = intersection(outline.geometry, boxes);
  return inside.length === 0 ? [] : [{ ...outline, geometry: geometryOf(inside) }];
}

function around(parts: readonly Part[], marginPx: number): Shape {
  return union(
    parts.flatMap(({ pieces }) =>
      pieces.map(({ bbox: { minX, minY, maxX, maxY } }) =>
        boxShape({ minX: minX - marginPx, minY: minY - marginPx, maxX: maxX + marginPx, maxY: maxY + marginPx }),
      ),
    ),
  );
}

function boxShape({ minX, minY, maxX, maxY }: Bbox) {
  return rectangle([minX, minY], [maxX, maxY]);
}
