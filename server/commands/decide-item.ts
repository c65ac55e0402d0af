import type { Db } from "#db/client.ts";
import { lockLog } from "#db/layers.ts";
import { newId } from "#db/new-id.ts";
import { addNotifications } from "#db/notifications.ts";
import { annotationId, type TaskId } from "#domain/ids.ts";
import { allow } from "#server/access.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { requireTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { type AnswerPlan, checkRedraw, isEdit, planDecision } from "./answer-plan.ts";
import { type AnswerRequest, edited, tellTask } from "./resolve-task.ts";
import { storeAnswers } from "./store-answers.ts";

/**
 * A lead decides what the assignee of a task could not tell, in whatever state the task is by now. The decision is an
 * answer like any other, in the lead's name; the task and its author stay as they are.
 * @throws AppError not-found, not-allowed, task-not-open where nothing is undecided, and those of an answer
 */
export async function decideItem(world: World, caller: Caller, taskId: TaskId, request: AnswerRequest): Promise<void> {
  const { db, rooms, events, now } = world;
  const seen = await requireTask(db, caller, taskId);
  allow(seen.member, "task.assign", seen.subject);
  const { layerId, projectId, slideId, assigneeId } = seen.task;
  if (layerId === null) throw new AppError("bad-request", { taskId, kind: seen.task.kind });
  if (request.answer.verdict === "cannot-tell") throw new AppError("bad-request", { in: "json", path: "answer" });
  const redraw = await checkRedraw(db, seen.task, request.geometry);
  const asked = { ...request, taskId, layerId, personId: caller.personId, redraw };
  const store = {
    personId: caller.personId,
    answer: request.answer,
    undo: newId(annotationId),
    together: false,
    starts: false,
  };
  const keep = async (tx: Db, plan: AnswerPlan, after: string | null) => {
    await storeAnswers(tx, [{ plan, after }], { ...store, at: now() });
    const about = { projectId, slideId, taskId, personId: assigneeId, actorId: caller.personId };
    await addNotifications(tx, [{ ...about, kind: "item-decided" }], now());
  };
  if (!isEdit((await planDecision(db, asked)).effect)) {
    await db.transaction(async (tx) => {
      await lockLog(tx, layerId);
      const plan = await planDecision(tx, asked);
      if (isEdit(plan.effect)) throw new AppError("content-changed", { annotationId: request.annotationId });
      await keep(tx, plan, plan.row.contentHash);
    });
  } else {
    const held: { plan?: AnswerPlan } = {};
    await rooms.edit(layerId, caller.personId, (doc) => edited(doc, held.plan), {
      before: async (tx) => {
        held.plan = await planDecision(tx, asked);
      },
      alongside: async (tx, after) => {
        if (held.plan !== undefined) await keep(tx, held.plan, after);
      },
    });
  }
  await tellTask(world, seen);
  events.tell(projectId, [assigneeId], { kind: "notifications", toast: null });
}
