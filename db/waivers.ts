import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { AnnotationId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { inOrder, type OutlineAt } from "./outline-at.ts";
import { layers, people, waivedOutlines, waivers } from "./schema.ts";
import type { Within } from "./standing.ts";

export type WaiverRow = typeof waivers.$inferSelect;
export type StoredWaiver = WaiverRow & {
  readonly approver: { readonly id: PersonId; readonly name: string; readonly colour: string };
  /** By the clock of the database, which is the one that decides. */
  readonly expired: boolean;
};

/** @param outlines what it names one by one, in the order in which it names them */
export async function addWaiver(
  tx: Db,
  waiver: typeof waivers.$inferInsert,
  outlines: readonly OutlineAt[] = [],
): Promise<void> {
  await tx.insert(waivers).values(waiver);
  if (outlines.length === 0) return;
  await tx.execute(sql`
    insert into waived_outlines (waiver_id, place, layer_id, annotation_id)
    select ${waiver.id}, place, layer_id, id from ${inOrder(outlines)}`);
}

/** Whatever project it belongs to. */
export async function waiverById(db: Db, id: string): Promise<WaiverRow | null> {
  const [row] = await db.select().from(waivers).where(eq(waivers.id, id));
  return row ?? null;
}

/** All exceptions of a project, oldest first; also those that ended. */
export async function waiversOf(db: Db, projectId: ProjectId): Promise<StoredWaiver[]> {
  const rows = await db
    .select({
      waiver: waivers,
      approver: { id: people.id, name: people.name, colour: people.colour },
      expired: sql<boolean>`${waivers.expiresAt} <= now()`,
    })
    .from(waivers)
    .innerJoin(people, eq(people.id, waivers.approvedBy))
    .where(eq(waivers.projectId, projectId))
    .orderBy(asc(waivers.at), asc(waivers.id));
  return rows.map(({ waiver, ...rest }) => ({ ...waiver, ...rest }));
}

/** @returns false where it was taken back before, or is none of the project */
export async function withdrawWaiver(
  tx: Db,
  { id, projectId }: Pick<WaiverRow, "id" | "projectId">,
  { personId, at }: { readonly personId: PersonId; readonly at: Date },
): Promise<boolean> {
  const rows = await tx
    .update(waivers)
    .set({ withdrawnAt: at, withdrawnBy: personId })
    .where(and(eq(waivers.id, id), eq(waivers.projectId, projectId), isNull(waivers.withdrawnAt)))
    .returning({ id: waivers.id });
  return rows.length === 1;
}

/** Exceptions that hold now. */
export async function standingWaivers(db: Db, within: Within): Promise<WaiverRow[]> {
  const projects =
    "projectId" in within
      ? [within.projectId]
      : db
          .selectDistinct({ id: layers.projectId })
          .from(layers)
          .where(inArray(layers.id, [...within.layerIds]));
  return db
    .select()
    .from(waivers)
    .where(and(inArray(waivers.projectId, projects), isNull(waivers.withdrawnAt), sql`${waivers.expiresAt} > now()`));
}

export type OutlinePlace = {
  readonly waiverId: string;
  readonly id: AnnotationId;
  readonly layerId: LayerId;
  readonly slideId: SlideId;
};

/** Of the outlines that each of some waivers names the first that is there, on one of some layers; by waiver. */
export async function firstOutlines(
  db: Db,
  layerIds: readonly LayerId[],
  waiverIds: readonly string[],
): Promise<Map<string, OutlinePlace>> {
  const { rows } = await db.execute<OutlinePlace>(sql`
    select asked.id "waiverId", found.* from unnest(${sql.param([...waiverIds])}::text[]) asked (id)
    cross join lateral (
      select a.id, a.layer_id "layerId", a.slide_id "slideId" from waived_outlines w
      join annotations a on a.layer_id = w.layer_id and a.id = w.annotation_id
      where w.waiver_id = asked.id and w.layer_id = any(${sql.param([...layerIds])}::text[])
      order by w.place limit 1
    ) found`);
  return new Map(rows.map((row) => [row.waiverId, row]));
}

/** Ids of the outlines that each of some waivers names on some layers, whether they are there or not; by waiver. */
export async function outlinesNamed(
  db: Db,
  layerIds: readonly LayerId[],
  waiverIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  const { rows } = await db.execute<{ waiverId: string; ids: string[] }>(sql`
    select waiver_id "waiverId", array_agg(annotation_id) ids from waived_outlines
    where waiver_id = any(${sql.param([...waiverIds])}::text[]) and layer_id = any(${sql.param([...layerIds])}::text[])
    group by 1`);
  return new Map(rows.map(({ waiverId, ids }) => [waiverId, new Set(ids)]));
}

/** The outlines that each of some waivers names on some layers, one by one, whether they are there or not. */
export async function namedOutlines(
  db: Db,
  layerIds: readonly LayerId[],
  waiverIds: readonly string[],
): Promise<(OutlineAt & { readonly waiverId: string })[]> {
  const { waiverId, layerId, annotationId } = waivedOutlines;
  return db
    .select({ waiverId, layerId, id: annotationId })
    .from(waivedOutlines)
    .where(and(inArray(waiverId, [...waiverIds]), inArray(layerId, [...layerIds])))
    .orderBy(asc(waiverId), asc(waivedOutlines.place));
}
