import { index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { HeirRule } from "#domain/assignment.ts";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import { at } from "./columns.ts";
import { people } from "./people.ts";

/** One ground-truth effort. */
export const projects = pgTable("projects", {
  id: text("id").$type<ProjectId>().primaryKey(),
  name: text("name").notNull(),
  description: text("description").notNull().default(""),
  createdBy: text("created_by")
    .$type<PersonId>()
    .notNull()
    .references(() => people.id),
  createdAt: at("created_at").notNull().defaultNow(),
  /** Who takes over the work of somebody who left. */
  heirs: jsonb("heirs").$type<HeirRule>().notNull().default({ kind: "lead" }),
  /** The last revision of the drafts that ended: a later draft counts on, so that no revision names two texts. */
  draftRevision: integer("draft_revision").notNull().default(0),
});

/** A person's one role in a project. A project always has a lead. */
export const members = pgTable(
  "members",
  {
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    role: text("role").$type<"lead" | "adjudicator" | "annotator" | "engineer" | "viewer">().notNull(),
    joinedAt: at("joined_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.personId] }), index("members_person").on(table.personId)],
);

/** A link that makes its holder a member, once, until it expires. Only the SHA-256 of its token is kept. */
export const invitations = pgTable(
  "invitations",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    hash: text("hash").notNull(),
    role: text("role").$type<"lead" | "adjudicator" | "annotator" | "engineer" | "viewer">().notNull(),
    createdBy: text("created_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
    usedBy: text("used_by")
      .$type<PersonId>()
      .references(() => people.id),
  },
  (table) => [uniqueIndex("invitations_hash").on(table.hash), index("invitations_project").on(table.projectId)],
);
