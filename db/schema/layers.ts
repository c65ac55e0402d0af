import { sql } from "drizzle-orm";
import {
  bigint,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { Shape } from "#domain/guideline.ts";
import type { AnnotationId, ClassId, LayerId, PersonId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import { at, bytes } from "./columns.ts";
import { people } from "./people.ts";
import { projects } from "./projects.ts";
import { rounds } from "./rounds.ts";
import { slides } from "./slides.ts";

/**
 * One Yjs document, one permission, one blinding unit. A read is a layer of kind "read" with its reader.
 * `lastSeq` is the number of its newest logged update; only the holder of the row lock raises it.
 */
export const layers = pgTable(
  "layers",
  {
    id: text("id").$type<LayerId>().primaryKey(),
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
    kind: text("kind").$type<"team" | "read" | "ground-truth">().notNull(),
    readerId: text("reader_id")
      .$type<PersonId>()
      .references(() => people.id),
    /**
     * What a read is for. A repeat and a bridge read are observations of a reader: no work is ever asked about their
     * outlines, and neither consensus nor release takes anything from them.
     */
    purpose: text("purpose").$type<"work" | "repeat" | "bridge">().notNull().default("work"),
    /** The earlier read that a repeat is compared with: a layer's id. */
    repeatOf: text("repeat_of").$type<LayerId>(),
    state: text("state").$type<"open" | "submitted">().notNull().default("open"),
    lastSeq: bigint("last_seq", { mode: "number" }).notNull().default(0),
    /** The document that is written to now; raised by whoever holds the row lock, with a row of `layer_epochs`. */
    epoch: integer("epoch").notNull().default(1),
    /** Log position at which the read was submitted. */
    submittedSeq: bigint("submitted_seq", { mode: "number" }),
    submittedAt: at("submitted_at"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [
    index("layers_slide").on(table.slideId),
    index("layers_project").on(table.projectId),
    index("layers_reader").on(table.readerId),
    index("layers_observations").on(table.projectId).where(sql`${table.purpose} <> 'work'`),
    uniqueIndex("layers_read").on(table.roundId, table.slideId, table.readerId),
  ],
);

/**
 * The log, and the truth: every update of a layer, with its signed-in author and the server's time. Append only. An update
 * belongs to the document of its epoch. One of an epoch that was over when it came is late work, kept as it was sent; what
 * it comes to in the present document is an update of its own.
 */
export const layerUpdates = pgTable(
  "layer_updates",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    seq: bigint("seq", { mode: "number" }).notNull(),
    epoch: integer("epoch").notNull().default(1),
    authorId: text("author_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    at: at("at").notNull().defaultNow(),
    bytes: bytes("bytes").notNull(),
  },
  (table) => [primaryKey({ columns: [table.layerId, table.seq] })],
);

/**
 * The documents that a layer began anew with: what its log said after update `afterSeq`, without what had been deleted and
 * overwritten. Append only, numbered from 2 on; the first epoch begins with nothing. The checksum is the SHA-256 of the bytes.
 */
export const layerEpochs = pgTable(
  "layer_epochs",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    epoch: integer("epoch").notNull(),
    afterSeq: bigint("after_seq", { mode: "number" }).notNull(),
    bytes: bytes("bytes").notNull(),
    checksum: text("checksum").notNull(),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.layerId, table.epoch] })],
);

/** The person a Yjs client id belongs to: who used it first in that layer. It is good in that epoch only. */
export const layerClients = pgTable(
  "layer_clients",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    clientId: bigint("client_id", { mode: "number" }).notNull(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    epoch: integer("epoch").notNull().default(1),
  },
  (table) => [primaryKey({ columns: [table.layerId, table.clientId] })],
);

/**
 * A document of a layer at a log position, that of an epoch that is over at its end; can be rebuilt from the log. The
 * checksum is the SHA-256 of the bytes.
 */
export const layerSnapshots = pgTable(
  "layer_snapshots",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    epoch: integer("epoch").notNull().default(1),
    seq: bigint("seq", { mode: "number" }).notNull(),
    bytes: bytes("bytes").notNull(),
    checksum: text("checksum").notNull(),
    /** The same in the form in which it goes over the wire, sealed; null where nobody has made it. */
    packed: bytes("packed"),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.layerId, table.epoch] })],
);

/**
 * A file that was put into a layer, by the name that its sender gave it, and what they were told of it: sent again under that
 * name, it is answered with that. Append only.
 */
export const imports = pgTable("imports", {
  id: text("id").primaryKey(),
  layerId: text("layer_id")
    .$type<LayerId>()
    .notNull()
    .references(() => layers.id),
  personId: text("person_id")
    .$type<PersonId>()
    .notNull()
    .references(() => people.id),
  /** SHA-256 of what was sent. */
  hash: text("hash").notNull(),
  report: jsonb("report").$type<ImportReport>().notNull(),
  at: at("at").notNull(),
});

/** What became of a file: how many outlines it brought, and what had to be mended in which, in its order. */
export type ImportReport = {
  added: number;
  repaired: { index: number; code: string; detail: Record<string, unknown> }[];
};

/**
 * Projection of the log: one row per living annotation. Never edited; can be rebuilt. Project, slide and people are those
 * of its layer and of the log, whose own references hold them: a stroke looks none of them up again.
 */
export const annotations = pgTable(
  "annotations",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    id: text("id").$type<AnnotationId>().notNull(),
    projectId: text("project_id").$type<ProjectId>().notNull(),
    slideId: text("slide_id").$type<SlideId>().notNull(),
    /** As stored; the effective class is resolved when read. */
    classId: text("class_id").$type<ClassId>().notNull(),
    under: integer("under").notNull(),
    geometryType: text("geometry_type").$type<"polygon" | "multipolygon" | "point" | "line">().notNull(),
    /** What it is drawn as, a box told apart from other polygons. */
    shape: text("shape").$type<Shape>().notNull().default("polygon"),
    /** The layer document's own binary record of the annotation. */
    record: bytes("record").notNull(),
    minX: doublePrecision("min_x").notNull(),
    minY: doublePrecision("min_y").notNull(),
    maxX: doublePrecision("max_x").notNull(),
    maxY: doublePrecision("max_y").notNull(),
    /** Level-0 px squared; 0 for points and lines. */
    areaPx: doublePrecision("area_px").notNull(),
    contentHash: text("content_hash").notNull(),
    attributes: jsonb("attributes").$type<Record<string, string>>().notNull(),
    /** What people have said about it, as `db/said.ts` spells it; no part of the log. */
    said: text("said").notNull().default(""),
    note: text("note").notNull(),
    createdBy: text("created_by").$type<PersonId>().notNull(),
    createdAt: at("created_at").notNull(),
    updatedBy: text("updated_by").$type<PersonId>().notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.layerId, table.id] }),
    // The annotations of a tally by area, so that those that break a size rule are found without the others.
    index("annotations_standing").on(
      table.layerId,
      table.classId,
      table.under,
      table.shape,
      table.createdBy,
      table.said,
      table.areaPx,
    ),
  ],
);

/**
 * Projection of the rows of `annotations`: how many share what decides where they stand, and how large they are together.
 * Changed by differences in the transaction that changes the rows; can be rebuilt. A count of 0 is none.
 */
export const annotationTallies = pgTable(
  "annotation_tallies",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    /** Names what the members share, in one short value. */
    key: uuid("key")
      .notNull()
      .generatedAlwaysAs(
        sql`md5("class_id" || '/' || "under"::text || '/' || "shape" || '/' || "created_by" || '/' || "attributes"::text || '/' || "said")::uuid`,
      ),
    classId: text("class_id").$type<ClassId>().notNull(),
    under: integer("under").notNull(),
    shape: text("shape").$type<Shape>().notNull(),
    createdBy: text("created_by").$type<PersonId>().notNull(),
    attributes: jsonb("attributes").$type<Record<string, string>>().notNull(),
    said: text("said").notNull().default(""),
    count: integer("count").notNull(),
    /** In 1/8192 px2 of level 0, which areas on the grid are whole numbers of: adding and taking off loses nothing. */
    areaUnits: bigint("area_units", { mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.layerId, table.key] })],
);

/**
 * Projection of the rows: how much of two outlines of a layer the other covers, of those whose rules may ask. Holds for the
 * contents that are named and for no others, so a changed outline is measured again and a changed rule is not. An outline
 * that was measured against all around it has a row with itself. May be emptied at any time.
 */
export const outlinePairs = pgTable(
  "outline_pairs",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    /** The smaller id of the two. */
    a: text("a_id").$type<AnnotationId>().notNull(),
    b: text("b_id").$type<AnnotationId>().notNull(),
    aHash: text("a_hash").notNull(),
    bHash: text("b_hash").notNull(),
    /** Share of each that the other covers, 0 to 1; of a point or line, the share of its vertices. */
    aShare: doublePrecision("a_share").notNull(),
    bShare: doublePrecision("b_share").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.layerId, table.a, table.b] }),
    // The pairs of an outline from its other side.
    index("outline_pairs_b").on(table.layerId, table.b),
  ],
);

/**
 * Projection of the rows: for how many fields of view of a size an outline has room, of those whose rules may ask. Holds for
 * the content that is named and for no other. May be emptied at any time.
 */
export const outlineFields = pgTable(
  "outline_fields",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    annotationId: text("annotation_id").$type<AnnotationId>().notNull(),
    /** Of a field, level-0 px. */
    sidePx: doublePrecision("side_px").notNull(),
    contentHash: text("content_hash").notNull(),
    /** What was found, of as many as were looked for. */
    fields: integer("fields").notNull(),
    atMost: integer("at_most").notNull(),
  },
  (table) => [primaryKey({ columns: [table.layerId, table.annotationId, table.sidePx] })],
);

/** Up to which log position the outlines of a layer were measured for some rules. May be emptied with what was measured. */
export const pairsMeasured = pgTable(
  "pairs_measured",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    /** Names the rules that said which pairs matter. */
    rulesKey: text("rules_key").notNull(),
    seq: bigint("seq", { mode: "number" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.layerId, table.rulesKey] })],
);
