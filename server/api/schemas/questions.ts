import { z } from "@hono/zod-openapi";
import { classId } from "#domain/ids.ts";
import { boxSchema, placeSchema, questionStateSchema } from "#domain/question.ts";
import { reasonCodeSchema } from "#domain/task.ts";
import { personRef, picturedSlide, timeSchema } from "./common.ts";

export const questionPlace = z.object({
  id: z.string(),
  slide: picturedSlide,
  /** Level-0 px, as it was when the place was added. */
  box: boxSchema,
  layerId: z.string().nullable(),
  annotationId: z.string().nullable(),
  roundId: z.string().nullable(),
  disputeKey: z.string().nullable(),
  taskId: z.string().nullable(),
  reason: reasonCodeSchema.nullable(),
  note: z.string(),
  /** Null where one may not know whose read it is. */
  addedBy: personRef.nullable(),
  addedAt: timeSchema,
});

export const guidelineQuestion = z.object({
  id: z.string(),
  title: z.string(),
  state: questionStateSchema,
  classId: z.string().nullable(),
  otherClassId: z.string().nullable(),
  answer: z.string(),
  /** Where the draft was opened for it; null before. */
  draftClassId: z.string().nullable(),
  /** The guideline version that answers it. */
  publishedIn: z.int().nullable(),
  askedBy: personRef.nullable(),
  askedAt: timeSchema,
  settledBy: personRef.nullable(),
  revision: z.int(),
  updatedAt: timeSchema,
  places: z.array(questionPlace),
  comments: z.array(z.object({ id: z.string(), person: personRef.nullable(), text: z.string(), at: timeSchema })),
  /** Some of its places, and what others said, are kept from this reader as long as they read blind. */
  isPartial: z.boolean(),
});

export const questionQuery = z.object({ state: questionStateSchema.optional(), class: z.string().optional() });

export const questionCreate = z.object({
  title: z.string().trim().min(3).max(300),
  classId: classId.nullable().default(null),
  otherClassId: classId.nullable().default(null),
  place: placeSchema.nullable().default(null),
  /** Further places. */
  places: z.array(placeSchema).max(200).default([]),
});
export const questionComment = z.object({ text: z.string().trim().min(1).max(4_000) });

/** `open` asks again what was answered or closed; an answer and the reason of a closing are said in `text`. */
export const questionSettle = z.object({
  revision: z.int().min(1),
  to: z.enum(["answered", "closed", "open"]),
  text: z.string().trim().max(4_000).default(""),
});

/** Opens the draft at a class; without one at the class that the question is about. */
export const questionToDraft = z.object({ revision: z.int().min(1), classId: classId.nullable().default(null) });

/** A dispute that somebody left because the guideline is silent or ambiguous about it. */
export const unclearPlace = z.object({
  disputeKey: z.string(),
  roundId: z.string(),
  slide: questionPlace.shape.slide,
  /** Level-0 px. */
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  reason: reasonCodeSchema,
  note: z.string(),
  at: timeSchema,
  /** The question that it is a place of already. */
  question: z.object({ id: z.string(), title: z.string() }).nullable(),
});
/** Such disputes by the two classes that are confused; one class where it is about marking or not. */
export const unclearPair = z.object({
  classIds: z.array(z.string()).min(1).max(2),
  /** The newest first. */
  places: z.array(unclearPlace),
  /** The open question about exactly these classes. */
  question: z.object({ id: z.string(), title: z.string() }).nullable(),
});

/** How often decisions that stand name each reason, of the disputes at which a read named a class; the most first. */
export const classReasons = z.object({
  classId: z.string(),
  decisions: z.int(),
  reasons: z.array(z.object({ reason: reasonCodeSchema, decisions: z.int() })),
});

export type ClassReasons = z.infer<typeof classReasons>;
export type UnclearPair = z.infer<typeof unclearPair>;
export type UnclearPlace = z.infer<typeof unclearPlace>;
export type GuidelineQuestion = z.infer<typeof guidelineQuestion>;
export type QuestionPlace = z.infer<typeof questionPlace>;
