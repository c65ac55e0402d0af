import type { Db } from "#db/client.ts";
import { lockLog } from "#db/layers.ts";
import { newId } from "#db/new-id.ts";
import { type AnswerRow, answersToUndo } from "#db/tasks.ts";
import type { Annotation, Geometry } from "#domain/annotation.ts";
import { type AnnotationId, annotationId, type TaskId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import type { Answer } from "#domain/task.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { leftOf, requireTask, type SeenTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { contentHash } from "#server/sync/projection.ts";
import { watchers } from "#server/watchers.ts";
import { type AnswerPlan, checkRedraw, hasEdits, planAnswer, requireOwn } from "./answer-plan.ts";
import { type DoneItem, storeAnswers } from "./store-answers.ts";
import { checkTrims, planTrims, type TrimmedOther } from "./trim-others.ts";

export type AnswerRequest = {
  /** Names the answer; one that was given under it already is not given again. */
  readonly id?: AnnotationId | undefined;
  readonly annotationId: AnnotationId;
  /** The content that the person looked at. */
  readonly contentHash: string;
  readonly answer: Answer;
  /** A new shape, together with keep or choose; level-0 px. */
  readonly geometry?: Geometry | undefined;
  /** With keep: others of its pairs out of which the outline is cut. */
  readonly trims?: readonly TrimmedOther[] | undefined;
};

/**
 * Answers one item of a task. Keep, and "cannot tell" without a fallback, are judgements bound to the content that was
 * seen; another class, a new shape and deleting are edits of the layer in the assignee's name, stamped with the newest
 * version, and allowed by the task also where the read is locked. Of two answers at once one is refused. Others of its
 * pairs that are trimmed are changed with it or not at all.
 * @returns what undo is asked with, and how many items wait
 * @throws AppError task-not-yours, task-not-open, content-changed, choice-needed, unknown-class, class-retired,
 * nothing-left, not-allowed for others that the caller may not change
 */
export async function resolveTask(
  world: World,
  caller: Caller,
  taskId: TaskId,
  request: AnswerRequest,
): Promise<{ readonly undo: string; readonly left: number }> {
  const { db, rooms, now } = world;
  const seen = await requireTask(db, caller, taskId);
  const layerId = requireOwn(seen, caller);
  const redraw = await checkRedraw(db, seen.task, request.geometry);
  const asked = { ...request, taskId, layerId, personId: caller.personId, redraw };
  const undo = request.id ?? newId(annotationId);
  if (await isGiven(db, { undo, taskId, personId: caller.personId, annotationId: request.annotationId })) {
    return { undo, left: await leftOf(db, seen.task) };
  }
  const trims = checkTrims(seen, request);
  const planned = async (tx: Db): Promise<readonly AnswerPlan[]> => {
    const plan = await planAnswer(tx, asked);
    return [plan, ...(await planTrims(tx, plan, trims))];
  };
  const edits = hasEdits(await planned(db));
  const { answer } = request;
  const store = { personId: caller.personId, answer, undo, together: trims.length > 0, starts: true };
  if (!edits) {
    await db.transaction(async (tx) => {
      await lockLog(tx, layerId);
      const plans = await planned(tx);
      if (hasEdits(plans)) throw new AppError("content-changed", { annotationId: request.annotationId });
      await storeAnswers(tx, unchanged(plans), { ...store, at: now() });
    });
  } else {
    const held: { plans: readonly AnswerPlan[] } = { plans: [] };
    await rooms.edit(layerId, caller.personId, (doc) => editedAll(doc, held.plans), {
      before: async (tx) => {
        held.plans = await planned(tx);
        if (!hasEdits(held.plans)) throw new AppError("content-changed", { annotationId: request.annotationId });
      },
      alongside: (tx, done) => storeAnswers(tx, done, { ...store, at: now() }),
    });
  }
  await tellTask(world, seen);
  return { undo, left: await leftOf(db, seen.task) };
}

/** Whether this very answer was stored before: its sender did not hear so. @throws AppError bad-request for another's id */
async function isGiven(
  db: Db,
  { undo, ...answer }: { readonly undo: string } & Pick<AnswerRow, "taskId" | "personId" | "annotationId">,
): Promise<boolean> {
  const known = await answersToUndo(db, undo);
  if (known.length === 0) return false;
  const same = known.every(({ taskId, personId }) => taskId === answer.taskId && personId === answer.personId);
  if (!same || !known.some(({ annotationId: id }) => id === answer.annotationId))
    throw new AppError("bad-request", { in: "json", path: "id" });
  return true;
}

/** Everybody who may see the task asks for it again. */
export async function tellTask(
  { db, events }: World,
  { subject }: Pick<SeenTask, "subject">,
  toast: { readonly to: SeenTask["task"]["assigneeId"]; readonly text: string } | null = null,
): Promise<void> {
  const audience = await watchers(db, subject.projectId, "task.see", [subject]);
  events.tell(subject.projectId, audience, { kind: "tasks", toast: null });
  if (toast !== null) events.tell(subject.projectId, [toast.to], { kind: "tasks", toast: toast.text });
}

/** Answers that change no outline. */
export function unchanged(plans: readonly AnswerPlan[]): DoneItem[] {
  return plans.map((plan) => ({ plan, after: plan.row.contentHash }));
}

/** Does what plans say, in their order. */
export function editedAll(doc: LayerDoc, plans: readonly AnswerPlan[]): DoneItem[] {
  return plans.map((plan) => ({ plan, after: edited(doc, plan) }));
}

/** Does what a plan says. @returns the hash of what the annotation is afterwards; null where it is gone */
export function edited(doc: LayerDoc, plan: AnswerPlan | undefined): string | null {
  if (plan === undefined) throw new Error("an edit without a plan");
  const { effect, row } = plan;
  if (effect.kind === "put") doc.put(effect.annotation, { origin: "command" });
  if (effect.kind === "remove") doc.remove(row.id, { origin: "command" });
  const after: Annotation | null = doc.get(row.id);
  return after === null ? null : contentHash(after);
}
