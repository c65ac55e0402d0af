import { z } from "zod";
import { slideMetaSchema } from "#domain/slide.ts";
import { slideErrorCodes } from "./slide-source.ts";

/** What the process for foreign files is asked: look at a file, or (with a target) make it into a pyramid. */
export const inspectionRequestSchema = z.object({
  path: z.string(),
  target: z.string().nullable(),
  mpp: z.number().positive().nullable(),
  maxRssMb: z.number().positive(),
});

export const inspectionSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("pyramid"), meta: slideMetaSchema }),
  z.object({ kind: z.literal("plain-image"), format: z.string(), width: z.int(), height: z.int() }),
]);

export const inspectionReplySchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: inspectionSchema }),
  z.object({ ok: z.literal(false), reason: z.enum(slideErrorCodes), detail: z.record(z.string(), z.unknown()) }),
]);

export type InspectionRequest = z.infer<typeof inspectionRequestSchema>;
/** A slide as it is, or an image that must be converted before it can be opened. */
export type Inspection = z.infer<typeof inspectionSchema>;
export type InspectionReply = z.infer<typeof inspectionReplySchema>;
