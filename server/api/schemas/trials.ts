import { z } from "@hono/zod-openapi";
import { guidelineContentSchema } from "#domain/guideline.ts";
import { slideId } from "#domain/ids.ts";
import { trialOutlineSchema } from "#domain/trial.ts";
import { personRef, timeSchema } from "./common.ts";

export const trialSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** The version that the draft followed; 0 before the first. */
  parent: z.int(),
  createdBy: personRef,
  createdAt: timeSchema,
  endedAt: timeSchema.nullable(),
  slides: z.array(z.object({ id: z.string(), name: z.string(), thumbnailUrl: z.string() })),
  /** How many outlines the caller has drawn in it. */
  mine: z.int(),
});

const classUse = z.object({
  classId: z.string(),
  outlines: z.int(),
  /** Null where the scale of a slide is unknown. */
  areaUm2: z.number().nullable(),
  people: z.int(),
  slides: z.int(),
});

/** A trial with the draft as it was, and for leads how its classes were used. */
export const trialDetail = trialSchema.extend({
  content: guidelineContentSchema,
  /** Null for who may not see others' work in it, as long as they read one of its slides blind. */
  results: z
    .object({
      classes: z.array(classUse),
      people: z.array(personRef.extend({ counts: z.record(z.string(), z.int()) })),
    })
    .nullable(),
});

export const trialOutline = trialOutlineSchema.extend({ id: z.string() });
/** What one has drawn on a slide of a trial. */
export const trialSheet = z.object({ outlines: z.array(trialOutline), endedAt: timeSchema.nullable() });

/** Tries out the draft as it is now. */
export const trialCreate = z.object({
  name: z.string().trim().min(1).max(120),
  slideIds: z.array(slideId).min(1).max(50),
});

export type Trial = z.infer<typeof trialSchema>;
export type TrialDetail = z.infer<typeof trialDetail>;
export type TrialSheet = z.infer<typeof trialSheet>;
