import { and, asc, eq, isNotNull, isNull, notInArray, type SQL, sql } from "drizzle-orm";
import type { LayerId, ProjectId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import type { PersonName } from "./guidelines.ts";
import { people, slides, taskAnswers, tasks } from "./schema.ts";
import type { AnswerRow, TaskRow } from "./tasks.ts";

/** Somebody could not tell about an item, and nobody has answered it since. */
export type HandedOn = Pick<AnswerRow, "id" | "annotationId" | "note" | "at"> & {
  readonly layerId: LayerId;
  readonly task: TaskRow;
  readonly slideName: string;
  readonly person: PersonName;
};

/** Where a page of them ended. */
export type HandedOnPage = {
  /** Id of the last answer of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
};

/**
 * Items of a project's tasks whose last answer that stands is that somebody could not tell, and led to no class; oldest
 * first. Tasks that were called off are not among them.
 */
export async function handedOn(db: Db, projectId: ProjectId, { after, limit }: HandedOnPage): Promise<HandedOn[]> {
  const rows = await db
    .select({
      answer: taskAnswers,
      task: tasks,
      slideName: slides.name,
      person: { id: people.id, name: people.name, colour: people.colour },
    })
    .from(taskAnswers)
    .innerJoin(tasks, eq(tasks.id, taskAnswers.taskId))
    .innerJoin(slides, eq(slides.id, tasks.slideId))
    .innerJoin(people, eq(people.id, taskAnswers.personId))
    .where(
      and(
        IS_UNDECIDED,
        IS_LAST,
        eq(tasks.projectId, projectId),
        isNotNull(tasks.layerId),
        notInArray(tasks.state, ["cancelled", "superseded"]),
        isAfter(after),
      ),
    )
    .orderBy(asc(taskAnswers.at), asc(taskAnswers.id))
    .limit(limit);
  return rows.flatMap(({ answer: { id, annotationId, note, at }, task, ...rest }) =>
    task.layerId === null ? [] : [{ ...rest, task, layerId: task.layerId, id, annotationId, note, at }],
  );
}

/** The condition of the index of undecided answers, in its words. */
const IS_UNDECIDED = and(
  isNull(taskAnswers.undoneAt),
  sql`${taskAnswers.verdict} = 'cannot-tell'`,
  isNull(taskAnswers.classId),
);

const IS_LAST = sql`not exists (
  select 1 from task_answers later
  where later.task_id = ${taskAnswers.taskId} and later.annotation_id = ${taskAnswers.annotationId}
    and later.undone_at is null and (later.at, later.id) > (${taskAnswers.at}, ${taskAnswers.id}))`;

function isAfter(after: string | undefined): SQL | undefined {
  if (after === undefined) return undefined;
  return sql`(${taskAnswers.at}, ${taskAnswers.id}) > (select at, id from task_answers where id = ${after})`;
}
