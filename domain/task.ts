import { z } from "zod";
import { attributesSchema, geometrySchema } from "./annotation.ts";
import { annotationId, classId, personId, regionId, roundId } from "./ids.ts";

/** Reads and their repeats are work too: their state is that of the read, so they are shown as tasks and not stored as such. */
export const taskKindSchema = z.enum([
  "read",
  "repeat-read",
  "migration",
  "re-screen",
  "rework",
  "adjudication",
  "requalify",
]);
export const taskStateSchema = z.enum([
  "open",
  "in-progress",
  "submitted",
  "accepted",
  "returned",
  "cancelled",
  "superseded",
]);
export const reasonCodeSchema = z.enum([
  "missed",
  "class-confusion",
  "too-loose",
  "too-tight",
  "too-small",
  "not-evaluable",
  "artefact",
  "guideline-silent",
  "guideline-ambiguous",
  "slip",
]);

/** What a lead was looking at when they asked for rework; `detail` names the dispute or the kind of finding. */
export const reworkOriginSchema = z.object({
  from: z.enum(["outlines", "region", "dispute", "finding", "search"]),
  detail: z.string().max(200).default(""),
});
export type ReworkOrigin = z.infer<typeof reworkOriginSchema>;

/**
 * What a task is about. A migration task has no list: its items are whatever the staleness function finds in its layer
 * among the annotations of these authors, who stay its authors when somebody else is given the task.
 */
export const taskScopeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("migration"), version: z.int().min(1), authorIds: z.array(personId).min(1) }),
  z.object({ kind: z.literal("re-screen"), version: z.int().min(1), classIds: z.array(classId).min(1) }),
  z
    .object({
      kind: z.literal("rework"),
      annotationIds: z.array(annotationId).max(10_000),
      /** A part of the slide to be gone over, level-0 px: something may be missing there that has no outline yet. */
      region: geometrySchema.nullable().optional(),
      origin: reworkOriginSchema.optional(),
    })
    .refine(({ annotationIds, region = null }) => annotationIds.length > 0 || region !== null, "outlines or a region"),
  /** Disputes of a slide in a round as they were in that consensus; tasks of before these were kept do not have them. */
  z.object({
    kind: z.literal("adjudication"),
    disputeKeys: z.array(z.string()).min(1),
    roundId: roundId.optional(),
    consensusKey: z.string().optional(),
  }),
  /** Regions of the bridge set that are read again under a version; done when the task's own read is handed in. */
  z.object({ kind: z.literal("repeat-read"), version: z.int().min(1), regionIds: z.array(regionId).min(1) }),
  /** A class that a version redefined; done when its assignee has passed the test. */
  z.object({ kind: z.literal("requalify"), version: z.int().min(1), classId }),
]);

/** What a person says about one item of a task. Re-class, redraw and delete are edits of the layer, stamped with the new version. */
export const answerSchema = z.discriminatedUnion("verdict", [
  /** `attributes` are what was asked about it, by attribute id; others stay as they are. */
  z.object({ verdict: z.literal("keep"), attributes: attributesSchema.optional() }),
  z.object({ verdict: z.literal("choose"), classId, attributes: attributesSchema.optional() }),
  z.object({ verdict: z.literal("delete") }),
  /** `attributes` are what the class that it falls back to requires; where that is not said, a lead decides. */
  z.object({
    verdict: z.literal("cannot-tell"),
    note: z.string().max(2_000),
    attributes: attributesSchema.optional(),
  }),
]);

export type TaskKind = z.infer<typeof taskKindSchema>;
export type TaskState = z.infer<typeof taskStateSchema>;
export type ReasonCode = z.infer<typeof reasonCodeSchema>;
export type TaskScope = z.infer<typeof taskScopeSchema>;
export type Answer = z.infer<typeof answerSchema>;

/** What decides which of a person's tasks comes first. */
export type Urgency = {
  readonly state: TaskState;
  readonly priority: number;
  readonly position: number;
  /** ISO 8601; null without a date. */
  readonly dueAt: string | null;
  readonly createdAt: string;
};

/**
 * The order in which a person's tasks are to be done: what came back first, then by priority, by the order that a lead
 * gave (what they put in order before the rest), by due date, and the oldest first.
 */
export function inOrderOfWork(a: Urgency, b: Urgency): number {
  const returned = Number(b.state === "returned") - Number(a.state === "returned");
  return (
    returned ||
    b.priority - a.priority ||
    byPosition(a, b) ||
    (a.dueAt ?? LATEST).localeCompare(b.dueAt ?? LATEST) ||
    a.createdAt.localeCompare(b.createdAt)
  );
}

const LATEST = "9999";

/** What nobody has put in order has the position 0 and comes after what somebody has. */
function byPosition(a: Urgency, b: Urgency): number {
  return Number(a.position === 0) - Number(b.position === 0) || a.position - b.position;
}

/** What one item of a task asks: items that ask the same of the same class and stamp may be answered together. */
export type ItemQuestion = {
  readonly classId: string;
  readonly under: number;
  readonly questions: readonly { readonly key: string }[];
};

/** Equal for items that are alike: of one class, drawn under one version, with the same questions. */
export function alikeKey({ classId, under, questions }: ItemQuestion): string {
  const asked = questions.map(({ key }) => key).toSorted();
  return [classId, under, ...asked].join(" ");
}

const NEXT: Readonly<Record<TaskState, readonly TaskState[]>> = {
  open: ["in-progress", "submitted", "cancelled", "superseded"],
  "in-progress": ["submitted", "cancelled", "superseded"],
  submitted: ["accepted", "returned", "cancelled", "superseded"],
  returned: ["in-progress", "submitted", "cancelled", "superseded"],
  accepted: [],
  cancelled: [],
  superseded: [],
};

/** True where the state machine has the step; who may take it is asked of permissions. */
export function mayMove(from: TaskState, to: TaskState): boolean {
  return NEXT[from].includes(to);
}

/** Open, in progress or returned: somebody still has to do something, so a release is blocked. */
export function isUnfinished(state: TaskState): boolean {
  return state !== "accepted" && state !== "cancelled" && state !== "superseded";
}

/** States in which the assignee may still answer items. */
export const ANSWERABLE: readonly TaskState[] = ["open", "in-progress", "returned"];

export function isAnswerable(state: TaskState): boolean {
  return ANSWERABLE.includes(state);
}
