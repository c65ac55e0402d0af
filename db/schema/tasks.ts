import { sql } from "drizzle-orm";
import { boolean, doublePrecision, index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { AnnotationId, ClassId, LayerId, PersonId, ProjectId, SlideId, TaskId } from "#domain/ids.ts";
import type { Answer, ReasonCode, TaskKind, TaskScope, TaskState } from "#domain/task.ts";
import { at, bytes } from "./columns.ts";
import { layers } from "./layers.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";
import { slides } from "./slides.ts";

/** Work for one person. What is left to do in a migration task is computed from the layer, never counted here. */
export const tasks = pgTable(
  "tasks",
  {
    id: text("id").$type<TaskId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    kind: text("kind").$type<TaskKind>().notNull(),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    layerId: text("layer_id")
      .$type<LayerId>()
      .references(() => layers.id),
    assigneeId: text("assignee_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    /** Null where the product made the task (a published guideline). */
    createdBy: text("created_by")
      .$type<PersonId>()
      .references(() => people.id),
    state: text("state").$type<TaskState>().notNull().default("open"),
    scope: jsonb("scope").$type<TaskScope>().notNull(),
    /** Names a task made by a rule, so that making it twice makes it once. */
    dedupeKey: text("dedupe_key"),
    reason: text("reason").$type<ReasonCode>(),
    text: text("text").notNull().default(""),
    priority: integer("priority").notNull().default(0),
    dueAt: at("due_at"),
    /** Place among tasks of the same priority, as a lead put them in order; the smaller comes first. */
    position: integer("position").notNull().default(0),
    /** Counts changes; a change that names an older revision is refused. */
    revision: integer("revision").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("tasks_project_state").on(table.projectId, table.state),
    index("tasks_assignee").on(table.assigneeId),
    uniqueIndex("tasks_dedupe").on(table.projectId, table.dedupeKey),
  ],
);

/** What happened to a task, and what was said. Append only. */
export const taskEvents = pgTable(
  "task_events",
  {
    id: text("id").primaryKey(),
    taskId: text("task_id")
      .$type<TaskId>()
      .notNull()
      .references(() => tasks.id),
    personId: text("person_id")
      .$type<PersonId>()
      .references(() => people.id),
    fromState: text("from_state").$type<TaskState>(),
    toState: text("to_state").$type<TaskState>().notNull(),
    note: text("note").notNull().default(""),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [index("task_events_task").on(table.taskId)],
);

/** What a person answered about one item of a task, and what it takes to take that back. Kept as history when undone. */
export const taskAnswers = pgTable(
  "task_answers",
  {
    /** Also the token that undo is asked with. */
    id: text("id").primaryKey(),
    /** Given together with others, and taken back together; undo may be asked with it. */
    batchId: text("batch_id"),
    taskId: text("task_id")
      .$type<TaskId>()
      .notNull()
      .references(() => tasks.id),
    annotationId: text("annotation_id").$type<AnnotationId>().notNull(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    verdict: text("verdict").$type<Answer["verdict"]>().notNull(),
    /** The class that was chosen, or that "cannot tell" led to. */
    classId: text("class_id").$type<ClassId>(),
    note: text("note").notNull().default(""),
    /** The judgement that the answer is; null where it is an edit of the layer. */
    judgementId: text("judgement_id"),
    /** The record before an edit, to be put back. */
    formerRecord: bytes("former_record"),
    formerHash: text("former_hash").notNull(),
    /** Content after the answer; null where the annotation was deleted. */
    afterHash: text("after_hash"),
    at: at("at").notNull().defaultNow(),
    undoneAt: at("undone_at"),
  },
  (table) => [
    // Who answered when in a task: how fast is read from here.
    index("task_answers_task").on(table.taskId, table.personId, table.at),
    index("task_answers_annotation").on(table.annotationId),
    // Answers that stand by item: how many, and since when, is read from here.
    index("task_answers_standing").on(table.taskId, table.annotationId, table.at).where(sql`undone_at is null`),
    // What nobody has decided yet.
    index("task_answers_undecided")
      .on(table.taskId, table.annotationId)
      .where(sql`undone_at is null and verdict = 'cannot-tell' and class_id is null`),
  ],
);

/** A person's verdict about the content of an annotation under a guideline version. Applies only while the content is the same. */
export const judgements = pgTable(
  "judgements",
  {
    id: text("id").primaryKey(),
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    annotationId: text("annotation_id").$type<AnnotationId>().notNull(),
    contentHash: text("content_hash").notNull(),
    verdict: text("verdict").$type<"keep" | "cannot-tell">().notNull(),
    version: integer("version").notNull(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    taskId: text("task_id").$type<TaskId>(),
    note: text("note").notNull().default(""),
    at: at("at").notNull().defaultNow(),
    /** Taken back by its author (undo); kept as history. */
    withdrawnAt: at("withdrawn_at"),
  },
  (table) => [index("judgements_annotation").on(table.layerId, table.annotationId)],
);

/** A reader looked through a slide's layer for these classes under a guideline version. */
export const screenings = pgTable(
  "screenings",
  {
    id: text("id").primaryKey(),
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    classIds: jsonb("class_ids").$type<ClassId[]>().notNull(),
    version: integer("version").notNull(),
    /** Whether every region belongs to some class under that version, so that what is not outlined says something. */
    exhaustive: boolean("exhaustive").notNull().default(false),
    /** What was in view at working magnification, of the tissue or else of the slide; null before that was measured. */
    seenShare: doublePrecision("seen_share"),
    /** The same as an area, px2 of level 0. */
    seenAreaPx: doublePrecision("seen_area_px"),
    /** The signer was told that less was seen than the study asks for, and signed all the same. */
    confirmed: boolean("confirmed").notNull().default(false),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [index("screenings_layer").on(table.layerId)],
);
