import { appendAudit } from "#db/audit.ts";
import type { Db } from "#db/client.ts";
import { addJudgements } from "#db/judgements.ts";
import { newId } from "#db/new-id.ts";
import { restate } from "#db/said.ts";
import { addAnswers, markStarted } from "#db/tasks.ts";
import { type AnnotationId, annotationId, type PersonId } from "#domain/ids.ts";
import type { Answer } from "#domain/task.ts";
import { type AnswerPlan, isEdit } from "./answer-plan.ts";

/** What was done about one item, to be stored with it. */
export type DoneItem = {
  readonly plan: AnswerPlan;
  /** Hash of the content afterwards; null where the annotation is gone. */
  readonly after: string | null;
};

type Given = {
  readonly personId: PersonId;
  readonly answer: Answer;
  readonly at: Date;
  /** Names the answer, or all of them where there are several. */
  readonly undo: AnnotationId;
  readonly together: boolean;
  /** The answer is the assignee's, and the task is under way with it. */
  readonly starts: boolean;
};

/**
 * Stores answers of one person in one task: as judgements where they are such, and with what undo needs. The caller holds
 * the layer's log.
 */
export async function storeAnswers(tx: Db, done: readonly DoneItem[], given: Given): Promise<void> {
  const { personId, answer, at, undo, together } = given;
  const [first] = done;
  if (first === undefined) return;
  const note = answer.verdict === "cannot-tell" ? answer.note : "";
  const rows = done.map((item) => ({
    ...item,
    id: together ? newId(annotationId) : undo,
    judgementId: newId(annotationId),
  }));
  await addJudgements(
    tx,
    rows.flatMap(({ plan: { row, effect, task, version }, judgementId }) =>
      effect.kind !== "judge"
        ? []
        : [
            {
              id: judgementId,
              layerId: row.layerId,
              annotationId: row.id,
              contentHash: row.contentHash,
              verdict: effect.verdict,
              version,
              personId,
              taskId: task.id,
              note,
              at,
            },
          ],
    ),
  );
  await addAnswers(
    tx,
    rows.map(({ plan: { row, effect, task }, after, id, judgementId }) => ({
      id,
      batchId: together ? undo : null,
      taskId: task.id,
      annotationId: row.id,
      personId,
      verdict: answer.verdict,
      classId: effect.kind === "put" ? effect.annotation.classId : null,
      note,
      judgementId: effect.kind === "judge" ? judgementId : null,
      formerRecord: isEdit(effect) ? row.record : null,
      formerHash: row.contentHash,
      afterHash: after,
      at,
    })),
  );
  await restate(
    tx,
    first.plan.row.layerId,
    rows.map(({ plan }) => plan.row.id),
  );
  if (given.starts) await markStarted(tx, first.plan.task, personId, at);
  await audited(tx, done, given);
}

async function audited(tx: Db, done: readonly DoneItem[], { personId, answer, together }: Given): Promise<void> {
  const [first] = done;
  if (first === undefined) return;
  const { task, row, version } = first.plan;
  const about = together
    ? { annotations: done.map(({ plan }) => plan.row.id), layer: row.layerId }
    : { annotation: row.id, layer: row.layerId };
  const detail = { ...about, verdict: answer.verdict, version };
  const entry = { personId, projectId: task.projectId, subject: task.id, detail };
  await appendAudit(tx, { ...entry, action: "task.answered" });
}
