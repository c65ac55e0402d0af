import { and, asc, desc, eq, inArray, isNull } from "drizzle-orm";
import type { LayerId, PersonId, ProjectId, RoundId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { adjudications, consensusResults, layers, people, roundSlides, rounds } from "./schema.ts";

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

export type ConsensusRow = typeof consensusResults.$inferSelect;

export async function consensusByKey(db: Db, key: string): Promise<ConsensusRow | null> {
  const [row] = await db.select().from(consensusResults).where(eq(consensusResults.key, key));
  return row ?? null;
}

/**
 * Stores a result; the key names its inputs and parameters, so a second writer of the same key wrote the same thing.
 * @returns when it was computed first
 */
export async function storeConsensus(db: Db, row: typeof consensusResults.$inferInsert): Promise<Date> {
  await db.insert(consensusResults).values(row).onConflictDoNothing();
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
