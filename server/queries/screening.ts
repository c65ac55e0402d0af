import type { Db } from "#db/client.ts";
import { newestVersion } from "#db/guidelines.ts";
import { type Look, seenSince, storedTissue, storeTissue } from "#db/screening.ts";
import { type SlideRow, slideById } from "#db/slides.ts";
import type { SlideId } from "#domain/ids.ts";
import {
  type Cells,
  cellsOf,
  cellsToBase64,
  type ScreenGrid,
  type Seen,
  screenGridOf,
  seenOf,
  unionOfCells,
  workingScale,
} from "#domain/screening.ts";
import type { Screening } from "#server/api/schemas/screening.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { SlideError } from "#server/slides/slide-source.ts";
import { TISSUE_METHOD, TISSUE_PX, tissueIn } from "#server/slides/tissue.ts";

type Work = Pick<World, "db" | "tiles">;

/** A slide's grid with what of it is to be looked at. */
export type ScreenedSlide = { readonly slide: SlideRow; readonly grid: ScreenGrid; readonly tissue: Cells | null };

export async function screenedSlide(work: Work, slideId: SlideId): Promise<ScreenedSlide> {
  const slide = await slideById(work.db, slideId);
  if (slide === null) throw new AppError("not-found", { slideId });
  const grid = screenGridOf(slide.meta);
  return { slide, grid, tissue: await tissueOf(work, slide, grid) };
}

/** What somebody has seen of a slide since a version, in their work in one layer. */
export async function seenBy(db: Db, { grid, tissue }: ScreenedSlide, look: Look, since: number): Promise<Seen> {
  return seenOf(grid, tissue, await seenSince(db, look, since));
}

/** All that the browser needs to record and show one's own looking; it says nothing about anybody else. */
export async function screeningFor(work: Work, look: Look, slideId: SlideId, since: number): Promise<Screening> {
  const { slide, grid, tissue } = await screenedSlide(work, slideId);
  const rules = (await newestVersion(work.db, slide.projectId))?.content.rules;
  const magnification = rules?.minScreeningMagnification ?? null;
  const wantedShare = rules?.minScreeningShare ?? 0;
  const seen = unionOfCells(cellsOf(grid), await seenSince(work.db, look, since));
  return {
    cellPx: grid.cellPx,
    columns: grid.columns,
    rows: grid.rows,
    tissue: tissue === null ? null : cellsToBase64(tissue),
    seen: cellsToBase64(seen),
    workingScale: workingScale({ mpp: slide.mpp, objective: slide.meta.objective }, magnification),
    wantedShare,
    share: seenOf(grid, tissue, seen).share,
  };
}

/** Null where the pixels cannot be read, or show nothing but glass: then all of the slide counts. */
async function tissueOf({ db, tiles }: Work, slide: SlideRow, grid: ScreenGrid): Promise<Cells | null> {
  const key = `${TISSUE_METHOD} ${slide.contentHash} ${grid.cellPx}`;
  const stored = await storedTissue(db, slide.id, key);
  const tissue = stored ?? (await readTissue(tiles, slide.id, grid));
  if (tissue === null) return null;
  if (stored === null) await storeTissue(db, slide.id, key, tissue);
  return tissue.some((byte) => byte !== 0) ? tissue : null;
}

async function readTissue(tiles: World["tiles"], slideId: SlideId, grid: ScreenGrid): Promise<Cells | null> {
  try {
    return await tissueIn((await tiles.thumbnail(slideId, TISSUE_PX)).bytes, grid);
  } catch (error) {
    if (error instanceof SlideError || isAbsent(error)) return null;
    throw error;
  }
}

/** A file that is elsewhere for now does not keep anybody from handing in what they drew. */
function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
