import { sql } from "drizzle-orm";
import type { LayerId, PersonId, ProjectId, TaskId } from "#domain/ids.ts";
import { ANSWERABLE, type TaskKind } from "#domain/task.ts";
import type { Db } from "./client.ts";

/** Stale annotations of an author in a layer that a version asked about first, and no earlier one. */
export type Waiting = {
  readonly layerId: LayerId;
  readonly authorId: PersonId;
  readonly since: number;
  readonly count: number;
};

/** How much is left of all open tasks of a kind that somebody has; 0 where they have some and nothing is left in them. */
export type TaskLoad = { readonly personId: PersonId; readonly kind: TaskKind; readonly left: number };

/** What is not counted: some tasks, and all on some layers. */
export type Uncounted = { readonly without: readonly TaskId[]; readonly hidden: readonly LayerId[] };

/**
 * What is left of the open tasks of a project by person and kind, without reading one of them out: the same as `countsOf`
 * says of each. Adjudications are left aside, since what is left of them is computed from shapes.
 * @param waiting everything that is stale in the project and not excused
 */
export async function taskLoads(
  db: Db,
  projectId: ProjectId,
  waiting: readonly Waiting[],
  { without, hidden }: Uncounted,
): Promise<TaskLoad[]> {
  const { rows } = await db.execute<TaskLoad>(sql`
    with open as (
      select id, kind, state, layer_id, assignee_id, scope from tasks
      where project_id = ${projectId} and state = any(${sql.param([...ANSWERABLE])}::text[]) and kind <> 'adjudication'
        and id <> all(${sql.param([...without])}::text[])
        and (layer_id is null or layer_id <> all(${sql.param([...hidden])}::text[]))
    ), waiting as (
      select * from unnest(${sql.param(waiting.map(({ layerId }) => layerId))}::text[],
        ${sql.param(waiting.map(({ authorId }) => authorId))}::text[],
        ${sql.param(waiting.map(({ since }) => since))}::int[],
        ${sql.param(waiting.map(({ count }) => count))}::int[]) as waiting (layer_id, author_id, since, count)
    ), counted as (
      select assignee_id, kind, ${LEFT_OF_OTHERS} "left" from open t
      union all
      select t.assignee_id, t.kind, waiting.count from waiting
      join open t on t.kind = 'migration' and t.layer_id = waiting.layer_id
        and waiting.since <= (t.scope ->> 'version')::int and t.scope -> 'authorIds' ? waiting.author_id
    )
    select assignee_id "personId", kind, sum("left")::float8 "left" from counted group by 1, 2 order by 1, 2`);
  return rows;
}

/** What is left of a task `t` that does not depend on where annotations stand; of a migration nothing. */
const LEFT_OF_OTHERS = sql`case t.kind
  when 'requalify' then 1
  when 'repeat-read' then (select count(*) from layers l where l.id = t.layer_id and l.state = 'open')
  when 're-screen' then (
    select count(*) from jsonb_array_elements_text(t.scope -> 'classIds') wanted (class_id)
    where not exists (
      select 1 from screenings s
      where s.layer_id = t.layer_id and s.version >= (t.scope ->> 'version')::int and s.class_ids ? wanted.class_id
    )
  )
  when 'rework' then (
    select count(*) from jsonb_array_elements_text(t.scope -> 'annotationIds') item (id)
    join annotations a on a.layer_id = t.layer_id and a.id = item.id
    where not exists (
      select 1 from task_answers w where w.task_id = t.id and w.annotation_id = item.id and w.undone_at is null
    )
  ) + case when t.state in ('open', 'returned') and jsonb_typeof(t.scope -> 'region') = 'object' then 1 else 0 end
  else 0 end`;
