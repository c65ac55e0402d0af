import { z } from "@hono/zod-openapi";
import { guidelineChangeSchema } from "#domain/guideline/change.ts";
import { annotationId } from "#domain/ids.ts";
import { waiverScopeSchema } from "#domain/waiver.ts";
import { personRef, timeSchema } from "./common.ts";

/** What one has to read before drawing on: versions that changed words or examples, oldest first. Empty where nothing is. */
export const acknowledgementSchema = z.object({
  /** The newest version of the guideline; 0 before the first. */
  newest: z.int(),
  due: z.array(
    z.object({
      version: z.int(),
      note: z.string(),
      publishedAt: timeSchema,
      /** Only those that are to be read. */
      changes: z.array(guidelineChangeSchema),
    }),
  ),
});
/** `version` is the newest that was read; one that the guideline does not have is refused. */
export const acknowledgeRequest = z.object({ version: z.int().min(1) });

export const waiverSchema = z.object({
  id: z.string(),
  scope: waiverScopeSchema,
  reason: z.string(),
  approvedBy: personRef,
  at: timeSchema,
  /** It covers what versions up to this one ask. */
  version: z.int(),
  expiresAt: timeSchema,
  state: z.enum(["holds", "expired", "withdrawn"]),
  /** Open annotations that it is about now: excused while it holds, work where it has ended. */
  covers: z.int(),
  /** Where the chosen outlines begin; null for other scopes, and where nothing of their beginning is there to be seen. */
  place: z
    .object({
      slide: z.object({ id: z.string(), name: z.string() }),
      layerId: z.string(),
      annotationId: z.string(),
    })
    .nullable(),
});
/** A written exception. `expiresAt` lies ahead: then what it covered becomes work again. */
export const waiverCreate = z.object({
  /** Names the waiver; sent again with the same one, it is not made twice. Made by the server without it. */
  id: annotationId.optional(),
  scope: waiverScopeSchema,
  reason: z.string().trim().min(1).max(4_000),
  expiresAt: timeSchema,
});

export type Acknowledgement = z.infer<typeof acknowledgementSchema>;
export type WaiverView = z.infer<typeof waiverSchema>;
