import { eq } from "drizzle-orm";
import type { Db } from "./client.ts";
import { imports } from "./schema.ts";

export type ImportRow = typeof imports.$inferSelect;

export async function addImport(tx: Db, row: ImportRow): Promise<void> {
  await tx.insert(imports).values(row);
}

/** Whatever layer it went into. */
export async function importById(db: Db, id: string): Promise<ImportRow | null> {
  const [row] = await db.select().from(imports).where(eq(imports.id, id));
  return row ?? null;
}
