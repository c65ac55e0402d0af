import { layerFacts } from "#db/access.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { lockProject, type StoredVersion, versionsOf } from "#db/guidelines.ts";
import { screeningsIn } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { addNotifications } from "#db/notifications.ts";
import { type MemberCard, membersOf } from "#db/projects.ts";
import { finishableLayers } from "#db/rounds.ts";
import { addTasks, endTasks, handOver } from "#db/task-batches.ts";
import { allProjectIds, allTasks, type TaskRow } from "#db/tasks.ts";
import { type PersonId, type ProjectId, taskId } from "#domain/ids.ts";
import type { TaskSubject } from "#domain/permissions.ts";
import { isAnswerable } from "#domain/task.ts";
import type { World } from "#server/api/world.ts";
import { assigneeOf } from "#server/queries/assignees.ts";
import { measurePairs } from "#server/queries/pair-measures.ts";
import { qualificationNeeds } from "#server/queries/qualification-needs.ts";
import { rescreenNeeds } from "#server/queries/rescreens.ts";
import { openCounts } from "#server/queries/staleness.ts";
import { supersededBy } from "#server/queries/task-title.ts";
import { watchers } from "#server/watchers.ts";
import { makeBridgeReads } from "./bridge.ts";
import { planRequalify } from "./requalify-plan.ts";
import { type Candidate, type NewTask, planMigration, planRescreens } from "./task-plan.ts";

/**
 * Makes the tasks that the guideline asks for, as far as they are missing: one for each layer and assignee with something
 * to decide, one for each finished layer to look through again, one for each reader of a redefined class. Unfinished tasks that a new one covers are superseded, and
 * work of people who have left goes to a lead. What is to do is computed, so this may be called at any time and any number
 * of times; after a crash between publishing and this, the next call makes good what is missing.
 * @returns the number of tasks made
 */
export async function makeTasks(world: World, projectId: ProjectId): Promise<number> {
  const { db, events, now } = world;
  await measure(world, projectId);
  const told = new Map<PersonId, number>();
  const made = await db.transaction(async (tx) => {
    if (!(await lockProject(tx, projectId))) return [];
    const members = await membersOf(tx, projectId);
    const tasks = await giveAwayWork(tx, await allTasks(tx, projectId), members, now());
    const plan = await planOf(tx, projectId, tasks, members);
    const ended = plan.superseded.map((task) => ({ task, note: plan.reason }));
    await endTasks(tx, ended, "superseded", now());
    const rows = plan.made.map((task) => ({ task, row: rowOf(projectId, task, now()) }));
    const ids = await addTasks(
      tx,
      rows.map(({ row }) => row),
    );
    const added = rows.filter(({ row }) => ids.has(row.id)).map(({ task }) => task);
    for (const { assigneeId } of added) told.set(assigneeId, (told.get(assigneeId) ?? 0) + 1);
    const notices = [...told].map(([personId, count]) => ({
      projectId,
      personId,
      kind: "tasks-given" as const,
      count,
    }));
    await addNotifications(tx, notices, now());
    if (added.length + plan.superseded.length > 0) {
      const detail = { version: plan.number, made: added.length, superseded: plan.superseded.length };
      await appendAudit(tx, { personId: null, projectId, action: "tasks.made", subject: projectId, detail });
    }
    return added;
  });
  for (const [personId, count] of told) {
    const toast = count === 1 ? "The guideline gave you a new task." : `The guideline gave you ${count} new tasks.`;
    events.tell(projectId, [personId], { kind: "tasks", toast });
    events.tell(projectId, [personId], { kind: "notifications", toast: null });
  }
  if (made.length > 0) {
    const audience = await watchers(db, projectId, "task.see", await subjectsOf(db, projectId, made));
    events.tell(projectId, audience, { kind: "tasks", toast: null });
  }
  return made.length;
}

/** Brings up to date what outlines share, by the newest rules and by those that open blind rounds have reached. */
async function measure(world: World, projectId: ProjectId): Promise<void> {
  const versions = await versionsOf(world.db, projectId);
  const early = reached(versions);
  if (early.length > 0 && early.length < versions.length) await measurePairs(world, projectId, early);
  await measurePairs(world, projectId, versions);
}

/** Versions up to the last one that was forced on open blind rounds. */
function reached(versions: readonly StoredVersion[]): readonly StoredVersion[] {
  const forced = Math.max(0, ...versions.filter((each) => each.forced).map(({ number }) => number));
  return versions.filter(({ number }) => number <= forced);
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
  const newest = versions.at(-1) ?? null;
  const candidates = await candidatesIn(tx, projectId, versions, members);
  const needs = rescreenNeeds(
    await finishableLayers(tx, projectId),
    versions,
    await screeningsIn(tx, { projectId }),
  ).map((need) => ({ need, assigneeId: assigneeOf(need.personId, { isGroundTruth: false }, members) }));
  const migration = planMigration(candidates, tasks);
  const rescreen = planRescreens(needs, tasks);
  const requalify = planRequalify(await qualificationNeeds(tx, projectId, versions), tasks);
  return {
    number: newest?.number ?? 0,
    reason: newest === null ? "" : supersededBy(newest.number, newest),
    made: [...migration.made, ...rescreen.made, ...requalify.made],
    superseded: [...migration.superseded, ...rescreen.superseded, ...requalify.superseded],
  };
}

/**
 * What is stale and who has to decide it. In an open blind round a version takes effect when the round closes; one that was
 * forced reaches each reader at once, with their own items and nobody else.
 */
async function candidatesIn(
  tx: Db,
  projectId: ProjectId,
  versions: readonly StoredVersion[],
  members: readonly MemberCard[],
): Promise<Candidate[]> {
  const facts = await layerFacts(tx, { projectId });
  const subjects = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  const hidden = facts.filter(({ subject }) => !subject.unblinded).map(({ layerId }) => layerId);
  const early = reached(versions);
  const inHidden =
    early.length > 0 && hidden.length > 0 ? await openCounts(tx, { layerIds: hidden }, early) : { open: [] };
  const { open } = await openCounts(tx, { projectId }, versions);
  const seen = open.filter(({ layerId }) => subjects.get(layerId)?.unblinded === true);
  const own = inHidden.open.filter(({ authorId }) => members.some(({ personId }) => personId === authorId));
  return [...seen, ...own].flatMap((item): Candidate[] => {
    const subject = subjects.get(item.layerId);
    if (item.waived || item.standing.state !== "stale" || subject === undefined) return [];
    const heir = assigneeOf(item.authorId, { isGroundTruth: subject.kind === "ground-truth" }, members);
    return subject.unblinded || heir === item.authorId ? [{ item, assigneeId: heir }] : [];
  });
}

/** Unfinished tasks of somebody who left, or may no longer do them, go to a lead; the author stays the author. */
async function giveAwayWork(
  tx: Db,
  tasks: readonly TaskRow[],
  members: readonly MemberCard[],
  at: Date,
): Promise<TaskRow[]> {
  const heirs = new Map<PersonId, PersonId>();
  const heirOf = (task: TaskRow): PersonId => {
    // Nobody shows in another's place that they can tell a class.
    if (!isAnswerable(task.state) || task.kind === "requalify") return task.assigneeId;
    const heir = heirs.get(task.assigneeId) ?? assigneeOf(task.assigneeId, { isGroundTruth: false }, members);
    heirs.set(task.assigneeId, heir);
    return heir;
  };
  const kept = tasks.map((task) => ({ task, heir: heirOf(task) }));
  const note = "Given to a lead, because its assignee can no longer do it.";
  for (const heir of new Set(heirs.values())) {
    const handed = kept.filter((each) => each.heir === heir && each.task.assigneeId !== heir).map(({ task }) => task);
    await handOver(tx, handed, heir, { note, at });
    const [first] = handed;
    if (first === undefined) continue;
    const about = { projectId: first.projectId, personId: heir, kind: "tasks-inherited" as const };
    await addNotifications(tx, [{ ...about, count: handed.length }], at);
  }
  return kept.map(({ task, heir }) => ({ ...task, assigneeId: heir }));
}

async function subjectsOf(db: Db, projectId: ProjectId, made: readonly NewTask[]): Promise<TaskSubject[]> {
  const facts = await layerFacts(db, { projectId });
  const layers = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  return made.map(({ layerId, assigneeId, scope }) => ({
    projectId,
    assigneeId,
    creatorId: null,
    authorIds: scope.kind === "migration" ? scope.authorIds : [],
    layer: layerId === null ? null : (layers.get(layerId) ?? null),
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
