import { index, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { AnnotationId, LayerId, PersonId, ProjectId } from "#domain/ids.ts";
import type { WaiverScope } from "#domain/waiver.ts";
import { at } from "./columns.ts";
import { layers } from "./layers.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";

/** A written exception from being consistent. Never edited; taken back by a lead, it stays as history. */
export const waivers = pgTable(
  "waivers",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    scope: jsonb("scope").$type<WaiverScope>().notNull(),
    reason: text("reason").notNull(),
    approvedBy: text("approved_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    at: at("at").notNull().defaultNow(),
    /** It covers what versions up to this one ask. */
    version: integer("version").notNull(),
    expiresAt: at("expires_at").notNull(),
    withdrawnAt: at("withdrawn_at"),
    withdrawnBy: text("withdrawn_by")
      .$type<PersonId>()
      .references(() => people.id),
  },
  (table) => [index("waivers_project").on(table.projectId)],
);

/**
 * The outlines that a waiver names, in its order, by their whole keys: layers may hold the same id. Written with the waiver and
 * never edited; an outline that is deleted stays named, should it come back.
 */
export const waivedOutlines = pgTable(
  "waived_outlines",
  {
    waiverId: text("waiver_id")
      .notNull()
      .references(() => waivers.id),
    place: integer("place").notNull(),
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    annotationId: text("annotation_id").$type<AnnotationId>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.waiverId, table.place] }),
    // The waivers that name an outline.
    index("waived_outlines_outline").on(table.layerId, table.annotationId),
  ],
);
