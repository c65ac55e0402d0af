import type { SlideMeta } from "#domain/slide.ts";
import { AppError, type ErrorCode } from "#server/errors.ts";

export type TileBytes = { readonly bytes: Uint8Array; readonly contentType: "image/jpeg" | "image/png" };

/**
 * Pixels of one slide. `meta.levels` runs from full resolution down; tiles are counted from the upper left corner.
 * Tiles at the right and lower edge may be padded beyond the slide (see tileExtent in domain/slide.ts).
 */
export type SlideSource = {
  readonly meta: SlideMeta;
  /** Whether tiles of a level leave as they are stored, so that reading one decodes nothing. */
  isStored(level: number): boolean;
  /** @throws SlideError slide-tile-absent outside the grid, slide-tile-damaged where the stored tile is not an image */
  readTile(level: number, column: number, row: number, signal?: AbortSignal): Promise<TileBytes>;
  close(): Promise<void>;
};

export const slideErrorCodes = [
  "slide-not-an-image",
  "slide-damaged",
  "slide-unsupported",
  "slide-tile-damaged",
  "slide-tile-absent",
  "slide-too-large",
] as const satisfies readonly ErrorCode[];
export type SlideErrorCode = (typeof slideErrorCodes)[number];

/** What is wrong with a slide file; `detail.problem` is a clause for the person who sent it, never label text of the slide. */
export class SlideError extends AppError {
  declare readonly code: SlideErrorCode;

  constructor(code: SlideErrorCode, problem: string, values: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(code, { problem, ...values }, cause);
    this.name = "SlideError";
  }
}
