import { and, asc, eq, inArray, ne } from "drizzle-orm";
import type { LayerId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { layers, rounds, slides } from "./schema.ts";

/** How far a read is, whoever asks; what of it may be shown is decided by queries. */
export type ReadProgress = {
  readonly layerId: LayerId;
  readonly slideId: SlideId;
  readonly slideName: string;
  readonly roundName: string;
  readonly guidelineNumber: number;
  readonly purpose: (typeof layers.$inferSelect)["purpose"];
  readonly state: "open" | "submitted";
  /** Something was drawn in it. */
  readonly started: boolean;
  readonly createdAt: Date;
  readonly submittedAt: Date | null;
};

/** Reads of rounds, the oldest first, without those of a bridge set, which are asked for by tasks of their own. */
export async function readProgress(db: Db, layerIds: readonly LayerId[]): Promise<ReadProgress[]> {
  if (layerIds.length === 0) return [];
  const rows = await db
    .select({ layer: layers, slideName: slides.name, round: rounds })
    .from(layers)
    .innerJoin(slides, eq(slides.id, layers.slideId))
    .innerJoin(rounds, eq(rounds.id, layers.roundId))
    .where(and(inArray(layers.id, [...layerIds]), ne(layers.purpose, "bridge")))
    .orderBy(asc(layers.createdAt), asc(layers.id));
  return rows.map(({ layer, slideName, round }) => ({
    layerId: layer.id,
    slideId: layer.slideId,
    slideName,
    roundName: round.name,
    guidelineNumber: round.guidelineNumber,
    purpose: layer.purpose,
    state: layer.state,
    started: layer.lastSeq > 0,
    createdAt: layer.createdAt,
    submittedAt: layer.submittedAt,
  }));
}
