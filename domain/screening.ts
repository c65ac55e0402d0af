import type { ClassDefinition, GuidelineChange } from "./guideline.ts";
import type { ClassId } from "./ids.ts";
import { type Cells, cellCount, hasCell, type ScreenGrid, sizeOfCell } from "./screening/grid.ts";

export {
  addCells,
  type Cells,
  cellBox,
  cellCount,
  cellsFromBase64,
  cellsIn,
  cellsOf,
  cellsToBase64,
  cellsTouched,
  hasCell,
  type ScreenGrid,
  screenGridOf,
  unionOfCells,
} from "./screening/grid.ts";

/** A cell counts as seen after it was wholly in view, at working magnification, for so long. */
export const DWELL_MS = 400;
/** Magnification at which slides are screened where the study says nothing. */
const USUAL_MAGNIFICATION = 10;
/** What one micron per screen pixel is called. Source: the usual naming, 10x at 1 um per pixel. */
const MAGNIFICATION_AT_1_UM = 10;
/** Stands for a scale that nobody has stated: that of most scans. */
const UNKNOWN_MPP = 0.5;

/**
 * The coarsest view that counts as seen, screen px per level-0 px. Zooming in further counts as well.
 * @param slide.mpp um per level-0 px; where it is not known the objective stands for it, or else the usual 0.5
 * @param magnification that the study asks for; null where it asks for none
 */
export function workingScale(
  slide: { readonly mpp: number | null; readonly objective: number | null },
  magnification: number | null,
): number {
  const guessed = slide.objective === null ? UNKNOWN_MPP : MAGNIFICATION_AT_1_UM / slide.objective;
  return ((slide.mpp ?? guessed) * (magnification ?? USUAL_MAGNIFICATION)) / MAGNIFICATION_AT_1_UM;
}

/** How much of what is to be looked through has been seen. */
export type Seen = {
  /** 0 to 1; 1 where there is nothing to look at. */
  readonly share: number;
  /** px2 of level 0. */
  readonly areaPx: number;
  readonly cells: number;
  readonly of: number;
};

/** @param tissue the cells that count; null for all of the slide */
export function seenOf(grid: ScreenGrid, tissue: Cells | null, seen: Cells): Seen {
  let [areaPx, allPx, cells, of] = [0, 0, 0, 0];
  for (let cell = 0; cell < cellCount(grid); cell++) {
    if (tissue !== null && !hasCell(tissue, cell)) continue;
    const size = sizeOfCell(grid, cell);
    of++;
    allPx += size;
    if (!hasCell(seen, cell)) continue;
    cells++;
    areaPx += size;
  }
  return { share: allPx > 0 ? areaPx / allPx : 1, areaPx, cells, of };
}

/**
 * Classes whose outlines may hide what is looked for: the class above, look-alikes of either side, and what a broadened
 * definition names as its neighbours. The classes themselves are not among them.
 */
export function candidateClasses(
  wanted: readonly ClassId[],
  classes: readonly Pick<ClassDefinition, "id" | "parentId" | "lookAlikes">[],
  changes: readonly GuidelineChange[],
): ReadonlySet<ClassId> {
  const isWanted = new Set(wanted);
  const found = classes.flatMap(({ id, parentId, lookAlikes }) => {
    const named = isWanted.has(id) ? lookAlikes : [];
    const above = isWanted.has(id) && parentId !== null ? [parentId] : [];
    return lookAlikes.some((other) => isWanted.has(other)) ? [...named, ...above, id] : [...named, ...above];
  });
  const neighbours = changes.flatMap((change) =>
    change.kind === "broaden" && isWanted.has(change.classId) ? change.neighbours : [],
  );
  return new Set([...found, ...neighbours].filter((id) => !isWanted.has(id)));
}

/** What a task to look again asks for and nobody has signed for under its version or a later one. */
export function unsignedClasses(
  { version, classIds }: { readonly version: number; readonly classIds: readonly ClassId[] },
  signed: readonly { readonly version: number; readonly classIds: readonly ClassId[] }[],
): ClassId[] {
  const current = signed.filter((each) => each.version >= version);
  return classIds.filter((id) => !current.some((each) => each.classIds.includes(id)));
}

/**
 * The cells that are still to be looked at: those with candidates first, then the rest of the tissue; each part to and
 * fro down the slide, so that the next one is near.
 */
export function screeningOrder(
  grid: ScreenGrid,
  { tissue, seen, candidates }: { readonly tissue: Cells | null; readonly seen: Cells; readonly candidates: Cells },
): number[] {
  const first: number[] = [];
  const rest: number[] = [];
  for (const cell of toAndFro(grid)) {
    if (hasCell(seen, cell)) continue;
    if (hasCell(candidates, cell)) first.push(cell);
    else if (tissue === null || hasCell(tissue, cell)) rest.push(cell);
  }
  return [...first, ...rest];
}

/**
 * The cell to go to from another one: the next in order, and the first again after the last.
 * @param from the cell that was gone to last, seen by now or not; null at the beginning
 */
export function nextCell(
  grid: ScreenGrid,
  open: Parameters<typeof screeningOrder>[1],
  from: number | null,
  step: 1 | -1 = 1,
): number | null {
  const order = screeningOrder(grid, open);
  if (order.length === 0) return null;
  if (from === null) return order[0] ?? null;
  const rank = rankIn(grid, open.candidates);
  const here = rank(from);
  if (step === 1) return order.find((cell) => rank(cell) > here) ?? order[0] ?? null;
  return order.findLast((cell) => rank(cell) < here) ?? order.at(-1) ?? null;
}

/** Candidates before the rest, each to and fro. */
function rankIn(grid: ScreenGrid, candidates: Cells): (cell: number) => number {
  return (cell) => {
    const row = Math.floor(cell / grid.columns);
    const column = cell % grid.columns;
    const place = row * grid.columns + (row % 2 === 0 ? column : grid.columns - 1 - column);
    return hasCell(candidates, cell) ? place : place + cellCount(grid);
  };
}

function* toAndFro({ columns, rows }: ScreenGrid): Generator<number> {
  for (let row = 0; row < rows; row++) {
    for (let step = 0; step < columns; step++) yield row * columns + (row % 2 === 0 ? step : columns - 1 - step);
  }
}
