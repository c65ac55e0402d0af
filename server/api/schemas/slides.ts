import { z } from "@hono/zod-openapi";
import { guidelineVersionSchema } from "#domain/guideline.ts";
import { classId, slideId } from "#domain/ids.ts";
import { slideLevelSchema } from "#domain/slide.ts";
import { personRef, roleSchema, timeSchema, untestedClass } from "./common.ts";

export const slideSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  caseId: z.string(),
  caseName: z.string(),
  name: z.string(),
  format: z.string(),
  width: z.int(),
  height: z.int(),
  /** um per level-0 px; null until somebody states it. */
  mpp: z.number().nullable(),
  objective: z.number().nullable(),
  stain: z.string(),
  site: z.string(),
  scanner: z.string().nullable(),
  strippedFields: z.array(z.string()),
  strippedImages: z.array(z.string()),
  thumbnailUrl: z.string(),
  createdAt: timeSchema,
});

/** Upload: the body is the file itself, the rest is in the query. */
export const slideUploadQuery = z.object({
  name: z.string().trim().min(1).max(200),
  case: z.string().trim().min(1).max(120),
  mpp: z.coerce.number().min(0.05).max(100).optional(),
});
/** Registering a file that was dropped in the data folder's `slides`. */
export const slideRegister = z.object({
  file: z.string().min(1).max(255),
  name: z.string().trim().min(1).max(200),
  case: z.string().trim().min(1).max(120),
  mpp: z.number().min(0.05).max(100).nullable().default(null),
});
export const slideUpdate = z
  .object({
    name: z.string().trim().min(1).max(200),
    case: z.string().trim().min(1).max(120),
    mpp: z.number().min(0.05).max(100),
    stain: z.string().max(80),
    site: z.string().max(120),
  })
  .partial();
export const droppedFile = z.object({ file: z.string(), bytes: z.int() });

export const layerKindSchema = z.enum(["team", "read", "ground-truth"]);
export const roundModeSchema = z.enum(["together", "open", "blind"]);

/** A layer as this person may know it; layers they may not see are not listed at all. */
export const layerSchema = z.object({
  id: z.string(),
  slideId: z.string(),
  kind: layerKindSchema,
  name: z.string(),
  round: z.object({ id: z.string(), name: z.string(), mode: roundModeSchema, unblinded: z.boolean() }).nullable(),
  reader: personRef.nullable(),
  state: z.enum(["open", "submitted"]),
  /** May this person draw here now. */
  write: z.boolean(),
  mine: z.boolean(),
  /** Newest guideline version that counts for whoever reads here, in a blind round of their own; null: all count. */
  guidelineNumber: z.int().nullable(),
  submittedAt: timeSchema.nullable(),
  /** For leads: redefined classes that the reader of a read has not shown they can tell. Empty for everybody else. */
  untested: z.array(untestedClass),
});

/** Everything the viewer needs for a first sight of a slide. */
export const slideViewSchema = z.object({
  slide: slideSchema,
  levels: z.array(slideLevelSchema),
  /** Tile address with {level}, {column} and {row} to fill in; immutable. */
  tileUrl: z.string(),
  layers: z.array(layerSchema),
  /** Oldest first; the last one is in force. Empty before the first is published. */
  guideline: z.array(guidelineVersionSchema),
  /** Exceptions that hold for what this person sees on the slide; of outlines one by one only those. */
  waivers: z.array(
    z.object({
      id: z.string(),
      about: z.discriminatedUnion("kind", [
        z.object({
          kind: z.literal("annotations"),
          outlines: z.array(z.object({ layerId: z.string(), id: z.string() })),
        }),
        z.object({ kind: z.literal("class"), classId }),
        z.object({ kind: z.literal("slide"), slideId }),
      ]),
      version: z.int(),
      reason: z.string(),
      expiresAt: timeSchema,
    }),
  ),
  me: personRef.extend({ role: roleSchema }),
});

/** A stored annotation with what the log knows about it; coordinates in level-0 px, GeoJSON ring convention in `geometry`. */
export const annotationRow = z.object({
  id: z.string(),
  layerId: z.string(),
  classId: z.string(),
  under: z.int(),
  geometry: z.unknown(),
  areaPx: z.number(),
  contentHash: z.string(),
  attributes: z.record(z.string(), z.string()),
  note: z.string(),
  createdBy: personRef,
  createdAt: timeSchema,
  updatedBy: personRef,
  updatedAt: timeSchema,
});

export const importReport = z.object({
  added: z.int(),
  repaired: z.array(z.object({ index: z.int(), code: z.string(), detail: z.record(z.string(), z.unknown()) })),
});

export type Slide = z.infer<typeof slideSchema>;
export type SlideView = z.infer<typeof slideViewSchema>;
export type Layer = z.infer<typeof layerSchema>;
export type AnnotationRow = z.infer<typeof annotationRow>;
export type DroppedFile = z.infer<typeof droppedFile>;
export type ImportReport = z.infer<typeof importReport>;
