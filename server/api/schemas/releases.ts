import { z } from "@hono/zod-openapi";
import { releaseId } from "#domain/ids.ts";
import { findingCodeSchema } from "#domain/quality.ts";
import { personRef, timeSchema } from "./common.ts";

/** What is wrong with an outline: where, level-0 px, and by how much. */
export const findingSchema = z.object({
  annotationId: z.string(),
  code: findingCodeSchema,
  bbox: z.object({ minX: z.number(), minY: z.number(), maxX: z.number(), maxY: z.number() }),
  /** In `unit`; null where the check has no number. */
  measured: z.number().nullable(),
  limit: z.number().nullable(),
  unit: z.enum(["um2", "px", "px2", "fields"]).nullable(),
  /** The other outline, for an overlap. */
  other: z.string().nullable(),
});

/** What stands between the project and a release; `href` leads to where it is dealt with. */
export const blockerSchema = z.object({
  code: z.string(),
  title: z.string(),
  count: z.int(),
  links: z.array(z.object({ label: z.string(), href: z.string(), finding: findingSchema.optional() })),
});

export const releaseSchema = z.object({
  id: z.string(),
  number: z.int(),
  name: z.string(),
  guidelineNumber: z.int(),
  hash: z.string(),
  createdBy: personRef,
  createdAt: timeSchema,
});
export const releaseDetail = releaseSchema.extend({
  /** Canonical JSON text; `hash` is its SHA-256. */
  manifest: z.string(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.int() })),
});
/** Slides to freeze; all of the project's where left out. */
export const releaseCreate = z.object({
  /** Names the release; sent again with the same one, it is not frozen twice. Made by the server without it. */
  id: releaseId.optional(),
  name: z.string().trim().min(1).max(120),
  slideIds: z.array(z.string()).min(1).optional(),
});

export type FindingView = z.infer<typeof findingSchema>;
export type Blocker = z.infer<typeof blockerSchema>;
export type Release = z.infer<typeof releaseSchema>;
export type ReleaseDetail = z.infer<typeof releaseDetail>;
