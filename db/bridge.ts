import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import type { LayerId, PersonId, ProjectId, RegionId, RoundId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { bridgeReaders, bridgeRegions, layers, rounds, slides } from "./schema.ts";

export type BridgeRegion = typeof bridgeRegions.$inferSelect & { readonly slideName: string };

/** The regions of a project's bridge set, and those that were taken out of it, oldest first. */
export async function bridgeRegionsOf(db: Db, projectId: ProjectId): Promise<BridgeRegion[]> {
  const rows = await db
    .select({ region: bridgeRegions, slideName: slides.name })
    .from(bridgeRegions)
    .innerJoin(slides, eq(slides.id, bridgeRegions.slideId))
    .where(eq(bridgeRegions.projectId, projectId))
    .orderBy(asc(bridgeRegions.createdAt), asc(slides.name), asc(bridgeRegions.name), asc(bridgeRegions.id));
  return rows.map(({ region, slideName }) => ({ ...region, slideName }));
}

export async function bridgeReadersOf(db: Db, projectId: ProjectId): Promise<PersonId[]> {
  const rows = await db
    .select({ id: bridgeReaders.personId })
    .from(bridgeReaders)
    .where(eq(bridgeReaders.projectId, projectId))
    .orderBy(asc(bridgeReaders.personId));
  return rows.map(({ id }) => id);
}

export async function addRegions(tx: Db, regions: readonly (typeof bridgeRegions.$inferInsert)[]): Promise<void> {
  if (regions.length > 0) await tx.insert(bridgeRegions).values([...regions]);
}

/** Takes regions out of the set; what was read in them stays. */
export async function removeRegions(tx: Db, ids: readonly RegionId[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(bridgeRegions)
    .set({ removedAt: at })
    .where(and(inArray(bridgeRegions.id, [...ids]), isNull(bridgeRegions.removedAt)));
}

export async function setBridgeReaders(tx: Db, projectId: ProjectId, readerIds: readonly PersonId[]): Promise<void> {
  await tx.delete(bridgeReaders).where(eq(bridgeReaders.projectId, projectId));
  if (readerIds.length > 0)
    await tx.insert(bridgeReaders).values(readerIds.map((personId) => ({ projectId, personId })));
}

export type BridgeRound = {
  readonly id: RoundId;
  readonly version: number;
  readonly closed: boolean;
  readonly reads: readonly {
    readonly layerId: LayerId;
    readonly slideId: SlideId;
    readonly readerId: PersonId | null;
    readonly state: "open" | "submitted";
  }[];
};

/** The rounds of a project's bridge set, by version. */
export async function bridgeRounds(db: Db, projectId: ProjectId): Promise<BridgeRound[]> {
  const rows = await db
    .select({
      round: rounds,
      layerId: layers.id,
      slideId: layers.slideId,
      readerId: layers.readerId,
      state: layers.state,
    })
    .from(rounds)
    .leftJoin(layers, eq(layers.roundId, rounds.id))
    .where(and(eq(rounds.projectId, projectId), eq(rounds.purpose, "bridge")))
    .orderBy(asc(rounds.guidelineNumber), asc(rounds.id), asc(layers.id));
  const found = new Map<RoundId, BridgeRound & { reads: BridgeRound["reads"][number][] }>();
  for (const { round, layerId, slideId, readerId, state } of rows) {
    const known = found.get(round.id) ?? {
      id: round.id,
      version: round.guidelineNumber,
      closed: round.closedAt !== null,
      reads: [],
    };
    if (layerId !== null && slideId !== null && state !== null) known.reads.push({ layerId, slideId, readerId, state });
    found.set(round.id, known);
  }
  return [...found.values()];
}
