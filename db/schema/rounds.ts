import { doublePrecision, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { PersonId, ProjectId, RegionId, RoundId, SlideId } from "#domain/ids.ts";
import { at } from "./columns.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";
import { slides } from "./slides.ts";

/**
 * Slides times readers under a guideline version. Unblinding is one-way. A round of purpose "bridge" is made by publishing
 * a version: it holds the bridge set's reads under it and nothing else.
 */
export const rounds = pgTable(
  "rounds",
  {
    id: text("id").$type<RoundId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    name: text("name").notNull(),
    mode: text("mode").$type<"together" | "open" | "blind">().notNull(),
    guidelineNumber: integer("guideline_number").notNull(),
    purpose: text("purpose").$type<"study" | "bridge">().notNull().default("study"),
    seed: integer("seed").notNull(),
    createdBy: text("created_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: at("created_at").notNull().defaultNow(),
    unblindedAt: at("unblinded_at"),
    closedAt: at("closed_at"),
  },
  (table) => [index("rounds_project").on(table.projectId)],
);

export const roundReaders = pgTable(
  "round_readers",
  {
    roundId: text("round_id")
      .$type<RoundId>()
      .notNull()
      .references(() => rounds.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
  },
  (table) => [
    primaryKey({ columns: [table.roundId, table.personId] }),
    index("round_readers_person").on(table.personId),
  ],
);

export const roundSlides = pgTable(
  "round_slides",
  {
    roundId: text("round_id")
      .$type<RoundId>()
      .notNull()
      .references(() => rounds.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
  },
  (table) => [primaryKey({ columns: [table.roundId, table.slideId] }), index("round_slides_slide").on(table.slideId)],
);

/** A fixed region that chosen readers read again under each guideline version, level-0 px. Kept when taken out of the set. */
export const bridgeRegions = pgTable(
  "bridge_regions",
  {
    id: text("id").$type<RegionId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    name: text("name").notNull(),
    minX: doublePrecision("min_x").notNull(),
    minY: doublePrecision("min_y").notNull(),
    maxX: doublePrecision("max_x").notNull(),
    maxY: doublePrecision("max_y").notNull(),
    createdBy: text("created_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: at("created_at").notNull().defaultNow(),
    removedAt: at("removed_at"),
  },
  (table) => [index("bridge_regions_project").on(table.projectId)],
);

/** Who reads the bridge set at each version. */
export const bridgeReaders = pgTable(
  "bridge_readers",
  {
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.personId] })],
);
