import { index, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Geometry } from "#domain/annotation.ts";
import type { AnnotationId, ClassId, PersonId, ProjectId, SlideId, TrialId } from "#domain/ids.ts";
import { at } from "./columns.ts";
import { guidelineContent } from "./guidelines.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";
import { slides } from "./slides.ts";

/**
 * A draft tried out on some slides. What is drawn in it lies in no layer and no log, so that nothing that is counted,
 * compared or released can ever hold it.
 */
export const trials = pgTable(
  "trials",
  {
    id: text("id").$type<TrialId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    name: text("name").notNull(),
    /** The draft as it was then, and the version that it followed. */
    content: guidelineContent("content").notNull(),
    parent: integer("parent").notNull(),
    createdBy: text("created_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: at("created_at").notNull().defaultNow(),
    endedAt: at("ended_at"),
  },
  (table) => [index("trials_project").on(table.projectId)],
);

export const trialSlides = pgTable(
  "trial_slides",
  {
    trialId: text("trial_id")
      .$type<TrialId>()
      .notNull()
      .references(() => trials.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id, { onDelete: "cascade" }),
  },
  (table) => [primaryKey({ columns: [table.trialId, table.slideId] })],
);

/** What somebody drew in a trial. Their own to change until the trial ends. */
export const trialOutlines = pgTable(
  "trial_outlines",
  {
    trialId: text("trial_id")
      .$type<TrialId>()
      .notNull()
      .references(() => trials.id),
    id: text("id").$type<AnnotationId>().notNull(),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id, { onDelete: "cascade" }),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    classId: text("class_id").$type<ClassId>().notNull(),
    geometry: jsonb("geometry").$type<Geometry>().notNull(),
    note: text("note").notNull().default(""),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.trialId, table.id] }),
    index("trial_outlines_slide").on(table.trialId, table.slideId),
  ],
);
