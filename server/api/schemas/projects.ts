import { z } from "@hono/zod-openapi";
import { heirRuleSchema } from "#domain/assignment.ts";
import { personRef, roleSchema, timeSchema } from "./common.ts";

export const projectSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  role: roleSchema,
  createdAt: timeSchema,
  slideCount: z.int(),
  memberCount: z.int(),
  /** Who takes over the work of somebody who left, or may no longer do it. */
  heirs: heirRuleSchema,
});
export const projectCreate = z.object({
  name: z.string().trim().min(1).max(120),
  description: z.string().max(4_000).default(""),
});
export const projectUpdate = projectCreate.partial().extend({ heirs: heirRuleSchema.optional() });

/** One row of rule 3: what there is of a class against what is aimed at. Areas in um2, over slides with a known mpp. */
export const balanceRow = z.object({
  classId: z.string(),
  name: z.string(),
  colour: z.string(),
  count: z.int(),
  areaUm2: z.number(),
  slides: z.int(),
  cases: z.int(),
  share: z.number().nullable(),
  targetShare: z.number().nullable(),
});

/** A card of "what to do next"; `href` is a page of the product. */
export const nextStep = z.object({
  kind: z.string(),
  title: z.string(),
  text: z.string(),
  href: z.string(),
  count: z.int().nullable(),
  urgent: z.boolean(),
});

export const overviewSchema = z.object({
  project: projectSchema,
  guidelineNumber: z.int().nullable(),
  nextSteps: z.array(nextStep),
  /** Computed, never stored. Null for a person who reads blind and may not know. */
  progress: z
    .object({
      annotations: z.int(),
      current: z.int(),
      carriedOver: z.int(),
      stale: z.int(),
      undecided: z.int(),
      /** Stale or undecided, and excused by a waiver: in neither of those counts. */
      waived: z.int(),
      readsSubmitted: z.int(),
      readsTotal: z.int(),
      tasksUnfinished: z.int(),
      disputesUndecided: z.int(),
    })
    .nullable(),
  balance: z.array(balanceRow).nullable(),
  /** exp of the entropy of area shares; null where nothing is annotated. */
  effectiveClasses: z.number().nullable(),
});

export const auditEntry = z.object({
  seq: z.int(),
  at: timeSchema,
  person: personRef.nullable(),
  action: z.string(),
  subject: z.string(),
  detail: z.record(z.string(), z.unknown()),
  hash: z.string(),
});

/** What a page learns live: that something of a kind changed, never its content. */
export const liveEvent = z.object({
  kind: z.enum([
    "guideline",
    "draft",
    "questions",
    "tasks",
    "rounds",
    "slides",
    "members",
    "consensus",
    "adjudicators",
    "releases",
    "layers",
    "comments",
    "notifications",
  ]),
  /** A sentence to show as a toast, where the event is meant for this person; else null. */
  toast: z.string().nullable(),
});

export type Project = z.infer<typeof projectSchema>;
export type Overview = z.infer<typeof overviewSchema>;
export type BalanceRow = z.infer<typeof balanceRow>;
export type NextStep = z.infer<typeof nextStep>;
export type AuditEntry = z.infer<typeof auditEntry>;
export type LiveEvent = z.infer<typeof liveEvent>;
