import type { Drawn } from "./demo-study.ts";

export const CELL = "Cell";
export const LYMPHOCYTE = "Lymphocyte";
export const MITOSIS = "Mitosis";
export const READERS = 3;

const FIELD = { x: 900, y: 400 };
const COLUMNS = 8;
/** From one cell to the next, px. */
export const PITCH = 60;
const SIDE = 30;
/** Of the cells in the field, row by row: the first are missed by one reader each, the next called a lymphocyte by one. */
const MISSED = 2 * READERS;
const RENAMED = READERS;
const LYMPHOCYTES = 6;
const SEEN = 48;
/** After these come cells that one alone sees, a cell for each reader. */
const LONELY = READERS;

/** Cells that not all say the same of, and the lines of STAPLE that lie around each: most of what it says it is sure of. */
export const DISPUTED = [
  { what: "one calls it a lymphocyte, which all know well", place: MISSED, lines: [0.5, 0.8, 0.95] },
  { what: "it is missed by the one who marks most of what nobody else does", place: 0, lines: [0.5, 0.8] },
  { what: "it is missed by another", place: 1, lines: [0.5] },
  { what: "one alone has it", place: SEEN, lines: [] },
] as const;

/** Where a cell lies, as the first reader draws it; each of the others is a px further to the right. */
export function cornerOf(place: number): readonly [x: number, y: number] {
  return [FIELD.x + PITCH * (place % COLUMNS), FIELD.y + PITCH * Math.floor(place / COLUMNS)];
}

/**
 * What a reader draws in a field of some fifty cells that three read and mostly agree on, so that STAPLE can tell how far
 * each is to be believed: with few objects it takes the one who stands alone for the one who is right. Beside them a gland
 * and two mitoses, of which the first reader alone sees one.
 */
export function cellsDrawnBy(reader: number): Drawn[] {
  const cells = Array.from({ length: SEEN + LONELY }, (_, place): Omit<Drawn, "id">[] => {
    const [className, [x, y]] = [saidBy(reader, place), cornerOf(place)];
    return className === null ? [] : [{ className, x: x + reader, y, side: SIDE }];
  });
  const drawn = [
    { className: "Gland", x: 300 + 20 * reader, y: 300, side: 300 },
    ...cells.flat(),
    { className: MITOSIS, x: 1_000 + 4 * reader, y: 330, side: 0 },
    ...(reader === 0 ? [{ className: MITOSIS, x: 1_150, y: 330, side: 0 }] : []),
  ];
  return drawn.map((each, place) => ({ ...each, id: `objects${reader}x${String(place).padStart(4, "0")}` }));
}

/** The class that a reader gives to the cell of a place; null where they have not marked it. */
function saidBy(reader: number, place: number): string | null {
  const isOdd = place % READERS === reader;
  if (place < MISSED) return isOdd ? null : CELL;
  if (place < MISSED + RENAMED) return isOdd ? LYMPHOCYTE : CELL;
  if (place < MISSED + RENAMED + LYMPHOCYTES) return LYMPHOCYTE;
  if (place < SEEN) return CELL;
  return isOdd ? CELL : null;
}
