import { and, asc, desc, eq, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import { union } from "drizzle-orm/pg-core";
import type { CaseId, LayerId, PersonId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import type { RoundUnder } from "#domain/round.ts";
import type { Db } from "./client.ts";
import type { PersonName } from "./guidelines.ts";
import { annotationTallies, cases, layers, people, roundReaders, roundSlides, rounds, slides } from "./schema.ts";

export type RoundRow = typeof rounds.$inferSelect;
export type RoundSlide = {
  readonly id: SlideId;
  readonly name: string;
  readonly caseId: CaseId;
  readonly caseName: string;
  readonly contentHash: string;
};
export type ReadRow = Pick<
  typeof layers.$inferSelect,
  "id" | "slideId" | "roundId" | "readerId" | "kind" | "state" | "submittedAt" | "purpose"
>;
/** A round with everything in it, whoever asks; what of it may be shown is decided by queries. */
export type WholeRound = {
  readonly round: RoundRow;
  readonly createdBy: PersonName;
  /** Those that it asks all readers for, and those of repeat and bridge reads. */
  readonly slides: readonly RoundSlide[];
  readonly readers: readonly PersonName[];
  readonly reads: readonly ReadRow[];
};

/** Adds a round with its slides, readers and layers. */
export async function addRound(
  tx: Db,
  round: typeof rounds.$inferInsert,
  parts: {
    readonly slideIds: readonly SlideId[];
    readonly readerIds: readonly PersonId[];
    readonly layers: readonly (typeof layers.$inferInsert)[];
  },
): Promise<void> {
  await tx.insert(rounds).values(round);
  if (parts.slideIds.length > 0)
    await tx.insert(roundSlides).values(parts.slideIds.map((slideId) => ({ roundId: round.id, slideId })));
  await setRoundReaders(tx, round.id, parts.readerIds);
  for (let from = 0; from < parts.layers.length; from += 1_000) {
    await tx.insert(layers).values(parts.layers.slice(from, from + 1_000));
  }
}

/** What somebody asked for when a round was opened, slides and readers by id; null where there is no such round. */
export async function askedRound(db: Db, id: RoundId) {
  const [round] = await db.select().from(rounds).where(eq(rounds.id, id));
  if (round === undefined) return null;
  const named = await db
    .select({ id: roundSlides.slideId })
    .from(roundSlides)
    .where(eq(roundSlides.roundId, id))
    .orderBy(asc(roundSlides.slideId));
  const readers = await db
    .select({ id: roundReaders.personId })
    .from(roundReaders)
    .where(eq(roundReaders.roundId, id))
    .orderBy(asc(roundReaders.personId));
  return { round, slideIds: named.map((slide) => slide.id), readerIds: readers.map((reader) => reader.id) };
}

/** Rounds of a project, newest first, or the one with this id. */
export async function wholeRounds(
  db: Db,
  filter: { readonly projectId: ProjectId } | { readonly roundId: RoundId },
): Promise<WholeRound[]> {
  const rows = await db
    .select({ round: rounds, id: people.id, name: people.name, colour: people.colour })
    .from(rounds)
    .innerJoin(people, eq(people.id, rounds.createdBy))
    .where("roundId" in filter ? eq(rounds.id, filter.roundId) : eq(rounds.projectId, filter.projectId))
    .orderBy(desc(rounds.createdAt), asc(rounds.id));
  const ids = rows.map(({ round }) => round.id);
  if (ids.length === 0) return [];
  const [slideRows, readerRows, readRows] = [await slidesIn(db, ids), await readersIn(db, ids), await readsIn(db, ids)];
  return rows.map(({ round, ...createdBy }) => ({
    round,
    createdBy,
    slides: slideRows.filter((row) => row.roundId === round.id).map(({ slide }) => slide),
    readers: readerRows.filter((row) => row.roundId === round.id).map(({ reader }) => reader),
    reads: readRows.filter((row) => row.roundId === round.id),
  }));
}

/** The slides that a round names, and those that only some reads of it are on. */
async function slidesIn(db: Db, ids: readonly RoundId[]) {
  const named = db
    .select({ roundId: roundSlides.roundId, slideId: roundSlides.slideId })
    .from(roundSlides)
    .where(inArray(roundSlides.roundId, [...ids]));
  const read = db
    .select({ roundId: sql<RoundId>`${layers.roundId}`.as("round_id"), slideId: layers.slideId })
    .from(layers)
    .where(inArray(layers.roundId, [...ids]));
  const places = union(named, read).as("places");
  return db
    .select({
      roundId: places.roundId,
      slide: {
        id: slides.id,
        name: slides.name,
        caseId: slides.caseId,
        caseName: cases.name,
        contentHash: slides.contentHash,
      },
    })
    .from(places)
    .innerJoin(slides, eq(slides.id, places.slideId))
    .innerJoin(cases, eq(cases.id, slides.caseId))
    .orderBy(asc(slides.name), asc(slides.id));
}

async function readersIn(db: Db, ids: readonly RoundId[]) {
  return db
    .select({ roundId: roundReaders.roundId, reader: { id: people.id, name: people.name, colour: people.colour } })
    .from(roundReaders)
    .innerJoin(people, eq(people.id, roundReaders.personId))
    .where(inArray(roundReaders.roundId, [...ids]))
    .orderBy(asc(people.name), asc(people.id));
}

async function readsIn(db: Db, ids: readonly RoundId[]): Promise<ReadRow[]> {
  const { id, slideId, roundId, readerId, kind, state, submittedAt, purpose } = layers;
  return db
    .select({ id, slideId, roundId, readerId, kind, state, submittedAt, purpose })
    .from(layers)
    .where(inArray(layers.roundId, [...ids]))
    .orderBy(asc(layers.createdAt), asc(layers.id));
}

/** Holds a round and its layers until the transaction ends: nothing of it is submitted or reopened meanwhile. */
export async function lockRound(
  tx: Db,
  roundId: RoundId,
): Promise<{ readonly round: RoundRow; readonly openReads: number } | null> {
  const [round] = await tx.select().from(rounds).where(eq(rounds.id, roundId)).for("no key update");
  if (round === undefined) return null;
  const reads = await tx
    .select({ state: layers.state })
    .from(layers)
    .where(eq(layers.roundId, roundId))
    .orderBy(asc(layers.id))
    .for("no key update");
  return { round, openReads: reads.filter((read) => read.state === "open").length };
}

/** Unblinding is one-way; a round has nothing more to hide from then on. */
export async function markUnblinded(tx: Db, roundId: RoundId, at: Date): Promise<void> {
  await tx.update(rounds).set({ unblindedAt: at, closedAt: at }).where(eq(rounds.id, roundId));
}

/** A layer's row, held until the transaction ends: its log grows no further meanwhile. */
export async function lockLayer(tx: Db, layerId: LayerId): Promise<typeof layers.$inferSelect | null> {
  const [row] = await tx.select().from(layers).where(eq(layers.id, layerId)).for("no key update");
  return row ?? null;
}

export async function addLayers(tx: Db, rows: readonly (typeof layers.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await tx.insert(layers).values([...rows]);
}

/** Names the readers of a round anew. */
export async function setRoundReaders(tx: Db, roundId: RoundId, readerIds: readonly PersonId[]): Promise<void> {
  await tx.delete(roundReaders).where(eq(roundReaders.roundId, roundId));
  if (readerIds.length > 0) await tx.insert(roundReaders).values(readerIds.map((personId) => ({ roundId, personId })));
}

/** Those of some layers that are not handed in. */
export async function openLayers(db: Db, layerIds: readonly LayerId[]): Promise<ReadonlySet<LayerId>> {
  if (layerIds.length === 0) return new Set();
  const rows = await db
    .select({ id: layers.id })
    .from(layers)
    .where(and(inArray(layers.id, [...layerIds]), eq(layers.state, "open")));
  return new Set(rows.map(({ id }) => id));
}

/** What of a layer's round says which guideline versions count in it; null for a layer of no round. */
export async function roundOfLayer(db: Db, layerId: LayerId): Promise<RoundUnder | null> {
  const [row] = await db
    .select({ round: rounds })
    .from(layers)
    .innerJoin(rounds, eq(rounds.id, layers.roundId))
    .where(eq(layers.id, layerId));
  return row === undefined ? null : roundUnder(row.round);
}

export function roundUnder({ mode, unblindedAt, guidelineNumber }: RoundRow): RoundUnder {
  return { mode, unblinded: mode !== "blind" || unblindedAt !== null, guidelineNumber };
}

/** Locks a read at the log position that its row, held by the caller, has now. */
export async function markSubmitted(tx: Db, layerId: LayerId, at: Date): Promise<void> {
  await tx
    .update(layers)
    .set({ state: "submitted", submittedSeq: layers.lastSeq, submittedAt: at })
    .where(eq(layers.id, layerId));
}

export async function markReopened(tx: Db, layerId: LayerId): Promise<void> {
  await tx.update(layers).set({ state: "open", submittedSeq: null, submittedAt: null }).where(eq(layers.id, layerId));
}

export type WorklistRow = {
  readonly layerId: LayerId;
  readonly state: "open" | "submitted";
  readonly round: Pick<RoundRow, "id" | "name" | "mode" | "seed">;
  readonly slide: RoundSlide;
  /** The person's own annotations in the layer. */
  readonly annotations: number;
};

/** What a person is asked to read: their own reads, and the team layers of rounds they take part in; rounds oldest first. */
export async function worklistOf(db: Db, projectId: ProjectId, personId: PersonId): Promise<WorklistRow[]> {
  const own = db
    .select({
      layerId: annotationTallies.layerId,
      n: sql<number>`sum(${annotationTallies.count})::int`.as("own_count"),
    })
    .from(annotationTallies)
    .innerJoin(layers, eq(layers.id, annotationTallies.layerId))
    .where(and(eq(layers.projectId, projectId), eq(annotationTallies.createdBy, personId)))
    .groupBy(annotationTallies.layerId)
    .as("own");
  const rows = await db
    .select({
      layer: { id: layers.id, state: layers.state, readerId: layers.readerId },
      round: { id: rounds.id, name: rounds.name, mode: rounds.mode, seed: rounds.seed },
      slide: {
        id: slides.id,
        name: slides.name,
        caseId: slides.caseId,
        caseName: cases.name,
        contentHash: slides.contentHash,
      },
      annotations: own.n,
    })
    .from(layers)
    .innerJoin(rounds, eq(rounds.id, layers.roundId))
    .innerJoin(roundReaders, and(eq(roundReaders.roundId, rounds.id), eq(roundReaders.personId, personId)))
    .innerJoin(slides, eq(slides.id, layers.slideId))
    .innerJoin(cases, eq(cases.id, slides.caseId))
    .leftJoin(own, eq(own.layerId, layers.id))
    .where(eq(layers.projectId, projectId))
    .orderBy(asc(rounds.createdAt), asc(rounds.id), asc(slides.id));
  return rows
    .filter(({ layer }) => layer.readerId === null || layer.readerId === personId)
    .map(({ layer, round, slide, annotations: n }) => ({
      layerId: layer.id,
      state: layer.state,
      round,
      slide,
      annotations: n ?? 0,
    }));
}

/**
 * Opens a submitted read to be looked through again. When it was first finished stays known: what later versions of the
 * guideline ask to look for is counted from there.
 */
export async function openForScreening(tx: Db, layerId: LayerId): Promise<void> {
  await tx.update(layers).set({ state: "open", submittedSeq: null }).where(eq(layers.id, layerId));
}

/** Locks a read that was opened for screening at the log position that its row, held by the caller, has now. */
export async function closeAfterScreening(tx: Db, layerId: LayerId, at: Date): Promise<void> {
  await tx
    .update(layers)
    .set({
      state: "submitted",
      submittedSeq: layers.lastSeq,
      submittedAt: sql`coalesce(${layers.submittedAt}, ${at.toISOString()})`,
    })
    .where(eq(layers.id, layerId));
}

/** A layer that somebody may have finished, with what says since when and under which guideline. */
export type FinishableLayer = {
  readonly layer: typeof layers.$inferSelect;
  readonly round: RoundRow | null;
};

/** Reads that were finished, also where they are open for screening, and all team layers of a project. */
export async function finishableLayers(db: Db, projectId: ProjectId): Promise<FinishableLayer[]> {
  return db
    .select({ layer: layers, round: rounds })
    .from(layers)
    .leftJoin(rounds, eq(rounds.id, layers.roundId))
    .where(
      and(
        eq(layers.projectId, projectId),
        eq(layers.purpose, "work"),
        or(isNotNull(layers.submittedAt), eq(layers.kind, "team")),
      ),
    )
    .orderBy(asc(layers.createdAt), asc(layers.id));
}

/** Blind rounds of a project that are not unblinded. */
export async function openBlindRounds(db: Db, projectId: ProjectId): Promise<RoundRow[]> {
  return db
    .select()
    .from(rounds)
    .where(and(eq(rounds.projectId, projectId), eq(rounds.mode, "blind"), isNull(rounds.unblindedAt)))
    .orderBy(asc(rounds.createdAt), asc(rounds.id));
}
