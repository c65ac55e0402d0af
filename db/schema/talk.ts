import { doublePrecision, index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { AnnotationId, LayerId, PersonId, ProjectId, RoundId, SlideId, TaskId } from "#domain/ids.ts";
import type { NotificationKind } from "#domain/notification.ts";
import { at } from "./columns.ts";
import { layers } from "./layers.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";
import { rounds } from "./rounds.ts";
import { slides } from "./slides.ts";
import { tasks } from "./tasks.ts";

/**
 * What people say to each other about one thing: an annotation or a place of a layer, or a task. A thread belongs to a
 * layer or to a task, never to a slide alone, so that it is seen by exactly those who see what it is about.
 */
export const threads = pgTable(
  "threads",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    layerId: text("layer_id")
      .$type<LayerId>()
      .references(() => layers.id),
    /** Stays when the annotation is deleted. */
    annotationId: text("annotation_id").$type<AnnotationId>(),
    /** The thread of a task, of which there is one. */
    taskId: text("task_id")
      .$type<TaskId>()
      .references(() => tasks.id),
    /** Where it was said, level-0 px; null for a task. */
    x: doublePrecision("x"),
    y: doublePrecision("y"),
    resolvedAt: at("resolved_at"),
    resolvedBy: text("resolved_by")
      .$type<PersonId>()
      .references(() => people.id),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [index("threads_layer").on(table.layerId), uniqueIndex("threads_task").on(table.taskId)],
);

/** Append only. */
export const comments = pgTable(
  "comments",
  {
    id: text("id").primaryKey(),
    threadId: text("thread_id")
      .notNull()
      .references(() => threads.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    text: text("text").notNull(),
    mentions: jsonb("mentions").$type<PersonId[]>().notNull(),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [index("comments_thread").on(table.threadId)],
);

/**
 * What a person should know. The sentence is made when it is read, from what the reader may know then: a row names things
 * and people by id and tells nothing by itself.
 */
export const notifications = pgTable(
  "notifications",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    kind: text("kind").$type<NotificationKind>().notNull(),
    /** Who did it; null where the product did. */
    actorId: text("actor_id")
      .$type<PersonId>()
      .references(() => people.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .references(() => slides.id),
    layerId: text("layer_id")
      .$type<LayerId>()
      .references(() => layers.id),
    taskId: text("task_id")
      .$type<TaskId>()
      .references(() => tasks.id),
    threadId: text("thread_id").references(() => threads.id),
    roundId: text("round_id")
      .$type<RoundId>()
      .references(() => rounds.id),
    /** How many things it is about. */
    count: integer("count").notNull().default(1),
    note: text("note").notNull().default(""),
    at: at("at").notNull().defaultNow(),
    readAt: at("read_at"),
  },
  (table) => [index("notifications_person").on(table.personId, table.at)],
);
