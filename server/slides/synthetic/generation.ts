import { z } from "zod";
import { polygonSchema } from "#domain/annotation.ts";
import { SYNTHETIC_LABELS } from "./regions.ts";

/** What the generating process is asked. */
export const generationRequestSchema = z.object({
  path: z.string(),
  width: z.int().min(256).max(65_536),
  height: z.int().min(256).max(65_536),
  mpp: z.number().min(0.1).max(2),
  seed: z.int(),
});

export const truthSchema = z.object({
  regions: z.array(z.object({ label: z.enum(SYNTHETIC_LABELS), polygon: polygonSchema })),
  artefacts: z.array(z.object({ label: z.string(), polygon: polygonSchema })),
});

/** What it says: how far it is, then what the slide truly shows. */
export const generationReportSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("progress"), fraction: z.number() }),
  z.object({ kind: z.literal("done"), truth: truthSchema }),
  z.object({ kind: z.literal("failed"), problem: z.string() }),
]);

export type GenerationRequest = z.infer<typeof generationRequestSchema>;
export type GenerationReport = z.infer<typeof generationReportSchema>;
