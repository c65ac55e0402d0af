import pg from "pg";
import type { Db } from "#db/client.ts";
import { retally } from "#db/tallies.ts";
import type { LayerId, ProjectId } from "#domain/ids.ts";
import type { Versions } from "#server/queries/staleness.ts";
import { recount } from "./recount.ts";

/** What share of the stale annotations is answered, and of those by "cannot tell". */
const ANSWERED = 0.21;
const UNSURE = 0.02;
/** Two answers in one task. */
const APART_S = 4;

type Chosen = {
  readonly layers: string[];
  readonly ids: string[];
  readonly hashes: string[];
  readonly unsure: boolean[];
};

/**
 * Answers a part of what is stale in a project's migration tasks, as their assignees would: keeps, and now and then "cannot
 * tell". @returns how many were answered
 */
export async function answerSome(
  { db, url }: { readonly db: Db; readonly url: string },
  projectId: ProjectId,
  history: Versions,
): Promise<number> {
  const chosen: Chosen = { layers: [], ids: [], hashes: [], unsure: [] };
  let [seen, taken] = [0, 0];
  await recount(db, projectId, history, ({ layerId, id, contentHash }) => {
    if (Math.floor(++seen * ANSWERED) === taken) return;
    taken++;
    chosen.layers.push(layerId);
    chosen.ids.push(id);
    chosen.hashes.push(contentHash);
    chosen.unsure.push(Math.floor(taken * UNSURE) !== Math.floor((taken - 1) * UNSURE));
  });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const version = history.at(-1)?.number ?? 0;
    await client.query(ANSWER, [chosen.layers, chosen.ids, chosen.hashes, chosen.unsure, version, APART_S, projectId]);
    await retally(db, [...new Set(chosen.layers)] as LayerId[]);
    await client.query("vacuum analyze annotations, annotation_tallies, judgements, task_answers");
  } finally {
    await client.end();
  }
  return taken;
}

const ANSWER = `
  with chosen as (
    select t.id task_id, t.assignee_id, c.*, row_number() over (partition by t.id order by c.id) place
    from unnest($1::text[], $2::text[], $3::text[], $4::bool[]) c (layer_id, id, hash, unsure)
    join tasks t on t.layer_id = c.layer_id and t.kind = 'migration' and t.project_id = $7
  ), given as (
    select *, now() - interval '30 days' + place * $6 * interval '1 second' as at,
      case when unsure then 'cannot-tell' else 'keep' end verdict
    from chosen
  ), judged as (
    insert into judgements (id, layer_id, annotation_id, content_hash, verdict, version, person_id, task_id, at)
    select 'j' || id, layer_id, id, hash, verdict, $5, assignee_id, task_id, at from given
  )
  insert into task_answers (id, task_id, annotation_id, person_id, verdict, judgement_id, former_hash, after_hash, at)
  select 'w' || id, task_id, id, assignee_id, verdict, 'j' || id, hash, hash, at from given`;
