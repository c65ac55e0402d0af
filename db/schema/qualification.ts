import { sql } from "drizzle-orm";
import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { Geometry } from "#domain/annotation.ts";
import type { AttemptId, ClassId, PersonId, ProjectId, ReferenceId, SlideId, TaskId } from "#domain/ids.ts";
import type { TestItem } from "#domain/qualification.ts";
import { at } from "./columns.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";
import { slides } from "./slides.ts";
import { tasks } from "./tasks.ts";

/**
 * Places of which a lead has said what they are: readers are asked about them when a class is redefined. A place is never
 * changed; what is taken out stays for the tests that were made of it. `under` is raised by a lead who looked again, or by
 * the publishing of a draft by which it was said.
 */
export const referenceItems = pgTable(
  "reference_items",
  {
    id: text("id").$type<ReferenceId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    classId: text("class_id").$type<ClassId>().notNull(),
    /** Guideline version under which it is that class; null where no version bears it out and it was said by a draft. */
    under: integer("under"),
    /** What it is by the draft that is being written, and a digest of what that class means in it. Goes with the draft. */
    draftClassId: text("draft_class_id").$type<ClassId>(),
    draftMeaning: text("draft_meaning"),
    /** Level-0 px. */
    minX: doublePrecision("min_x").notNull(),
    minY: doublePrecision("min_y").notNull(),
    maxX: doublePrecision("max_x").notNull(),
    maxY: doublePrecision("max_y").notNull(),
    /** A copy of the outline that is meant, level-0 px; null where the place is the box. */
    outline: jsonb("outline").$type<Geometry>(),
    createdBy: text("created_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: at("created_at").notNull(),
    removedAt: at("removed_at"),
  },
  (table) => [index("reference_items_project").on(table.projectId)],
);

/** One go at the test of a task. What is asked is fixed when it begins; a finished one is never changed. */
export const qualificationAttempts = pgTable(
  "qualification_attempts",
  {
    id: text("id").$type<AttemptId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    taskId: text("task_id")
      .$type<TaskId>()
      .notNull()
      .references(() => tasks.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    classId: text("class_id").$type<ClassId>().notNull(),
    /** The newest guideline version when it began. */
    version: integer("version").notNull(),
    /** In the order in which they are asked. */
    items: jsonb("items").$type<readonly TestItem[]>().notNull(),
    /** Share of right answers that passes. */
    least: doublePrecision("least").notNull(),
    startedAt: at("started_at").notNull(),
    finishedAt: at("finished_at"),
    /** Null until it is finished. */
    right: integer("right_answers"),
    passed: boolean("passed"),
  },
  (table) => [
    index("qualification_attempts_project").on(table.projectId),
    uniqueIndex("qualification_attempts_open").on(table.taskId).where(sql`${table.finishedAt} is null`),
  ],
);

/** What was said about one item of an attempt; given once. */
export const qualificationAnswers = pgTable(
  "qualification_answers",
  {
    attemptId: text("attempt_id")
      .$type<AttemptId>()
      .notNull()
      .references(() => qualificationAttempts.id),
    itemId: text("item_id").$type<ReferenceId>().notNull(),
    classId: text("class_id").$type<ClassId>().notNull(),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.attemptId, table.itemId] })],
);
