import { and, asc, count, desc, eq, inArray, sql } from "drizzle-orm";
import type { AnnotationId, PersonId, ProjectId, SlideId, TrialId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import type { PersonName } from "./guidelines.ts";
import { people, trialOutlines, trialSlides, trials } from "./schema.ts";

export type TrialRow = typeof trials.$inferSelect & { readonly createdByPerson: PersonName };
export type TrialOutlineRow = typeof trialOutlines.$inferSelect;

const person = { id: people.id, name: people.name, colour: people.colour };

export async function addTrial(tx: Db, trial: typeof trials.$inferInsert, slideIds: readonly SlideId[]): Promise<void> {
  await tx.insert(trials).values(trial);
  await tx.insert(trialSlides).values(slideIds.map((slideId) => ({ trialId: trial.id, slideId })));
}

/** Trials of a project, newest first, or the one with this id. */
export async function trialsOf(
  db: Db,
  filter: { readonly projectId: ProjectId } | { readonly trialId: TrialId },
): Promise<TrialRow[]> {
  const rows = await db
    .select({ trial: trials, person })
    .from(trials)
    .innerJoin(people, eq(people.id, trials.createdBy))
    .where("trialId" in filter ? eq(trials.id, filter.trialId) : eq(trials.projectId, filter.projectId))
    .orderBy(desc(trials.createdAt), asc(trials.id));
  return rows.map((row) => ({ ...row.trial, createdByPerson: row.person }));
}

export async function trialSlidesOf(db: Db, ids: readonly TrialId[]) {
  if (ids.length === 0) return [];
  return db
    .select()
    .from(trialSlides)
    .where(inArray(trialSlides.trialId, [...ids]));
}

/** @returns false where it has ended already */
export async function endTrial(tx: Db, trialId: TrialId, endedAt: Date): Promise<boolean> {
  const [row] = await tx.select({ endedAt: trials.endedAt }).from(trials).where(eq(trials.id, trialId)).for("update");
  if (row === undefined || row.endedAt !== null) return false;
  await tx.update(trials).set({ endedAt }).where(eq(trials.id, trialId));
  return true;
}

/** Outlines of a trial, of one person or one slide where named; by slide, person and time. */
export async function trialOutlinesOf(
  db: Db,
  trialId: TrialId,
  only: { readonly personId?: PersonId; readonly slideId?: SlideId } = {},
): Promise<TrialOutlineRow[]> {
  return db
    .select()
    .from(trialOutlines)
    .where(
      and(
        eq(trialOutlines.trialId, trialId),
        only.personId === undefined ? undefined : eq(trialOutlines.personId, only.personId),
        only.slideId === undefined ? undefined : eq(trialOutlines.slideId, only.slideId),
      ),
    )
    .orderBy(asc(trialOutlines.slideId), asc(trialOutlines.personId), asc(trialOutlines.at), asc(trialOutlines.id));
}

export async function countTrialOutlines(db: Db, trialId: TrialId, personId: PersonId): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(trialOutlines)
    .where(and(eq(trialOutlines.trialId, trialId), eq(trialOutlines.personId, personId)));
  return row?.count ?? 0;
}

/** Adds an outline, or changes one of the same person on the same slide. @returns false where the id is another's */
export async function putTrialOutline(tx: Db, outline: typeof trialOutlines.$inferInsert): Promise<boolean> {
  const { classId, geometry, note = "", at } = outline;
  const rows = await tx
    .insert(trialOutlines)
    .values(outline)
    .onConflictDoUpdate({
      target: [trialOutlines.trialId, trialOutlines.id],
      set: { classId, geometry, note, ...(at === undefined ? {} : { at }) },
      setWhere: sql`${trialOutlines.personId} = ${outline.personId} and ${trialOutlines.slideId} = ${outline.slideId}`,
    })
    .returning({ id: trialOutlines.id });
  return rows.length === 1;
}

export async function removeTrialOutline(
  tx: Db,
  outline: { readonly trialId: TrialId; readonly id: AnnotationId; readonly personId: PersonId },
): Promise<void> {
  await tx
    .delete(trialOutlines)
    .where(
      and(
        eq(trialOutlines.trialId, outline.trialId),
        eq(trialOutlines.id, outline.id),
        eq(trialOutlines.personId, outline.personId),
      ),
    );
}
