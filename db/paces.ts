import { sql } from "drizzle-orm";
import type { LayerId, ProjectId } from "#domain/ids.ts";
import type { Db } from "./client.ts";

/** Seconds that work has taken in a project, medians; null for what nobody has done yet. */
export type MedianSeconds = {
  /** Between two answers that one person gave in one task. */
  readonly answer: number | null;
  /** To look through a slide for one class, from the beginning of the task to its sign-off. */
  readonly screening: number | null;
  /** For one attempt to show that one can tell a class. */
  readonly test: number | null;
};

/** What takes longer was interrupted and does not count, seconds. */
const ANSWER_PAUSE = 600;
const SCREENING_PAUSE = 4 * 3_600;
const TEST_PAUSE = 3_600;

/** @param hidden layers of which nothing may be told, not even how fast somebody works there */
export async function medianSeconds(db: Db, projectId: ProjectId, hidden: readonly LayerId[]): Promise<MedianSeconds> {
  const told = sql`t.project_id = ${projectId} and coalesce(t.layer_id, '') <> all(${sql.param([...hidden])}::text[])`;
  const { rows } = await db.execute<MedianSeconds>(sql`
    select
      (select percentile_cont(0.5) within group (order by seconds) from (
        select extract(epoch from a.at - lag(a.at) over (partition by a.task_id, a.person_id order by a.at)) seconds
        from task_answers a join tasks t on t.id = a.task_id
        where ${told}
      ) gaps where seconds between 0 and ${ANSWER_PAUSE}) answer,
      (select percentile_cont(0.5) within group (order by seconds) from (
        select extract(epoch from
            min(e.at) filter (where e.to_state = 'submitted') - min(e.at) filter (where e.to_state = 'in-progress')
          ) / jsonb_array_length(t.scope -> 'classIds') seconds
        from tasks t join task_events e on e.task_id = t.id
        where ${told} and t.kind = 're-screen'
        group by t.id
      ) looks where seconds between 0 and ${SCREENING_PAUSE}) screening,
      (select percentile_cont(0.5) within group (order by seconds) from (
        select extract(epoch from finished_at - started_at) seconds
        from qualification_attempts where project_id = ${projectId}
      ) tests where seconds between 0 and ${TEST_PAUSE}) test`);
  return rows[0] ?? { answer: null, screening: null, test: null };
}
