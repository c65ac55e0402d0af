import { type Annotation, type Geometry, geometryOf } from "#domain/annotation.ts";
import { containsPoint, geometryArea, geometryPerimeter } from "#domain/geometry.ts";
import { type AnnotationId, annotationId, classId } from "#domain/ids.ts";
import { normaliseAll, union } from "#domain/overlay.ts";

/** A board of squares, so that an area can be compared with a set; neighbours share an edge and leave no crack. */
export const SIDE = 6;
export const CELL_PX = 32;
const FROM_PX = 96;

/** Cells by number, row by row. */
export type Cells = ReadonlySet<number>;

/** The outline of some cells; null where there are none. Cells that only touch at a corner are parts of their own. */
export function shapeOfCells(cells: Cells): Geometry | null {
  const squares = [...cells].map((cell) => {
    const [x, y] = [FROM_PX + (cell % SIDE) * CELL_PX, FROM_PX + Math.floor(cell / SIDE) * CELL_PX];
    const [right, low] = [x + CELL_PX, y + CELL_PX];
    return geometryOf([
      [
        [
          [x, y],
          [right, y],
          [right, low],
          [x, low],
        ],
      ],
    ]);
  });
  return squares.length === 0 ? null : normaliseAll(union(squares));
}

/** The cells whose middle lies in a geometry. */
export function cellsOf(geometry: Geometry): Cells {
  const all = Array.from({ length: SIDE * SIDE }, (_, cell) => cell);
  return new Set(
    all.filter((cell) =>
      containsPoint(geometry, [
        FROM_PX + (cell % SIDE) * CELL_PX + CELL_PX / 2 + 0.3,
        FROM_PX + Math.floor(cell / SIDE) * CELL_PX + CELL_PX / 2 + 0.7,
      ]),
    ),
  );
}

/**
 * How far an area is from that of its cells, in px along its outline: a rounding of a grid step everywhere, and the seam
 * of an addition, are far below one.
 */
export function rimError(geometry: Geometry): number {
  const off = Math.abs(geometryArea(geometry) - cellsOf(geometry).size * CELL_PX ** 2);
  return off / geometryPerimeter(geometry);
}

export const CELLS_ID: AnnotationId = annotationId.parse("cells000");

export function annotationOfCells(cells: Cells): Annotation {
  const geometry = shapeOfCells(cells);
  if (geometry === null) throw new Error("an outline needs a cell");
  return { id: CELLS_ID, classId: classId.parse("tumour00"), geometry, under: 1, attributes: {}, note: "" };
}

/** The cells of the first set with those of the others. */
export function plus(cells: Cells, ...others: readonly Cells[]): Cells {
  return new Set([...cells, ...others.flatMap((other) => [...other])]);
}

/** The cells of the first set that are in none of the others. */
export function minus(cells: Cells, ...others: readonly Cells[]): Cells {
  return new Set([...cells].filter((cell) => others.every((other) => !other.has(cell))));
}
