import { z } from "@hono/zod-openapi";

const share = z.number().min(0).max(1);
/** A set of cells: base64 of a bit for each, the lowest of the first byte for the first cell. At most 8 KiB of bits. */
const cells = z.string().max(12_000);

/** Where one has looked oneself, for a layer; nobody else's looking is ever answered. */
export const screeningSchema = z.object({
  /** Side of a cell, level-0 px; cells lie row by row from the upper left. */
  cellPx: z.int(),
  columns: z.int(),
  rows: z.int(),
  /** The cells that count; null where all of the slide does. */
  tissue: cells.nullable(),
  seen: cells,
  /** Screen px per level-0 px from which on a view counts as seen. */
  workingScale: z.number().positive(),
  share,
  /** A sign-off below this share asks for a confirmation. */
  wantedShare: share,
});

export const screeningQuery = z.object({
  /** Only what was seen since this guideline version came into force. */
  since: z.coerce.number().int().min(0).max(1_000_000).default(0),
});

export const viewReport = z.object({ cells });

/** `classIds` are those of the task that are signed for now; all of them where it is left out. */
export const screeningSign = z.object({
  revision: z.int(),
  classIds: z.array(z.string()).min(1).max(200).optional(),
  /** Signs although less than the wanted share was seen. */
  confirmed: z.boolean().default(false),
});

export type Screening = z.infer<typeof screeningSchema>;
