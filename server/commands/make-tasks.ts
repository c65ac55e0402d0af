import { layerFacts } from "#db/access.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { lockProject, versionsOf } from "#db/guidelines.ts";
import { screeningsIn } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { type MemberCard, membersOf } from "#db/projects.ts";
import { finishableLayers } from "#db/rounds.ts";
import { addTask, addTaskEvent, allProjectIds, allTasks, changeTask, type TaskRow } from "#db/tasks.ts";
import { type PersonId, type ProjectId, taskId } from "#domain/ids.ts";
import type { TaskSubject } from "#domain/permissions.ts";
import { isAnswerable } from "#domain/task.ts";
import type { World } from "#server/api/world.ts";
import { assigneeOf } from "#server/queries/assignees.ts";
import { rescreenNeeds } from "#server/queries/rescreens.ts";
import { stalenessWithin } from "#server/queries/staleness.ts";
import { watchers } from "#server/watchers.ts";
import { makeBridgeReads } from "./bridge.ts";
import { type Candidate, type NewTask, planMigration, planRescreens } from "./task-plan.ts";

/**
 * Makes the tasks that the guideline asks for, as far as they are missing: one for each layer and assignee with something
 * to decide, one for each finished layer to look through again. Unfinished tasks that a new one covers are superseded, and
 * work of people who have left goes to a lead. What is to do is computed, so this may be called at any time and any number
 * of times; after a crash between publishing and this, the next call makes good what is missing.
 * @returns the number of tasks made
 */
export async function makeTasks({ db, events, now }: World, projectId: ProjectId): Promise<number> {
  const told = new Map<PersonId, number>();
  const made = await db.transaction(async (tx) => {
    if (!(await lockProject(tx, projectId))) return [];
    const members = await membersOf(tx, projectId);
    const tasks = await giveAwayWork(tx, await allTasks(tx, projectId), members, now());
    const plan = await planOf(tx, projectId, tasks, members);
    for (const task of plan.superseded) await supersede(tx, task, plan.number, now());
    const added: NewTask[] = [];
    for (const task of plan.made) {
      if (!(await addTask(tx, rowOf(projectId, task, now())))) continue;
      added.push(task);
      told.set(task.assigneeId, (told.get(task.assigneeId) ?? 0) + 1);
    }
    if (added.length + plan.superseded.length > 0) {
      const detail = { version: plan.number, made: added.length, superseded: plan.superseded.length };
      await appendAudit(tx, { personId: null, projectId, action: "tasks.made", subject: projectId, detail });
    }
    return added;
  });
  for (const [personId, count] of told) {
    const toast = count === 1 ? "The guideline gave you a new task." : `The guideline gave you ${count} new tasks.`;
    events.tell(projectId, [personId], { kind: "tasks", toast });
  }
  if (made.length > 0) {
    const audience = await watchers(db, projectId, "task.see", await subjectsOf(db, projectId, made));
    events.tell(projectId, audience, { kind: "tasks", toast: null });
  }
  return made.length;
}

/** The same for every project, bridge reads too: called when the server starts. */
export async function makeAllTasks(world: World): Promise<void> {
  for (const projectId of await allProjectIds(world.db)) {
    await makeTasks(world, projectId);
    await makeBridgeReads(world, projectId);
  }
}

async function planOf(tx: Db, projectId: ProjectId, tasks: readonly TaskRow[], members: readonly MemberCard[]) {
  const versions = await versionsOf(tx, projectId);
  const number = versions.at(-1)?.number ?? 0;
  const facts = await layerFacts(tx, { projectId });
  const subjects = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  const stale = await stalenessWithin(tx, { projectId }, versions);
  const candidates = stale.items.flatMap((item): Candidate[] => {
    const subject = subjects.get(item.layerId);
    // What happens in a blind round waits until it is unblinded.
    if (item.standing.state !== "stale" || subject === undefined || !subject.unblinded) return [];
    return [
      { item, assigneeId: assigneeOf(item.authorId, { isGroundTruth: subject.kind === "ground-truth" }, members) },
    ];
  });
  const needs = rescreenNeeds(
    await finishableLayers(tx, projectId),
    versions,
    await screeningsIn(tx, { projectId }),
  ).map((need) => ({ need, assigneeId: assigneeOf(need.personId, { isGroundTruth: false }, members) }));
  const migration = planMigration(candidates, tasks);
  const rescreen = planRescreens(needs, tasks);
  return {
    number,
    made: [...migration.made, ...rescreen.made],
    superseded: [...migration.superseded, ...rescreen.superseded],
  };
}

/** Unfinished tasks of somebody who left, or may no longer do them, go to a lead; the author stays the author. */
async function giveAwayWork(
  tx: Db,
  tasks: readonly TaskRow[],
  members: readonly MemberCard[],
  at: Date,
): Promise<TaskRow[]> {
  const kept: TaskRow[] = [];
  for (const task of tasks) {
    const heir = isAnswerable(task.state)
      ? assigneeOf(task.assigneeId, { isGroundTruth: false }, members)
      : task.assigneeId;
    if (heir !== task.assigneeId) {
      const step = { taskId: task.id, personId: null, fromState: task.state, toState: task.state };
      await changeTask(tx, task.id, { assigneeId: heir }, at);
      await addTaskEvent(tx, { ...step, note: "Given to a lead, because its assignee can no longer do it." });
    }
    kept.push({ ...task, assigneeId: heir });
  }
  return kept;
}

async function supersede(tx: Db, task: TaskRow, number: number, at: Date): Promise<void> {
  await changeTask(tx, task.id, { state: "superseded" }, at);
  const step = { taskId: task.id, personId: null, fromState: task.state, toState: "superseded" as const };
  await addTaskEvent(tx, { ...step, note: `Superseded by guideline version ${number}.` });
}

async function subjectsOf(db: Db, projectId: ProjectId, made: readonly NewTask[]): Promise<TaskSubject[]> {
  const facts = await layerFacts(db, { projectId });
  const layers = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  return made.map(({ layerId, assigneeId, scope }) => ({
    projectId,
    assigneeId,
    creatorId: null,
    authorIds: scope.kind === "migration" ? scope.authorIds : [],
    layer: layers.get(layerId) ?? null,
  }));
}

function rowOf(projectId: ProjectId, { kind, slideId, layerId, assigneeId, scope, dedupeKey }: NewTask, at: Date) {
  return {
    id: newId(taskId),
    projectId,
    kind,
    slideId,
    layerId,
    assigneeId,
    scope,
    dedupeKey,
    priority: 1,
    createdAt: at,
    updatedAt: at,
  };
}
