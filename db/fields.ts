import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import type { AnnotationId, LayerId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { outlinesAt } from "./outline-at.ts";
import { outlineFields } from "./schema.ts";
import type { Among, Pair } from "./standing.ts";

export type FieldRow = typeof outlineFields.$inferSelect;

const ROWS_PER_STATEMENT = 1_000;

/** Every stored measure of a layer, by outline and side. */
export async function storedFields(db: Db, layerId: LayerId): Promise<FieldRow[]> {
  return db
    .select()
    .from(outlineFields)
    .where(eq(outlineFields.layerId, layerId))
    .orderBy(asc(outlineFields.annotationId), asc(outlineFields.sidePx));
}

export async function writeFields(tx: Db, rows: readonly FieldRow[]): Promise<void> {
  const { layerId, annotationId, sidePx } = outlineFields;
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    await tx
      .insert(outlineFields)
      .values(rows.slice(from, from + ROWS_PER_STATEMENT))
      .onConflictDoUpdate({ target: [layerId, annotationId, sidePx], set: MEASURED });
  }
}

const MEASURED = {
  contentHash: sql.raw("excluded.content_hash"),
  fields: sql.raw("excluded.fields"),
  atMost: sql.raw("excluded.at_most"),
};

/** Takes out measures of outlines that are gone or have another content. */
export async function dropOldFields(tx: Db, layerId: LayerId): Promise<void> {
  const gone = sql`not exists (select 1 from annotations a where a.layer_id = ${outlineFields.layerId}
    and a.id = ${outlineFields.annotationId} and a.content_hash = ${outlineFields.contentHash})`;
  await tx.delete(outlineFields).where(and(eq(outlineFields.layerId, layerId), gone));
}

/** An outline that has room for fewer fields of view than were looked for. */
export type ShortOfFields = Pair & {
  readonly layerId: LayerId;
  readonly id: AnnotationId;
  /** Of a field, level-0 px, and um per px of the slide. */
  readonly sidePx: number;
  readonly mpp: number;
  readonly fields: number;
};

/** Measures that found too little, as far as they hold for the present contents. */
export async function shortOfFields(db: Db, among: Among): Promise<ShortOfFields[]> {
  const { rows } = await db.execute<ShortOfFields>(sql`
    select a.layer_id "layerId", a.id, a.class_id "classId", a.under, a.shape, f.side_px "sidePx", f.fields, s.mpp
    from outline_fields f
    join annotations a on a.layer_id = f.layer_id and a.id = f.annotation_id and a.content_hash = f.content_hash
    join layers l on l.id = f.layer_id join slides s on s.id = l.slide_id and s.mpp is not null
    where f.fields < f.at_most and ${isAmong(among)}
    order by a.layer_id, a.id, f.side_px`);
  return rows;
}

function isAmong(among: Among): SQL {
  if ("at" in among) return sql`(a.layer_id, a.id) in (select * from ${outlinesAt(among.at)})`;
  if ("layerIds" in among) return sql`l.id = any(${sql.param([...among.layerIds])}::text[])`;
  return sql`l.project_id = ${among.projectId} and l.purpose = 'work'`;
}
