import { z } from "@hono/zod-openapi";
import { decisionMethodSchema } from "#domain/adjudication.ts";
import { classId, personId, roundId, slideId, taskId } from "#domain/ids.ts";
import { reasonCodeSchema } from "#domain/task.ts";
import { personRef, timeSchema } from "./common.ts";
import { measure } from "./consensus.ts";

/** A number, how sure it is over cases (95%), and from how many; without limits the reason why. */
export const estimate = z.object({
  value: measure,
  limits: z.union([
    z.object({ defined: z.literal(true), low: z.number(), high: z.number() }),
    z.object({ defined: z.literal(false), reason: z.string() }),
  ]),
  clusters: z.int(),
});

function list<Item extends z.ZodType>(item: Item) {
  return z.array(item).readonly();
}

const side = {
  prevalence: estimate,
  percentAgreement: estimate,
  fleiss: estimate,
  alpha: estimate,
  ac1: estimate,
};
const basis = z.enum(["regions", "objects"]);
const pair = { a: z.int(), b: z.int() };
const table = list(list(z.number()));

export const boardBasis = z.object({
  basis,
  classIds: list(z.string()),
  overall: z.object({
    ...side,
    /** By the order in which the guideline has its classes: for scales only. */
    alphaOrdinal: estimate,
    ac2: estimate,
    pairs: list(z.object({ ...pair, cohen: estimate, cohenWeighted: estimate })),
  }),
  /** How many times more objects are needed than if those of a case did not resemble each other; null for areas. */
  designEffect: measure.nullable(),
  /** Per reader, agreement with the majority of the others. */
  competences: list(estimate),
  /** Rows and columns: 0 is "not marked", then `classIds`; um2, or objects. */
  confusions: list(z.object({ ...pair, cells: table })),
  /** Per reader: row the consensus, column the reader. */
  againstConsensus: list(table),
  reliability: z.object({
    readers: list(z.object({ reads: z.number(), confusion: table.nullable(), accuracy: estimate })),
    prevalence: list(z.number()),
    movedShare: z.number(),
    /**
     * Where the majority says one and the readers' reliability another: 0 is "not marked", then `classIds`; um2, or objects.
     * `patterns` are the votes that are meant, by place in `readers`; null is "has not read it".
     */
    moved: list(
      z.object({
        majority: z.int(),
        probable: z.int(),
        weight: z.number(),
        patterns: list(list(z.int().nullable())),
      }),
    ),
  }),
});

const distances = z.object({ hausdorff95Um: estimate, meanUm: estimate, within: estimate });
export const boardClass = z.object({
  classId: z.string(),
  basis,
  ...side,
  pairs: list(
    z.object({
      ...pair,
      cohen: estimate,
      dice: estimate,
      iou: estimate,
      pq: estimate,
      sq: estimate,
      rq: estimate,
      distances: distances.nullable(),
    }),
  ),
  /** Per reader against the consensus. */
  against: list(z.object({ precision: estimate, recall: estimate, f1: estimate })),
});

const part = {
  overall: list(z.object({ basis, ...side })),
  classes: list(z.object({ classId: z.string(), ...side })),
};

const boardOf = z.enum(["decided", "read"]);
const version = z.coerce.number().int().min(1);

/** Agreement over the slides of a project. Pairs and readers count by place in `readers`. */
export const boardSchema = z.object({
  key: z.string(),
  /** "decided": decisions stand in place of the votes; "read": as the reads were submitted. */
  of: boardOf,
  computedAt: timeSchema,
  guidelineNumber: z.int(),
  thresholds: list(z.object({ metric: z.string(), min: z.number() })),
  readers: list(z.object({ label: z.string(), reader: personRef.nullable() })),
  /** Cases that the intervals are drawn from. */
  clusters: z.int(),
  bases: list(boardBasis),
  classes: list(boardClass),
  detection: list(z.object({ ...pair, f1: estimate, regroupings: z.number() })),
  versions: list(z.object({ guidelineNumber: z.int(), slides: z.int(), ...part })),
  slides: list(
    z.object({
      slideId: z.string(),
      slideName: z.string(),
      caseName: z.string(),
      roundId: z.string(),
      roundName: z.string(),
      disputes: z.int(),
      undecided: z.int(),
      disagreementShare: z.number(),
      ...part,
    }),
  ),
});

/** With `version`: of the rounds that were opened under it. Readers keep their places. */
export const agreementQuery = z.object({
  of: boardOf.default("decided"),
  round: roundId.optional(),
  version: version.optional(),
});

export type Estimate = z.infer<typeof estimate>;
export type BoardView = z.infer<typeof boardSchema>;
export type BoardClass = z.infer<typeof boardClass>;
export type BoardBasis = z.infer<typeof boardBasis>;
export type BoardSlide = BoardView["slides"][number];
export type AgreementQuery = z.infer<typeof agreementQuery>;

export const disputeKind = z.enum(["class-conflict", "missed", "boundary", "regrouped"]);
export const queuedDispute = z.object({
  key: z.string(),
  slideId: z.string(),
  slideName: z.string(),
  roundId: z.string(),
  roundName: z.string(),
  basis: z.enum(["region", "object"]),
  kind: disputeKind,
  areaPx: z.number(),
  areaUm2: z.number().nullable(),
  spread: z.number(),
  score: z.number(),
  verdict: z.enum(["class", "not-marked", "tie", "no-consensus"]),
  majority: z.string().nullable(),
  /** By place in `readers`; class null is "did not mark", or with `waits` an outline whose class is still to be chosen. */
  votes: list(z.object({ reader: z.int(), classId: z.string().nullable(), waits: z.boolean() })),
  settled: z.boolean(),
  decided: z.object({ method: decisionMethodSchema, reason: reasonCodeSchema, outOfDate: z.boolean() }).nullable(),
});

const place = z.coerce.number().int().min(0).max(1_000);
const said = z.union([classId, z.literal("none")]);
/**
 * What is behind a number: disputes of a class, a kind, a slide, between readers `a` and `b`, and where one says `x` and
 * another `y` ("none" is "not marked"); with a pair, `a` says `x` and `b` says `y`. With a task: the disputes it is about.
 * With `differs`: where the record says something else than this reader.
 * With `flagged`: where the readers' reliability would decide otherwise than their majority, on the board of that kind; then
 * the majority says `x` and reliability `y`.
 * With `b` alone: where that reader says `y` and the readers together `x`. With `version`: of rounds opened under it.
 */
export const queueQuery = z.object({
  round: roundId.optional(),
  slide: slideId.optional(),
  class: classId.optional(),
  kind: disputeKind.optional(),
  a: place.optional(),
  b: place.optional(),
  x: said.optional(),
  y: said.optional(),
  task: taskId.optional(),
  differs: personId.optional(),
  flagged: boardOf.optional(),
  version: version.optional(),
  state: z.enum(["open", "all"]).default("open"),
  cursor: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const queueSchema = z.object({
  items: list(queuedDispute),
  nextCursor: z.string().nullable(),
  total: z.int(),
  readers: list(z.object({ label: z.string(), reader: personRef.nullable() })),
  slides: list(z.object({ id: z.string(), name: z.string() })),
  /** Other adjudicators who are at work now at one of the items; told to those who may decide there. */
  others: list(z.object({ person: personRef, roundId: z.string(), slideId: z.string(), disputeKey: z.string() })),
});

export type QueuedDispute = z.infer<typeof queuedDispute>;
export type QueueQuery = z.infer<typeof queueQuery>;
export type QueueView = z.infer<typeof queueSchema>;
