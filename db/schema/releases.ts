import { integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { PersonId, ProjectId, ReleaseId } from "#domain/ids.ts";
import { at } from "./columns.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";

/** A frozen ground truth. Never changed; make another. */
export const releases = pgTable(
  "releases",
  {
    id: text("id").$type<ReleaseId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    number: integer("number").notNull(),
    name: text("name").notNull(),
    guidelineNumber: integer("guideline_number").notNull(),
    /** Canonical JSON; `hash` is the SHA-256 of exactly this text. */
    manifest: text("manifest").notNull(),
    hash: text("hash").notNull(),
    createdBy: text("created_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [uniqueIndex("releases_number").on(table.projectId, table.number)],
);

export const releaseFiles = pgTable(
  "release_files",
  {
    releaseId: text("release_id")
      .$type<ReleaseId>()
      .notNull()
      .references(() => releases.id),
    path: text("path").notNull(),
    content: text("content").notNull(),
    sha256: text("sha256").notNull(),
  },
  (table) => [primaryKey({ columns: [table.releaseId, table.path] })],
);
