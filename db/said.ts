import { type AnnotationId, type LayerId, type TaskId, taskId } from "#domain/ids.ts";
import type { Db } from "./client.ts";
import { run, type Statement } from "./statement.ts";

/** What people have said about an annotation and not taken back. */
export type Said = {
  /** Versions under which somebody kept its content, rising. */
  readonly keeps: readonly number[];
  /** The newest version under which somebody could not tell of its content; 0 where nobody said so. */
  readonly handedOn: number;
  /** Tasks in which it was answered, whatever its content was. */
  readonly answeredIn: readonly TaskId[];
};

const NOTHING: Said = { keeps: [], handedOn: 0, answeredIn: [] };

/** Reads the spelling that rows and tallies hold: `2,3/0/task,task`, and nothing where nothing was said. */
export function saidIn(text: string): Said {
  if (text === "") return NOTHING;
  const [keeps = "", handedOn = "", tasks = ""] = text.split("/");
  return {
    keeps: keeps
      .split(",")
      .filter(isSaid)
      .map(Number)
      .sort((a, b) => a - b),
    handedOn: Number(handedOn),
    answeredIn: tasks
      .split(",")
      .filter(isSaid)
      .map((id) => taskId.parse(id)),
  };
}

function isSaid(text: string): boolean {
  return text !== "";
}

/** Versions that some judgements `j` keep, and the newest in which somebody could not tell. */
const JUDGED = `coalesce(string_agg(distinct j.version::text, ',' order by j.version::text)
    filter (where j.verdict = 'keep'), '')
  || '/' || coalesce(max(j.version) filter (where j.verdict = 'cannot-tell'), 0) || '/'`;
/** Tasks that some answers `w` were given in. */
const ANSWERED = "string_agg(distinct w.task_id, ',' order by w.task_id)";
/** The two after one another; nothing where nothing was said. */
const spelled = (judged: string, answered: string): string =>
  `coalesce(nullif(coalesce(${judged}, '/0/') || coalesce(${answered}, ''), '/0/'), '')`;

/** That spelling, as a part of a statement's text, from judgements and answers. The same things are spelled the same. */
export function saidOf(layerId: string, id: string, contentHash: string): string {
  return spelled(
    `(select ${JUDGED} from judgements j where j.layer_id = ${layerId} and j.annotation_id = ${id}
      and j.content_hash = ${contentHash} and j.withdrawn_at is null)`,
    `(select ${ANSWERED} from task_answers w join tasks t on t.id = w.task_id and t.layer_id = ${layerId}
      where w.annotation_id = ${id} and w.undone_at is null)`,
  );
}

/**
 * Brings the rows of annotations, and the tallies that they are counted in, up to date with judgements and answers that
 * the transaction has changed. The caller holds the layer's log.
 */
export async function restate(tx: Db, layerId: LayerId, ids: readonly AnnotationId[]): Promise<void> {
  if (ids.length > 0) await run(tx, RESTATE, [layerId, [...new Set(ids)]]);
}

const RESTATE: Statement = {
  name: "restate",
  text: `
    with former as (
      select id, class_id, under, shape, created_by, attributes, area_px, said,
        ${saidOf("a.layer_id", "a.id", "a.content_hash")} news
      from annotations a where layer_id = $1 and id = any($2::text[])
    ), told as (
      update annotations a set said = former.news from former
      where a.layer_id = $1 and a.id = former.id and former.said <> former.news
    )
    insert into annotation_tallies as t (layer_id, class_id, under, shape, created_by, attributes, said, count, area_units)
    select $1, class_id, under, shape, created_by, attributes, step.said, sum(sign), sum(sign * round(area_px * 8192)::bigint)
    from former cross join lateral (values (-1, former.said), (1, former.news)) step (sign, said)
    where former.said <> former.news
    group by class_id, under, shape, created_by, attributes, step.said
    having sum(sign) <> 0 or sum(sign * round(area_px * 8192)::bigint) <> 0
    on conflict (layer_id, key) do update set count = t.count + excluded.count,
      area_units = t.area_units + excluded.area_units`,
};

/**
 * Writes what was said into all rows of layers that do not say so; their tallies are left to `retally`.
 * @returns the annotations that were wrong
 */
export async function restateAll(tx: Db, layerIds: readonly LayerId[]): Promise<AnnotationId[]> {
  return (await run<{ id: AnnotationId }>(tx, RESTATE_ALL, [layerIds])).map(({ id }) => id);
}

/** By whole tables, each gone through once: of a million annotations nobody looks for one. */
const RESTATE_ALL: Statement = {
  name: "restate_all",
  text: `
    with judged as (
      select j.layer_id, j.annotation_id id, j.content_hash, ${JUDGED} judged from judgements j
      where j.layer_id = any($1::text[]) and j.withdrawn_at is null group by 1, 2, 3
    ), answered as (
      select t.layer_id, w.annotation_id id, ${ANSWERED} answered from tasks t join task_answers w on w.task_id = t.id
      where t.layer_id = any($1::text[]) and w.task_id = any(array(select id from tasks where layer_id = any($1::text[])))
        and w.undone_at is null group by 1, 2
    ), told as (
      select a.layer_id, a.id, a.said, ${spelled("judged", "answered")} news
      from annotations a left join judged using (layer_id, id, content_hash) left join answered using (layer_id, id)
      where a.layer_id = any($1::text[])
    )
    update annotations a set said = told.news from told
    where a.layer_id = any($1::text[]) and a.layer_id = told.layer_id and a.id = told.id and told.said <> told.news
    returning a.id`,
};
