import { and, asc, eq, gt, inArray, lte, sql } from "drizzle-orm";
import type { ClassId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { guidelineVersions, layerClients, layerSnapshots, layers, layerUpdates, slides } from "./schema.ts";
import { run, type Statement } from "./statement.ts";

/** What a room needs to know of its layer. */
export type LayerPlace = {
  readonly id: LayerId;
  readonly projectId: ProjectId;
  readonly slideId: SlideId;
  readonly kind: "team" | "read" | "ground-truth";
  readonly readerId: PersonId | null;
  readonly lastSeq: number;
  readonly epoch: number;
  /** Size of the slide, level-0 px. */
  readonly width: number;
  readonly height: number;
};

/** Where a layer's log ends, and the epoch that is written to. */
export type LogEnd = { readonly lastSeq: number; readonly epoch: number };

export type LoggedUpdate = {
  readonly seq: number;
  /** The document that it belongs to. */
  readonly epoch: number;
  readonly authorId: PersonId;
  readonly at: Date;
  readonly bytes: Uint8Array;
};

export type Snapshot = { readonly seq: number; readonly bytes: Uint8Array; readonly checksum: string };

/** Whom a Yjs client id belongs to, and the only epoch in which it is good. */
export type ClientClaim = { readonly clientId: number; readonly personId: PersonId; readonly epoch: number };

/** Null where there is no such layer. */
export async function layerPlace(db: Db, layerId: LayerId): Promise<LayerPlace | null> {
  const [row] = await db
    .select({ layer: layers, meta: slides.meta })
    .from(layers)
    .innerJoin(slides, eq(slides.id, layers.slideId))
    .where(eq(layers.id, layerId));
  if (row === undefined) return null;
  const { id, projectId, slideId, kind, readerId, lastSeq, epoch } = row.layer;
  return { id, projectId, slideId, kind, readerId, lastSeq, epoch, width: row.meta.width, height: row.meta.height };
}

/**
 * Holds the layer until the transaction ends: whoever submits it, or appends to its log, comes before or after.
 * @returns null where there is no such layer
 */
export async function lockLog(tx: Db, layerId: LayerId): Promise<LogEnd | null> {
  const [row] = await run<{ last_seq: string; epoch: number }>(tx, LOCK_LOG, [layerId]);
  return row === undefined ? null : { lastSeq: Number(row.last_seq), epoch: row.epoch };
}

const LOCK_LOG: Statement = {
  name: "lock_log",
  text: "select last_seq, epoch from layers where id = $1 for no key update",
};

/** Where the logs of some layers end. */
export async function logEnds(db: Db, layerIds: readonly LayerId[]): Promise<Map<LayerId, LogEnd>> {
  if (layerIds.length === 0) return new Map();
  const rows = await db
    .select({ id: layers.id, lastSeq: layers.lastSeq, epoch: layers.epoch })
    .from(layers)
    .where(inArray(layers.id, [...layerIds]));
  return new Map(rows.map(({ id, ...end }) => [id, end]));
}

/** The log after a position, of one epoch or of all, in order, at most `limit` at a time. */
export async function updatesAfter(
  db: Db,
  layerId: LayerId,
  seq: number,
  {
    upTo = Number.MAX_SAFE_INTEGER,
    limit = 500,
    epoch,
  }: { readonly upTo?: number; readonly limit?: number; readonly epoch?: number } = {},
): Promise<LoggedUpdate[]> {
  return db
    .select({
      seq: layerUpdates.seq,
      epoch: layerUpdates.epoch,
      authorId: layerUpdates.authorId,
      at: layerUpdates.at,
      bytes: layerUpdates.bytes,
    })
    .from(layerUpdates)
    .where(
      and(
        eq(layerUpdates.layerId, layerId),
        gt(layerUpdates.seq, seq),
        lte(layerUpdates.seq, upTo),
        epoch === undefined ? undefined : eq(layerUpdates.epoch, epoch),
      ),
    )
    .orderBy(asc(layerUpdates.seq))
    .limit(limit);
}

/** Whom each Yjs client id of a layer belongs to, in all its epochs. */
export async function clientClaims(db: Db, layerId: LayerId): Promise<ClientClaim[]> {
  const { clientId, personId, epoch } = layerClients;
  return db.select({ clientId, personId, epoch }).from(layerClients).where(eq(layerClients.layerId, layerId));
}

/** The newest snapshot of an epoch's document. */
export async function readSnapshot(db: Db, layerId: LayerId, epoch: number): Promise<Snapshot | null> {
  const { seq, bytes, checksum } = layerSnapshots;
  const [row] = await db
    .select({ seq, bytes, checksum })
    .from(layerSnapshots)
    .where(and(eq(layerSnapshots.layerId, layerId), eq(layerSnapshots.epoch, epoch)));
  return row ?? null;
}

/** Position of the newest snapshot of an epoch's document; 0 where there is none. */
export async function snapshotPosition(db: Db, layerId: LayerId, epoch: number): Promise<number> {
  const [row] = await db
    .select({ seq: layerSnapshots.seq })
    .from(layerSnapshots)
    .where(and(eq(layerSnapshots.layerId, layerId), eq(layerSnapshots.epoch, epoch)));
  return row?.seq ?? 0;
}

/** The packed form of the snapshot at a position; null where that is not stored. */
export async function readPacked(
  db: Db,
  layerId: LayerId,
  { epoch, seq }: { readonly epoch: number; readonly seq: number },
): Promise<Uint8Array | null> {
  const { layerId: layer, epoch: ofEpoch, seq: atSeq, packed } = layerSnapshots;
  const [row] = await db
    .select({ packed })
    .from(layerSnapshots)
    .where(and(eq(layer, layerId), eq(ofEpoch, epoch), eq(atSeq, seq)));
  return row?.packed ?? null;
}

/** Keeps the newer of the stored snapshot of an epoch and this one. */
export async function writeSnapshot(
  db: Db,
  layerId: LayerId,
  epoch: number,
  { packed = null, ...rest }: Snapshot & { readonly packed?: Uint8Array | null },
): Promise<void> {
  const at = new Date();
  const snapshot = { ...rest, packed };
  await db
    .insert(layerSnapshots)
    .values({ layerId, epoch, ...snapshot, at })
    .onConflictDoUpdate({
      target: [layerSnapshots.layerId, layerSnapshots.epoch],
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
