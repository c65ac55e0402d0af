import { and, asc, desc, eq, gt, inArray, isNull, lt, ne, sql } from "drizzle-orm";
import type { LayerId, PersonId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import {
  adjudications,
  agreementResults,
  consensusResults,
  disputePlaces,
  layers,
  people,
  roundSlides,
  rounds,
} from "./schema.ts";

export type RoundRead = {
  readonly layerId: LayerId;
  readonly slideId: SlideId;
  readonly roundId: RoundId;
  readonly state: "open" | "submitted";
  /** Newest log position: a submitted read still changes by the answers of tasks. */
  readonly seq: number;
  readonly reader: { readonly id: PersonId; readonly name: string; readonly colour: string };
};

/** Reads of rounds, by layer id, without repeat and bridge reads; team layers have no reader and are not reads. */
export async function readsOf(
  db: Db,
  filter: { readonly projectId: ProjectId } | { readonly roundId: RoundId; readonly slideId: SlideId },
): Promise<RoundRead[]> {
  const condition =
    "projectId" in filter
      ? eq(layers.projectId, filter.projectId)
      : and(eq(layers.roundId, filter.roundId), eq(layers.slideId, filter.slideId));
  const rows = await db
    .select({ layer: layers, name: people.name, colour: people.colour })
    .from(layers)
    .innerJoin(people, eq(people.id, layers.readerId))
    .where(and(condition, eq(layers.kind, "read"), eq(layers.purpose, "work")))
    .orderBy(asc(layers.id));
  return rows.flatMap(({ layer, name, colour }) => {
    if (layer.roundId === null || layer.readerId === null) return [];
    const { id, slideId, roundId, state, lastSeq, readerId } = layer;
    return [{ layerId: id, slideId, roundId, state, seq: lastSeq, reader: { id: readerId, name, colour } }];
  });
}

/** Rounds with their slides whose consensus can be asked for. */
export async function roundSlidesOf(db: Db, projectId: ProjectId) {
  return db
    .select({ round: rounds, slideId: roundSlides.slideId })
    .from(rounds)
    .innerJoin(roundSlides, eq(roundSlides.roundId, rounds.id))
    .where(eq(rounds.projectId, projectId))
    .orderBy(desc(rounds.createdAt), asc(rounds.id));
}

export type ConsensusPart = "summary" | "disputes" | "shapes" | "entropy";

/** The numbers of a stored result, packed, and when it was computed; null where there is none under the key. */
export async function consensusByKey(
  db: Db,
  key: string,
): Promise<{ readonly summary: Uint8Array; readonly computedAt: Date } | null> {
  const { summary, computedAt } = consensusResults;
  const [row] = await db.select({ summary, computedAt }).from(consensusResults).where(eq(consensusResults.key, key));
  return row ?? null;
}

/** So much of a part is fetched at a time: the driver reads a value at once, and others wait meanwhile. */
const PIECE = 1 << 19;

/** One part of a stored result, packed. */
export async function consensusPart(db: Db, key: string, part: ConsensusPart): Promise<Uint8Array<ArrayBuffer> | null> {
  const column = consensusResults[part];
  let whole: Uint8Array<ArrayBuffer> | null = null;
  let fetched = 0;
  do {
    const piece = sql<Uint8Array>`substring(${column} from ${fetched + 1}::int for ${PIECE}::int)`.mapWith(column);
    const [row] = await db
      .select({ piece, length: sql<number>`length(${column})` })
      .from(consensusResults)
      .where(eq(consensusResults.key, key));
    if (row === undefined) return null;
    whole ??= new Uint8Array(row.length);
    whole.set(row.piece, fetched);
    fetched += row.piece.length;
  } while (fetched < whole.length);
  return whole;
}

/**
 * Stores a result; the key names its inputs and parameters, so a second writer of the same key wrote the same thing.
 * @returns when it was computed first
 */
export async function storeConsensus(db: Db, row: typeof consensusResults.$inferInsert): Promise<Date> {
  await db.insert(consensusResults).values(row).onConflictDoNothing();
  if (row.decidedOf !== undefined && row.decidedOf !== null) {
    // What was decided before is part of what was decided now.
    await db
      .delete(consensusResults)
      .where(and(eq(consensusResults.decidedOf, row.decidedOf), ne(consensusResults.key, row.key)));
  }
  const stored = await consensusByKey(db, row.key);
  if (stored === null) throw new Error(`the consensus ${row.key} was not stored`);
  return stored.computedAt;
}

export type AdjudicationRow = typeof adjudications.$inferSelect & {
  readonly person: { readonly id: PersonId; readonly name: string; readonly colour: string };
};

/** Decisions that stand (not superseded) on these slides, oldest first. */
export async function standingAdjudications(db: Db, slideIds: readonly SlideId[]): Promise<AdjudicationRow[]> {
  if (slideIds.length === 0) return [];
  const rows = await db
    .select({ row: adjudications, name: people.name, colour: people.colour })
    .from(adjudications)
    .innerJoin(people, eq(people.id, adjudications.personId))
    .where(and(inArray(adjudications.slideId, [...slideIds]), isNull(adjudications.supersededAt)))
    .orderBy(asc(adjudications.at), asc(adjudications.id));
  return rows.map(({ row, name, colour }) => ({ ...row, person: { id: row.personId, name, colour } }));
}

/** Keys of the disputes on these slides about which a decision stands. */
export async function decidedDisputes(db: Db, slideIds: readonly SlideId[]): Promise<Set<string>> {
  const rows = await standingAdjudications(db, [...new Set(slideIds)]);
  return new Set(rows.map(({ disputeKey }) => disputeKey));
}

/** Marks the standing decisions about these disputes as superseded. @returns their ids */
export async function supersedeAdjudications(
  tx: Db,
  {
    roundId,
    disputeKeys,
    at,
  }: { readonly roundId: RoundId; readonly disputeKeys: readonly string[]; readonly at: Date },
): Promise<string[]> {
  const rows = await tx
    .update(adjudications)
    .set({ supersededAt: at })
    .where(
      and(
        eq(adjudications.roundId, roundId),
        inArray(adjudications.disputeKey, [...disputeKeys]),
        isNull(adjudications.supersededAt),
      ),
    )
    .returning({ id: adjudications.id });
  return rows.map((row) => row.id);
}

export async function addAdjudication(tx: Db, row: typeof adjudications.$inferInsert): Promise<void> {
  await tx.insert(adjudications).values(row);
}

/** A stored board of a project, or null. */
export async function agreementByKey(db: Db, key: string): Promise<typeof agreementResults.$inferSelect | null> {
  const [row] = await db.select().from(agreementResults).where(eq(agreementResults.key, key));
  return row ?? null;
}

/** Boards that nobody asked for in this time are computed again when somebody does. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1_000;

/** @returns when it was computed first */
export async function storeAgreement(
  db: Db,
  row: typeof agreementResults.$inferInsert & { computedAt: Date },
): Promise<Date> {
  await db.insert(agreementResults).values(row).onConflictDoNothing();
  const old = new Date(row.computedAt.getTime() - KEPT_MS);
  await db
    .delete(agreementResults)
    .where(and(eq(agreementResults.projectId, row.projectId), lt(agreementResults.computedAt, old)));
  return (await agreementByKey(db, row.key))?.computedAt ?? row.computedAt;
}

export type DisputePlace = {
  readonly person: { readonly id: PersonId; readonly name: string; readonly colour: string };
  readonly disputeKey: string;
};

/** Says that a person looks at a dispute now. @returns false where they did before */
export async function placeAtDispute(tx: Db, row: typeof disputePlaces.$inferInsert): Promise<boolean> {
  const { personId, roundId, slideId, disputeKey, at } = row;
  const mine = and(
    eq(disputePlaces.personId, personId),
    eq(disputePlaces.roundId, roundId),
    eq(disputePlaces.slideId, slideId),
  );
  const [before] = await tx.select().from(disputePlaces).where(mine);
  await tx
    .insert(disputePlaces)
    .values(row)
    .onConflictDoUpdate({
      target: [disputePlaces.personId, disputePlaces.roundId, disputePlaces.slideId],
      set: { disputeKey, at },
    });
  return before?.disputeKey !== disputeKey;
}

/** Who looked at which dispute of a slide since then, by name. */
export async function disputePlacesSince(
  db: Db,
  { roundId, slideId }: { readonly roundId: RoundId; readonly slideId: SlideId },
  since: Date,
): Promise<DisputePlace[]> {
  const rows = await db
    .select({ id: people.id, name: people.name, colour: people.colour, disputeKey: disputePlaces.disputeKey })
    .from(disputePlaces)
    .innerJoin(people, eq(people.id, disputePlaces.personId))
    .where(and(eq(disputePlaces.roundId, roundId), eq(disputePlaces.slideId, slideId), gt(disputePlaces.at, since)))
    .orderBy(asc(people.name), asc(people.id));
  return rows.map(({ disputeKey, ...person }) => ({ person, disputeKey }));
}
