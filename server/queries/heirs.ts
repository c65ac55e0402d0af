import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { type MemberCard, membersOf, projectById } from "#db/projects.ts";
import { openTasks } from "#db/tasks.ts";
import type { PersonId, ProjectId, TaskId } from "#domain/ids.ts";
import { type Heirs, heirsBy } from "./assignees.ts";
import { countsOf } from "./task-counts.ts";
import { hoursOf, isForAll, openPace } from "./task-hours.ts";

/** Who takes over what in a project now, with the members and the hours that tasks take as far as the rule asks for them. */
export async function heirsIn(
  db: Db,
  projectId: ProjectId,
): Promise<{
  readonly heirs: Heirs;
  readonly members: readonly MemberCard[];
  readonly hours: ReadonlyMap<TaskId, number>;
}> {
  const members = await membersOf(db, projectId);
  const rule = (await projectById(db, projectId))?.heirs ?? { kind: "lead" };
  const { load, hours } = rule.kind === "balanced" ? await openWork(db, projectId, members) : NOTHING;
  return { heirs: heirsBy(rule, members, load), members, hours };
}

const NOTHING = { load: new Map<PersonId, number>(), hours: new Map<TaskId, number>() };

/**
 * Hours of unfinished tasks, by task and, of those who are still here, by person. What somebody does in a layer that is kept
 * from others does not weigh: who is given what would tell how much it is.
 */
async function openWork(db: Db, projectId: ProjectId, members: readonly MemberCard[]) {
  const open = await openTasks(db, projectId);
  const counts = await countsOf(db, open, await guidelineHistory(db, projectId));
  const pace = await openPace(db, projectId);
  const facts = await layerFacts(db, { projectId });
  const forAll = new Set(facts.filter(({ subject }) => isForAll(subject)).map(({ layerId }) => layerId));
  const hours = new Map(open.map(({ id, kind }) => [id, hoursOf(kind, counts.get(id)?.left ?? 0, pace)]));
  const load = new Map(members.map(({ personId }) => [personId, 0]));
  for (const { id, layerId, assigneeId } of open) {
    const before = load.get(assigneeId);
    const weighs = layerId === null || forAll.has(layerId);
    if (before !== undefined && weighs) load.set(assigneeId, before + (hours.get(id) ?? 0));
  }
  return { load, hours };
}
