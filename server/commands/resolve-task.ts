import type { AnnotationRow } from "#db/annotations.ts";
import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { addJudgement } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { addAnswer, markStarted, type TaskRow } from "#db/tasks.ts";
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
import { type AnswerPlan, checkRedraw, isEdit, planAnswer, requireOwn } from "./answer-plan.ts";

export type AnswerRequest = {
  readonly annotationId: AnnotationId;
  /** The content that the person looked at. */
  readonly contentHash: string;
  readonly answer: Answer;
  /** A new shape, together with keep or choose; level-0 px. */
  readonly geometry?: Geometry | undefined;
};

/**
 * Answers one item of a task. Keep, and "cannot tell" without a fallback, are judgements bound to the content that was
 * seen; another class, a new shape and deleting are edits of the layer in the assignee's name, stamped with the newest
 * version, and allowed by the task also where the read is locked. Of two answers at once one is refused.
 * @returns what undo is asked with, and how many items wait
 * @throws AppError task-not-yours, task-not-open, content-changed, choice-needed, unknown-class, class-retired
 */
export async function resolveTask(
  world: World,
  caller: Caller,
  taskId: TaskId,
  request: AnswerRequest,
): Promise<{ readonly undo: string; readonly left: number }> {
  const { db, rooms } = world;
  const seen = await requireTask(db, caller, taskId);
  const layerId = requireOwn(seen, caller);
  const redraw = await checkRedraw(db, seen.task, request.geometry);
  const asked = { ...request, taskId, layerId, personId: caller.personId, redraw };
  const undo = newId(annotationId);
  const edits = isEdit((await planAnswer(db, asked)).effect);
  const planned = async (tx: Db): Promise<AnswerPlan> => {
    const plan = await planAnswer(tx, asked);
    if (isEdit(plan.effect) !== edits) throw new AppError("content-changed", { annotationId: request.annotationId });
    return plan;
  };
  const store = { world, caller, undo, request };
  if (!edits) {
    await db.transaction(async (tx) => {
      const plan = await planned(tx);
      await storeAnswer(tx, { ...store, plan, after: plan.row.contentHash });
    });
  } else {
    const held: { plan?: AnswerPlan } = {};
    await rooms.edit(layerId, caller.personId, (doc) => edited(doc, held.plan), {
      before: async (tx) => {
        held.plan = await planned(tx);
      },
      alongside: async (tx, after) => {
        if (held.plan !== undefined) await storeAnswer(tx, { ...store, plan: held.plan, after });
      },
    });
  }
  await tellTask(world, seen);
  return { undo, left: await leftOf(db, seen.task) };
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

/** @returns the hash of what the annotation is afterwards; null where it is gone */
function edited(doc: LayerDoc, plan: AnswerPlan | undefined): string | null {
  if (plan === undefined) throw new Error("an edit without a plan");
  const { effect, row } = plan;
  if (effect.kind === "put") doc.put(effect.annotation, { origin: "command" });
  if (effect.kind === "remove") doc.remove(row.id, { origin: "command" });
  const after: Annotation | null = doc.get(row.id);
  return after === null ? null : contentHash(after);
}

type Stored = {
  readonly world: World;
  readonly caller: Caller;
  readonly undo: string;
  readonly request: AnswerRequest;
  readonly plan: AnswerPlan;
  readonly after: string | null;
};

async function storeAnswer(tx: Db, { world, caller, undo, request, plan, after }: Stored): Promise<void> {
  const { task, row, effect, version } = plan;
  const { personId } = caller;
  const at = world.now();
  const { verdict } = request.answer;
  const note = request.answer.verdict === "cannot-tell" ? request.answer.note : "";
  const judgementId = effect.kind === "judge" ? newId(annotationId) : null;
  if (effect.kind === "judge" && judgementId !== null) {
    const about = { layerId: row.layerId, annotationId: row.id, contentHash: row.contentHash };
    await addJudgement(tx, {
      id: judgementId,
      ...about,
      verdict: effect.verdict,
      version,
      personId,
      taskId: task.id,
      note,
      at,
    });
  }
  await addAnswer(tx, {
    id: undo,
    taskId: task.id,
    annotationId: row.id,
    personId,
    verdict,
    classId: effect.kind === "put" ? effect.annotation.classId : null,
    note,
    judgementId,
    formerRecord: isEdit(effect) ? row.record : null,
    formerHash: row.contentHash,
    afterHash: after,
    at,
  });
  await markStarted(tx, task, personId, at);
  await audited(tx, task, row, { personId, verdict, version });
}

async function audited(
  tx: Db,
  { id, projectId }: TaskRow,
  row: AnnotationRow,
  { personId, verdict, version }: Pick<Caller, "personId"> & { readonly verdict: string; readonly version: number },
): Promise<void> {
  const detail = { annotation: row.id, layer: row.layerId, verdict, version };
  await appendAudit(tx, { personId, projectId, action: "task.answered", subject: id, detail });
}
