import { and, asc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { AttemptId, ClassId, LayerId, PersonId, ProjectId, ReferenceId, TaskId } from "#domain/ids.ts";
import type { Score } from "#domain/qualification.ts";
import type { Db } from "./client.ts";
import { qualificationAnswers, qualificationAttempts, referenceItems, slides, tasks } from "./schema.ts";

export type ReferenceRow = typeof referenceItems.$inferSelect;
export type ReferenceCard = ReferenceRow & {
  readonly slide: Pick<typeof slides.$inferSelect, "id" | "name" | "contentHash" | "meta">;
};
export type AttemptRow = typeof qualificationAttempts.$inferSelect;

/** References of a project, oldest first; those that were taken out only where they are asked for by id. */
export async function referencesOf(
  db: Db,
  projectId: ProjectId,
  ids: readonly ReferenceId[] | null = null,
): Promise<ReferenceCard[]> {
  const slide = { id: slides.id, name: slides.name, contentHash: slides.contentHash, meta: slides.meta };
  const chosen = ids === null ? isNull(referenceItems.removedAt) : inArray(referenceItems.id, [...ids]);
  const rows = await db
    .select({ item: referenceItems, slide })
    .from(referenceItems)
    .innerJoin(slides, eq(slides.id, referenceItems.slideId))
    .where(and(eq(referenceItems.projectId, projectId), chosen))
    .orderBy(asc(referenceItems.createdAt), asc(referenceItems.id));
  return rows.map(({ item, slide: on }) => ({ ...item, slide: on }));
}

/** Whatever project it belongs to, also one that was taken out. */
export async function referenceById(db: Db, id: ReferenceId): Promise<ReferenceRow | null> {
  const [row] = await db.select().from(referenceItems).where(eq(referenceItems.id, id));
  return row ?? null;
}

export async function addReference(tx: Db, item: typeof referenceItems.$inferInsert): Promise<void> {
  await tx.insert(referenceItems).values(item);
}

/** Takes a reference out, or says what it is by a version or by the draft. @returns false where there is none */
export async function changeReference(
  tx: Db,
  { id, projectId }: Pick<ReferenceRow, "id" | "projectId">,
  change: Partial<Pick<ReferenceRow, "removedAt" | "under" | "classId" | "draftClassId" | "draftMeaning">>,
): Promise<boolean> {
  const present = and(
    eq(referenceItems.id, id),
    eq(referenceItems.projectId, projectId),
    isNull(referenceItems.removedAt),
  );
  const rows = await tx.update(referenceItems).set(change).where(present).returning({ id: referenceItems.id });
  return rows.length === 1;
}

/** Forgets what was said by a draft that is thrown away; what was said by nothing else is taken out. */
export async function forgetDraftReferences(tx: Db, projectId: ProjectId, at: Date): Promise<void> {
  const saidByDraft = and(
    eq(referenceItems.projectId, projectId),
    isNull(referenceItems.removedAt),
    isNotNull(referenceItems.draftClassId),
  );
  await tx
    .update(referenceItems)
    .set({ removedAt: at })
    .where(and(saidByDraft, isNull(referenceItems.under)));
  await tx.update(referenceItems).set({ draftClassId: null, draftMeaning: null }).where(saidByDraft);
}

/** Every attempt of a project, oldest first. */
export async function attemptsOf(db: Db, projectId: ProjectId): Promise<AttemptRow[]> {
  return db
    .select()
    .from(qualificationAttempts)
    .where(eq(qualificationAttempts.projectId, projectId))
    .orderBy(asc(qualificationAttempts.startedAt), asc(qualificationAttempts.id));
}

/** The attempts of a task, oldest first. */
export async function attemptsAt(db: Db, taskId: TaskId): Promise<AttemptRow[]> {
  return db
    .select()
    .from(qualificationAttempts)
    .where(eq(qualificationAttempts.taskId, taskId))
    .orderBy(asc(qualificationAttempts.startedAt), asc(qualificationAttempts.id));
}

export async function addAttempt(tx: Db, attempt: typeof qualificationAttempts.$inferInsert): Promise<void> {
  await tx.insert(qualificationAttempts).values(attempt);
}

/** What was said in an attempt, by item. */
export async function saidIn(db: Db, attemptId: AttemptId): Promise<Map<string, ClassId>> {
  const rows = await db.select().from(qualificationAnswers).where(eq(qualificationAnswers.attemptId, attemptId));
  return new Map(rows.map(({ itemId, classId }) => [itemId, classId]));
}

/** The caller holds the task, and knows that the attempt is not finished: until then an answer may be changed. */
export async function say(tx: Db, answer: typeof qualificationAnswers.$inferInsert): Promise<void> {
  const { attemptId, itemId } = qualificationAnswers;
  const { classId, at } = answer;
  await tx
    .insert(qualificationAnswers)
    .values(answer)
    .onConflictDoUpdate({ target: [attemptId, itemId], set: { classId, at } });
}

export async function finishAttempt(
  tx: Db,
  id: AttemptId,
  { right, passed }: Pick<Score, "right" | "passed">,
  at: Date,
): Promise<void> {
  await tx.update(qualificationAttempts).set({ right, passed, finishedAt: at }).where(eq(qualificationAttempts.id, id));
}

/** What says that a member reads in a project; observations are left aside. */
export type Reading = {
  /** When they were first given a read; null where they never were. */
  readonly given: Date | null;
  readonly joined: Date;
  /** Layers of the team that they have drawn in. */
  readonly drewIn: readonly LayerId[];
};

export async function readingOf(db: Db, projectId: ProjectId): Promise<Map<PersonId, Reading>> {
  const { rows } = await db.execute<{
    personId: PersonId;
    given: string | null;
    joined: string;
    drewIn: LayerId[];
  }>(sql`
    select m.person_id "personId", m.joined_at::text joined,
      (select min(created_at)::text from layers l
        where l.project_id = m.project_id and l.kind = 'read' and l.purpose = 'work' and l.reader_id = m.person_id) given,
      array(select distinct c.layer_id from layer_clients c join layers l on l.id = c.layer_id
        where l.project_id = m.project_id and l.kind = 'team' and c.person_id = m.person_id order by 1) "drewIn"
    from members m where m.project_id = ${projectId}`);
  return new Map(
    rows.map(({ personId, given, joined, drewIn }) => [
      personId,
      { given: given === null ? null : new Date(given), joined: new Date(joined), drewIn },
    ]),
  );
}

/** Requalify tasks that there are or were, whatever became of them. */
export async function askedToQualify(
  db: Db,
  projectId: ProjectId,
): Promise<readonly { readonly personId: PersonId; readonly classId: ClassId; readonly version: number }[]> {
  const rows = await db
    .select({ personId: tasks.assigneeId, scope: tasks.scope })
    .from(tasks)
    .where(and(eq(tasks.projectId, projectId), eq(tasks.kind, "requalify")));
  return rows.flatMap(({ personId, scope }) =>
    scope.kind === "requalify" ? [{ personId, classId: scope.classId, version: scope.version }] : [],
  );
}

/** Outlines that people drew of some classes under some version or a later one, by layer. */
export type DrawnSince = {
  readonly layerId: LayerId;
  readonly personId: PersonId;
  readonly classId: ClassId;
  readonly count: number;
};

/** @param asked whose outlines of which class, as it is stored, since which version */
export async function drawnSince(
  db: Db,
  projectId: ProjectId,
  asked: readonly { readonly personId: PersonId; readonly classId: ClassId; readonly version: number }[],
): Promise<DrawnSince[]> {
  if (asked.length === 0) return [];
  const [people, classes, versions] = [
    asked.map(({ personId }) => personId),
    asked.map(({ classId }) => classId),
    asked.map(({ version }) => version),
  ];
  const { rows } = await db.execute<DrawnSince>(sql`
    select a.layer_id "layerId", a.created_by "personId", a.class_id "classId", sum(a.count)::int count
    from unnest(${sql.param(people)}::text[], ${sql.param(classes)}::text[], ${sql.param(versions)}::int[])
      as asked (person_id, class_id, version)
    join annotation_tallies a on a.class_id = asked.class_id and a.under >= asked.version
      and a.created_by = asked.person_id and a.count > 0
    join layers l on l.id = a.layer_id and l.project_id = ${projectId} and l.purpose = 'work'
    group by 1, 2, 3 order by 1, 2, 3`);
  return rows;
}
