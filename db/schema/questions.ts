import { index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type {
  AnnotationId,
  ClassId,
  LayerId,
  PersonId,
  ProjectId,
  QuestionId,
  RoundId,
  SlideId,
  TaskId,
} from "#domain/ids.ts";
import type { Box, QuestionState } from "#domain/question.ts";
import type { ReasonCode } from "#domain/task.ts";
import { at } from "./columns.ts";
import { layers } from "./layers.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";
import { rounds } from "./rounds.ts";
import { slides } from "./slides.ts";

/** Something that the guideline leaves open. `revision` counts changes of state; one that names an older is refused. */
export const questions = pgTable(
  "guideline_questions",
  {
    id: text("id").$type<QuestionId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    title: text("title").notNull(),
    /** The class it is about, and the one that it is confused with. */
    classId: text("class_id").$type<ClassId>(),
    otherClassId: text("other_class_id").$type<ClassId>(),
    state: text("state").$type<QuestionState>().notNull().default("open"),
    answer: text("answer").notNull().default(""),
    /** Where the draft was opened for it; stays when that draft is published, as `publishedIn`. */
    draftClassId: text("draft_class_id").$type<ClassId>(),
    publishedIn: integer("published_in"),
    revision: integer("revision").notNull().default(1),
    askedBy: text("asked_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    askedAt: at("asked_at").notNull().defaultNow(),
    settledBy: text("settled_by")
      .$type<PersonId>()
      .references(() => people.id),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [index("questions_project").on(table.projectId, table.state)],
);

/** Where a question arose. The same outline or dispute is there once, whoever adds it again. */
export const questionPlaces = pgTable(
  "question_places",
  {
    id: text("id").primaryKey(),
    questionId: text("question_id")
      .$type<QuestionId>()
      .notNull()
      .references(() => questions.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id, { onDelete: "cascade" }),
    /** min x, min y, max x, max y in level-0 px, as it was when the place was added. */
    box: jsonb("box").$type<Box>().notNull(),
    /** Names the place within its question. */
    placeKey: text("place_key").notNull(),
    layerId: text("layer_id")
      .$type<LayerId>()
      .references(() => layers.id),
    annotationId: text("annotation_id").$type<AnnotationId>(),
    roundId: text("round_id")
      .$type<RoundId>()
      .references(() => rounds.id),
    disputeKey: text("dispute_key"),
    taskId: text("task_id").$type<TaskId>(),
    reason: text("reason").$type<ReasonCode>(),
    note: text("note").notNull().default(""),
    addedBy: text("added_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    addedAt: at("added_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("question_places_key").on(table.questionId, table.placeKey),
    index("question_places_annotation").on(table.layerId, table.annotationId),
  ],
);

/** What was said about a question. Append only. */
export const questionComments = pgTable(
  "question_comments",
  {
    id: text("id").primaryKey(),
    questionId: text("question_id")
      .$type<QuestionId>()
      .notNull()
      .references(() => questions.id),
    text: text("text").notNull(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [index("question_comments_question").on(table.questionId)],
);
