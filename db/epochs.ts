import { and, asc, eq } from "drizzle-orm";
import type { LayerId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import type { ClientClaim, LoggedUpdate } from "./layers.ts";
import { layerClients, layerEpochs, layers, layerUpdates } from "./schema.ts";

/** The document that an epoch begins with; it stands for everything up to update `afterSeq`. */
export type EpochStart = {
  readonly epoch: number;
  readonly afterSeq: number;
  readonly bytes: Uint8Array;
  readonly checksum: string;
};

/** What an epoch began with; null for the first one, which began with nothing. */
export async function epochStart(db: Db, layerId: LayerId, epoch: number): Promise<EpochStart | null> {
  const { afterSeq, bytes, checksum } = layerEpochs;
  const [row] = await db
    .select({ epoch: layerEpochs.epoch, afterSeq, bytes, checksum })
    .from(layerEpochs)
    .where(and(eq(layerEpochs.layerId, layerId), eq(layerEpochs.epoch, epoch)));
  return row ?? null;
}

/** Every beginning of a layer after its first, in order, without its document. */
export async function epochStarts(
  db: Db,
  layerId: LayerId,
): Promise<readonly Pick<EpochStart, "epoch" | "afterSeq">[]> {
  return db
    .select({ epoch: layerEpochs.epoch, afterSeq: layerEpochs.afterSeq })
    .from(layerEpochs)
    .where(eq(layerEpochs.layerId, layerId))
    .orderBy(asc(layerEpochs.epoch));
}

/** Begins an epoch. The caller holds the log, which ends at `afterSeq`. */
export async function beginEpoch(tx: Db, layerId: LayerId, start: EpochStart): Promise<void> {
  await tx.insert(layerEpochs).values({ layerId, ...start });
  await tx.update(layers).set({ epoch: start.epoch }).where(eq(layers.id, layerId));
}

/** Gives client ids to the people who used them first. */
export async function claimClients(tx: Db, layerId: LayerId, claims: readonly ClientClaim[]): Promise<void> {
  if (claims.length === 0) return;
  await tx.insert(layerClients).values(claims.map((claim) => ({ layerId, ...claim })));
}

/** Appends late work to the log. The caller holds the log, and numbers the updates on from its last one. */
export async function appendLate(tx: Db, layerId: LayerId, updates: readonly LoggedUpdate[]): Promise<void> {
  const last = updates.at(-1);
  if (last === undefined) return;
  await tx.insert(layerUpdates).values(updates.map((update) => ({ layerId, ...update })));
  await tx.update(layers).set({ lastSeq: last.seq }).where(eq(layers.id, layerId));
}
