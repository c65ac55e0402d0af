import { z } from "@hono/zod-openapi";
import { geometrySchema } from "#domain/annotation.ts";
import { annotationId, classId, referenceId } from "#domain/ids.ts";
import { personRef, picturedSlide, timeSchema } from "./common.ts";

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

const place = z.object({
  id: z.string(),
  slide: picturedSlide,
  /** minX, minY, maxX, maxY; level-0 px. */
  box,
  /** The outline that is meant; null where it is the box. */
  outline: geometrySchema.nullable(),
});

export const referenceSchema = place.extend({
  /** As it was said. */
  classId: z.string(),
  /** What it is an example of now; null once its class has gone. */
  effectiveClassId: z.string().nullable(),
  /** Guideline version under which it is that; null where it was said by a draft and by no version. */
  under: z.int().nullable(),
  /** Drafted: said by the draft alone, so that it holds once that is published. */
  state: z.enum(["usable", "unsure", "drafted", "ended"]),
  /** What it is by the draft; it holds while the class has the words there that it had when that was said. */
  byDraft: z.object({ classId: z.string(), holds: z.boolean() }).nullable(),
  by: personRef,
  at: timeSchema,
});

const readerState = z.object({
  person: personRef,
  state: z.enum(["passed", "failed", "trying", "waiting"]),
  attempts: z.int(),
  /** Of the last finished attempt. */
  last: z.object({ right: z.int(), total: z.int(), at: timeSchema }).nullable(),
  /** False while there is nothing that they could be asked. */
  ready: z.boolean(),
  /** Outlines of the class that they drew since, without having shown that they can tell it. */
  flagged: z.int(),
});

/** Who has shown again that they can tell the classes that were redefined, and the references that they are asked about. */
export const qualificationSchema = z.object({
  /** Share of right answers that passes. */
  least: z.number(),
  references: z.array(referenceSchema),
  classes: z.array(
    z.object({
      classId: z.string(),
      name: z.string(),
      colour: z.string(),
      /** The version that redefined it last. */
      version: z.int(),
      readers: z.array(readerState),
    }),
  ),
});

const referencePlace = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("box"), slideId: z.string(), box }),
  z.object({ kind: z.literal("annotation"), layerId: z.string(), annotationId }),
]);
/** `byDraft`: it is so by the draft that is being written. */
export const referenceCreate = z.object({
  /** Names the reference; sent again with the same one, it is not added twice. Made by the server without it. */
  id: referenceId.optional(),
  place: referencePlace,
  classId: classId.optional(),
  byDraft: z.boolean().default(false),
});
export const referenceConfirm = z.object({ classId, byDraft: z.boolean().default(false) });

const option = z.object({ id: z.string(), name: z.string(), colour: z.string(), hotkey: z.int().nullable() });

/** A test as its reader sees it: what an item is, is told after the last answer. */
export const testSchema = z.object({
  taskId: z.string(),
  classId: z.string(),
  version: z.int(),
  least: z.number(),
  /** Items that would be asked in a new attempt; 0 while nothing can be asked. */
  size: z.int(),
  /** False once the task has ended. */
  open: z.boolean(),
  options: z.array(option),
  attempts: z.int(),
  attempt: z
    .object({
      id: z.string(),
      items: z.array(place.extend({ said: z.string().nullable() })),
      result: z
        .object({
          right: z.int(),
          total: z.int(),
          passed: z.boolean(),
          /** Items that were said to be something else than they are. */
          differed: z.array(z.object({ id: z.string(), said: z.string().nullable(), is: z.string() })),
        })
        .nullable(),
    })
    .nullable(),
});
export const testAnswer = z.object({ attemptId: z.string(), itemId: z.string(), classId });

export type Qualification = z.infer<typeof qualificationSchema>;
export type Reference = z.infer<typeof referenceSchema>;
export type ReaderTest = z.infer<typeof testSchema>;
