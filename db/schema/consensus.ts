import { index, integer, json, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { DecisionMethod } from "#domain/adjudication.ts";
import type { AnnotationId, LayerId, PersonId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import type { ReasonCode } from "#domain/task.ts";
import { at, bytes } from "./columns.ts";
import { layers } from "./layers.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";
import { rounds } from "./rounds.ts";
import { slides } from "./slides.ts";

/** A stored consensus; its key is the hash of inputs and parameters, so it is current or visibly out of date. */
export const consensusResults = pgTable(
  "consensus_results",
  {
    key: text("key").primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    roundId: text("round_id")
      .$type<RoundId>()
      .references(() => rounds.id),
    /** Layers with the log position that was read. */
    inputs: jsonb("inputs").$type<{ layerId: LayerId; seq: number }[]>().notNull(),
    guidelineNumber: integer("guideline_number").notNull(),
    /** Of what was decided on top of another result: that result's key. Only the newest of one result is kept. */
    decidedOf: text("decided_of"),
    /** Packed, so that whoever needs the numbers does not read the outlines. */
    summary: bytes("summary").notNull(),
    disputes: bytes("disputes").notNull(),
    shapes: bytes("shapes").notNull(),
    entropy: bytes("entropy").notNull(),
    computedAt: at("computed_at").notNull().defaultNow(),
  },
  (table) => [index("consensus_slide").on(table.slideId), index("consensus_decided").on(table.decidedOf)],
);

/** Agreement over the slides of a project; its key is the hash of the results that it was made of and of how. */
export const agreementResults = pgTable(
  "agreement_results",
  {
    key: text("key").primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    /** As text: the same numbers are the same bytes, whether they were just computed or not. */
    result: json("result").$type<unknown>().notNull(),
    computedAt: at("computed_at").notNull().defaultNow(),
  },
  (table) => [index("agreement_project").on(table.projectId, table.computedAt)],
);

/** Which dispute an adjudicator is looking at; a row that is a minute old says nothing any more. */
export const disputePlaces = pgTable(
  "dispute_places",
  {
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    roundId: text("round_id")
      .$type<RoundId>()
      .notNull()
      .references(() => rounds.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    disputeKey: text("dispute_key").notNull(),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.personId, table.roundId, table.slideId] })],
);

/** A person's decision where reads differ. Append only: a later decision supersedes, a changed input shows as out of date. */
export const adjudications = pgTable(
  "adjudications",
  {
    id: text("id").primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    roundId: text("round_id")
      .$type<RoundId>()
      .references(() => rounds.id),
    disputeKey: text("dispute_key").notNull(),
    consensusKey: text("consensus_key").notNull(),
    method: text("method").$type<DecisionMethod>().notNull(),
    reason: text("reason").$type<ReasonCode>().notNull(),
    /** Layers, log positions and votes the decision was taken on. */
    inputs: jsonb("inputs").$type<unknown>().notNull(),
    groundTruthLayerId: text("ground_truth_layer_id")
      .$type<LayerId>()
      .references(() => layers.id),
    annotationIds: jsonb("annotation_ids").$type<AnnotationId[]>().notNull(),
    version: integer("version").notNull(),
    note: text("note").notNull().default(""),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    at: at("at").notNull().defaultNow(),
    supersededAt: at("superseded_at"),
  },
  (table) => [index("adjudications_slide").on(table.slideId), index("adjudications_dispute").on(table.disputeKey)],
);
