import type { Db } from "#db/client.ts";
import { answerCounts, type TaskRow } from "#db/tasks.ts";
import type { GuidelineChange } from "#domain/guideline.ts";
import type { ClassId, LayerId, TaskId } from "#domain/ids.ts";
import { isUnfinished } from "#domain/task.ts";
import { type OpenCount, openCounts, type Versions } from "./staleness.ts";
import { isAskedBy, worksOf } from "./task-work.ts";

/** How much there is of a task and how much waits, also by class. */
export type TaskCount = {
  readonly left: number;
  readonly total: number;
  readonly undecided: number;
  /** What waits, by the class that it certainly had. */
  readonly leftByClass: ReadonlyMap<ClassId, number>;
  /** What waits, by each change that asks about it: an outline that two of them ask about is there twice. */
  readonly leftByChange: ReadonlyMap<GuidelineChange, number>;
};

/** Of a task that nothing is known of, and for kinds whose parts are not counted. */
export const NO_PARTS: Pick<TaskCount, "leftByClass" | "leftByChange"> = {
  leftByClass: new Map(),
  leftByChange: new Map(),
};

/**
 * How much is left of some tasks of one project: what `worksOf` says, counted by the database and without reading single
 * items, so that a board of a million annotations costs a few grouped queries.
 * @param known what is open in the whole project, where the caller has counted it
 */
export async function countsOf(
  db: Db,
  tasks: readonly TaskRow[],
  history: Versions,
  known?: readonly OpenCount[],
): Promise<Map<TaskId, TaskCount>> {
  const counts = new Map<TaskId, TaskCount>();
  const [migrations, others] = [tasks.filter(isOpenMigration), tasks.filter((task) => !isOpenMigration(task))];
  const unfinished = others.filter(({ state }) => isUnfinished(state));
  const works = await worksOf(db, unfinished, history);
  const closed = others.filter(({ state }) => !isUnfinished(state));
  const answered = await answerCounts(
    db,
    closed.map(({ id }) => id),
  );
  for (const task of unfinished) {
    const { left = 0, total = 0, items = [] } = works.get(task.id) ?? {};
    counts.set(task.id, { left, total, undecided: items.filter(isUndecided).length, ...NO_PARTS });
  }
  for (const task of closed) {
    counts.set(task.id, { left: 0, total: closedTotal(task, answered), undecided: 0, ...NO_PARTS });
  }
  for (const [id, count] of await migrationCounts(db, migrations, history, known)) counts.set(id, count);
  return counts;
}

async function migrationCounts(
  db: Db,
  tasks: readonly TaskRow[],
  history: Versions,
  known: readonly OpenCount[] | undefined,
): Promise<Map<TaskId, TaskCount>> {
  const counts = new Map<TaskId, TaskCount>();
  if (tasks.length === 0) return counts;
  const layerIds = [...new Set(tasks.flatMap(({ layerId }) => layerId ?? []))];
  const open = known ?? (await openCounts(db, { layerIds }, history)).open;
  const byLayer = waitingByLayer(open);
  const done = await doneOf(db, tasks, open);
  for (const task of tasks) {
    const asked = (task.layerId === null ? [] : (byLayer.get(task.layerId) ?? [])).filter((each) =>
      isAskedBy(task, each),
    );
    counts.set(task.id, countOf(asked, done.get(task.id) ?? 0));
  }
  return counts;
}

function countOf(asked: readonly OpenCount[], done: number): TaskCount {
  const leftByClass = new Map<ClassId, number>();
  const leftByChange = new Map<GuidelineChange, number>();
  const waits = asked.filter(({ standing }) => !isUndecided(standing));
  for (const { standing, count } of waits) {
    leftByClass.set(standing.classId, (leftByClass.get(standing.classId) ?? 0) + count);
    for (const change of new Set(standing.questions.map((question) => question.change))) {
      leftByChange.set(change, (leftByChange.get(change) ?? 0) + count);
    }
  }
  const all = asked.reduce((sum, { count }) => sum + count, 0);
  const left = waits.reduce((sum, { count }) => sum + count, 0);
  return { left, total: all + done, undecided: all - left, leftByClass, leftByChange };
}

function waitingByLayer(open: readonly OpenCount[]): Map<LayerId, OpenCount[]> {
  const byLayer = new Map<LayerId, OpenCount[]>();
  for (const each of open) {
    if (each.waived) continue;
    const known = byLayer.get(each.layerId);
    if (known === undefined) byLayer.set(each.layerId, [each]);
    else known.push(each);
  }
  return byLayer;
}

/** Items of each task that were answered in it and are not open again. */
async function doneOf(db: Db, tasks: readonly TaskRow[], open: readonly OpenCount[]): Promise<Map<TaskId, number>> {
  const done = await answerCounts(
    db,
    tasks.map(({ id }) => id),
  );
  const byId = new Map(tasks.map((task) => [task.id, task]));
  for (const item of open) {
    for (const id of item.answeredIn) {
      const task = byId.get(id);
      if (task !== undefined && isAskedBy(task, item)) done.set(id, (done.get(id) ?? 0) - item.count);
    }
  }
  return done;
}

function isOpenMigration({ kind, state }: TaskRow): boolean {
  return kind === "migration" && isUnfinished(state);
}

function isUndecided({ state }: { readonly state: string }): boolean {
  return state === "undecided";
}

/** Of a closed task what was answered in it counts; of rework all that was asked for. */
function closedTotal({ id, scope }: TaskRow, answered: ReadonlyMap<TaskId, number>): number {
  if (scope.kind === "rework") return scope.annotationIds.length + ((scope.region ?? null) === null ? 0 : 1);
  if (scope.kind === "adjudication") return scope.disputeKeys.length;
  if (scope.kind === "repeat-read" || scope.kind === "requalify") return 1;
  return scope.kind === "re-screen" ? scope.classIds.length : (answered.get(id) ?? 0);
}
