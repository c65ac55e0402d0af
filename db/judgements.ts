import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import type { Db } from "./client.ts";
import { judgements, layers, screenings } from "./schema.ts";
import type { Within } from "./standing.ts";

export async function addJudgements(tx: Db, given: readonly (typeof judgements.$inferInsert)[]): Promise<void> {
  for (let from = 0; from < given.length; from += 1_000) {
    await tx.insert(judgements).values(given.slice(from, from + 1_000));
  }
}

/** Takes judgements back; they stay as history. */
export async function withdrawJudgements(tx: Db, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(judgements)
    .set({ withdrawnAt: at })
    .where(and(inArray(judgements.id, [...ids]), isNull(judgements.withdrawnAt)));
}

export async function addScreening(tx: Db, screening: typeof screenings.$inferInsert): Promise<void> {
  await tx.insert(screenings).values(screening);
}

/** Sign-offs of a project or of some layers, oldest first. */
export async function screeningsIn(db: Db, within: Within): Promise<(typeof screenings.$inferSelect)[]> {
  const rows = await db
    .select({ screening: screenings })
    .from(screenings)
    .innerJoin(layers, eq(layers.id, screenings.layerId))
    .where("projectId" in within ? eq(layers.projectId, within.projectId) : inArray(layers.id, [...within.layerIds]))
    .orderBy(asc(screenings.at), asc(screenings.id));
  return rows.map(({ screening }) => screening);
}
