import type { Db } from "#db/client.ts";
import { type TaskLoad, taskLoads, type Uncounted, type Waiting } from "#db/task-loads.ts";
import { openTasks } from "#db/tasks.ts";
import type { PersonId, ProjectId } from "#domain/ids.ts";
import type { OpenCount, Versions } from "./staleness.ts";
import { countsOf } from "./task-counts.ts";
import { hoursOf, type Pace } from "./task-hours.ts";

type Others = Uncounted & {
  readonly history: Versions;
  readonly pace: Pace;
  /** What is open in the whole project. */
  readonly open: readonly OpenCount[];
};

/**
 * Hours of the open tasks of a project by person; 0 for somebody who has some in which nothing is left. Of the tasks
 * only adjudications are read, since what is left of those is computed from shapes.
 */
export async function openHours(db: Db, projectId: ProjectId, others: Others): Promise<Map<PersonId, number>> {
  const { history, pace, open } = others;
  const counted = await taskLoads(db, projectId, waitingIn(open), others);
  const hours = new Map<PersonId, number>();
  for (const { personId, kind, left } of [...counted, ...(await adjudicationLoads(db, projectId, history, others))]) {
    hours.set(personId, (hours.get(personId) ?? 0) + hoursOf(kind, left, pace));
  }
  return hours;
}

async function adjudicationLoads(
  db: Db,
  projectId: ProjectId,
  history: Versions,
  { without, hidden }: Uncounted,
): Promise<TaskLoad[]> {
  const excepted = new Set<string | null>([...without, ...hidden]);
  const tasks = (await openTasks(db, projectId, "adjudication")).filter(
    ({ id, layerId }) => !excepted.has(id) && !excepted.has(layerId),
  );
  const counts = await countsOf(db, tasks, history);
  return tasks.map(({ id, kind, assigneeId: personId }) => ({ personId, kind, left: counts.get(id)?.left ?? 0 }));
}

/** What is stale and not excused, by layer, author and the oldest version that asks: that one decides which tasks it is in. */
function waitingIn(open: readonly OpenCount[]): Waiting[] {
  const found = new Map<string, Waiting>();
  for (const { layerId, authorId, standing, waived, count } of open) {
    if (waived || standing.state !== "stale" || standing.questions.length === 0) continue;
    const since = Math.min(...standing.questions.map(({ version }) => version));
    const key = `${layerId}/${authorId}/${since}`;
    found.set(key, { layerId, authorId, since, count: (found.get(key)?.count ?? 0) + count });
  }
  return [...found.values()];
}
