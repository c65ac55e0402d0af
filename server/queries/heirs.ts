import { layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { type MemberCard, membersOf, projectById } from "#db/projects.ts";
import type { TaskRow } from "#db/tasks.ts";
import type { PersonId, ProjectId, TaskId } from "#domain/ids.ts";
import { type Heirs, heirsBy } from "./assignees.ts";
import { openCounts } from "./staleness.ts";
import { countsOf } from "./task-counts.ts";
import { hoursOf, isForAll, openPace, type Pace, UNMEASURED } from "./task-hours.ts";
import { openHours } from "./task-loads.ts";

/** Work that is not done yet, in hours. */
export type OpenWork = {
  /** By person; 0 for somebody who has tasks in which nothing is left. */
  readonly load: ReadonlyMap<PersonId, number>;
  /** What things to do are taken to last. */
  readonly pace: Pace;
  /** By task, for those that are asked for; a task that does not weigh is not among them. */
  hoursIn(tasks: readonly TaskRow[]): Promise<ReadonlyMap<TaskId, number>>;
};

/** Who takes over what in a project now, with the members, and what there is to do as far as the rule asks for it. */
export async function heirsIn(
  db: Db,
  projectId: ProjectId,
): Promise<Omit<OpenWork, "load"> & { readonly heirs: Heirs; readonly members: readonly MemberCard[] }> {
  const members = await membersOf(db, projectId);
  const rule = (await projectById(db, projectId))?.heirs ?? { kind: "lead" };
  const { load, ...work } = rule.kind === "balanced" ? await openWork(db, projectId) : NO_WORK;
  return { heirs: heirsBy(rule, members, load), members, ...work };
}

const NO_WORK: OpenWork = { load: new Map(), pace: UNMEASURED, hoursIn: async () => new Map() };

/**
 * What there is to do in a project, added up by the database. What somebody does in a layer that is kept from others does not
 * weigh: who is given what would tell how much it is.
 */
export async function openWork(db: Db, projectId: ProjectId): Promise<OpenWork> {
  const history = await guidelineHistory(db, projectId);
  const pace = await openPace(db, projectId);
  const facts = await layerFacts(db, { projectId });
  const hidden = new Set(facts.filter(({ subject }) => !isForAll(subject)).map(({ layerId }) => layerId));
  const { open } = await openCounts(db, { projectId }, history);
  const load = await openHours(db, projectId, { history, pace, open, without: [], hidden: [...hidden] });
  return {
    load,
    pace,
    async hoursIn(tasks) {
      const told = tasks.filter(({ layerId }) => layerId === null || !hidden.has(layerId));
      const counts = await countsOf(db, told, history, open);
      return new Map(told.map(({ id, kind }) => [id, hoursOf(kind, counts.get(id)?.left ?? 0, pace)]));
    },
  };
}
