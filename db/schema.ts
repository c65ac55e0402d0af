import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { Declaration, GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import type {
  AnnotationId,
  CaseId,
  ClassId,
  LayerId,
  PersonId,
  ProjectId,
  ReleaseId,
  RoundId,
  SlideId,
  TaskId,
} from "#domain/ids.ts";
import type { SlideMeta } from "#domain/slide.ts";
import type { Answer, ReasonCode, TaskKind, TaskScope, TaskState } from "#domain/task.ts";

const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => "bytea",
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  fromDriver: (value) => new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
});

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** Someone who can sign in. E-mail is stored in lower case; a JWT is good only while its token version equals this one. */
export const people = pgTable(
  "people",
  {
    id: text("id").$type<PersonId>().primaryKey(),
    email: text("email").notNull(),
    name: text("name").notNull(),
    colour: text("colour").notNull(),
    /** argon2id; null for people who sign in through an identity provider only. */
    passwordHash: text("password_hash"),
    tokenVersion: integer("token_version").notNull().default(1),
    /** A demo account; production refuses to start while one exists. */
    demo: boolean("demo").notNull().default(false),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [uniqueIndex("people_email").on(table.email)],
);

/** A person at an identity provider, linked by issuer and subject, never by mail. */
export const identities = pgTable(
  "identities",
  {
    issuer: text("issuer").notNull(),
    subject: text("subject").notNull(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
  },
  (table) => [primaryKey({ columns: [table.issuer, table.subject] })],
);

/** Personal access tokens; only the SHA-256 of a token is kept. */
export const accessTokens = pgTable(
  "access_tokens",
  {
    id: text("id").primaryKey(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    name: text("name").notNull(),
    hash: text("hash").notNull(),
    /** "read" or "write"; a read token can change nothing. */
    scope: text("scope").$type<"read" | "write">().notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at"),
    lastUsedAt: at("last_used_at"),
    revokedAt: at("revoked_at"),
  },
  (table) => [uniqueIndex("access_tokens_hash").on(table.hash), index("access_tokens_person").on(table.personId)],
);

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

/** One patient's material, the unit of a train/test split. */
export const cases = pgTable(
  "cases",
  {
    id: text("id").$type<CaseId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    name: text("name").notNull(),
  },
  (table) => [uniqueIndex("cases_name").on(table.projectId, table.name)],
);

/** One whole-slide image. The file is ours, under a name made by us; mpp is null until somebody states it. */
export const slides = pgTable(
  "slides",
  {
    id: text("id").$type<SlideId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    caseId: text("case_id")
      .$type<CaseId>()
      .notNull()
      .references(() => cases.id),
    name: text("name").notNull(),
    /** File name inside the data folder's slides/store. */
    file: text("file").notNull(),
    /** SHA-256 of the file; part of every tile's address, which is why tiles are immutable. */
    contentHash: text("content_hash").notNull(),
    meta: jsonb("meta").$type<SlideMeta>().notNull(),
    mpp: doublePrecision("mpp"),
    stain: text("stain").notNull().default(""),
    site: text("site").notNull().default(""),
    createdBy: text("created_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [index("slides_project").on(table.projectId), uniqueIndex("slides_name").on(table.projectId, table.name)],
);

/** Immutable: a published guideline version. Numbers are 1..n without gaps; the parent of n is n - 1. */
export const guidelineVersions = pgTable(
  "guideline_versions",
  {
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    number: integer("number").notNull(),
    content: jsonb("content").$type<GuidelineContent>().notNull(),
    changes: jsonb("changes").$type<GuidelineChange[]>().notNull(),
    note: text("note").notNull().default(""),
    publishedBy: text("published_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    publishedAt: at("published_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.number] })],
);

/** The one draft of a project. `revision` counts saves; a save that names an older one is refused. */
export const guidelineDrafts = pgTable("guideline_drafts", {
  projectId: text("project_id")
    .$type<ProjectId>()
    .primaryKey()
    .references(() => projects.id),
  parent: integer("parent").notNull(),
  content: jsonb("content").$type<GuidelineContent>().notNull(),
  declarations: jsonb("declarations").$type<Declaration[]>().notNull(),
  revision: integer("revision").notNull(),
  updatedBy: text("updated_by")
    .$type<PersonId>()
    .notNull()
    .references(() => people.id),
  updatedAt: at("updated_at").notNull().defaultNow(),
});

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
    state: text("state").$type<"open" | "submitted">().notNull().default("open"),
    lastSeq: bigint("last_seq", { mode: "number" }).notNull().default(0),
    /** Log position at which the read was submitted. */
    submittedSeq: bigint("submitted_seq", { mode: "number" }),
    submittedAt: at("submitted_at"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (table) => [
    index("layers_slide").on(table.slideId),
    index("layers_project").on(table.projectId),
    index("layers_reader").on(table.readerId),
    uniqueIndex("layers_read").on(table.roundId, table.slideId, table.readerId),
  ],
);

/** The log, and the truth: every update of a layer, with its signed-in author and the server's time. Append only. */
export const layerUpdates = pgTable(
  "layer_updates",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    seq: bigint("seq", { mode: "number" }).notNull(),
    authorId: text("author_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    at: at("at").notNull().defaultNow(),
    bytes: bytes("bytes").notNull(),
  },
  (table) => [primaryKey({ columns: [table.layerId, table.seq] })],
);

/** The person a Yjs client id belongs to: who used it first in that layer. */
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
  },
  (table) => [primaryKey({ columns: [table.layerId, table.clientId] })],
);

/** A layer's whole state at a log position; can be rebuilt from the log. The checksum is the SHA-256 of the bytes. */
export const layerSnapshots = pgTable("layer_snapshots", {
  layerId: text("layer_id")
    .$type<LayerId>()
    .primaryKey()
    .references(() => layers.id),
  seq: bigint("seq", { mode: "number" }).notNull(),
  bytes: bytes("bytes").notNull(),
  checksum: text("checksum").notNull(),
  at: at("at").notNull().defaultNow(),
});

/** Projection of the log: one row per living annotation. Never edited; can be rebuilt. */
export const annotations = pgTable(
  "annotations",
  {
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    id: text("id").$type<AnnotationId>().notNull(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    /** As stored; the effective class is resolved when read. */
    classId: text("class_id").$type<ClassId>().notNull(),
    under: integer("under").notNull(),
    geometryType: text("geometry_type").$type<"polygon" | "multipolygon" | "point" | "line">().notNull(),
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
    note: text("note").notNull(),
    createdBy: text("created_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    createdAt: at("created_at").notNull(),
    updatedBy: text("updated_by")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    updatedAt: at("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.layerId, table.id] }),
    index("annotations_project_class").on(table.projectId, table.classId, table.under),
    index("annotations_slide").on(table.slideId),
  ],
);

/** A person's verdict about the content of an annotation under a guideline version. Applies only while the content is the same. */
export const judgements = pgTable(
  "judgements",
  {
    id: text("id").primaryKey(),
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    annotationId: text("annotation_id").$type<AnnotationId>().notNull(),
    contentHash: text("content_hash").notNull(),
    verdict: text("verdict").$type<"keep" | "cannot-tell">().notNull(),
    version: integer("version").notNull(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    taskId: text("task_id").$type<TaskId>(),
    note: text("note").notNull().default(""),
    at: at("at").notNull().defaultNow(),
    /** Taken back by its author (undo); kept as history. */
    withdrawnAt: at("withdrawn_at"),
  },
  (table) => [index("judgements_annotation").on(table.layerId, table.annotationId)],
);

/** A reader looked through a slide's layer for these classes under a guideline version. */
export const screenings = pgTable(
  "screenings",
  {
    id: text("id").primaryKey(),
    layerId: text("layer_id")
      .$type<LayerId>()
      .notNull()
      .references(() => layers.id),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    classIds: jsonb("class_ids").$type<ClassId[]>().notNull(),
    version: integer("version").notNull(),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [index("screenings_layer").on(table.layerId)],
);

/** Work for one person. What is left to do in a migration task is computed from the layer, never counted here. */
export const tasks = pgTable(
  "tasks",
  {
    id: text("id").$type<TaskId>().primaryKey(),
    projectId: text("project_id")
      .$type<ProjectId>()
      .notNull()
      .references(() => projects.id),
    kind: text("kind").$type<TaskKind>().notNull(),
    slideId: text("slide_id")
      .$type<SlideId>()
      .notNull()
      .references(() => slides.id),
    layerId: text("layer_id")
      .$type<LayerId>()
      .references(() => layers.id),
    assigneeId: text("assignee_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    /** Null where the product made the task (a published guideline). */
    createdBy: text("created_by")
      .$type<PersonId>()
      .references(() => people.id),
    state: text("state").$type<TaskState>().notNull().default("open"),
    scope: jsonb("scope").$type<TaskScope>().notNull(),
    /** Names a task made by a rule, so that making it twice makes it once. */
    dedupeKey: text("dedupe_key"),
    reason: text("reason").$type<ReasonCode>(),
    text: text("text").notNull().default(""),
    priority: integer("priority").notNull().default(0),
    dueAt: at("due_at"),
    /** Counts changes; a change that names an older revision is refused. */
    revision: integer("revision").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("tasks_project_state").on(table.projectId, table.state),
    index("tasks_assignee").on(table.assigneeId),
    uniqueIndex("tasks_dedupe").on(table.projectId, table.dedupeKey),
  ],
);

/** What happened to a task, and what was said. Append only. */
export const taskEvents = pgTable(
  "task_events",
  {
    id: text("id").primaryKey(),
    taskId: text("task_id")
      .$type<TaskId>()
      .notNull()
      .references(() => tasks.id),
    personId: text("person_id")
      .$type<PersonId>()
      .references(() => people.id),
    fromState: text("from_state").$type<TaskState>(),
    toState: text("to_state").$type<TaskState>().notNull(),
    note: text("note").notNull().default(""),
    at: at("at").notNull().defaultNow(),
  },
  (table) => [index("task_events_task").on(table.taskId)],
);

/** What a person answered about one item of a task, and what it takes to take that back. Kept as history when undone. */
export const taskAnswers = pgTable(
  "task_answers",
  {
    /** Also the token that undo is asked with. */
    id: text("id").primaryKey(),
    taskId: text("task_id")
      .$type<TaskId>()
      .notNull()
      .references(() => tasks.id),
    annotationId: text("annotation_id").$type<AnnotationId>().notNull(),
    personId: text("person_id")
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    verdict: text("verdict").$type<Answer["verdict"]>().notNull(),
    /** The class that was chosen, or that "cannot tell" led to. */
    classId: text("class_id").$type<ClassId>(),
    note: text("note").notNull().default(""),
    /** The judgement that the answer is; null where it is an edit of the layer. */
    judgementId: text("judgement_id"),
    /** The record before an edit, to be put back. */
    formerRecord: bytes("former_record"),
    formerHash: text("former_hash").notNull(),
    /** Content after the answer; null where the annotation was deleted. */
    afterHash: text("after_hash"),
    at: at("at").notNull().defaultNow(),
    undoneAt: at("undone_at"),
  },
  (table) => [index("task_answers_task").on(table.taskId), index("task_answers_annotation").on(table.annotationId)],
);

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
    result: jsonb("result").$type<unknown>().notNull(),
    computedAt: at("computed_at").notNull().defaultNow(),
  },
  (table) => [index("consensus_slide").on(table.slideId)],
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
    method: text("method").$type<"accept-read" | "majority" | "redraw" | "exclude" | "unresolved">().notNull(),
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
