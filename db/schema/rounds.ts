import { index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { PersonId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import { at } from "./columns.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";
import { slides } from "./slides.ts";

/** Slides times readers under a guideline version. Unblinding is one-way. */
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
