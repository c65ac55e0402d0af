import { z } from "@hono/zod-openapi";
import { geometrySchema } from "#domain/annotation.ts";
import { annotationId } from "#domain/ids.ts";
import { picturedSlide } from "./common.ts";

/** A layer with outlines that a merge made alike. */
export const dissolveLayer = z.object({
  /** `mpp` is null where its scale is not known. */
  slide: picturedSlide.extend({ mpp: z.number().nullable() }),
  layer: z.object({ id: z.string(), name: z.string(), mine: z.boolean() }),
  /** Outlines that have become one class with others; some of them may touch. */
  outlines: z.int(),
});

/** Outlines that touch and have become one class, and the one outline that they would be. */
export const dissolveGroup = z.object({
  key: z.string(),
  /** The class that they have now. */
  classId: z.string(),
  /** Each with the class that it is stored with. */
  items: z.array(z.object({ annotationId: z.string(), contentHash: z.string(), classId: z.string() })),
  geometry: geometrySchema,
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
});

/** A decision about a group as it was seen; `id` names it for undo, and sent twice it is taken once. */
export const dissolveRequest = z.object({
  id: annotationId,
  /** One outline of all of them, or left as they are. */
  decision: z.enum(["dissolved", "left"]),
  items: z
    .array(z.object({ annotationId, contentHash: z.string().max(128) }))
    .min(2)
    .max(1_000),
});
export const dissolveUndo = z.object({ id: annotationId });

export type DissolveLayer = z.infer<typeof dissolveLayer>;
export type DissolveGroup = z.infer<typeof dissolveGroup>;
