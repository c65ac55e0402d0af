import { and, asc, eq, inArray, lt, ne, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Shape } from "#domain/guideline.ts";
import type { AnnotationId, ClassId, LayerId, ProjectId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { outlinesAt } from "./outline-at.ts";
import { annotations, outlinePairs, pairsMeasured } from "./schema.ts";
import type { Among } from "./standing.ts";
import { run, type Statement } from "./statement.ts";

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
  return [...(await run<PairBox>(db, PAIR_BOXES, [layerId]))];
}

const PAIR_BOXES: Statement = {
  name: "pair_boxes",
  text: `
    select id, class_id "classId", under, shape, content_hash "contentHash", area_px "areaPx", min_x "minX", min_y "minY",
      max_x "maxX", max_y "maxY"
    from annotations where layer_id = $1 order by id`,
};

export async function pairRecords(db: Db, layerId: LayerId, ids: readonly AnnotationId[]): Promise<PairRecord[]> {
  return [...(await run<PairRecord>(db, PAIR_RECORDS, [layerId, ids]))];
}

export type PairRecord = { readonly id: AnnotationId; readonly contentHash: string; readonly record: Uint8Array };

const PAIR_RECORDS: Statement = {
  name: "pair_records",
  text: `
    select id, content_hash "contentHash", record from annotations where layer_id = $1 and id = any($2::text[])
    order by id`,
};

/** Every stored pair of a layer, by ids. */
export async function storedPairs(db: Db, layerId: LayerId): Promise<PairRow[]> {
  return db
    .select()
    .from(outlinePairs)
    .where(eq(outlinePairs.layerId, layerId))
    .orderBy(asc(outlinePairs.a), asc(outlinePairs.b));
}

/** Writes what pairs of a layer share, in the place of what was known of the same two. */
export async function writePairs(tx: Db, layerId: LayerId, rows: readonly MeasuredRow[]): Promise<void> {
  if (rows.length === 0) return;
  const column = <Key extends keyof MeasuredRow>(key: Key) => rows.map((row) => row[key]);
  await run(tx, WRITE_PAIRS, [
    layerId,
    column("a"),
    column("b"),
    column("aHash"),
    column("bHash"),
    column("aShare"),
    column("bShare"),
  ]);
}

export type MeasuredRow = Omit<PairRow, "layerId">;

const WRITE_PAIRS: Statement = {
  name: "write_pairs",
  text: `
    insert into outline_pairs (layer_id, a_id, b_id, a_hash, b_hash, a_share, b_share)
    select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[])
    on conflict (layer_id, a_id, b_id) do update set a_hash = excluded.a_hash, b_hash = excluded.b_hash,
      a_share = excluded.a_share, b_share = excluded.b_share`,
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

/**
 * Pairs of which one shares more than the least, and outlines that were measured (with themselves), as far as they hold
 * for the present contents.
 */
export async function measuredPairs(db: Db, among: Among, least = 0): Promise<MeasuredPair[]> {
  const { rows } = await db.execute<MeasuredPair>(sql`
    select p.layer_id "layerId", a.id a, a.class_id "aClass", a.under "aUnder", a.shape "aShape", p.a_share "aShare",
      b.id b, b.class_id "bClass", b.under "bUnder", b.shape "bShape", p.b_share "bShare"
    from ${pairsAmong(among)} p
    join annotations a on a.layer_id = p.layer_id and a.id = p.a_id and a.content_hash = p.a_hash
    join annotations b on b.layer_id = p.layer_id and b.id = p.b_id and b.content_hash = p.b_hash
    where (p.a_share > ${least} or p.b_share > ${least})
    order by p.layer_id, p.a_id, p.b_id`);
  return rows;
}

/** Pairs of a place, or those that one of some outlines is in: by an index from either side. */
function pairsAmong(among: Among): SQL {
  if ("at" in among) {
    const side = (column: string): SQL => sql`
      select p.* from ${outlinesAt(among.at)}
      join outline_pairs p on p.layer_id = named.layer_id and p.${sql.raw(column)} = named.id`;
    return sql`(${side("a_id")} union ${side("b_id")})`;
  }
  if ("layerIds" in among) {
    return sql`(select * from outline_pairs where layer_id = any(${sql.param([...among.layerIds])}::text[]))`;
  }
  return sql`(select p.* from layers l join outline_pairs p on p.layer_id = l.id
    where l.project_id = ${among.projectId} and l.purpose = 'work')`;
}
