import { integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { LayerId, PersonId, SlideId } from "#domain/ids.ts";
import { at, bytes } from "./columns.ts";
import { layers } from "./layers.ts";
import { people } from "./people.ts";
import { slides } from "./slides.ts";

/**
 * The view log: which cells of a slide a person has had on screen at working magnification while they worked in a layer,
 * since a guideline version. A bit per cell, set and never cleared; nothing says when. Shown to that person alone.
 */
export const viewLog = pgTable(
  "view_log",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    /** The version in force while the cells were seen. */
    version: integer("version").notNull(),
    cells: bytes("cells").notNull(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.layerId, table.personId, table.version] })],
);

/** Which cells of a slide hold tissue, computed from its pixels. A cache: it may be emptied at any time. */
export const slideTissue = pgTable("slide_tissue", {
  slideId: text("slide_id")
    .$type<SlideId>()
    .primaryKey()
    .references(() => slides.id),
  /** Names the method, the grid and the pixels that it was computed from. */
  key: text("key").notNull(),
  cells: bytes("cells").notNull(),
});
