import { and, asc, eq, isNull } from "drizzle-orm";
import type { LayerId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { layers, slides } from "./schema.ts";

/** Held to the end of the transaction, so that two people who make the same layer at once make one. */
export async function lockSlide(tx: Db, slideId: SlideId): Promise<void> {
  await tx.select({ id: slides.id }).from(slides).where(eq(slides.id, slideId)).for("no key update");
}

/** The slide's layer of that kind outside of any round, or null. */
export async function layerOfKind(db: Db, slideId: SlideId, kind: "team" | "ground-truth"): Promise<LayerId | null> {
  const [row] = await db
    .select({ id: layers.id })
    .from(layers)
    .where(and(eq(layers.slideId, slideId), eq(layers.kind, kind), isNull(layers.roundId)))
    .orderBy(asc(layers.createdAt))
    .limit(1);
  return row?.id ?? null;
}

export async function addLayer(tx: Db, layer: typeof layers.$inferInsert): Promise<void> {
  await tx.insert(layers).values(layer);
}

/** Layers of that kind on a slide, of rounds or not, by id. */
export async function layersOnSlide(db: Db, slideId: SlideId, kind: "team" | "ground-truth"): Promise<LayerId[]> {
  const rows = await db
    .select({ id: layers.id })
    .from(layers)
    .where(and(eq(layers.slideId, slideId), eq(layers.kind, kind)))
    .orderBy(asc(layers.id));
  return rows.map((row) => row.id);
}
