import { doublePrecision, index, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { CaseId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { SlideMeta } from "#domain/slide.ts";
import { at } from "./columns.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";

/** One patient's material, the unit of a train/test split. */
export const cases = pgTable(
  "cases",
  {
    id: text("id").$type<CaseId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    name: text("name").notNull(),
  },
  (table) => [uniqueIndex("cases_name").on(table.projectId, table.name)],
);

/** One whole-slide image. The file is ours, under a name made by us; mpp is null until somebody states it. */
export const slides = pgTable(
  "slides",
  {
    id: text("id").$type<SlideId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    caseId: text("case_id")
      .$type<CaseId>()
      .notNull()
      .references(() => cases.id),
    name: text("name").notNull(),
    /** File name inside the data folder's slides/store. */
    file: text("file").notNull(),
    /** SHA-256 of the file; part of every tile's address, which is why tiles are immutable. */
    contentHash: text("content_hash").notNull(),
    meta: jsonb("meta").$type<SlideMeta>().notNull(),
    mpp: doublePrecision("mpp"),
    stain: text("stain").notNull().default(""),
    site: text("site").notNull().default(""),
    createdBy: text("created_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [index("slides_project").on(table.projectId), uniqueIndex("slides_name").on(table.projectId, table.name)],
);
