import { and, asc, eq, getTableColumns, gt, inArray, sql } from "drizzle-orm";
import type { Annotation } from "#domain/annotation.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import type { AnnotationId, ClassId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { type OutlineAt, outlinesAt } from "./outline-at.ts";
import { annotations, annotationTallies, layers } from "./schema.ts";
import { removeCounted, SUM_AREA_PX } from "./tallies.ts";

/** A projected annotation: what the log says of it, and what is computed from its outline. */
export type AnnotationRow = Omit<typeof annotations.$inferSelect, "said">;

const { said: _, ...COLUMNS } = getTableColumns(annotations);

/** Rows of these layers, of a project, or these ones; by layer and id. */
export type AnnotationFilter = {
  readonly projectId?: ProjectId;
  readonly layerIds?: readonly LayerId[];
  readonly ids?: readonly AnnotationId[];
  readonly at?: readonly OutlineAt[];
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
 * Writes rows of the projection and leaves its tallies to `retally`. Who made an annotation, and when, stays as it was
 * first written. Only the rebuild calls this.
 */
export async function upsertAnnotations(tx: Db, rows: readonly AnnotationRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    await tx
      .insert(annotations)
      .values(rows.slice(start, start + ROWS_PER_STATEMENT))
      .onConflictDoUpdate({ target: [annotations.layerId, annotations.id], set: CHANGEABLE });
  }
}

/** Removes rows of the projection and takes them off its tallies. Only the room and the rebuild call this. */
export async function deleteAnnotations(tx: Db, layerId: LayerId, ids: readonly AnnotationId[]): Promise<void> {
  for (let start = 0; start < ids.length; start += ROWS_PER_STATEMENT) {
    await tx.execute(removeCounted(layerId, ids.slice(start, start + ROWS_PER_STATEMENT)));
  }
}

export async function annotationRows(db: Db, filter: AnnotationFilter): Promise<AnnotationRow[]> {
  const { after } = filter;
  const query = db
    .select(COLUMNS)
    .from(annotations)
    .where(
      and(
        filter.projectId === undefined ? undefined : eq(annotations.projectId, filter.projectId),
        filter.layerIds === undefined ? undefined : inArray(annotations.layerId, [...filter.layerIds]),
        filter.ids === undefined ? undefined : inArray(annotations.id, [...filter.ids]),
        filter.at && sql`(${annotations.layerId}, ${annotations.id}) in (select * from ${outlinesAt(filter.at)})`,
        after && sql`(${annotations.layerId}, ${annotations.id}) > (${after.layerId}, ${after.id})`,
      ),
    )
    .orderBy(asc(annotations.layerId), asc(annotations.id));
  return filter.limit === undefined ? query : query.limit(filter.limit);
}

/** The annotations of a layer as they are stored, by id, some at a time: reading many at once holds others up. */
export async function* recordPages(
  db: Db,
  layerId: LayerId,
  pageLength: number,
): AsyncGenerator<readonly Pick<AnnotationRow, "id" | "record" | "shape">[]> {
  const { id, record, shape } = annotations;
  let last: AnnotationId | undefined;
  do {
    const rows = await db
      .select({ id, record, shape })
      .from(annotations)
      .where(and(eq(annotations.layerId, layerId), last && gt(id, last)))
      .orderBy(asc(id))
      .limit(pageLength);
    yield rows;
    last = rows.length < pageLength ? undefined : rows.at(-1)?.id;
  } while (last !== undefined);
}

/** Where on some layers there are annotations with these ids, of which several may have one; by id and layer. */
export async function annotationsOn(
  db: Db,
  layerIds: readonly LayerId[],
  ids: readonly AnnotationId[],
): Promise<OutlineAt[]> {
  if (layerIds.length === 0 || ids.length === 0) return [];
  return db
    .select({ layerId: annotations.layerId, id: annotations.id })
    .from(annotations)
    .where(
      and(
        sql`${annotations.layerId} = any(${sql.param([...layerIds])}::text[])`,
        sql`${annotations.id} = any(${sql.param([...ids])}::text[])`,
      ),
    )
    .orderBy(asc(annotations.id), asc(annotations.layerId));
}

export async function annotationRow(db: Db, layerId: LayerId, id: AnnotationId): Promise<AnnotationRow | null> {
  const [row] = await annotationRows(db, { layerIds: [layerId], ids: [id] });
  return row ?? null;
}

/** The annotation that a row was projected from. */
export function annotationOf(row: Pick<AnnotationRow, "id" | "record">): Annotation {
  return { id: row.id, ...decodeRecord(row.record) };
}

/** What some layers hold by class, stamp, person and slide, without observations. Reads the tallies. */
export async function countAnnotations(
  db: Db,
  { layerIds }: { readonly layerIds: readonly LayerId[] },
): Promise<AnnotationCount[]> {
  const { layerId, classId, under, createdBy, count } = annotationTallies;
  const key = { layerId, slideId: layers.slideId, classId, under, createdBy };
  return db
    .select({ ...key, count: sql<number>`sum(${count})::int`, areaPx: SUM_AREA_PX })
    .from(annotationTallies)
    .innerJoin(layers, and(eq(layers.id, layerId), eq(layers.purpose, "work")))
    .where(and(inArray(layerId, [...layerIds]), gt(count, 0)))
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
