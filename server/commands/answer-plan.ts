import { type AnnotationRow, annotationOf, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { layerNames } from "#db/layer-names.ts";
import { outlineKey } from "#db/outline-at.ts";
import { slideById } from "#db/slides.ts";
import { answersOf, lockTask, type TaskRow } from "#db/tasks.ts";
import type { Annotation, Geometry } from "#domain/annotation.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { AnnotationId, ClassId, LayerId, PersonId, TaskId } from "#domain/ids.ts";
import { reshaped, restamped, saidNow } from "#domain/migration/said.ts";
import { checkAnswer, checkChoice, resolve, type Staleness } from "#domain/migration.ts";
import { normalise } from "#domain/overlay.ts";
import { refuseMalformed } from "#domain/quality.ts";
import { type Answer, isAnswerable } from "#domain/task.ts";
import { allow, unwrap } from "#server/access.ts";
import { AppError } from "#server/errors.ts";
import { historyInForce } from "#server/queries/in-force.ts";
import { standingsOf } from "#server/queries/staleness.ts";
import { isAskedBy } from "#server/queries/task-work.ts";
import type { SeenTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";

/** What an answer does: a judgement, an edit, or nothing but to be noted. */
export type Effect =
  | { readonly kind: "judge"; readonly verdict: "keep" | "cannot-tell" }
  | { readonly kind: "put"; readonly annotation: Annotation }
  | { readonly kind: "remove" }
  | { readonly kind: "none" };

export function isEdit({ kind }: Effect): boolean {
  return kind === "put" || kind === "remove";
}

export function hasEdits(plans: readonly AnswerPlan[]): boolean {
  return plans.some(({ effect }) => isEdit(effect));
}

export type AnswerPlan = {
  readonly task: TaskRow;
  /** The annotation as it is before the answer. */
  readonly row: AnnotationRow;
  readonly effect: Effect;
  /** The newest guideline version that counts in the layer. */
  readonly version: number;
  /** What was asked about it; null where nothing is open. */
  readonly open: Staleness | null;
};

/** Whose answers, to which task, about what in which layer. */
type Place = { readonly taskId: TaskId; readonly layerId: LayerId; readonly personId: PersonId };
/** What is said about one item. */
type AskedItem = {
  readonly annotationId: AnnotationId;
  readonly contentHash: string;
  readonly answer: Answer;
  readonly redraw: Geometry | null;
};

/**
 * The layer in which the caller answers items of this task.
 * @throws AppError task-not-yours, not-allowed, bad-request for a task that has no items
 */
export function requireOwn({ task, member, subject }: SeenTask, caller: Caller): LayerId {
  if (task.assigneeId !== caller.personId) throw new AppError("task-not-yours", { taskId: task.id });
  allow(member, "task.answer", subject);
  const hasItems = task.kind === "migration" || task.kind === "rework";
  if (!hasItems || task.layerId === null) throw new AppError("bad-request", { taskId: task.id, kind: task.kind });
  return task.layerId;
}

/** A redrawn shape made valid. @throws AppError outline-malformed, coordinates-not-finite, outline-off-slide */
export async function checkRedraw(db: Db, task: TaskRow, drawn: Geometry | undefined): Promise<Geometry | null> {
  if (drawn === undefined) return null;
  const slide = await slideById(db, task.slideId);
  if (slide === null) throw new AppError("not-found", { slideId: task.slideId });
  const geometry = normalise(unwrap(refuseMalformed(drawn, slide.meta)));
  if (geometry === null) throw new AppError("outline-malformed", { problem: "the outline has no area" });
  return geometry;
}

/**
 * Checks an answer against what is true in this transaction, in which it holds the task, and says what it does.
 * @throws AppError task-not-open, task-not-yours, content-changed, choice-needed, unknown-class, class-retired, not-found
 */
export async function planAnswer(tx: Db, asked: Place & AskedItem): Promise<AnswerPlan> {
  const [plan] = await planAnswers(tx, asked, [asked]);
  if (plan === undefined) throw new Error("an answer without a plan");
  return plan;
}

/** The same for several answers of one person in one task, in a handful of queries. Errors as above. */
export async function planAnswers(tx: Db, place: Place, asked: readonly AskedItem[]): Promise<AnswerPlan[]> {
  const task = await lockTask(tx, place.taskId);
  if (task === null || !isAnswerable(task.state)) throw new AppError("task-not-open", { state: task?.state ?? null });
  if (task.assigneeId !== place.personId) throw new AppError("task-not-yours", { taskId: task.id });
  const known = await knownOf(tx, task, place.layerId, asked);
  return asked.map((each) => planOf(task, each, known));
}

/**
 * The same for a lead's decision of what somebody could not tell; the task may be in any state but called off.
 * @throws AppError task-not-open where nothing is undecided (any more), and those of an answer
 */
export async function planDecision(tx: Db, asked: Place & AskedItem): Promise<AnswerPlan> {
  const task = await lockTask(tx, asked.taskId);
  if (task === null || task.state === "cancelled" || task.state === "superseded") {
    throw new AppError("task-not-open", { state: task?.state ?? null });
  }
  const known = await knownOf(tx, task, asked.layerId, [asked]);
  const last = (await answersOf(tx, [task.id])).findLast((each) => each.annotationId === asked.annotationId);
  const standing = known.standings.get(outlineKey({ layerId: asked.layerId, id: asked.annotationId }));
  const isHandedOn = last?.verdict === "cannot-tell" && last.classId === null;
  if (!isHandedOn || (task.kind !== "rework" && standing?.state !== "undecided")) {
    throw new AppError("task-not-open", { annotationId: asked.annotationId });
  }
  return planOf({ ...task, state: "returned" }, asked, known);
}

/** What is true of a task and of the items that are answered. */
type Known = {
  readonly rows: ReadonlyMap<AnnotationId, AnnotationRow>;
  /** By `outlineKey`. */
  readonly standings: ReadonlyMap<string, Staleness>;
  readonly history: readonly GuidelineVersion[];
  readonly answered: ReadonlySet<AnnotationId>;
  /** The reader where the layer is a read: then every outline in it is their task. */
  readonly readerId: PersonId | null;
};

async function knownOf(tx: Db, task: TaskRow, layerId: LayerId, asked: readonly AskedItem[]): Promise<Known> {
  const ids = asked.map(({ annotationId }) => annotationId);
  const layer = (await layerNames(tx, [layerId])).get(layerId)?.layer;
  const rows = await annotationRows(tx, { layerIds: [layerId], ids });
  const history = await historyInForce(tx, task.projectId, layerId);
  return {
    rows: new Map(rows.map((row) => [row.id, row])),
    standings: await standingsOf(tx, rows, history),
    history,
    answered: new Set((await answersOf(tx, [task.id])).map((answer) => answer.annotationId)),
    readerId: layer?.kind === "read" ? layer.readerId : null,
  };
}

function planOf(task: TaskRow, asked: AskedItem, known: Known): AnswerPlan {
  const row = known.rows.get(asked.annotationId);
  if (row === undefined || row.contentHash !== asked.contentHash) {
    throw new AppError("content-changed", { annotationId: asked.annotationId, contentHash: row?.contentHash ?? null });
  }
  const { history } = known;
  const newest = history.at(-1);
  if (newest === undefined) throw new AppError("no-guideline", { projectId: task.projectId });
  const standing = known.standings.get(outlineKey(row));
  if (standing === undefined) throw new AppError("content-changed", { annotationId: row.id, contentHash: null });
  const authorId = known.readerId ?? row.createdBy;
  const open = task.kind === "rework" ? null : isAskedBy(task, { authorId, standing }) ? standing : null;
  checkItem(task, row.id, { isOpen: open !== null, answered: known.answered.has(row.id) });
  checkFits(asked.answer, open, newest, saidNow(annotationOf(row), history));
  const effect = effectOf(asked, { row, open, history, newest });
  return { task, row, version: newest.number, effect, open };
}

/** An item is answered once; in a task that was returned it may be answered again. */
function checkItem(
  task: TaskRow,
  id: AnnotationId,
  { isOpen, answered }: { readonly isOpen: boolean; readonly answered: boolean },
): void {
  if (isOpen) return;
  const isItem = answered || (task.scope.kind === "rework" && task.scope.annotationIds.includes(id));
  if (!isItem) throw new AppError("task-not-open", { annotationId: id });
  if (answered && task.state !== "returned") throw new AppError("task-not-open", { annotationId: id, answered: true });
}

function checkFits(
  answer: Answer,
  open: Staleness | null,
  { content }: GuidelineVersion,
  held: Annotation["attributes"],
): void {
  if (open !== null) {
    const fits = checkAnswer(open, answer, content, held);
    if (fits.ok) return;
    throw fits.reason === "nothing-to-answer" ? new AppError("task-not-open") : new AppError(fits.reason, fits.detail);
  } else if (answer.verdict === "choose") unwrap(checkChoice(answer, content, held));
}

type Facts = {
  readonly row: AnnotationRow;
  readonly open: Staleness | null;
  readonly history: readonly GuidelineVersion[];
  readonly newest: GuidelineVersion;
};

function effectOf({ answer, redraw }: AskedItem, facts: Facts): Effect {
  const { row, open, history } = facts;
  switch (answer.verdict) {
    case "delete":
      return { kind: "remove" };
    case "choose":
      return put(facts, answer.classId, redraw, answer.attributes);
    case "keep": {
      const effective = (open ?? resolve(row.classId, row.under, history)).classId;
      if (redraw !== null || answer.attributes !== undefined) return put(facts, effective, redraw, answer.attributes);
      return open === null ? { kind: "none" } : { kind: "judge", verdict: "keep" };
    }
    case "cannot-tell":
      return handOn(facts, redraw, answer.attributes ?? {});
    default:
      return answer satisfies never;
  }
}

/**
 * What "cannot tell" does: the fallback of what is asked, else the lead decides; also where the class of the fallback
 * requires something that is not said, so that nothing is stored that lacks it.
 */
function handOn(facts: Facts, redraw: Geometry | null, given: Annotation["attributes"]): Effect {
  const { open, row, newest, history } = facts;
  if (open === null) return { kind: "none" };
  const fallback = open.questions.find((question) => question.fallback !== null)?.fallback ?? null;
  const said = fallbackValues(open.questions);
  const led = { ...given, ...said };
  const held = { ...saidNow(annotationOf(row), history), ...led };
  const isWhole =
    fallback === null || checkChoice({ verdict: "choose", classId: fallback, attributes: held }, newest.content, {}).ok;
  if ((fallback === null && said === null) || !isWhole) return { kind: "judge", verdict: "cannot-tell" };
  return put(facts, fallback ?? open.classId, redraw, led);
}

/** Values that "cannot tell" leads to; null where there are none, or something else is asked that nobody could tell. */
function fallbackValues(questions: Staleness["questions"]): Record<string, string> | null {
  const led = questions.flatMap(({ attribute }) =>
    attribute === null || attribute.fallback === null ? [] : [[attribute.attributeId, attribute.fallback] as const],
  );
  return led.length > 0 && led.length === questions.length ? Object.fromEntries(led) : null;
}

function put(
  { row, newest, history, open }: Facts,
  classId: ClassId,
  redraw: Geometry | null,
  said: Annotation["attributes"] = {},
): Effect {
  const before = annotationOf(row);
  const geometry = redraw ?? before.geometry;
  const isShapeAlone = open === null && Object.keys(said).length === 0 && classId === before.classId;
  const stamped = isShapeAlone
    ? reshaped(before, newest.number, history)
    : { under: newest.number, attributes: { ...restamped(before, newest.number, history), ...said } };
  return { kind: "put", annotation: { ...before, ...stamped, classId, geometry } };
}
