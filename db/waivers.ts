import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { AnnotationId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { annotations, layers, people, waivers } from "./schema.ts";
import type { Within } from "./standing.ts";

export type WaiverRow = typeof waivers.$inferSelect;
export type StoredWaiver = WaiverRow & {
  readonly approver: { readonly id: PersonId; readonly name: string; readonly colour: string };
  /** By the clock of the database, which is the one that decides. */
  readonly expired: boolean;
};

export async function addWaiver(tx: Db, waiver: typeof waivers.$inferInsert): Promise<void> {
  await tx.insert(waivers).values(waiver);
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

export type OutlinePlace = { readonly id: AnnotationId; readonly layerId: LayerId; readonly slideId: SlideId };

/** Where outlines are, by id; those that lie in none of the layers are not among them. */
export async function outlinePlaces(
  db: Db,
  layerIds: readonly LayerId[],
  ids: readonly AnnotationId[],
): Promise<Map<AnnotationId, OutlinePlace>> {
  if (layerIds.length === 0 || ids.length === 0) return new Map();
  const rows = await db
    .select({ id: annotations.id, layerId: annotations.layerId, slideId: annotations.slideId })
    .from(annotations)
    .where(
      and(
        sql`${annotations.layerId} = any(${sql.param([...layerIds])}::text[])`,
        sql`${annotations.id} = any(${sql.param([...ids])}::text[])`,
      ),
    );
  return new Map(rows.map((row) => [row.id, row]));
}
