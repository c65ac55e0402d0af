import { index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { ReviewKind } from "#domain/draft-review.ts";
import type { ClassId, PersonId, ProjectId } from "#domain/ids.ts";
import { at } from "./columns.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";

const ofProject = () =>
  text("project_id")
    .$type<ProjectId>()
    .notNull()
    .references(() => projects.id);
const byPerson = () =>
  text("person_id")
    .$type<PersonId>()
    .notNull()
    .references(() => people.id);

/** What leads say about a draft, at a class or one of its fields. `endedAt`: that draft was published or thrown away. */
export const draftComments = pgTable(
  "draft_comments",
  {
    id: text("id").primaryKey(),
    projectId: ofProject(),
    classId: text("class_id").$type<ClassId>(),
    field: text("field"),
    text: text("text").notNull(),
    personId: byPerson(),
    at: at("at").notNull().defaultNow(),
    resolvedAt: at("resolved_at"),
    resolvedBy: text("resolved_by")
      .$type<PersonId>()
      .references(() => people.id),
    endedAt: at("ended_at"),
  },
  (table) => [index("draft_comments_project").on(table.projectId)],
);

/** Who put a draft forward, approved or returned it, at which revision. Append only but for `endedAt`. */
export const draftReviews = pgTable(
  "draft_reviews",
  {
    id: text("id").primaryKey(),
    projectId: ofProject(),
    kind: text("kind").$type<ReviewKind>().notNull(),
    revision: integer("revision").notNull(),
    note: text("note").notNull().default(""),
    personId: byPerson(),
    at: at("at").notNull().defaultNow(),
    endedAt: at("ended_at"),
  },
  (table) => [index("draft_reviews_project").on(table.projectId)],
);

/** Where in the draft a lead was last seen writing; believed for some seconds. Said to the other leads only. */
export const draftEditors = pgTable(
  "draft_editors",
  { projectId: ofProject(), personId: byPerson(), place: text("place"), seenAt: at("seen_at").notNull() },
  (table) => [primaryKey({ columns: [table.projectId, table.personId] })],
);
