import type { Db } from "#db/client.ts";
import { screeningsIn } from "#db/judgements.ts";
import { openLayers } from "#db/rounds.ts";
import { type AnswerRow, answersOf, livingIds, type TaskRow } from "#db/tasks.ts";
import type { AnnotationId, LayerId, TaskId } from "#domain/ids.ts";
import type { Staleness } from "#domain/migration.ts";
import { unsignedClasses } from "#domain/screening.ts";
import { isUnfinished } from "#domain/task.ts";
import { adjudicationLeft } from "./adjudication-work.ts";
import { type OpenItem, stalenessWithin, type Versions } from "./staleness.ts";

/** One annotation of a task, and how far it is. */
export type WorkItem = {
  readonly annotationId: AnnotationId;
  readonly state: "waiting" | "answered" | "undecided" | "gone";
  /** What is asked about it; null where nothing is open. */
  readonly standing: Staleness | null;
  /** The last answer that stands in this task. */
  readonly answer: AnswerRow | null;
};

/** What a task consists of at this moment. Never stored. */
export type TaskWork = { readonly left: number; readonly total: number; readonly items: readonly WorkItem[] };

const NOTHING: TaskWork = { left: 0, total: 0, items: [] };

/**
 * What is left of some tasks of one project. A migration task has whatever is stale in its layer by its authors up to its
 * version, and what was answered in it; an outline that arrives late is simply there.
 */
export async function worksOf(db: Db, tasks: readonly TaskRow[], history: Versions): Promise<Map<TaskId, TaskWork>> {
  const answers = groupAnswers(
    await answersOf(
      db,
      tasks.map(({ id }) => id),
    ),
  );
  const open = await openByLayer(db, tasks, history);
  const unsigned = await unsignedIn(db, tasks);
  const openReads = await openLayers(db, layersOf(tasks.filter(({ kind }) => kind === "repeat-read")));
  const adjudications = await adjudicationsIn(db, tasks);
  const isOpen = ({ layerId }: TaskRow): boolean => layerId !== null && openReads.has(layerId);
  const living = await livingOf(db, tasks, answers);
  const works = new Map<TaskId, TaskWork>();
  for (const task of tasks) {
    const given = answers.get(task.id) ?? new Map<AnnotationId, AnswerRow>();
    const alive = (id: AnnotationId): boolean => task.layerId !== null && (living.get(task.layerId)?.has(id) ?? false);
    works.set(task.id, workOf(task, { open, unsigned, isOpen, given, alive, adjudications }));
  }
  return works;
}

type Facts = {
  readonly open: ReadonlyMap<LayerId, readonly OpenItem[]>;
  readonly unsigned: (task: TaskRow) => number;
  readonly adjudications: ReadonlyMap<TaskId, Pick<TaskWork, "left" | "total">>;
  /** Whether the task's own read is still to be handed in. */
  readonly isOpen: (task: TaskRow) => boolean;
  readonly given: ReadonlyMap<AnnotationId, AnswerRow>;
  readonly alive: (id: AnnotationId) => boolean;
};

function workOf(task: TaskRow, facts: Facts): TaskWork {
  const { scope } = task;
  switch (scope.kind) {
    case "migration":
      return summed(migrationItems(task, facts));
    case "rework":
      return withRegion(
        task,
        summed(isUnfinished(task.state) ? reworkItems(scope.annotationIds, facts) : closedItems(task, facts)),
      );
    case "re-screen":
      return {
        ...NOTHING,
        total: scope.classIds.length,
        left: isUnfinished(task.state) ? facts.unsigned(task) : 0,
      };
    case "adjudication":
      return { ...NOTHING, total: scope.disputeKeys.length, ...facts.adjudications.get(task.id) };
    case "repeat-read":
      return { ...NOTHING, total: 1, left: isUnfinished(task.state) && facts.isOpen(task) ? 1 : 0 };
    case "requalify":
      return { ...NOTHING, total: 1, left: isUnfinished(task.state) ? 1 : 0 };
    default:
      return scope satisfies never;
  }
}

/** A region counts as one: it waits until somebody has begun to go over it. */
function withRegion({ scope, state }: TaskRow, work: TaskWork): TaskWork {
  if (scope.kind !== "rework" || (scope.region ?? null) === null) return work;
  const waits = state === "open" || state === "returned" ? 1 : 0;
  return { ...work, left: work.left + waits, total: work.total + 1 };
}

function migrationItems(task: TaskRow, facts: Facts): WorkItem[] {
  if (!isUnfinished(task.state)) return closedItems(task, facts);
  const items = new Map<AnnotationId, WorkItem>();
  for (const item of task.layerId === null ? [] : (facts.open.get(task.layerId) ?? [])) {
    if (item.waived || !isAskedBy(task, item)) continue;
    const state = item.standing.state === "undecided" ? "undecided" : "waiting";
    const answer = facts.given.get(item.id) ?? null;
    items.set(item.id, { annotationId: item.id, state, standing: item.standing, answer });
  }
  for (const [annotationId, answer] of facts.given) {
    if (!items.has(annotationId)) items.set(annotationId, answeredItem(annotationId, answer, facts));
  }
  return [...items.values()];
}

/** True for a stale item of the task's authors, as far as the task's own version asks about it. */
export function isAskedBy(
  { scope }: Pick<TaskRow, "scope">,
  { authorId, standing }: Pick<OpenItem, "authorId" | "standing">,
): boolean {
  if (scope.kind !== "migration" || !scope.authorIds.includes(authorId)) return false;
  return standing.questions.some(({ version }) => version <= scope.version);
}

function reworkItems(ids: readonly AnnotationId[], facts: Facts): WorkItem[] {
  return ids.map((annotationId): WorkItem => {
    const answer = facts.given.get(annotationId);
    if (answer !== undefined) return answeredItem(annotationId, answer, facts);
    const state = facts.alive(annotationId) ? "waiting" : "gone";
    return { annotationId, state, standing: null, answer: null };
  });
}

/** Of a closed task only what was answered in it remains; what is still open belongs to another task. */
function closedItems({ scope }: TaskRow, facts: Facts): WorkItem[] {
  const answered = [...facts.given].map(([id, answer]) => answeredItem(id, answer, facts));
  if (scope.kind !== "rework") return answered;
  const rest = scope.annotationIds.filter((id) => !facts.given.has(id));
  return [
    ...answered,
    ...rest.map((id): WorkItem => ({ annotationId: id, state: "gone", standing: null, answer: null })),
  ];
}

function answeredItem(annotationId: AnnotationId, answer: AnswerRow, { alive }: Facts): WorkItem {
  const undecided = answer.verdict === "cannot-tell" && answer.classId === null;
  const state = undecided ? "undecided" : "answered";
  return { annotationId, state: alive(annotationId) ? state : "gone", standing: null, answer };
}

function summed(items: readonly WorkItem[]): TaskWork {
  return { left: items.filter(({ state }) => state === "waiting").length, total: items.length, items };
}

function groupAnswers(rows: readonly AnswerRow[]): Map<TaskId, Map<AnnotationId, AnswerRow>> {
  const byTask = new Map<TaskId, Map<AnnotationId, AnswerRow>>();
  for (const row of rows) {
    const given = byTask.get(row.taskId) ?? new Map<AnnotationId, AnswerRow>();
    given.set(row.annotationId, row);
    byTask.set(row.taskId, given);
  }
  return byTask;
}

async function openByLayer(
  db: Db,
  tasks: readonly TaskRow[],
  history: Versions,
): Promise<Map<LayerId, readonly OpenItem[]>> {
  const layerIds = layersOf(tasks.filter(({ kind, state }) => kind === "migration" && isUnfinished(state)));
  if (layerIds.length === 0) return new Map();
  const { items } = await stalenessWithin(db, { layerIds }, history);
  const byLayer = new Map<LayerId, OpenItem[]>();
  for (const item of items) {
    const found = byLayer.get(item.layerId) ?? [];
    found.push(item);
    byLayer.set(item.layerId, found);
  }
  return byLayer;
}

/** Of adjudication tasks that are not finished, how many disputes there are now and how many wait. */
async function adjudicationsIn(db: Db, tasks: readonly TaskRow[]): Promise<Facts["adjudications"]> {
  const found = new Map<TaskId, Pick<TaskWork, "left" | "total">>();
  for (const task of tasks) {
    if (task.scope.kind !== "adjudication" || !isUnfinished(task.state)) continue;
    found.set(task.id, await adjudicationLeft(db, task, task.scope));
  }
  return found;
}

async function unsignedIn(db: Db, tasks: readonly TaskRow[]): Promise<(task: TaskRow) => number> {
  const layerIds = layersOf(tasks.filter(({ kind }) => kind === "re-screen"));
  const screenings = layerIds.length === 0 ? [] : await screeningsIn(db, { layerIds });
  const byLayer = new Map<LayerId, (typeof screenings)[number][]>();
  for (const each of screenings) byLayer.set(each.layerId, [...(byLayer.get(each.layerId) ?? []), each]);
  return ({ layerId, scope }) => {
    if (scope.kind !== "re-screen" || layerId === null) return 0;
    return unsignedClasses(scope, byLayer.get(layerId) ?? []).length;
  };
}

async function livingOf(
  db: Db,
  tasks: readonly TaskRow[],
  answers: ReadonlyMap<TaskId, ReadonlyMap<AnnotationId, AnswerRow>>,
): Promise<Map<LayerId, Set<AnnotationId>>> {
  const asked = new Map<LayerId, Set<AnnotationId>>();
  for (const { id, layerId, scope } of tasks) {
    if (layerId === null) continue;
    const ids = asked.get(layerId) ?? new Set<AnnotationId>();
    for (const annotationId of scope.kind === "rework" ? scope.annotationIds : []) ids.add(annotationId);
    for (const annotationId of answers.get(id)?.keys() ?? []) ids.add(annotationId);
    asked.set(layerId, ids);
  }
  const living = new Map<LayerId, Set<AnnotationId>>();
  for (const [layerId, ids] of asked) {
    if (ids.size > 0) living.set(layerId, await livingIds(db, layerId, [...ids]));
  }
  return living;
}

function layersOf(tasks: readonly TaskRow[]): LayerId[] {
  return [...new Set(tasks.flatMap(({ layerId }) => layerId ?? []))];
}
