import { z } from "@hono/zod-openapi";
import { decisionMethodSchema } from "#domain/adjudication.ts";
import { personId } from "#domain/ids.ts";
import { reasonCodeSchema } from "#domain/task.ts";
import { disputeKind } from "./agreement.ts";
import { personRef, picturedSlide, timeSchema } from "./common.ts";

/** A place where the record says something else than a reader did; a class of null is "not marked". */
export const recordDifference = z.object({
  key: z.string(),
  slide: picturedSlide,
  /** Level-0 px. */
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  kind: disputeKind,
  areaPx: z.number(),
  areaUm2: z.number().nullable(),
  read: z.string().nullable(),
  /** The reader outlined something there whose class is still to be chosen. */
  waits: z.boolean(),
  record: z.string().nullable(),
  /** Null where the votes of the readers settled it. */
  decision: z
    .object({ method: decisionMethodSchema, reason: reasonCodeSchema, note: z.string(), at: timeSchema })
    .nullable(),
});

/** How a reader's word stands beside the record, in places of a class. */
export const recordClass = z.object({
  classId: z.string(),
  /** Both say so. */
  same: z.int(),
  /** The reader says so, the record something else. */
  onlyRead: z.int(),
  /** The record says so, the reader something else. */
  onlyRecord: z.int(),
});

export const recordDifferences = z.object({
  round: z.object({ id: z.string(), name: z.string() }),
  reader: personRef,
  /** Whose list may be asked for: all readers of the round for a lead, else the person alone. */
  readers: z.array(personRef),
  /** Disputed places where the record says something, and of them those where it says something else. */
  compared: z.int(),
  differing: z.int(),
  /** Disputed places about which the record says nothing yet. */
  undecided: z.int(),
  classes: z.array(recordClass),
  /** The worst first. */
  items: z.array(recordDifference),
  nextCursor: z.string().nullable(),
});

export const recordQuery = z.object({
  /** Without one: the caller. */
  reader: personId.optional(),
  cursor: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(60),
});

export type RecordDifference = z.infer<typeof recordDifference>;
export type RecordDifferences = z.infer<typeof recordDifferences>;
export type RecordQuery = z.infer<typeof recordQuery>;
