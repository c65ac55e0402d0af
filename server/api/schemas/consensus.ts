import { z } from "@hono/zod-openapi";
import { decisionMethodSchema } from "#domain/adjudication.ts";
import { geometrySchema } from "#domain/annotation.ts";
import { taskId } from "#domain/ids.ts";
import { reasonCodeSchema } from "#domain/task.ts";
import { personRef, timeSchema } from "./common.ts";

/** A number, or the reason why it is not defined. Never NaN. */
export const measure = z.union([
  z.object({ defined: z.literal(true), value: z.number() }),
  z.object({ defined: z.literal(false), reason: z.string() }),
]);

export const consensusSlide = z.object({
  slideId: z.string(),
  slideName: z.string(),
  roundId: z.string(),
  roundName: z.string(),
  readsSubmitted: z.int(),
  readsTotal: z.int(),
  disputes: z.int().nullable(),
  undecided: z.int().nullable(),
  percentAgreement: measure.nullable(),
  alpha: measure.nullable(),
});

export const classAgreement = z.object({
  classId: z.string(),
  prevalence: measure,
  percentAgreement: measure,
  fleiss: measure,
  alpha: measure,
  ac1: measure,
  /** One row per pair of reads, by index into `reads`. */
  pairs: z.array(z.object({ a: z.int(), b: z.int(), dice: measure, iou: measure, cohen: measure })),
});

export const decisionSchema = z.object({
  id: z.string(),
  method: decisionMethodSchema,
  reason: reasonCodeSchema,
  note: z.string(),
  person: personRef,
  at: timeSchema,
  /** An input changed since; the dispute is back in the queue. */
  outOfDate: z.boolean(),
});

export const disputeSchema = z.object({
  key: z.string(),
  /** A disputed region, or an object that the reads see differently. */
  basis: z.enum(["region", "object"]),
  kind: z.enum(["class-conflict", "missed", "boundary", "regrouped"]),
  /** The disputed region, or the place of the object; level-0 px. */
  geometry: geometrySchema,
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  areaPx: z.number(),
  areaUm2: z.number().nullable(),
  /** In the order of `reads`; class null is "did not mark", or with `waits` an outline whose class is still to be chosen. */
  votes: z.array(
    z.object({
      read: z.int(),
      classId: z.string().nullable(),
      annotationIds: z.array(z.string()),
      waits: z.boolean(),
    }),
  ),
  /** How divided the votes are, 0 to 1, and area times rarity of the rarest class named times that: the worst first. */
  spread: z.number(),
  score: z.number(),
  /** What the reads together say by the methods of the guideline: a class, "not marked", or nothing because of a tie or too few. */
  verdict: z.enum(["class", "not-marked", "tie", "no-consensus"]),
  majority: z.string().nullable(),
  /** Nobody has to decide it: decided, or a boundary strip that the quorum settles. */
  settled: z.boolean(),
  decision: decisionSchema.nullable(),
  /** The person who asks may decide about it: where one person's word is taken, that is theirs alone. */
  mayDecide: z.boolean(),
  /** What the record says here; null while it says nothing: undecided, left out, or left unresolved. */
  record: z.object({ classId: z.string().nullable() }).nullable(),
});

const votePattern = z.object({ votes: z.array(z.int().nullable()), weight: z.number() });

export const overallAgreement = z.object({ percentAgreement: measure, fleiss: measure, alpha: measure, ac1: measure });

/** Row and column 0 are "not marked", then `classIds`; mean over ordered pairs of reads. */
const confusion = z.object({ classIds: z.array(z.string()), cells: z.array(z.array(z.number())) });

/** Consensus of one slide in one round. `reads` are named by letter for adjudicators; `reader` is null where they are anonymous. */
export const consensusSchema = z.object({
  key: z.string(),
  slide: z.object({ id: z.string(), name: z.string(), mpp: z.number().nullable() }),
  roundId: z.string(),
  guidelineNumber: z.int(),
  computedAt: timeSchema,
  reads: z.array(z.object({ label: z.string(), layerId: z.string(), reader: personRef.nullable(), mine: z.boolean() })),
  /** Classes by how they are compared: place by place, or object by object. */
  regionIds: z.array(z.string()),
  objectIds: z.array(z.string()),
  /** Whether this person may decide here; where their role would allow it and they are barred, `barred` says so. */
  mayDecide: z.boolean(),
  barred: z.boolean(),
  /** Other adjudicators who are at work here now, and on what. */
  others: z.array(z.object({ person: personRef, disputeKey: z.string() })),
  /**
   * Of all that is compared place by place, and of single objects where no class is. With every decision that stands put
   * in place of the votes: these move as disputes are decided.
   */
  overall: overallAgreement,
  /** As the reads were submitted. */
  overallAsRead: overallAgreement,
  /** The same of single objects, with their confusion in numbers of objects; null where no class is compared so. */
  objects: z.object({ overall: overallAgreement, overallAsRead: overallAgreement, confusion }).nullable(),
  classes: z.array(classAgreement),
  /** Area in um2 (px2 without mpp). */
  confusion,
  /**
   * How often reads said what together, as they were submitted: per combination of votes its area (um2; px2 without mpp) or
   * number of objects. `votes` are in the order of `reads`: 0 is "not marked", then `regionIds` or `objectIds`.
   */
  votes: z.object({ regions: z.array(votePattern), objects: z.array(votePattern) }),
  disputes: z.array(disputeSchema),
  /** Normalised vote entropy 0..255 per cell, row by row, base64; level-0 origin and cell size. */
  overlay: z.object({
    originX: z.number(),
    originY: z.number(),
    cellPx: z.number(),
    columns: z.int(),
    rows: z.int(),
    entropy: z.string(),
  }),
  groundTruthLayerId: z.string().nullable(),
});

export const adjudicateRequest = z.discriminatedUnion("method", [
  z.object({
    method: z.literal("accept-read"),
    read: z.int(),
    reason: reasonCodeSchema,
    note: z.string().max(2_000).default(""),
  }),
  z.object({ method: z.literal("majority"), reason: reasonCodeSchema, note: z.string().max(2_000).default("") }),
  /** All that the reads gave to a class here, or what they all gave it. Without a class: the majority's, or the only one. */
  z.object({
    method: z.enum(["union", "intersection"]),
    classId: z.string().nullable().default(null),
    reason: reasonCodeSchema,
    note: z.string().max(2_000).default(""),
  }),
  z.object({
    method: z.literal("redraw"),
    classId: z.string(),
    geometry: geometrySchema,
    reason: reasonCodeSchema,
    note: z.string().max(2_000).default(""),
  }),
  z.object({ method: z.literal("exclude"), reason: reasonCodeSchema, note: z.string().max(2_000).default("") }),
  z.object({ method: z.literal("unresolved"), reason: reasonCodeSchema, note: z.string().max(2_000).default("") }),
]);
/**
 * Names the consensus the person looked at and the decision that stood then; a changed consensus is refused with
 * `dispute-gone`, a decision that somebody else took meanwhile with `dispute-decided`.
 */
export const adjudicateBody = z.object({
  consensusKey: z.string(),
  disputeKey: z.string(),
  replaces: z.string().nullable().default(null),
  decision: adjudicateRequest,
});
export const adjudicateAnswer = z.object({ decision: decisionSchema, groundTruthLayerId: z.string().nullable() });

/** Somebody to whom disputes of a slide can be given, and how many of those that are still to be settled. */
export const deciderSchema = z.object({
  person: personRef,
  /** That they may decide. */
  disputes: z.int(),
  /** Of these the ones for which the guideline names them: for the class, else for the study. */
  named: z.int(),
});
export type Decider = z.infer<typeof deciderSchema>;

/** Without keys: everything that is still to be settled on the slide. */
export const adjudicationTaskBody = z.object({
  /** Names the task; sent again with the same one, it is not made twice. Made by the server without it. */
  id: taskId.optional(),
  assigneeId: z.string(),
  disputeKeys: z.array(z.string().max(64)).min(1).max(10_000).nullable().default(null),
  text: z.string().trim().max(4_000).default(""),
});
export const adjudicationTaskAnswer = z.object({ taskId: z.string() });
export type AdjudicationTaskBody = z.infer<typeof adjudicationTaskBody>;

export const atDispute = z.object({ disputeKey: z.string().min(1).max(64) });
export const atDisputeAnswer = z.object({
  others: z.array(z.object({ person: personRef, disputeKey: z.string() })),
});

export type Measure = z.infer<typeof measure>;
export type ConsensusSlide = z.infer<typeof consensusSlide>;
export type ConsensusView = z.infer<typeof consensusSchema>;
export type ClassAgreement = z.infer<typeof classAgreement>;
export type AdjudicateRequest = z.infer<typeof adjudicateRequest>;
export type AdjudicateBody = z.infer<typeof adjudicateBody>;
export type Dispute = z.infer<typeof disputeSchema>;
export type Decision = z.infer<typeof decisionSchema>;
