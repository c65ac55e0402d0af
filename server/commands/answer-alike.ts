import type { Db } from "#db/client.ts";
import { lockLog } from "#db/layers.ts";
import { answersToUndo } from "#db/tasks.ts";
import type { AnnotationId, TaskId } from "#domain/ids.ts";
import { type Answer, alikeKey } from "#domain/task.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { leftOf, requireTask } from "#server/queries/tasks.ts";
import type { Caller } from "#server/session.ts";
import { type AnswerPlan, hasEdits, planAnswers, requireOwn } from "./answer-plan.ts";
import { editedAll, tellTask, unchanged } from "./resolve-task.ts";
import { storeAnswers } from "./store-answers.ts";

export type AlikeRequest = {
  /** Names all the answers together; sent again with the same one they are not given twice. */
  readonly id: AnnotationId;
  readonly items: readonly {
    readonly annotationId: AnnotationId;
    readonly contentHash: string;
    /** Its own, where the items differ in what is chosen or said. */
    readonly answer?: Answer | undefined;
  }[];
  readonly answer: Answer;
};

/**
 * Gives one answer about several alike items of a task, all of them or none, in one transaction; one undo takes it back.
 * Items may each be given a class or values of their own, as where suggestions are taken.
 * @throws AppError not-alike, bad-request where the verdicts differ, and those of a single answer for the first item that does not allow it
 */
export async function answerAlike(
  world: World,
  caller: Caller,
  taskId: TaskId,
  { id, items, answer }: AlikeRequest,
): Promise<{ readonly undo: string; readonly left: number }> {
  const { db, rooms, now } = world;
  const seen = await requireTask(db, caller, taskId);
  const layerId = requireOwn(seen, caller);
  const given = await answersToUndo(db, id);
  if (given.some((each) => each.taskId !== taskId || each.personId !== caller.personId)) {
    throw new AppError("bad-request", { in: "json", path: "id" });
  }
  if (given.length > 0) return { undo: id, left: await leftOf(db, seen.task) };
  const place = { taskId, layerId, personId: caller.personId };
  const asked = distinct(items).map((item) => ({ ...item, answer: item.answer ?? answer, redraw: null }));
  if (asked.some((each) => each.answer.verdict !== answer.verdict)) {
    throw new AppError("bad-request", { in: "json", path: "items" });
  }
  const planned = async (tx: Db): Promise<readonly AnswerPlan[]> => {
    const plans = await planAnswers(tx, place, asked);
    checkAlike(plans);
    return plans;
  };
  const store = { personId: caller.personId, answer, undo: id, together: true, starts: true };
  const edits = hasEdits(await planned(db));
  if (!edits) {
    await db.transaction(async (tx) => {
      await lockLog(tx, layerId);
      const plans = await planned(tx);
      if (hasEdits(plans)) throw new AppError("content-changed", { taskId });
      await storeAnswers(tx, unchanged(plans), { ...store, at: now() });
    });
  } else {
    const held: { plans: readonly AnswerPlan[] } = { plans: [] };
    await rooms.edit(layerId, caller.personId, (doc) => editedAll(doc, held.plans), {
      before: async (tx) => {
        held.plans = await planned(tx);
      },
      alongside: (tx, done) => storeAnswers(tx, done, { ...store, at: now() }),
    });
  }
  await tellTask(world, seen);
  return { undo: id, left: await leftOf(db, seen.task) };
}

function distinct(items: AlikeRequest["items"]): AlikeRequest["items"] {
  return [...new Map(items.map((item) => [item.annotationId, item])).values()];
}

/** @throws AppError not-alike */
function checkAlike(plans: readonly AnswerPlan[]): void {
  const keys = new Set(
    plans.map(({ row, open }) =>
      alikeKey({ classId: row.classId, under: row.under, questions: open?.questions ?? [] }),
    ),
  );
  if (keys.size > 1) throw new AppError("not-alike", { kinds: keys.size });
}
