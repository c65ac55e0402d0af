import { boolean, customType, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { type GuidelineChange, guidelineChangesSchema } from "#domain/guideline/change.ts";
import { type Declaration, type GuidelineContent, guidelineContentSchema } from "#domain/guideline.ts";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import { at } from "./columns.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";

/** A version is never rewritten: what it was written without is read with its default. */
export const guidelineContent = customType<{ data: GuidelineContent; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => guidelineContentSchema.parse(value),
});
const changes = customType<{ data: GuidelineChange[]; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => guidelineChangesSchema.parse(value),
});

/** Immutable: a published guideline version. Numbers are 1..n without gaps; the parent of n is n - 1. */
export const guidelineVersions = pgTable(
  "guideline_versions",
  {
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    number: integer("number").notNull(),
    content: guidelineContent("content").notNull(),
    changes: changes("changes").notNull(),
    note: text("note").notNull().default(""),
    /** It reached open blind rounds at once; else it takes effect for each of them when it closes. */
    forced: boolean("forced").notNull().default(false),
    publishedBy: text("published_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    publishedAt: at("published_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.number] })],
);

/** The one draft of a project. `revision` counts saves; a save that names an older one is refused. */
export const guidelineDrafts = pgTable("guideline_drafts", {
  projectId: text("project_id")
    .$type<ProjectId>()
    .primaryKey()
    .references(() => projects.id),
  parent: integer("parent").notNull(),
  content: guidelineContent("content").notNull(),
  declarations: jsonb("declarations").$type<Declaration[]>().notNull(),
  revision: integer("revision").notNull(),
  updatedBy: text("updated_by")
    .$type<PersonId>()
    .notNull()
    .references(() => people.id),
  updatedAt: at("updated_at").notNull().defaultNow(),
});

/** A person has read what a version changed in words and examples, and draws on under it. Append only. */
export const acknowledgements = pgTable(
  "acknowledgements",
  {
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    version: integer("version").notNull(),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.personId, table.version] })],
);
