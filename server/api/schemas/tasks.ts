import { z } from "@hono/zod-openapi";
import { attributesSchema, geometrySchema } from "#domain/annotation.ts";
import { assignmentRuleSchema } from "#domain/assignment.ts";
import { guidelineChangeSchema } from "#domain/guideline/change.ts";
import { annotationId, taskId } from "#domain/ids.ts";
import { answerSchema, reasonCodeSchema, reworkOriginSchema, taskKindSchema, taskStateSchema } from "#domain/task.ts";
import { personRef, timeSchema } from "./common.ts";
import { testSchema } from "./qualification.ts";

/** `left` and `total` are computed at the moment of asking. */
export const taskSchema = z.object({
  id: z.string(),
  kind: taskKindSchema,
  state: taskStateSchema,
  title: z.string(),
  text: z.string(),
  reason: reasonCodeSchema.nullable(),
  slide: z.object({ id: z.string(), name: z.string() }),
  layerId: z.string().nullable(),
  layerName: z.string().nullable(),
  assignee: personRef,
  createdBy: personRef.nullable(),
  guidelineNumber: z.int().nullable(),
  priority: z.int(),
  /** Place that a lead gave it among tasks of one priority. */
  position: z.int(),
  dueAt: timeSchema.nullable(),
  left: z.int(),
  total: z.int(),
  /** Items that somebody could not tell and a lead decides. */
  undecided: z.int(),
  /** Estimated from the project's own median time for an answer. */
  hoursLeft: z.number(),
  /** Classes of what waits. */
  classIds: z.array(z.string()),
  revision: z.int(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});

export const questionSchema = z.object({
  key: z.string(),
  version: z.int(),
  kind: z.enum(["choose", "review", "redraw", "limit", "attribute"]),
  classId: z.string(),
  options: z.array(z.string()),
  fallback: z.string().nullable(),
  change: guidelineChangeSchema,
  /** What is asked about an attribute: `values` are to choose from, empty where any answer will do; `mayStay` lets a keep answer it. */
  attribute: z
    .object({
      attributeId: z.string(),
      values: z.array(z.string()),
      fallback: z.string().nullable(),
      mayStay: z.boolean(),
    })
    .nullable(),
  /** The rule that the outline violates, and the other outline of a pair. */
  limit: z.object({ rule: z.string(), other: z.string().nullable() }).nullable(),
});

/** The class that an open choice is filled in with, and what speaks for it. A person still decides. */
export const suggestionSchema = z.object({
  classId: z.string(),
  because: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("attribute"), attributeId: z.string(), value: z.string() }),
    /** It was of this class before a merge in a version. */
    z.object({ kind: z.literal("former"), classId: z.string(), version: z.int() }),
  ]),
});

/** What one outline of a pair shares with the other, 0 to 1, and how much its class allows; null where any share will do. */
const sharedSchema = z.object({ share: z.number(), most: z.number().nullable() });

/** The other outline of a pair that does not go together. */
const pairedOutline = z.object({
  annotationId: z.string(),
  classId: z.string(),
  contentHash: z.string(),
  geometry: geometrySchema,
  /** Of the outline that is asked about, and of this one; null where they were changed since they were measured. */
  shared: z.object({ item: sharedSchema, other: sharedSchema }).nullable(),
  /** Whether the caller may trim it with an answer. */
  mayTrim: z.boolean(),
});

/** One outline that waits for an answer, with the questions about it. */
export const taskItem = z.object({
  annotationId: z.string(),
  classId: z.string(),
  under: z.int(),
  contentHash: z.string(),
  geometry: geometrySchema,
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  questions: z.array(questionSchema),
  /** The others of the pairs that are asked about, in the order of the questions. */
  pairs: z.array(pairedOutline),
  suggestion: suggestionSchema.nullable(),
  /** What it holds under the ids of attributes. */
  attributes: attributesSchema,
  state: z.enum(["waiting", "answered", "undecided", "gone"]),
  note: z.string(),
});

/** What somebody could not tell, as a lead decides it. `questionId` is the guideline question that it became. */
export const trayItem = z.object({
  taskId: z.string(),
  taskTitle: z.string(),
  kind: taskKindSchema,
  slide: z.object({ id: z.string(), name: z.string() }),
  layerId: z.string(),
  annotationId: z.string(),
  contentHash: z.string(),
  classId: z.string(),
  under: z.int(),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  questions: z.array(questionSchema),
  suggestion: suggestionSchema.nullable(),
  /** What it holds under the ids of attributes. */
  attributes: attributesSchema,
  note: z.string(),
  person: personRef,
  at: timeSchema,
  questionId: z.string().nullable(),
});

export const taskEvent = z.object({
  at: timeSchema,
  person: personRef.nullable(),
  fromState: taskStateSchema.nullable(),
  toState: taskStateSchema,
  note: z.string(),
});

export const taskDetail = z.object({
  task: taskSchema,
  /** The part of the slide that a rework task is about, and what it came from. */
  region: geometrySchema.nullable(),
  origin: reworkOriginSchema.nullable(),
  /** Classes to screen for; re-screen tasks only. */
  screenClassIds: z.array(z.string()),
  /** Of these, the ones that are signed for. */
  signedClassIds: z.array(z.string()),
  /** Where to read; bridge reads only. */
  regions: z.array(z.object({ id: z.string(), name: z.string(), box: taskItem.shape.bbox })),
  items: z.array(taskItem),
  /** The test of a requalify task; its assignee's alone. */
  test: testSchema.nullable(),
  events: z.array(taskEvent),
});

export const boardGroup = z.enum(["change", "class", "person", "slide"]);
/** What the board says beside the tasks: how far each change, class, person or slide is, and how fast work is done. */
export const boardSchema = z.object({
  groups: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      colour: z.string().nullable(),
      tasks: z.int(),
      unfinished: z.int(),
      left: z.int(),
      total: z.int(),
      hoursLeft: z.number(),
      /** By change: the changes that ask; an outline that two of them ask about is counted under both. */
      changes: z.array(z.object({ key: z.string(), version: z.int(), label: z.string(), left: z.int() })),
    }),
  ),
  /** What was left over time, from what was answered and when; the last one is now. */
  burnDown: z.array(z.object({ at: timeSchema, left: z.int() })),
  left: z.int(),
  hoursLeft: z.number(),
  undecided: z.int(),
  /** When nothing will be left at the pace of the last seven days; null where that cannot be said. */
  doneBy: timeSchema.nullable(),
  /** What was done in these days, and how much of it a pace is spoken of from. */
  pace: z.object({ lately: z.int(), least: z.int() }),
});
export const taskOrder = z.object({ taskIds: z.array(z.string().max(64)).min(1).max(2_000) });

export const taskQuery = z.object({
  assignee: z.string().optional(),
  state: taskStateSchema.optional(),
  kind: taskKindSchema.optional(),
  slide: z.string().optional(),
});

export const reworkCreate = z.object({
  /** Names the task; sent again with the same one, it is not made twice. Made by the server without it. */
  id: taskId.optional(),
  layerId: z.string(),
  /** Outlines to be done again; may be empty where a region is named. */
  annotationIds: z.array(annotationId).max(10_000).default([]),
  /** A part of the slide to be gone over, level-0 px. */
  region: geometrySchema.nullable().default(null),
  origin: reworkOriginSchema.default({ from: "outlines", detail: "" }),
  assigneeId: z.string(),
  reason: reasonCodeSchema,
  text: z.string().max(4_000).default(""),
  dueAt: timeSchema.nullable().default(null),
  priority: z.int().min(0).max(3).default(1),
});

/** `revision` is the one the page saw; an older one is refused with `task-not-open`. */
export const taskUpdate = z.object({
  revision: z.int(),
  assigneeId: z.string().optional(),
  priority: z.int().min(0).max(3).optional(),
  dueAt: timeSchema.nullable().optional(),
});
export const taskMove = z.object({
  revision: z.int(),
  to: z.enum(["in-progress", "submitted", "accepted", "returned", "cancelled"]),
  note: z.string().max(2_000).default(""),
});

/** An answer about one item. `contentHash` is the content the person looked at; if it changed the answer is refused. */
export const resolveRequest = z.object({
  /** Names the answer for undo; sent again with the same one, an answer is not given twice. Made by the server without it. */
  id: annotationId.optional(),
  annotationId,
  contentHash: z.string(),
  answer: answerSchema,
  /** Redraw: the new shape, level-0 px, given together with keep or choose. */
  geometry: geometrySchema.optional(),
  /** Together with keep: others of its pairs out of which the outline is cut; one undo takes all of it back. */
  trims: z
    .array(z.object({ annotationId, contentHash: z.string().max(128) }))
    .max(100)
    .optional(),
});
/** One answer about several alike items, which one undo takes back. */
export const alikeRequest = z.object({
  id: annotationId,
  items: z
    .array(
      z.object({
        annotationId,
        contentHash: z.string().max(128),
        /** Its own answer where the items differ in what is chosen or said; the verdict is that of all. */
        answer: answerSchema.optional(),
      }),
    )
    .min(1)
    .max(2_000),
  answer: answerSchema,
});
/** `undo` names what POST undo takes back. */
export const resolveAnswer = z.object({ undo: z.string(), left: z.int() });
export const undoRequest = z.object({ undo: z.string() });

/** Bulk assignment by a lead, by a rule. `expected` is what the preview said; another outcome is refused. */
const taskIds = z.array(z.string().max(64)).min(1).max(10_000);
export const assignmentRequest = z.object({ taskIds, rule: assignmentRuleSchema });
export const assignmentApply = assignmentRequest.extend({
  expected: z
    .array(z.object({ taskId: z.string(), to: z.string().nullable() }))
    .max(10_000)
    .optional(),
});
const refusedTasks = z.array(z.object({ taskId: z.string(), code: z.string() }));
export const assignmentPreview = z.object({
  assignments: z.array(
    z.object({ taskId: z.string(), from: personRef.nullable(), to: personRef.nullable(), hours: z.number() }),
  ),
  refused: refusedTasks,
  /** What each person has to do before and after, in estimated hours, and how many of these tasks are new to them. */
  people: z.array(z.object({ person: personRef, gets: z.int(), hoursBefore: z.number(), hoursAfter: z.number() })),
});

/** Bulk reassignment to one person. */
export const reassignRequest = z.object({ taskIds, assigneeId: z.string() });
export const reassignAnswer = z.object({ moved: z.int(), refused: refusedTasks });

export type Task = z.infer<typeof taskSchema>;
export type TaskItem = z.infer<typeof taskItem>;
export type PairedOutline = z.infer<typeof pairedOutline>;
export type TaskDetail = z.infer<typeof taskDetail>;
export type TaskEvent = z.infer<typeof taskEvent>;
export type TaskSuggestion = z.infer<typeof suggestionSchema>;
export type TaskQuestion = z.infer<typeof questionSchema>;
export type TrayItem = z.infer<typeof trayItem>;
export type Board = z.infer<typeof boardSchema>;
export type AssignmentPreview = z.infer<typeof assignmentPreview>;
