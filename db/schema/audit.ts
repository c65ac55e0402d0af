import { bigint, index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import { at } from "./columns.ts";

/** One entry per decision, sign-in, permission, export and freeze. Append only; each hash covers the one before it. */
export const audit = pgTable(
  "audit",
  {
    seq: bigint("seq", { mode: "number" }).primaryKey(),
    at: at("at").notNull(),
    projectId: text("project_id").$type<ProjectId>(),
    personId: text("person_id").$type<PersonId>(),
    action: text("action").notNull(),
    subject: text("subject").notNull(),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull(),
    previousHash: text("previous_hash").notNull(),
    hash: text("hash").notNull(),
  },
  (table) => [index("audit_project").on(table.projectId)],
);
