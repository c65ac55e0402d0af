import { and, eq, gte } from "drizzle-orm";
import type { LayerId, PersonId, SlideId } from "#domain/ids.ts";
import { type Cells, unionOfCells } from "#domain/screening.ts";
import type { Db } from "./client.ts";
import { slideTissue, viewLog } from "./schema.ts";

/** Whose look at which layer. */
export type Look = { readonly layerId: LayerId; readonly personId: PersonId };

/** Adds cells to what a person has seen since a version; what was seen stays seen. Belongs into a transaction. */
export async function addSeen(
  tx: Db,
  { layerId, personId, version, cells, at }: Look & { version: number; cells: Cells; at: Date },
): Promise<void> {
  const of = and(eq(viewLog.layerId, layerId), eq(viewLog.personId, personId), eq(viewLog.version, version));
  const made = await tx
    .insert(viewLog)
    .values({ layerId, personId, version, cells, updatedAt: at })
    .onConflictDoNothing()
    .returning({ version: viewLog.version });
  if (made.length > 0) return;
  const [known] = await tx.select({ cells: viewLog.cells }).from(viewLog).where(of).for("update");
  if (known === undefined) throw new Error("a view log vanished under its lock");
  await tx
    .update(viewLog)
    .set({ cells: unionOfCells(known.cells, cells), updatedAt: at })
    .where(of);
}

/** What a person has seen of a layer's slide since a version; empty where nothing is known. */
export async function seenSince(db: Db, { layerId, personId }: Look, version: number): Promise<Cells> {
  const rows = await db
    .select({ cells: viewLog.cells })
    .from(viewLog)
    .where(and(eq(viewLog.layerId, layerId), eq(viewLog.personId, personId), gte(viewLog.version, version)));
  return rows.reduce<Cells>((union, { cells }) => unionOfCells(union, cells), new Uint8Array());
}

/** The stored tissue of a slide, where it was computed by this key. */
export async function storedTissue(db: Db, slideId: SlideId, key: string): Promise<Cells | null> {
  const [row] = await db
    .select({ cells: slideTissue.cells })
    .from(slideTissue)
    .where(and(eq(slideTissue.slideId, slideId), eq(slideTissue.key, key)));
  return row?.cells ?? null;
}

export async function storeTissue(db: Db, slideId: SlideId, key: string, cells: Cells): Promise<void> {
  await db
    .insert(slideTissue)
    .values({ slideId, key, cells })
    .onConflictDoUpdate({ target: slideTissue.slideId, set: { key, cells } });
}
