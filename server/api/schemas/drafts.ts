import { z } from "@hono/zod-openapi";
import { reviewKindSchema } from "#domain/draft-review.ts";
import { declarationSchema } from "#domain/guideline/change.ts";
import { exampleSchema, guidelineContentSchema } from "#domain/guideline.ts";
import { classId } from "#domain/ids.ts";
import { personRef, timeSchema } from "./common.ts";
import { draftSchema } from "./guideline.ts";

const wholeBox = z
  .tuple([z.int(), z.int(), z.int(), z.int()])
  .refine(([minX, minY, maxX, maxY]) => maxX > minX && maxY > minY, "a box has a width and a height");

export const draftComment = z.object({
  id: z.string(),
  /** Null for the draft as a whole. */
  classId: z.string().nullable(),
  /** Name of a field of the class; null for the class as a whole. */
  field: z.string().nullable(),
  text: z.string(),
  person: personRef,
  at: timeSchema,
  resolvedAt: timeSchema.nullable(),
});

export const draftEditor = personRef.extend({
  /** Id of the class that they have open; null for the introduction and the rules. */
  place: z.string().nullable(),
});

/** What leads say about the draft, and how far it is on its way to being published. */
export const draftTalk = z.object({
  comments: z.array(draftComment),
  review: z.object({
    state: z.enum(["writing", "proposed", "approved", "returned"]),
    /** Whose step made it so; null while it is being written. */
    person: personRef.nullable(),
    note: z.string(),
    at: timeSchema.nullable(),
    /** The version in force asks for a second lead's approval before the next one. */
    needed: z.boolean(),
    /** Whether the caller may approve or return it: never their own. */
    mayApprove: z.boolean(),
  }),
  /** Other leads who have the draft open now. */
  editors: z.array(draftEditor),
});

export const draftCommentCreate = z.object({
  classId: classId.nullable().default(null),
  field: z.string().min(1).max(60).nullable().default(null),
  text: z.string().trim().min(1).max(4_000),
});
export const draftCommentUpdate = z.object({ resolved: z.boolean() });
export const draftReviewCreate = z.object({
  /** The revision that was looked at; another one is refused with `stale-draft`. */
  revision: z.int().min(1),
  kind: reviewKindSchema,
  note: z.string().trim().max(4_000).default(""),
});
/** A picture of a box in whole level-0 px on the slide. */
export const draftExampleCreate = exampleSchema.omit({ version: true }).extend({ classId, box: wholeBox });
export const draftEditing = z.object({ place: classId.nullable() });

/** A draft that follows an older version than the newest. `choices` says whose text stands, by the path of a clash. */
export const rebaseRequest = z.object({
  /** The version that the draft followed; 0 for none. */
  parent: z.int().min(0),
  content: guidelineContentSchema,
  declarations: z.array(declarationSchema),
  choices: z.record(z.string().max(400), z.enum(["mine", "theirs"])).default({}),
});
/** `theirs` is what is published, or stored in the draft that somebody has begun since; without `mine` it was taken out. */
export const rebaseAnswer = z.object({
  /** The version that it now follows. */
  parent: z.int(),
  clashes: z.array(z.object({ path: z.string(), mine: z.unknown(), theirs: z.unknown() })),
  /** What was said about changes that are no longer made: they are in a version since, or have become others. */
  overtaken: z.array(declarationSchema),
  /** False where everything of the draft is there already. */
  brings: z.boolean(),
  /** As it was stored; null while a clash has no choice, and where it brings nothing. */
  draft: draftSchema.nullable(),
});

export type DraftTalk = z.infer<typeof draftTalk>;
export type DraftComment = z.infer<typeof draftComment>;
export type RebaseAnswer = z.infer<typeof rebaseAnswer>;
