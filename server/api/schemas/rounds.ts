import { z } from "@hono/zod-openapi";
import { roundId } from "#domain/ids.ts";
import { personRef, timeSchema, untestedClass } from "./common.ts";
import { roundModeSchema } from "./slides.ts";

export const readCell = z.object({
  slideId: z.string(),
  readerId: z.string().nullable(),
  layerId: z.string(),
  state: z.enum(["open", "submitted"]),
  submittedAt: timeSchema.nullable(),
  /** A hidden repeat; never true for its own reader while the round is blind. */
  repeat: z.boolean(),
  /** For leads: redefined classes that its reader has not shown they can tell. Empty for everybody else. */
  untested: z.array(untestedClass),
});

/** A round as a lead sees it; others get it without the cells that are not theirs. */
export const roundSchema = z.object({
  id: z.string(),
  name: z.string(),
  mode: roundModeSchema,
  /** A bridge round is made by publishing a version and holds the bridge set's reads under it. */
  purpose: z.enum(["study", "bridge"]),
  guidelineNumber: z.int(),
  createdAt: timeSchema,
  createdBy: personRef,
  unblindedAt: timeSchema.nullable(),
  /** The person who asks may unblind it once it is finished. */
  unblinds: z.boolean(),
  slides: z.array(z.object({ id: z.string(), name: z.string(), caseName: z.string() })),
  readers: z.array(personRef),
  reads: z.array(readCell),
  /** How many of the reads are hidden repeats; null for whoever may not know. */
  repeats: z.int().nullable(),
});

/** Earlier reads that are asked for again, hidden among the ordinary ones; in blind rounds only. */
export const repeatsRequest = z.object({
  perReader: z.int().min(1).max(1_000),
  /** Days since the reader last handed in the slide. */
  washoutDays: z.int().min(0).max(3_650),
});

export const repeatableQuery = z.object({ washoutDays: z.coerce.number().int().min(0).max(3_650).default(14) });
/** How many earlier reads of each reader could be repeated now. */
export const repeatableAnswer = z.object({
  readers: z.array(z.object({ readerId: z.string(), slideIds: z.array(z.string()) })),
});

export const roundCreate = z.object({
  /** Names the round; sent again with the same one, it is not opened twice. Made by the server without it. */
  id: roundId.optional(),
  name: z.string().trim().min(1).max(120),
  mode: roundModeSchema,
  slideIds: z.array(z.string()).min(1).max(1_000),
  readerIds: z.array(z.string()).min(1).max(100),
  repeats: repeatsRequest.nullable().default(null),
});

/** One line of a reader's own worklist, in their own seeded order. */
export const worklistItem = z.object({
  layerId: z.string(),
  slideId: z.string(),
  slideName: z.string(),
  caseName: z.string(),
  thumbnailUrl: z.string(),
  round: z.object({ id: z.string(), name: z.string(), mode: roundModeSchema }),
  state: z.enum(["open", "submitted"]),
  /** The reader's own annotations in it. */
  annotations: z.int(),
});

export type Round = z.infer<typeof roundSchema>;
export type WorklistItem = z.infer<typeof worklistItem>;
