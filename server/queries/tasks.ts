import { layerFacts } from "#db/access.ts";
import { type AnnotationRow, annotationOf, annotationRows } from "#db/annotations.ts";
import { bridgeRegionsOf } from "#db/bridge.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { screeningsIn } from "#db/judgements.ts";
import { type TaskFilter, type TaskRow, taskById, taskCard, taskEventsOf, tasksOf } from "#db/tasks.ts";
import type { Annotation } from "#domain/annotation.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import { geometryBbox } from "#domain/geometry.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { LayerId, TaskId } from "#domain/ids.ts";
import { saidNow } from "#domain/migration/said.ts";
import { resolve } from "#domain/migration.ts";
import { can, type LayerSubject, type Member, rolesFor, type TaskSubject } from "#domain/permissions.ts";
import { unsignedClasses } from "#domain/screening.ts";
import { requireMember } from "#server/access.ts";
import type { Task, TaskDetail, TaskItem } from "#server/api/schemas/tasks.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { hiddenFrom } from "./hidden-names.ts";
import { historyInForce } from "./in-force.ts";
import { mayTrimOthers, pairedOutlines } from "./paired-outlines.ts";
import { testFor } from "./qualification.ts";
import { shownTasks } from "./shown-tasks.ts";
import { NOBODY } from "./slides.ts";
import { type Suggesting, suggesting } from "./suggesting.ts";
import { taskSubject } from "./task-subject.ts";
import { type TaskWork, type WorkItem, worksOf } from "./task-work.ts";

/** A task that the caller may see; foreign, hidden and absent are one answer. */
export type SeenTask = { readonly task: TaskRow; readonly member: Member; readonly subject: TaskSubject };

export async function requireTask(db: Db, caller: Caller, taskId: TaskId): Promise<SeenTask> {
  const task = await taskById(db, taskId);
  if (task === null) throw new AppError("not-found", { taskId });
  const member = await requireMember(db, caller, task.projectId, { taskId });
  const facts = task.layerId === null ? [] : await layerFacts(db, { layerId: task.layerId });
  const subject = taskSubject(task, facts[0]?.subject ?? null);
  if (!can(member, "task.see", subject)) throw new AppError("not-found", { taskId });
  return { task, member, subject };
}

/** Tasks that the member may see, newest first, with what is left of each. */
export async function tasksFor(
  db: Db,
  member: Member,
  filter: Omit<TaskFilter, "involving" | "notOnLayers">,
  page: { readonly after?: TaskId | undefined; readonly limit: number },
): Promise<{ items: Task[]; nextCursor: string | null }> {
  const seesAll = rolesFor("consensus.adjudicate").includes(member.role);
  const involving = seesAll ? undefined : member.personId;
  const facts = await layerFacts(db, { projectId: member.projectId });
  const notOnLayers = facts.filter(({ subject }) => !can(member, "layer.see", subject)).map(({ layerId }) => layerId);
  const cards = await tasksOf(db, member.projectId, { ...filter, involving, notOnLayers }, page);
  const subjects = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  const seen = cards.filter((card) => {
    const layer = card.layerId === null ? null : (subjects.get(card.layerId) ?? null);
    return can(member, "task.see", taskSubject(card, layer));
  });
  const items = await shownTasks(db, member, seen, subjects);
  const nextCursor = cards.length < page.limit ? null : (cards.at(-1)?.id ?? null);
  return { items, nextCursor };
}

/** One task as the caller sees it. */
export async function taskFor(db: Db, caller: Caller, taskId: TaskId): Promise<Task> {
  const { member, task, subject } = await requireTask(db, caller, taskId);
  const card = await taskCard(db, taskId);
  const [shown] = card === null ? [] : await shownTasks(db, member, [card], layersOf(task, subject));
  if (shown === undefined) throw new AppError("not-found", { taskId });
  return shown;
}

/** How many items of a task still wait for an answer. */
export async function leftOf(db: Db, task: TaskRow): Promise<number> {
  const works = await worksOf(db, [task], await historyOf(db, task));
  return works.get(task.id)?.left ?? 0;
}

/** A task with its items in walking order, down the slide, and what happened to it. */
export async function taskDetailFor(db: Db, { task, member, subject }: SeenTask): Promise<TaskDetail> {
  const card = await taskCard(db, task.id);
  if (card === null) throw new AppError("not-found", { taskId: task.id });
  const history = await historyOf(db, task);
  const work = (await worksOf(db, [task], history)).get(task.id) ?? { left: 0, total: 0, items: [] };
  const [shown] = await shownTasks(db, member, [card], layersOf(task, subject));
  if (shown === undefined) throw new AppError("not-found", { taskId: task.id });
  const hidden = hiddenFrom(member, subject);
  const events = await taskEventsOf(db, task.id);
  return {
    task: { ...shown, left: work.left, total: work.total },
    region: task.scope.kind === "rework" ? (task.scope.region ?? null) : null,
    origin: task.scope.kind === "rework" ? (task.scope.origin ?? null) : null,
    ...(await screenedClasses(db, task)),
    regions: await readRegions(db, task),
    items: await shownItems(db, { task, member, subject }, work, history),
    test: task.kind === "requalify" && task.assigneeId === member.personId ? await testFor(db, task) : null,
    events: events.map(({ at, person, fromState, toState, note }) => ({
      at: at.toISOString(),
      person: person !== null && hidden.has(person.id) ? { ...NOBODY } : person,
      fromState,
      toState,
      note: hidden.size > 0 && fromState === toState ? "" : note,
    })),
  };
}

/** The versions by which the items of a task are asked about. */
async function historyOf(db: Db, { projectId, layerId }: TaskRow): Promise<GuidelineVersion[]> {
  return layerId === null ? guidelineHistory(db, projectId) : historyInForce(db, projectId, layerId);
}

async function readRegions(db: Db, { scope, projectId }: TaskRow): Promise<TaskDetail["regions"]> {
  if (scope.kind !== "repeat-read") return [];
  const wanted = new Set<string>(scope.regionIds);
  return (await bridgeRegionsOf(db, projectId))
    .filter(({ id }) => wanted.has(id))
    .map(({ id, name, minX, minY, maxX, maxY }) => ({ id, name, box: [minX, minY, maxX, maxY] }));
}

function layersOf({ layerId }: TaskRow, { layer }: TaskSubject): Map<LayerId, LayerSubject> {
  return layer === null || layerId === null ? new Map() : new Map([[layerId, layer]]);
}

async function screenedClasses(
  db: Db,
  { scope, layerId }: TaskRow,
): Promise<Pick<TaskDetail, "screenClassIds" | "signedClassIds">> {
  if (scope.kind !== "re-screen" || layerId === null) return { screenClassIds: [], signedClassIds: [] };
  const unsigned = unsignedClasses(scope, await screeningsIn(db, { layerIds: [layerId] }));
  const signedClassIds = scope.classIds.filter((id) => !unsigned.includes(id));
  return { screenClassIds: [...scope.classIds], signedClassIds };
}

async function shownItems(
  db: Db,
  { task: { layerId }, member, subject }: SeenTask,
  { items }: TaskWork,
  history: readonly GuidelineVersion[],
): Promise<TaskItem[]> {
  if (layerId === null || items.length === 0) return [];
  const ids = items.map(({ annotationId }) => annotationId);
  const rows = new Map((await annotationRows(db, { layerIds: [layerId], ids })).map((row) => [row.id, row]));
  const suggest = suggesting(history);
  const pairs = await pairedOutlines(db, layerId, items, { history, mayTrim: mayTrimOthers(member, subject) });
  const shown = items.flatMap(
    (item) =>
      shownItem(item, rows.get(item.annotationId), { history, suggest, pairs: pairs.get(item.annotationId) }) ?? [],
  );
  return shown.sort(
    (a, b) => a.bbox[1] - b.bbox[1] || a.bbox[0] - b.bbox[0] || (a.annotationId < b.annotationId ? -1 : 1),
  );
}

type ShownBeside = {
  readonly history: readonly GuidelineVersion[];
  readonly suggest: Suggesting;
  readonly pairs: TaskItem["pairs"] | undefined;
};

/** An item with its outline; of what was deleted, the outline that it had when it was answered. */
function shownItem(
  { annotationId, state, standing, answer }: WorkItem,
  row: AnnotationRow | undefined,
  { history, suggest, pairs = [] }: ShownBeside,
): TaskItem | null {
  const annotation = row === undefined ? formerOf(annotationId, answer) : annotationOf(row);
  if (annotation === null) return null;
  const { classId, under, geometry } = annotation;
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  return {
    annotationId,
    classId: (standing ?? resolve(classId, under, history)).classId,
    under,
    contentHash: row?.contentHash ?? answer?.formerHash ?? "",
    geometry,
    bbox: [minX, minY, maxX, maxY],
    questions: (standing?.questions ?? []).map((question) => ({
      ...question,
      options: [...question.options],
      attribute: question.attribute && { ...question.attribute, values: [...question.attribute.values] },
    })),
    pairs,
    suggestion: suggest(standing?.questions ?? [], annotation),
    attributes: saidNow(annotation, history),
    state,
    note: answer?.note ?? "",
  };
}

function formerOf(id: Annotation["id"], answer: WorkItem["answer"]): Annotation | null {
  return answer?.formerRecord == null ? null : { id, ...decodeRecord(answer.formerRecord) };
}
