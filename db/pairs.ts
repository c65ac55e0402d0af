import { and, asc, eq, inArray, lt, ne, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Shape } from "#domain/guideline.ts";
import type { AnnotationId, ClassId, LayerId, ProjectId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { annotations, outlinePairs, pairsMeasured } from "./schema.ts";
import type { Within } from "./standing.ts";

export type PairRow = typeof outlinePairs.$inferSelect;

/** An outline of a layer as far as it decides what it is measured against. */
export type PairBox = {
  readonly id: AnnotationId;
  readonly classId: ClassId;
  readonly under: number;
  readonly shape: Shape;
  readonly contentHash: string;
  readonly areaPx: number;
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
};

const ROWS_PER_STATEMENT = 1_000;

export type LayerToMeasure = {
  readonly layerId: LayerId;
  /** The end of its log. */
  readonly seq: number;
  /** Um per px of its slide; null where nobody has stated it. */
  readonly mpp: number | null;
  /** Names the rules and that scale. */
  readonly key: string;
};

/** Layers of a project, observations left aside, that hold something that was not measured for these rules. */
export async function layersToMeasure(db: Db, projectId: ProjectId, rulesKey: string): Promise<LayerToMeasure[]> {
  const key = sql`${rulesKey}::text || '/' || coalesce(s.mpp::text, '')`;
  const { rows } = await db.execute<Omit<LayerToMeasure, "seq"> & { seq: string }>(sql`
    select l.id "layerId", l.last_seq::text seq, s.mpp, ${key} "key" from layers l join slides s on s.id = l.slide_id
    left join pairs_measured m on m.layer_id = l.id and m.rules_key = ${key}
    where l.project_id = ${projectId} and l.purpose = 'work' and l.last_seq > 0 and m.seq is distinct from l.last_seq
    order by l.id`);
  return rows.map(({ seq, ...row }) => ({ ...row, seq: Number(seq) }));
}

/** Outlines of a layer without their shapes, by id. */
export async function pairBoxes(db: Db, layerId: LayerId): Promise<PairBox[]> {
  const { id, classId, under, shape, contentHash, areaPx, minX, minY, maxX, maxY } = annotations;
  return db
    .select({ id, classId, under, shape, contentHash, areaPx, minX, minY, maxX, maxY })
    .from(annotations)
    .where(eq(annotations.layerId, layerId))
    .orderBy(asc(annotations.id));
}

export async function pairRecords(
  db: Db,
  layerId: LayerId,
  ids: readonly AnnotationId[],
): Promise<{ readonly id: AnnotationId; readonly contentHash: string; readonly record: Uint8Array }[]> {
  const { id, contentHash, record } = annotations;
  return db
    .select({ id, contentHash, record })
    .from(annotations)
    .where(and(eq(annotations.layerId, layerId), inArray(annotations.id, [...ids])))
    .orderBy(asc(annotations.id));
}

/** Every stored pair of a layer, by ids. */
export async function storedPairs(db: Db, layerId: LayerId): Promise<PairRow[]> {
  return db
    .select()
    .from(outlinePairs)
    .where(eq(outlinePairs.layerId, layerId))
    .orderBy(asc(outlinePairs.a), asc(outlinePairs.b));
}

export async function writePairs(tx: Db, rows: readonly PairRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    await tx
      .insert(outlinePairs)
      .values(rows.slice(from, from + ROWS_PER_STATEMENT))
      .onConflictDoUpdate({ target: [outlinePairs.layerId, outlinePairs.a, outlinePairs.b], set: MEASURED });
  }
}

const MEASURED = {
  aHash: sql.raw("excluded.a_hash"),
  bHash: sql.raw("excluded.b_hash"),
  aShare: sql.raw("excluded.a_share"),
  bShare: sql.raw("excluded.b_share"),
};

/** Takes out pairs of which an outline is gone or has another content. @returns how many */
export async function dropOldPairs(tx: Db, layerId: LayerId): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    delete from outline_pairs p where p.layer_id = ${layerId} and not exists (
      select 1 from annotations a join annotations b on b.layer_id = a.layer_id
      where a.layer_id = p.layer_id and a.id = p.a_id and a.content_hash = p.a_hash
        and b.id = p.b_id and b.content_hash = p.b_hash)`);
  return rowCount ?? 0;
}

/** Says up to where a layer was measured for some rules; what was said for an earlier end goes. */
export async function markMeasured(tx: Db, layerId: LayerId, rulesKey: string, seq: number): Promise<void> {
  await tx.delete(pairsMeasured).where(and(eq(pairsMeasured.layerId, layerId), lt(pairsMeasured.seq, seq)));
  await tx
    .insert(pairsMeasured)
    .values({ layerId, rulesKey, seq })
    .onConflictDoUpdate({ target: [pairsMeasured.layerId, pairsMeasured.rulesKey], set: { seq } });
}

/** Two outlines of a layer with what each shares; one outline twice where it says that it was measured. */
export type MeasuredPair = {
  readonly layerId: LayerId;
  readonly a: AnnotationId;
  readonly aClass: ClassId;
  readonly aUnder: number;
  readonly aShape: Shape;
  readonly aShare: number;
  readonly b: AnnotationId;
  readonly bClass: ClassId;
  readonly bUnder: number;
  readonly bShape: Shape;
  readonly bShare: number;
};

/** Pairs of a layer of which one outline is among these, as far as they hold for the present contents. */
export async function pairsWith(db: Db, layerId: LayerId, ids: readonly AnnotationId[]): Promise<PairRow[]> {
  if (ids.length === 0) return [];
  const [a, b] = [alias(annotations, "first"), alias(annotations, "second")];
  const rows = await db
    .select({ pair: outlinePairs })
    .from(outlinePairs)
    .innerJoin(a, and(eq(a.layerId, layerId), eq(a.id, outlinePairs.a), eq(a.contentHash, outlinePairs.aHash)))
    .innerJoin(b, and(eq(b.layerId, layerId), eq(b.id, outlinePairs.b), eq(b.contentHash, outlinePairs.bHash)))
    .where(
      and(
        eq(outlinePairs.layerId, layerId),
        or(inArray(outlinePairs.a, [...ids]), inArray(outlinePairs.b, [...ids])),
        ne(outlinePairs.a, outlinePairs.b),
      ),
    )
    .orderBy(asc(outlinePairs.a), asc(outlinePairs.b));
  return rows.map(({ pair }) => pair);
}

/** Pairs that share something, and outlines that were measured (with themselves), as far as they hold for the present contents. */
export async function measuredPairs(db: Db, within: Within): Promise<MeasuredPair[]> {
  const inPlace =
    "projectId" in within
      ? sql`p.layer_id in (select id from layers where project_id = ${within.projectId} and purpose = 'work')`
      : sql`p.layer_id = any(${sql.param([...within.layerIds])}::text[])`;
  const { rows } = await db.execute<MeasuredPair>(sql`
    select p.layer_id "layerId", a.id a, a.class_id "aClass", a.under "aUnder", a.shape "aShape", p.a_share "aShare",
      b.id b, b.class_id "bClass", b.under "bUnder", b.shape "bShape", p.b_share "bShare"
    from outline_pairs p
    join annotations a on a.layer_id = p.layer_id and a.id = p.a_id and a.content_hash = p.a_hash
    join annotations b on b.layer_id = p.layer_id and b.id = p.b_id and b.content_hash = p.b_hash
    where ${inPlace} and (p.a_share > 0 or p.b_share > 0)
    order by p.layer_id, p.a_id, p.b_id`);
  return rows;
}
