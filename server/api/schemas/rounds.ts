import { z } from "@hono/zod-openapi";
import { personRef, timeSchema } from "./common.ts";
import { roundModeSchema } from "./slides.ts";

export const readCell = z.object({
  slideId: z.string(),
  readerId: z.string().nullable(),
  layerId: z.string(),
  state: z.enum(["open", "submitted"]),
  submittedAt: timeSchema.nullable(),
});

/** A round as a lead sees it; others get it without the cells that are not theirs. */
export const roundSchema = z.object({
  id: z.string(),
  name: z.string(),
  mode: roundModeSchema,
  guidelineNumber: z.int(),
  createdAt: timeSchema,
  createdBy: personRef,
  unblindedAt: timeSchema.nullable(),
  slides: z.array(z.object({ id: z.string(), name: z.string(), caseName: z.string() })),
  readers: z.array(personRef),
  reads: z.array(readCell),
});
export const roundCreate = z.object({
  name: z.string().trim().min(1).max(120),
  mode: roundModeSchema,
  slideIds: z.array(z.string()).min(1).max(1_000),
  readerIds: z.array(z.string()).min(1).max(100),
});

/** One line of a reader's own worklist, in their own seeded order. */
export const worklistItem = z.object({
  layerId: z.string(),
  slideId: z.string(),
  slideName: z.string(),
  caseName: z.string(),
  thumbnailUrl: z.string(),
  round: z.object({ id: z.string(), name: z.string(), mode: roundModeSchema }),
  state: z.enum(["open", "submitted"]),
  /** The reader's own annotations in it. */
  annotations: z.int(),
});

export type Round = z.infer<typeof roundSchema>;
export type WorklistItem = z.infer<typeof worklistItem>;
