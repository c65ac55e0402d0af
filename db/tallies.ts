import { and, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import type { AnnotationId, LayerId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { restateAll } from "./said.ts";
import { annotationTallies } from "./schema.ts";

/** How many annotations of a layer share what decides where they stand, and how large they are together. */
export type Tally = Omit<typeof annotationTallies.$inferSelect, "key">;

/** Outlines lie on a grid of 1/64 px, so that twice an area is a whole number of squares of it. Source: decision 4. */
const UNITS_PER_PX2 = 8_192;
/** What the tallies of a group hold, level-0 px2. */
export const SUM_AREA_PX = sql<number>`sum(${annotationTallies.areaUnits})::float8 / ${sql.raw(String(UNITS_PER_PX2))}`;
const UNITS = sql.raw(`round(area_px * ${UNITS_PER_PX2})::bigint`);

/** What a layer's tallies say, those of nothing left out. */
export async function talliesOf(db: Db, layerId: LayerId): Promise<Tally[]> {
  const { key: _, ...columns } = getTableColumns(annotationTallies);
  const rows = await db.select(columns).from(annotationTallies).where(eq(annotationTallies.layerId, layerId));
  return rows.filter(({ count, areaUnits }) => count !== 0 || areaUnits !== 0);
}

/**
 * Writes anew what was said about the annotations of layers, and counts their rows. The caller holds their logs. Only the
 * rebuild, and whoever copies rows in, call this: the tables may have been filled a moment ago, so that the planner knows
 * nothing of them, and would look for each row in turn. It is told not to, which makes the plan the same for any tables.
 * @returns the annotations whose rows did not say what was said
 */
export async function retally(db: Db, layerIds: readonly LayerId[]): Promise<AnnotationId[]> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`set local enable_nestloop = off`);
    const wrong = await restateAll(tx, layerIds);
    await count(tx, layerIds);
    await tx.execute(sql`set local enable_nestloop to default`);
    return wrong;
  });
}

async function count(tx: Db, layerIds: readonly LayerId[]): Promise<void> {
  const layers = sql`any(${sql.param([...layerIds])}::text[])`;
  await tx.delete(annotationTallies).where(sql`${annotationTallies.layerId} = ${layers}`);
  await tx.execute(sql`
    insert into annotation_tallies (layer_id, class_id, under, shape, created_by, attributes, said, count, area_units)
    select layer_id, class_id, under, shape, created_by, attributes, said, count(*), sum(${UNITS})
    from annotations where layer_id = ${layers} group by 1, 2, 3, 4, 5, 6, 7`);
}

/** Removes annotations from the rows and from the tallies. The caller holds the log. */
export function removeCounted(layerId: LayerId, ids: readonly AnnotationId[]): SQL {
  return sql`
    with gone as (
      delete from annotations where layer_id = ${layerId} and id = any(${sql.param([...ids])}::text[]) returning *
    ), less as (
      select class_id, under, shape, created_by, attributes, said, count(*) count, sum(${UNITS}) area_units
      from gone group by 1, 2, 3, 4, 5, 6
    )
    update annotation_tallies t set count = t.count - less.count, area_units = t.area_units - less.area_units
    from less where t.layer_id = ${layerId} and t.class_id = less.class_id and t.under = less.under
      and t.shape = less.shape and t.created_by = less.created_by and t.attributes = less.attributes and t.said = less.said`;
}

/** Removes the tallies of a layer that nothing is in any more. The caller holds the log. */
export async function sweepTallies(tx: Db, layerId: LayerId): Promise<void> {
  const { count, areaUnits } = annotationTallies;
  await tx.delete(annotationTallies).where(and(eq(annotationTallies.layerId, layerId), eq(count, 0), eq(areaUnits, 0)));
}
