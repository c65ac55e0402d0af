import { and, eq, isNull } from "drizzle-orm";
import type { LayerId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { dissolutions } from "./schema.ts";

export type DissolutionRow = typeof dissolutions.$inferSelect;

export async function addDissolution(tx: Db, decided: typeof dissolutions.$inferInsert): Promise<void> {
  await tx.insert(dissolutions).values(decided);
}

/** Groups of a layer that somebody decided to leave as they are, by key. */
export async function leftGroups(db: Db, layerId: LayerId): Promise<Set<string>> {
  const rows = await db
    .select({ groupKey: dissolutions.groupKey })
    .from(dissolutions)
    .where(and(eq(dissolutions.layerId, layerId), eq(dissolutions.decision, "left"), isNull(dissolutions.undoneAt)));
  return new Set(rows.map(({ groupKey }) => groupKey));
}

/** A decision that stands, or null. */
export async function dissolutionById(db: Db, layerId: LayerId, id: string): Promise<DissolutionRow | null> {
  const [row] = await db
    .select()
    .from(dissolutions)
    .where(and(eq(dissolutions.layerId, layerId), eq(dissolutions.id, id)));
  return row ?? null;
}

/** @returns whether it stood until now: of two people who take it back one does */
export async function markDissolutionUndone(tx: Db, id: string, at: Date): Promise<boolean> {
  const rows = await tx
    .update(dissolutions)
    .set({ undoneAt: at })
    .where(and(eq(dissolutions.id, id), isNull(dissolutions.undoneAt)))
    .returning({ id: dissolutions.id });
  return rows.length === 1;
}
