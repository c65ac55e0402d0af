import { eq } from "drizzle-orm";
import type { ProjectId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { driftMeasures } from "./schema.ts";

/** A stored measure by the name of its inputs; null where it was not computed yet. */
export async function measureByKey(db: Db, key: string): Promise<unknown> {
  const [row] = await db.select({ result: driftMeasures.result }).from(driftMeasures).where(eq(driftMeasures.key, key));
  return row?.result ?? null;
}

/** The key names all inputs, so a second writer of the same key wrote the same thing. */
export async function storeMeasure(db: Db, projectId: ProjectId, key: string, result: unknown): Promise<void> {
  await db.insert(driftMeasures).values({ key, projectId, result }).onConflictDoNothing();
}
