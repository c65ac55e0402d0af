import { and, asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Annotation } from "#domain/annotation.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import type { AnnotationId, ClassId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { annotations, layers } from "./schema.ts";

/** A projected annotation: what the log says of it, and what is computed from its outline. */
export type AnnotationRow = typeof annotations.$inferSelect;

/** Rows of these layers, or of a project; by layer and id. */
export type AnnotationFilter = {
  readonly projectId?: ProjectId;
  readonly layerIds?: readonly LayerId[];
  readonly ids?: readonly AnnotationId[];
  readonly after?: { readonly layerId: LayerId; readonly id: AnnotationId };
  readonly limit?: number;
};

/** How many annotations share class, stamp, person, slide and layer; enough for every preview and tally. */
export type AnnotationCount = {
  readonly layerId: LayerId;
  readonly slideId: SlideId;
  readonly classId: ClassId;
  readonly under: number;
  readonly createdBy: PersonId;
  readonly count: number;
  /** Level-0 px squared. */
  readonly areaPx: number;
};

const ROWS_PER_STATEMENT = 1_000;

/**
 * Writes rows of the projection. Who made an annotation, and when, stays as it was first written.
 * Only the room and the rebuild call this.
 */
export async function upsertAnnotations(tx: Db, rows: readonly AnnotationRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    await tx
      .insert(annotations)
      .values(rows.slice(start, start + ROWS_PER_STATEMENT))
      .onConflictDoUpdate({ target: [annotations.layerId, annotations.id], set: CHANGEABLE });
  }
}

/** Removes rows of the projection. Only the room and the rebuild call this. */
export async function deleteAnnotations(tx: Db, layerId: LayerId, ids: readonly AnnotationId[]): Promise<void> {
  for (let start = 0; start < ids.length; start += ROWS_PER_STATEMENT) {
    const some = ids.slice(start, start + ROWS_PER_STATEMENT);
    await tx.delete(annotations).where(and(eq(annotations.layerId, layerId), inArray(annotations.id, some)));
  }
}

export async function annotationRows(db: Db, filter: AnnotationFilter): Promise<AnnotationRow[]> {
  const { after } = filter;
  const query = db
    .select()
    .from(annotations)
    .where(
      and(
        filter.projectId === undefined ? undefined : eq(annotations.projectId, filter.projectId),
        filter.layerIds === undefined ? undefined : inArray(annotations.layerId, [...filter.layerIds]),
        filter.ids === undefined ? undefined : inArray(annotations.id, [...filter.ids]),
        after && sql`(${annotations.layerId}, ${annotations.id}) > (${after.layerId}, ${after.id})`,
      ),
    )
    .orderBy(asc(annotations.layerId), asc(annotations.id));
  return filter.limit === undefined ? query : query.limit(filter.limit);
}

export async function annotationRow(db: Db, layerId: LayerId, id: AnnotationId): Promise<AnnotationRow | null> {
  const [row] = await annotationRows(db, { layerIds: [layerId], ids: [id] });
  return row ?? null;
}

/** The annotation that a row was projected from. */
export function annotationOf(row: Pick<AnnotationRow, "id" | "record">): Annotation {
  return { id: row.id, ...decodeRecord(row.record) };
}

/** True for annotations that work is asked about: not those of repeat and bridge reads, which are observations. */
export function isWork(): SQL {
  return sql`not exists (select 1 from ${layers} where ${layers.id} = ${annotations.layerId} and ${layers.purpose} <> 'work')`;
}

/** One grouped query, without observations; also over a million annotations. */
export async function countAnnotations(
  db: Db,
  filter: Pick<AnnotationFilter, "projectId" | "layerIds">,
): Promise<AnnotationCount[]> {
  const key = {
    layerId: annotations.layerId,
    slideId: annotations.slideId,
    classId: annotations.classId,
    under: annotations.under,
    createdBy: annotations.createdBy,
  };
  return db
    .select({
      ...key,
      count: sql<number>`count(*)::int`,
      areaPx: sql<number>`coalesce(sum(${annotations.areaPx}), 0)::float8`,
    })
    .from(annotations)
    .where(
      and(
        filter.projectId === undefined ? undefined : eq(annotations.projectId, filter.projectId),
        filter.layerIds === undefined ? undefined : inArray(annotations.layerId, [...filter.layerIds]),
        isWork(),
      ),
    )
    .groupBy(...Object.values(key))
    .orderBy(...Object.values(key).map((column) => asc(column)));
}

/** Field -> the value that an upsert brings, of every field that may change after an annotation was made. */
const changed = (column: string) => sql.raw(`excluded.${column}`);
const CHANGEABLE = {
  classId: changed("class_id"),
  under: changed("under"),
  geometryType: changed("geometry_type"),
  shape: changed("shape"),
  record: changed("record"),
  minX: changed("min_x"),
  minY: changed("min_y"),
  maxX: changed("max_x"),
  maxY: changed("max_y"),
  areaPx: changed("area_px"),
  contentHash: changed("content_hash"),
  attributes: changed("attributes"),
  note: changed("note"),
  updatedBy: changed("updated_by"),
  updatedAt: changed("updated_at"),
} as const satisfies Partial<Record<keyof AnnotationRow, unknown>>;
