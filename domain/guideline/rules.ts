import { z } from "zod";
import { classId, personId } from "#domain/ids.ts";

const share = z.number().min(0).max(1);
const areaUm2 = z.number().positive();

/** Below this share of the smaller outline a common area is the width of a pen and no claim. */
export const OVERLAP_TOLERANCE = 0.02;

/** What an outline of a class must satisfy. A rule that is null asks for nothing. The smallest area stands beside these. */
export const classRulesSchema = z.object({
  /** Rules that are null here are those of the nearest class above that sets them. */
  inherits: z.boolean().default(false),
  /** Largest area that one structure can have, um2. */
  maxAreaUm2: areaUm2.nullable().default(null),
  /** Area from which an outline shows the variety of its tissue, um2; advice while drawing and never a finding. */
  advisedAreaUm2: areaUm2.nullable().default(null),
  /** The outline has room for so many squares of this side, um: the fields of view of a model. */
  fieldOfView: z
    .object({ count: z.int().min(1).max(10_000), sideUm: z.number().positive() })
    .nullable()
    .default(null),
  /** Largest share of an outline that an outline of another class may claim as well. */
  maxSharedShare: share.nullable().default(OVERLAP_TOLERANCE),
  /** Classes that may share tissue with this one (a vessel in a tumour). */
  overlaps: z.array(classId).max(200).default([]),
  /** An outline of this class lies inside one of these; empty asks for nothing. */
  nestedIn: z.array(classId).max(200).default([]),
  /** Largest share of glass; measured on pixels. */
  maxBackgroundShare: share.nullable().default(null),
  /** Smallest share of the variety of the class so far; measured on pixels. */
  minVariety: share.nullable().default(null),
  /** Block stops a submit or a release, warn does not; neither stops a stroke. */
  severity: z.enum(["warn", "block"]).default("warn"),
});

/** How outlines of a class are compared between readers: by area, or object by object. */
export const matchingSchema = z.discriminatedUnion("by", [
  z.object({ by: z.literal("region") }),
  z.object({ by: z.literal("iou"), min: z.number().gt(0).max(1) }),
  z.object({ by: z.literal("distance"), maxUm: z.number().positive() }),
]);

export const consensusMethodSchema = z.enum(["majority", "quorum", "weighted", "staple", "single", "two-plus-one"]);
export const agreementMetricSchema = z.enum(["dice", "iou", "kappa", "fleiss", "alpha", "ac1", "detection-f1"]);

/** How the reads of one class become its record, where that is not as the study has it. */
export const classConsensusSchema = z.object({
  method: consensusMethodSchema,
  quorum: z.int().min(1).max(20),
  /** Who decides, or settles what two differ on; null for whom the study names. */
  adjudicatorId: personId.nullable().default(null),
});

/** How a project is read, compared and decided. */
export const studyRulesSchema = z.object({
  /** Every region of a read belongs to some class, so a new class makes finished slides incomplete. */
  exhaustive: z.boolean(),
  /** What of a slide has to be read: chosen regions, its tissue, or all of it. */
  region: z.enum(["regions", "tissue", "slide"]).default("slide"),
  /** Objective magnification at which a slide must have been seen before it is signed off; null asks for nothing. */
  minScreeningMagnification: z.number().positive().max(200).nullable().default(null),
  /** Share of the tissue that is to be seen so before one signs; below it a signature has to be confirmed. */
  minScreeningShare: share.default(0.95),
  readersPerCase: z.int().min(1).max(20),
  /** How the consensus is made of the reads. */
  method: consensusMethodSchema.default("quorum"),
  /** Votes for a class that make it the consensus of the readers of a region. */
  quorum: z.int().min(1).max(20),
  /** Weight of a reader's vote where votes are weighted; 1 for readers who are not named. */
  weights: z.record(personId, z.number().min(0).max(100)).default({}),
  /** Who decides where readers differ, for the method "single"; null leaves it to any adjudicator. */
  adjudicatorId: personId.nullable().default(null),
  /** People who adjudicate nothing in this project. */
  barredAdjudicators: z.array(personId).max(200).default([]),
  /** An adjudicator may not decide about a case that they read. */
  barReaders: z.boolean().default(false),
  /** Disputed regions below this area are not put before an adjudicator, um2. */
  minDisputeUm2: z.number().min(0),
  /** Agreement that is aimed at; the number of each class below it is shown as too low. */
  thresholds: z
    .array(z.object({ metric: agreementMetricSchema, min: z.number().min(-1).max(1) }))
    .max(20)
    .default([]),
  /** A draft is published only after a second lead has approved it. */
  secondLead: z.boolean().default(false),
  /** Days between a read and its hidden repetition. */
  washoutDays: z.int().min(0).max(3_650).default(14),
  /** Outlines that a merge made alike touch where they are no further apart than this, um. */
  dissolveGapUm: z.number().min(0).max(100).default(1),
  /** Share of right answers by which a reader shows again that they can tell a redefined class. */
  qualifyShare: share.default(0.8),
});

export type ClassRules = z.infer<typeof classRulesSchema>;
export type Matching = z.infer<typeof matchingSchema>;
export type ClassConsensus = z.infer<typeof classConsensusSchema>;
export type ConsensusMethod = z.infer<typeof consensusMethodSchema>;
export type AgreementMetric = z.infer<typeof agreementMetricSchema>;
export type StudyRules = z.infer<typeof studyRulesSchema>;

/** Study rules of which a change makes consensus be computed again. */
export const CONSENSUS_RULES = [
  "readersPerCase",
  "method",
  "quorum",
  "weights",
  "adjudicatorId",
  "barredAdjudicators",
  "barReaders",
  "minDisputeUm2",
  "thresholds",
] as const satisfies readonly (keyof StudyRules)[];

/** Study rules of which a stricter setting makes finished slides be looked through again. */
export const SCREENING_RULES = [
  "exhaustive",
  "region",
  "minScreeningMagnification",
] as const satisfies readonly (keyof StudyRules)[];
