import { and, asc, eq, gt, inArray, lte, sql } from "drizzle-orm";
import type { ClassId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { guidelineVersions, layerClients, layerSnapshots, layers, layerUpdates, slides } from "./schema.ts";

/** What a room needs to know of its layer. */
export type LayerPlace = {
  readonly id: LayerId;
  readonly projectId: ProjectId;
  readonly slideId: SlideId;
  readonly kind: "team" | "read" | "ground-truth";
  readonly readerId: PersonId | null;
  readonly lastSeq: number;
  /** Size of the slide, level-0 px. */
  readonly width: number;
  readonly height: number;
};

export type LoggedUpdate = {
  readonly seq: number;
  readonly authorId: PersonId;
  readonly at: Date;
  readonly bytes: Uint8Array;
};

export type Snapshot = { readonly seq: number; readonly bytes: Uint8Array; readonly checksum: string };

/** Null where there is no such layer. */
export async function layerPlace(db: Db, layerId: LayerId): Promise<LayerPlace | null> {
  const [row] = await db
    .select({ layer: layers, meta: slides.meta })
    .from(layers)
    .innerJoin(slides, eq(slides.id, layers.slideId))
    .where(eq(layers.id, layerId));
  if (row === undefined) return null;
  const { id, projectId, slideId, kind, readerId, lastSeq } = row.layer;
  return { id, projectId, slideId, kind, readerId, lastSeq, width: row.meta.width, height: row.meta.height };
}

/**
 * Holds the layer until the transaction ends: whoever submits it, or appends to its log, comes before or after.
 * @returns the number of the newest update in its log; null where there is no such layer
 */
export async function lockLog(tx: Db, layerId: LayerId): Promise<number | null> {
  const [row] = await tx
    .select({ lastSeq: layers.lastSeq })
    .from(layers)
    .where(eq(layers.id, layerId))
    .for("no key update");
  return row?.lastSeq ?? null;
}

/** How far the logs of some layers have come. */
export async function headsOf(db: Db, layerIds: readonly LayerId[]): Promise<Map<LayerId, number>> {
  if (layerIds.length === 0) return new Map();
  const rows = await db
    .select({ id: layers.id, lastSeq: layers.lastSeq })
    .from(layers)
    .where(inArray(layers.id, [...layerIds]));
  return new Map(rows.map((row) => [row.id, row.lastSeq]));
}

/** Appends to the log. The caller holds the log, and numbers the updates on from its last one. */
export async function appendUpdates(tx: Db, layerId: LayerId, updates: readonly LoggedUpdate[]): Promise<void> {
  const last = updates.at(-1);
  if (last === undefined) return;
  await tx.insert(layerUpdates).values(updates.map((update) => ({ layerId, ...update })));
  await tx.update(layers).set({ lastSeq: last.seq }).where(eq(layers.id, layerId));
}

/** The log after a position, in order, at most `limit` at a time. */
export async function updatesAfter(
  db: Db,
  layerId: LayerId,
  seq: number,
  { upTo = Number.MAX_SAFE_INTEGER, limit = 500 } = {},
): Promise<LoggedUpdate[]> {
  return db
    .select({
      seq: layerUpdates.seq,
      authorId: layerUpdates.authorId,
      at: layerUpdates.at,
      bytes: layerUpdates.bytes,
    })
    .from(layerUpdates)
    .where(and(eq(layerUpdates.layerId, layerId), gt(layerUpdates.seq, seq), lte(layerUpdates.seq, upTo)))
    .orderBy(asc(layerUpdates.seq))
    .limit(limit);
}

/** Whom each Yjs client id of a layer belongs to. */
export async function clientOwners(db: Db, layerId: LayerId): Promise<Map<number, PersonId>> {
  const rows = await db.select().from(layerClients).where(eq(layerClients.layerId, layerId));
  return new Map(rows.map((row) => [row.clientId, row.personId]));
}

/** Gives client ids to the people who used them first. */
export async function claimClients(
  tx: Db,
  layerId: LayerId,
  claims: readonly { readonly clientId: number; readonly personId: PersonId }[],
): Promise<void> {
  if (claims.length === 0) return;
  await tx.insert(layerClients).values(claims.map((claim) => ({ layerId, ...claim })));
}

export async function readSnapshot(db: Db, layerId: LayerId): Promise<Snapshot | null> {
  const [row] = await db
    .select({ seq: layerSnapshots.seq, bytes: layerSnapshots.bytes, checksum: layerSnapshots.checksum })
    .from(layerSnapshots)
    .where(eq(layerSnapshots.layerId, layerId));
  return row ?? null;
}

/** Keeps the newer of the stored snapshot and this one. */
export async function writeSnapshot(db: Db, layerId: LayerId, snapshot: Snapshot): Promise<void> {
  const at = new Date();
  await db
    .insert(layerSnapshots)
    .values({ layerId, ...snapshot, at })
    .onConflictDoUpdate({
      target: layerSnapshots.layerId,
      set: { ...snapshot, at },
      setWhere: sql`${layerSnapshots.seq} <= ${snapshot.seq}`,
    });
}

/** Every class that a published version of the project's guideline names, and the number of the newest version. */
export async function publishedClasses(
  db: Db,
  projectId: ProjectId,
): Promise<{ readonly classIds: ReadonlySet<ClassId>; readonly latest: number }> {
  const rows = await db
    .select({ number: guidelineVersions.number, content: guidelineVersions.content })
    .from(guidelineVersions)
    .where(eq(guidelineVersions.projectId, projectId));
  const classIds = new Set(rows.flatMap((row) => row.content.classes.map((each) => each.id)));
  return { classIds, latest: Math.max(0, ...rows.map((row) => row.number)) };
}

/** Adds an empty layer. */
export async function addLayer(
  tx: Db,
  layer: Pick<typeof layers.$inferInsert, "id" | "projectId" | "slideId" | "kind" | "roundId" | "readerId">,
): Promise<void> {
  await tx.insert(layers).values(layer);
}

/** Layers of a slide, oldest first. */
export async function layersOfSlide(db: Db, slideId: SlideId): Promise<(typeof layers.$inferSelect)[]> {
  return db.select().from(layers).where(eq(layers.slideId, slideId)).orderBy(asc(layers.createdAt), asc(layers.id));
}
