import { and, asc, countDistinct, desc, eq, inArray, isNull, notInArray, or, type SQL, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { type AnnotationId, type LayerId, type PersonId, type ProjectId, personId, type TaskId } from "#domain/ids.ts";
import { ANSWERABLE, type TaskKind, type TaskState } from "#domain/task.ts";
import type { Db } from "./client.ts";
import type { PersonName } from "./guidelines.ts";
import { newId } from "./new-id.ts";
import { annotations, layers, people, projects, slides, taskAnswers, taskEvents, tasks } from "./schema.ts";

export type TaskRow = typeof tasks.$inferSelect;
export type TaskCard = TaskRow & {
  readonly slideName: string;
  readonly assignee: PersonName;
  readonly creator: PersonName | null;
};
export type AnswerRow = typeof taskAnswers.$inferSelect;

export type TaskFilter = {
  readonly assignee?: PersonId | undefined;
  readonly state?: TaskState | undefined;
  readonly kind?: TaskKind | undefined;
  readonly slide?: TaskRow["slideId"] | undefined;
  /** Only tasks of which this person is the assignee, the maker, or an author of what they are about. */
  readonly involving?: PersonId | undefined;
  /** None about these layers: what may not be seen must not fill a page either. */
  readonly notOnLayers?: readonly LayerId[] | undefined;
};

/**
 * Adds a task with its first event.
 * @returns false where one with the same dedupe key exists
 */
export async function addTask(tx: Db, task: typeof tasks.$inferInsert, note = ""): Promise<boolean> {
  const rows = await tx.insert(tasks).values(task).onConflictDoNothing().returning({ id: tasks.id });
  if (rows.length === 0) return false;
  const { id: taskId, createdBy = null } = task;
  await addTaskEvent(tx, { taskId, personId: createdBy, fromState: null, toState: task.state ?? "open", note });
  return true;
}

export async function addTaskEvent(tx: Db, event: Omit<typeof taskEvents.$inferInsert, "id">): Promise<void> {
  await tx.insert(taskEvents).values({ id: newId(personId), at: sql`clock_timestamp()`, ...event });
}

export async function taskById(db: Db, taskId: TaskId): Promise<TaskRow | null> {
  const [row] = await db.select().from(tasks).where(eq(tasks.id, taskId));
  return row ?? null;
}

/** A task, held until the transaction ends: answers and moves come one after another. */
export async function lockTask(tx: Db, taskId: TaskId): Promise<TaskRow | null> {
  const [row] = await tx.select().from(tasks).where(eq(tasks.id, taskId)).for("no key update");
  return row ?? null;
}

/** A held task is being worked on. The revision stays: nobody's view of the task is out of date by it. */
export async function markStarted(tx: Db, task: TaskRow, personId: PersonId, at: Date): Promise<void> {
  if (task.state === "in-progress") return;
  await tx.update(tasks).set({ state: "in-progress", updatedAt: at }).where(eq(tasks.id, task.id));
  await addTaskEvent(tx, { taskId: task.id, personId, fromState: task.state, toState: "in-progress" });
}

/** Changes a held task and counts its revision up. */
export async function changeTask(
  tx: Db,
  taskId: TaskId,
  change: Partial<Pick<TaskRow, "state" | "assigneeId" | "priority" | "dueAt">>,
  at: Date,
): Promise<void> {
  await tx
    .update(tasks)
    .set({ ...change, revision: sql`${tasks.revision} + 1`, updatedAt: at })
    .where(eq(tasks.id, taskId));
}

/** Tasks of a project, held until the transaction ends, in one query. */
export async function lockTasks(tx: Db, projectId: ProjectId, ids: readonly TaskId[]): Promise<void> {
  await tx
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(eq(tasks.projectId, projectId), isAmong(tasks.id, ids)))
    .orderBy(asc(tasks.id))
    .for("no key update");
}

/** Gives held tasks to people, in one query, and counts their revisions up. */
export async function giveTasks(
  tx: Db,
  given: readonly { readonly taskId: TaskId; readonly to: PersonId }[],
  at: Date,
): Promise<void> {
  if (given.length === 0) return;
  const taskIds = sql.param(given.map(({ taskId }) => taskId));
  const to = sql.param(given.map((each) => each.to));
  await tx.execute(sql`
    update tasks set assignee_id = given.person, revision = tasks.revision + 1, updated_at = ${at.toISOString()}
    from unnest(${taskIds}::text[], ${to}::text[]) as given (task, person) where tasks.id = given.task`);
}

/** Adds many events at once. */
export async function addTaskEvents(tx: Db, events: readonly Omit<typeof taskEvents.$inferInsert, "id">[]) {
  const rows = events.map((event) => ({ id: newId(personId), at: sql`clock_timestamp()`, ...event }));
  for (let from = 0; from < rows.length; from += 1_000) {
    await tx.insert(taskEvents).values(rows.slice(from, from + 1_000));
  }
}

/** Puts tasks into an order: they come after one another as they are listed. */
export async function orderTasks(tx: Db, projectId: ProjectId, ids: readonly TaskId[], at: Date): Promise<void> {
  await tx.execute(sql`
    update tasks set position = placed.place, updated_at = ${at.toISOString()}
    from unnest(${sql.param([...ids])}::text[]) with ordinality as placed (task, place)
    where tasks.id = placed.task and tasks.project_id = ${projectId}`);
}

/**
 * Tasks of a project, newest first.
 * @param page.after id of the last task of the page before
 */
export async function tasksOf(
  db: Db,
  projectId: ProjectId,
  filter: TaskFilter,
  page: { readonly after?: TaskId | undefined; readonly limit: number },
): Promise<TaskCard[]> {
  return cards(db, and(eq(tasks.projectId, projectId), matches(filter), isAfter(page.after)), page.limit);
}

/** Every task of a project with the names that it is shown with, newest first. */
export async function allCards(db: Db, projectId: ProjectId): Promise<TaskCard[]> {
  return cards(db, eq(tasks.projectId, projectId), EVERYTHING);
}

/** One task with the names that it is shown with. */
export async function taskCard(db: Db, taskId: TaskId): Promise<TaskCard | null> {
  const [card] = await cards(db, eq(tasks.id, taskId), 1);
  return card ?? null;
}

/** Every task of a project, closed ones too, oldest first. */
export async function allTasks(db: Db, projectId: ProjectId): Promise<TaskRow[]> {
  return db.select().from(tasks).where(eq(tasks.projectId, projectId)).orderBy(asc(tasks.createdAt), asc(tasks.id));
}

/** Tasks of a project that can be answered, of one kind or of all, oldest first. */
export async function openTasks(db: Db, projectId: ProjectId, kind?: TaskKind): Promise<TaskRow[]> {
  const ofKind = kind === undefined ? undefined : eq(tasks.kind, kind);
  return db
    .select()
    .from(tasks)
    .where(and(eq(tasks.projectId, projectId), inArray(tasks.state, [...ANSWERABLE]), ofKind))
    .orderBy(asc(tasks.createdAt), asc(tasks.id));
}

/** Those of a project's tasks that have these ids, oldest first. */
export async function tasksByIds(db: Db, projectId: ProjectId, ids: readonly string[]): Promise<TaskRow[]> {
  return db
    .select()
    .from(tasks)
    .where(and(eq(tasks.projectId, projectId), isAmong(tasks.id, ids)))
    .orderBy(asc(tasks.createdAt), asc(tasks.id));
}

/** One value however many ids, which need not be ids at all. */
function isAmong(column: AnyPgColumn, ids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param([...ids])}::text[])`;
}

/** What happened to a task, oldest first. */
export async function taskEventsOf(db: Db, taskId: TaskId) {
  const rows = await db
    .select({ event: taskEvents, id: people.id, name: people.name, colour: people.colour })
    .from(taskEvents)
    .leftJoin(people, eq(people.id, taskEvents.personId))
    .where(eq(taskEvents.taskId, taskId))
    .orderBy(asc(taskEvents.at), asc(taskEvents.id));
  return rows.map(({ event, id, name, colour }) => ({
    ...event,
    person: id === null || name === null || colour === null ? null : { id, name, colour },
  }));
}

/** Answers that stand, oldest first. */
export async function answersOf(db: Db, taskIds: readonly TaskId[]): Promise<AnswerRow[]> {
  if (taskIds.length === 0) return [];
  return db
    .select()
    .from(taskAnswers)
    .where(and(isAmong(taskAnswers.taskId, taskIds), isNull(taskAnswers.undoneAt)))
    .orderBy(asc(taskAnswers.at), asc(taskAnswers.id));
}

export async function addAnswers(tx: Db, answers: readonly (typeof taskAnswers.$inferInsert)[]): Promise<void> {
  for (let from = 0; from < answers.length; from += 1_000) {
    await tx.insert(taskAnswers).values(answers.slice(from, from + 1_000));
  }
}

/** How many items of each task have an answer that stands. */
export async function answerCounts(db: Db, taskIds: readonly TaskId[]): Promise<Map<TaskId, number>> {
  if (taskIds.length === 0) return new Map();
  const rows = await db
    .select({ taskId: taskAnswers.taskId, count: countDistinct(taskAnswers.annotationId) })
    .from(taskAnswers)
    .where(and(isAmong(taskAnswers.taskId, taskIds), isNull(taskAnswers.undoneAt)))
    .groupBy(taskAnswers.taskId);
  return new Map(rows.map(({ taskId, count }) => [taskId, count]));
}

/**
 * When items of tasks were answered first, by task and hour, of answers that stand.
 * @returns `at` is the end of the hour, ms since 1970
 */
export async function answersByHour(
  db: Db,
  projectId: ProjectId,
): Promise<{ readonly taskId: TaskId; readonly at: number; readonly count: number }[]> {
  const { rows } = await db.execute<{ taskId: TaskId; at: number; count: number }>(sql`
    select task_id "taskId", (extract(epoch from hour) * 1000 + 3600000)::float8 at, count(*)::int count
    from (
      select a.task_id, date_trunc('hour', min(a.at)) "hour"
      from task_answers a join tasks t on t.id = a.task_id and t.project_id = ${projectId}
      where a.undone_at is null group by a.task_id, a.annotation_id
    ) first group by task_id, "hour"`);
  return rows;
}

/** The answers that undo means by this: one, or all that were given together. */
export async function answersToUndo(db: Db, undo: string): Promise<AnswerRow[]> {
  return db
    .select()
    .from(taskAnswers)
    .where(or(eq(taskAnswers.id, undo), eq(taskAnswers.batchId, undo)))
    .orderBy(asc(taskAnswers.id));
}

/** @returns how many of the answers were not taken back before */
export async function markUndone(tx: Db, ids: readonly string[], at: Date): Promise<number> {
  const rows = await tx
    .update(taskAnswers)
    .set({ undoneAt: at })
    .where(and(inArray(taskAnswers.id, [...ids]), isNull(taskAnswers.undoneAt)))
    .returning({ id: taskAnswers.id });
  return rows.length;
}

/** Which of these annotations still exist, by layer. */
export async function livingIds(db: Db, layerId: LayerId, ids: readonly AnnotationId[]): Promise<Set<AnnotationId>> {
  const rows = await db
    .select({ id: annotations.id })
    .from(annotations)
    .where(and(eq(annotations.layerId, layerId), isAmong(annotations.id, ids)));
  return new Set(rows.map(({ id }) => id));
}

/** Every project, for work that is made good at the start of the server. */
export async function allProjectIds(db: Db): Promise<ProjectId[]> {
  const rows = await db.select({ id: projects.id }).from(projects).orderBy(asc(projects.createdAt), asc(projects.id));
  return rows.map(({ id }) => id);
}

const EVERYTHING = 1_000_000;

async function cards(db: Db, where: SQL | undefined, limit: number): Promise<TaskCard[]> {
  const rows = await db
    .select({
      task: tasks,
      slideName: slides.name,
      assignee: { id: people.id, name: people.name, colour: people.colour },
    })
    .from(tasks)
    .innerJoin(slides, eq(slides.id, tasks.slideId))
    .innerJoin(people, eq(people.id, tasks.assigneeId))
    .leftJoin(layers, eq(layers.id, tasks.layerId))
    .where(where)
    .orderBy(desc(tasks.createdAt), desc(tasks.id))
    .limit(limit);
  const creators = await names(
    db,
    rows.flatMap(({ task }) => task.createdBy ?? []),
  );
  return rows.map(({ task, slideName, assignee }) => ({
    ...task,
    slideName,
    assignee,
    creator: task.createdBy === null ? null : (creators.get(task.createdBy) ?? null),
  }));
}

async function names(db: Db, ids: readonly PersonId[]): Promise<Map<PersonId, PersonName>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: people.id, name: people.name, colour: people.colour })
    .from(people)
    .where(inArray(people.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

function matches({ assignee, state, kind, slide, involving, notOnLayers = [] }: TaskFilter): SQL | undefined {
  return and(
    assignee === undefined ? undefined : eq(tasks.assigneeId, assignee),
    state === undefined ? undefined : eq(tasks.state, state),
    kind === undefined ? undefined : eq(tasks.kind, kind),
    slide === undefined ? undefined : eq(tasks.slideId, slide),
    notOnLayers.length === 0 ? undefined : or(isNull(tasks.layerId), notInArray(tasks.layerId, [...notOnLayers])),
    involving === undefined
      ? undefined
      : or(
          eq(tasks.assigneeId, involving),
          eq(tasks.createdBy, involving),
          eq(layers.readerId, involving),
          sql`${tasks.scope} -> 'authorIds' ? ${involving}`,
        ),
  );
}

function isAfter(after: TaskId | undefined): SQL | undefined {
  if (after === undefined) return undefined;
  return sql`(${tasks.createdAt}, ${tasks.id}) < (select created_at, id from tasks where id = ${after})`;
}
