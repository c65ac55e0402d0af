import { createHash } from "node:crypto";
import { and, asc, gt, lt, sql } from "drizzle-orm";
import type pg from "pg";
import type { LayerId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { poolOf } from "./client.ts";
import { LAYER_LOCK, LOCKS } from "./locks.ts";
import { nodeSignals } from "./schema.ts";

/** What only one node may do at a time. */
type Alone = "start" | "tasks" | "pairs" | "demo";

export type StoredSignal = { readonly id: number; readonly sender: string; readonly body: unknown };

/** Adds signals of one node. */
export async function addSignals(db: Db, sender: string, bodies: readonly unknown[]): Promise<void> {
  if (bodies.length === 0) return;
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCKS.signals})`);
    const last = await newestSignal(tx);
    await tx.insert(nodeSignals).values(bodies.map((body, index) => ({ id: last + 1 + index, sender, body })));
  });
}

/** The number of the newest signal; 0 before the first. */
export async function newestSignal(db: Db): Promise<number> {
  const [row] = await db.select({ last: sql<string>`coalesce(max(${nodeSignals.id}), 0)` }).from(nodeSignals);
  return Number(row?.last ?? 0);
}

/** Signals after a number, in order. */
export async function signalsAfter(db: Db, id: number, limit = 500): Promise<StoredSignal[]> {
  return db
    .select({ id: nodeSignals.id, sender: nodeSignals.sender, body: nodeSignals.body })
    .from(nodeSignals)
    .where(gt(nodeSignals.id, id))
    .orderBy(asc(nodeSignals.id))
    .limit(limit);
}

/** Removes signals that were sent before a moment, save the newest one of all. */
export async function sweepSignals(db: Db, before: Date): Promise<void> {
  const older = sql`${nodeSignals.id} < (select max(id) from ${nodeSignals})`;
  await db.delete(nodeSignals).where(and(lt(nodeSignals.at, before), older));
}

/** Runs what no other node may do meanwhile, after those that do it now. A node that dies lets go at once. */
export async function alone<T>(pool: pg.Pool, what: Alone, work: () => Promise<T>): Promise<T> {
  return withLock(pool, async (client) => {
    await client.query("select pg_advisory_lock($1)", [LOCKS[what]]);
    return work();
  });
}

/** The same, unless another node does it already. @returns whether it was done */
export async function aloneIfFree(pool: pg.Pool, what: Alone, work: () => Promise<unknown>): Promise<boolean> {
  return ifFree(pool, [LOCKS[what]], work);
}

/** The same for what rewrites a layer as a whole. Two layers may share a lock, and then wait for each other. */
export async function aloneWithLayer(db: Db, layerId: LayerId, work: () => Promise<unknown>): Promise<boolean> {
  return ifFree(poolOf(db), [LAYER_LOCK, keyOf(layerId)], work);
}

async function ifFree(pool: pg.Pool, keys: readonly number[], work: () => Promise<unknown>): Promise<boolean> {
  return withLock(pool, async (client) => {
    const places = keys.map((_, index) => `$${index + 1}`).join(", ");
    const { rows } = await client.query<{ held: boolean }>(`select pg_try_advisory_lock(${places}) as held`, [...keys]);
    if (rows[0]?.held !== true) return false;
    await work();
    return true;
  });
}

/** A layer's key of an advisory lock: 32 bits with a sign. */
function keyOf(layerId: LayerId): number {
  return createHash("sha256").update(layerId).digest().readInt32BE();
}

/** Session locks end with their session, so this one is not given back to the pool. */
async function withLock<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release(true);
  }
}
