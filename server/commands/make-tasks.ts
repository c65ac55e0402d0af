import { layerFacts } from "#db/access.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { lockProject, type StoredVersion, versionsOf } from "#db/guidelines.ts";
import { screeningsIn } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { addNotifications } from "#db/notifications.ts";
import { finishableLayers } from "#db/rounds.ts";
import { addTasks, endTasks, handOver } from "#db/task-batches.ts";
import { allProjectIds, allTasks, type TaskRow } from "#db/tasks.ts";
import { type LayerId, type PersonId, type ProjectId, taskId } from "#domain/ids.ts";
import type { LayerSubject, TaskSubject } from "#domain/permissions.ts";
import { isAnswerable, isUnfinished } from "#domain/task.ts";
import type { World } from "#server/api/world.ts";
import { isStillAble } from "#server/queries/assignees.ts";
import { heirsIn } from "#server/queries/heirs.ts";
import { measureOutlines } from "#server/queries/outline-measures.ts";
import { qualificationNeeds } from "#server/queries/qualification-needs.ts";
import { rescreenNeeds, rescreenOf } from "#server/queries/rescreens.ts";
import { type OpenCount, openCounts } from "#server/queries/staleness.ts";
import { openDisputes } from "#server/queries/task-disputes.ts";
import { hoursOf, isForAll } from "#server/queries/task-hours.ts";
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
  return (await madeTasks(world, projectId)).length;
}

/** The same. @returns what permissions need to know of each task that was made */
export async function madeTasks(world: World, projectId: ProjectId): Promise<TaskSubject[]> {
  const { db, events, now } = world;
  await measure(world, projectId);
  const told = new Map<PersonId, number>();
  const made = await db.transaction(async (tx) => {
    if (!(await lockProject(tx, projectId))) return [];
    const found = await heirsIn(tx, projectId);
    const facts = await layerFacts(tx, { projectId });
    const layers = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
    const tasks = await giveAwayWork(tx, await allTasks(tx, projectId), { ...found, layers }, now());
    const plan = await planOf(tx, projectId, tasks, { ...found, layers });
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
      const entry = { personId: null, projectId, subject: projectId, detail, at: now() };
      await appendAudit(tx, { ...entry, action: "tasks.made" });
    }
    return added;
  });
  for (const [personId, count] of told) {
    const toast = count === 1 ? "The guideline gave you a new task." : `The guideline gave you ${count} new tasks.`;
    events.tell(projectId, [personId], { kind: "tasks", toast });
    events.tell(projectId, [personId], { kind: "notifications", toast: null });
  }
  if (made.length === 0) return [];
  const subjects = await subjectsOf(db, projectId, made);
  events.tell(projectId, await watchers(db, projectId, "task.see", subjects), { kind: "tasks", toast: null });
  return subjects;
}

/** Brings up to date what outlines share, by the newest rules and by those that open blind rounds have reached. */
async function measure(world: World, projectId: ProjectId): Promise<void> {
  const versions = await versionsOf(world.db, projectId);
  const early = reached(versions);
  if (early.length > 0 && early.length < versions.length) await measureOutlines(world, projectId, early);
  await measureOutlines(world, projectId, versions);
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

type Layers = ReadonlyMap<LayerId, LayerSubject>;
type Takers = Awaited<ReturnType<typeof heirsIn>> & { readonly layers: Layers };

async function planOf(tx: Db, projectId: ProjectId, tasks: readonly TaskRow[], takers: Takers) {
  const versions = await versionsOf(tx, projectId);
  const newest = versions.at(-1) ?? null;
  const candidates = await candidatesIn(tx, versions, tasks, { ...takers, projectId });
  const needs = rescreenNeeds(
    await finishableLayers(tx, projectId),
    versions,
    await screeningsIn(tx, { projectId }),
  ).map((need) => ({ need, assigneeId: takers.heirs(need.personId, rescreenOf(need, takers.layers)) }));
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
  versions: readonly StoredVersion[],
  tasks: readonly TaskRow[],
  { projectId, heirs, members, layers, pace }: Takers & { readonly projectId: ProjectId },
): Promise<Candidate[]> {
  const hidden = [...layers].filter(([, { unblinded }]) => !unblinded).map(([layerId]) => layerId);
  const early = reached(versions);
  const inHidden =
    early.length > 0 && hidden.length > 0 ? await openCounts(tx, { layerIds: hidden }, early) : { open: [] };
  const { open } = await openCounts(tx, { projectId }, versions);
  const seen = open.filter(({ layerId }) => layers.get(layerId)?.unblinded === true);
  const own = inHidden.open.filter(({ authorId }) => members.some(({ personId }) => personId === authorId));
  const counted = new Set(tasks.flatMap(bucketsIn));
  const isHere = ({ authorId }: OpenCount) => members.some(({ personId }) => personId === authorId);
  // Whoever is still here keeps their own; the rest is dealt out on top of that.
  const ownFirst = [...seen, ...own].toSorted((a, b) => Number(isHere(b)) - Number(isHere(a)) || b.count - a.count);
  return ownFirst.flatMap((item): Candidate[] => {
    const subject = layers.get(item.layerId);
    if (item.waived || item.standing.state !== "stale" || subject === undefined) return [];
    const key = `${item.layerId}/${item.authorId}`;
    const hours = counted.has(key) || !isForAll(subject) ? 0 : hoursOf("migration", item.count, pace);
    const isGroundTruth = subject.kind === "ground-truth";
    const heir = heirs(item.authorId, { isGroundTruth, layer: subject, key, hours });
    return subject.unblinded || heir === item.authorId ? [{ item, assigneeId: heir }] : [];
  });
}

/** Whose items in which layer an unfinished migration task is about. */
function bucketsIn({ state, scope, layerId }: TaskRow): string[] {
  if (!isUnfinished(state) || scope.kind !== "migration") return [];
  return scope.authorIds.map((authorId) => `${layerId}/${authorId}`);
}

/**
 * Unfinished tasks of somebody who left, or may no longer do them, go to whom the project's rule names, the longest first;
 * the author stays the author.
 */
async function giveAwayWork(
  tx: Db,
  tasks: readonly TaskRow[],
  { heirs, members, layers, hoursIn }: Takers,
  at: Date,
): Promise<TaskRow[]> {
  const left = tasks.filter((task) => isLeft(task, members));
  const hours = await hoursIn(left);
  const disputes = await openDisputes(tx, left);
  const heirOf = (task: TaskRow): PersonId =>
    heirs(task.assigneeId, {
      isGroundTruth: settles(task),
      disputes: (disputes.get(task.id) ?? []).map(({ subject }) => subject),
      layer: task.layerId === null ? null : (layers.get(task.layerId) ?? null),
      key: task.id,
      hours: hours.get(task.id) ?? 0,
    });
  const longestFirst = left.toSorted((a, b) => (hours.get(b.id) ?? 0) - (hours.get(a.id) ?? 0));
  const taken = new Map(longestFirst.map((task) => [task.id, heirOf(task)]));
  const heir = (task: TaskRow): PersonId => taken.get(task.id) ?? task.assigneeId;
  const given = left.filter((task) => heir(task) !== task.assigneeId);
  for (const personId of new Set(given.map(heir))) {
    const handed = given.filter((task) => heir(task) === personId);
    const name = members.find((member) => member.personId === personId)?.name ?? "";
    await handOver(tx, handed, personId, { note: `Given to ${name}, because its assignee can no longer do it.`, at });
    const [first] = handed;
    if (first === undefined) continue;
    const about = { projectId: first.projectId, personId, kind: "tasks-inherited" as const };
    await addNotifications(tx, [{ ...about, count: handed.length }], at);
  }
  return tasks.map((task) => ({ ...task, assigneeId: heir(task) }));
}

/** Its assignee can no longer do it. Nobody shows in another's place that they can tell a class. */
function isLeft(task: TaskRow, members: Takers["members"]): boolean {
  if (!isAnswerable(task.state) || task.kind === "requalify") return false;
  return !isStillAble(members, task.assigneeId, settles(task));
}

function settles({ kind }: TaskRow): boolean {
  return kind === "adjudication";
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
