import { index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import type { AnnotationId, LayerId, PersonId } from "#domain/ids.ts";
import { at } from "./columns.ts";
import { layers } from "./layers.ts";
import { people } from "./people.ts";

/**
 * What people decided about outlines that a merge made alike: one outline of them, or left as they are. Append only but
 * for `undoneAt`. A decision is about the contents that were seen: where one of them changes, the question is open again.
 */
export const dissolutions = pgTable(
  "dissolutions",
  {
    /** Also the token that undo is asked with. */
    id: text("id").primaryKey(),
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    decision: text("decision").$type<"dissolved" | "left">().notNull(),
    /** Names the outlines with their contents. */
    groupKey: text("group_key").notNull(),
    /** Guideline version that it was decided under. */
    version: integer("version").notNull(),
    /** The outline that holds all of them, and its content; null where they were left. */
    resultId: text("result_id").$type<AnnotationId>(),
    afterHash: text("after_hash"),
    /** The outlines before, records in base64, to be put back. */
    formers: jsonb("formers").$type<readonly { readonly id: AnnotationId; readonly record: string }[]>().notNull(),
    at: at("at").notNull().defaultNow(),
    undoneAt: at("undone_at"),
  },
  (table) => [index("dissolutions_layer").on(table.layerId)],
);
