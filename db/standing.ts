import { type SQL, sql } from "drizzle-orm";
import type { AnnotationId, LayerId, PersonId, ProjectId, SlideId, TaskId } from "#domain/ids.ts";
import {
  type AskedPair,
  asPairs,
  attributesOf,
  type Pair,
  pairKey,
  parsed,
  reachOf,
  violatedBy,
} from "./asked-pairs.ts";
import type { Db } from "./client.ts";

export type { AskedPair, Bounds, Pair } from "./asked-pairs.ts";

/** Everything in a project, or in some layers. */
export type Within = { readonly projectId: ProjectId } | { readonly layerIds: readonly LayerId[] };
/** The same, or some annotations of layers. */
type Among = Within | { readonly layerIds: readonly LayerId[]; readonly annotationIds: readonly AnnotationId[] };
type Place = { readonly layerId: LayerId; readonly slideId: SlideId; readonly authorId: PersonId };
export type StampCount = Pair & Place & { readonly count: number };

/** What an annotation has of what was asked. */
export type Asked = {
  /** For each of the bounds the rules that are violated. Without a scale areas are not judged. */
  readonly violated: readonly (readonly string[])[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly keeps: readonly number[];
  readonly handedOn: number;
  /** Ids of the lists that name it. */
  readonly namedBy: readonly string[];
};
/** Lists of annotations that a caller wants to know the members of: those that a waiver names. */
export type NamedList = { readonly id: string; readonly annotationIds: readonly AnnotationId[] };
export type AskedCount = Pair &
  Place &
  Asked & {
    readonly count: number;
    /** The one annotation that is counted, where it was to be counted apart. */
    readonly apart: AnnotationId | null;
  };
export type AskedRow = Pair & Place & Asked & { readonly id: AnnotationId; readonly contentHash: string };

/** `authorId` is the reader of a read, else who drew it. */
const AUTHOR = sql`case when l.kind = 'read' then l.reader_id else a.created_by end`;

/**
 * How many annotations share class, version and shape in a layer, by whose they are. Reads tallies and no annotation.
 * Repeat and bridge reads are observations and no work: they are in none of the counts of this file.
 */
export async function stampCounts(db: Db, within: Within): Promise<StampCount[]> {
  return (await db.execute<StampCount>(stampQuery(within))).rows;
}

/** The statement of `stampCounts`, for whoever wants to see its plan. */
export function stampQuery(within: Within): SQL {
  return sql`
    select a.layer_id "layerId", l.slide_id "slideId", a.class_id "classId", a.under, a.shape,
      ${AUTHOR} "authorId", sum(a.count)::int count
    from annotation_tallies a join layers l on l.id = a.layer_id and l.purpose = 'work'
    where a.count > 0 and ${isWithin(within)}
    group by 1, 2, 3, 4, 5, 6`;
}

/**
 * The annotations of these pairs, counted by everything that decides about them and by whose and where they are. Tallies
 * say it of most; those that break a size rule are counted from an index, and those that were judged or named are read
 * one by one, and both are taken off.
 * @param stamps what `stampCounts` said of the same place
 * @param apart annotations that are each counted by themselves, since something decides about them that is not in their rows
 */
export async function askedCounts(
  db: Db,
  within: Within,
  pairs: readonly AskedPair[],
  { stamps, lists = [], apart = [] }: Told,
): Promise<AskedCount[]> {
  if (pairs.length === 0) return [];
  const byKey = new Map(pairs.map((pair) => [pairKey(pair), pair]));
  const counts = new Map<string, AskedCount>();
  for (const stamp of stamps) {
    const pair = byKey.get(pairKey(stamp));
    if (pair === undefined || pair.attributeIds.length > 0) continue;
    const row = { ...stamp, ...UNSAID, violated: pair.bounds.map(() => []), attributes: {} };
    counts.set(groupKey(row), row);
  }
  const attributed = pairs.filter(({ attributeIds }) => attributeIds.length > 0);
  if (attributed.length > 0) {
    const { rows } = await db.execute<Raw<AskedCount>>(attributedQuery(within, attributed));
    for (const row of rows.map((each) => parsed(each, byKey))) counts.set(groupKey(row), { ...row, ...UNSAID });
  }
  const bounded = pairs.filter(isBounded);
  if (bounded.length > 0) {
    const { rows } = await db.execute<Raw<AskedCount>>(violatingQuery(within, bounded));
    for (const row of rows.map((each) => parsed(each, byKey))) {
      takeOff(counts, { ...row, violated: row.violated.map(() => []) });
      counts.set(groupKey(row), { ...row, ...UNSAID });
    }
  }
  const { rows } = await db.execute<Raw<AskedCount>>(saidQuery(within, pairs, lists, apart));
  const said = rows.map((row) => parsed(row, byKey));
  for (const row of said) takeOff(counts, row);
  return [...[...counts.values()].filter(({ count }) => count > 0), ...said];
}

type Told = {
  readonly stamps: readonly StampCount[];
  readonly lists?: readonly NamedList[];
  readonly apart?: readonly AnnotationId[];
};

const UNSAID = { keeps: [], handedOn: 0, namedBy: [], apart: null } as const;

type Counted = Pair & Place & Pick<AskedCount, "violated" | "attributes" | "count">;

function takeOff(counts: Map<string, AskedCount>, row: Counted): void {
  const key = groupKey(row);
  const whole = counts.get(key);
  if (whole !== undefined) counts.set(key, { ...whole, count: whole.count - row.count });
}

function isBounded({ bounds }: AskedPair): boolean {
  return bounds.some(({ minUm2, maxUm2, fieldsUm2 }) => (minUm2 ?? maxUm2 ?? fieldsUm2) !== null);
}

function groupKey(row: Pair & Place & Pick<Asked, "violated" | "attributes">): string {
  const attributes = Object.entries(row.attributes).sort(([left], [right]) => (left < right ? -1 : 1));
  const facts = attributes.length === 0 ? row.violated.join(";") : JSON.stringify([row.violated, attributes]);
  return `${row.layerId}/${row.authorId}/${pairKey(row)}/${facts}`;
}

/** Counts by the attributes that decide, which tallies tell apart. */
export function attributedQuery(within: Within, pairs: readonly AskedPair[]): SQL {
  return sql`
    select a.layer_id "layerId", l.slide_id "slideId", ${AUTHOR} "authorId", a.class_id "classId", a.under, a.shape,
      0 violated, ${attributesOf(pairs)} attributes, sum(a.count)::int count
    from ${asPairs(pairs)}
    join annotation_tallies a on a.class_id = pair.class_id and a.under = pair.under and a.shape = pair.shape
    join layers l on l.id = a.layer_id and l.purpose = 'work'
    where a.count > 0 and ${isWithin(within)}
    group by 1, 2, 3, 4, 5, 6, 7, 8`;
}

/**
 * The annotations of pairs that break a size rule; the others are not read. Of each tally an index holds the areas in
 * order: what is too small is at one end and what is too large at the other. The limits there are a little too wide, since
 * they are in px2; what is broken is then decided in um2, as everywhere.
 */
export function violatingQuery(within: Within, pairs: readonly AskedPair[]): SQL {
  const attributes = attributesOf(pairs, sql`m.attributes`);
  const below = sql`m.area_px < coalesce(pair.below, 0) / (s.mpp * s.mpp) * (1 + 1e-9)`;
  const above = sql`not ${below} and m.area_px > pair.above / (s.mpp * s.mpp) * (1 - 1e-9)`;
  const reached = (side: SQL): SQL => sql`
    select m.area_px, ${attributes} attributes from annotations m
    where m.layer_id = a.layer_id and m.class_id = a.class_id and m.under = a.under and m.shape = a.shape
      and m.created_by = a.created_by and m.area_px > 0 and ${side}`;
  const reaches = pairs.map(reachOf);
  const sides = [
    ...(reaches.some((reach) => reach.below !== null) ? [reached(below)] : []),
    ...(reaches.some((reach) => reach.above !== null) ? [reached(above)] : []),
  ];
  return sql`
    select a.layer_id "layerId", l.slide_id "slideId", ${AUTHOR} "authorId", a.class_id "classId", a.under, a.shape,
      found.violated, found.attributes, sum(found.count)::int count
    from ${asPairs(pairs)}
    join (${tallied(within)}) a on a.class_id = pair.class_id and a.under = pair.under and a.shape = pair.shape
    join layers l on l.id = a.layer_id
    join slides s on s.id = l.slide_id and s.mpp is not null
    cross join lateral (
      select ${violatedBy(pairs, sql`m.area_px`)} violated, m.attributes, count(*) count
      from (${sql.join(sides, sql` union all `)}) m group by 1, 2
    ) found
    where found.violated > 0
    group by 1, 2, 3, 4, 5, 6, 7, 8`;
}

/** What tallies have to do with pairs, whatever the attributes of their members are. */
function tallied(within: Within): SQL {
  return sql`
    select a.layer_id, a.class_id, a.under, a.shape, a.created_by
    from annotation_tallies a join layers l on l.id = a.layer_id and l.purpose = 'work'
    where a.count > 0 and ${isWithin(within)} group by 1, 2, 3, 4, 5`;
}

/** The annotations of pairs about which somebody has said something, that a list names, or that are counted apart. */
export function saidQuery(
  within: Within,
  pairs: readonly AskedPair[],
  lists: readonly NamedList[],
  apart: readonly AnnotationId[] = [],
): SQL {
  const named = [...new Set([...apart, ...lists.flatMap(({ annotationIds }) => annotationIds)])];
  const unsaid = sql`
    union all
    select n.layer_id, n.id, n.content_hash, array[]::int[], 0 from annotations n
    where n.id = any(${array(named)}) and ${ofLayers("n", within)} and not exists (
      select 1 from judgements j where j.layer_id = n.layer_id and j.annotation_id = n.id
        and j.content_hash = n.content_hash and j.withdrawn_at is null)`;
  return sql`
    with given as (
      select j.layer_id, j.annotation_id, j.content_hash, ${VERDICTS}
      from judgements j where j.withdrawn_at is null and ${ofLayers("j", within)} group by 1, 2, 3
      ${named.length === 0 ? sql`` : unsaid}
    )
    select ${factsOf(pairs, lists, apart)}, count(*)::int count
    ${annotationsOfGiven(pairs)}
    cross join lateral (select given.keeps, given.handed_on) said
    where a.content_hash = given.content_hash
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12`;
}

/** Items that were answered in a task and belong to an asked pair, counted by what decides about them. */
export type AnsweredCount = AskedCount & { readonly taskId: TaskId };

export async function answeredCounts(
  db: Db,
  taskIds: readonly TaskId[],
  pairs: readonly AskedPair[],
  apart: readonly AnnotationId[] = [],
): Promise<AnsweredCount[]> {
  if (pairs.length === 0 || taskIds.length === 0) return [];
  const byKey = new Map(pairs.map((pair) => [pairKey(pair), pair]));
  const { rows } = await db.execute<Raw<AnsweredCount>>(answeredQuery(taskIds, pairs, apart));
  return rows.map((row) => parsed(row, byKey));
}

/** The statement of `answeredCounts`, for whoever wants to see its plan. */
export function answeredQuery(
  taskIds: readonly TaskId[],
  pairs: readonly AskedPair[],
  apart: readonly AnnotationId[] = [],
): SQL {
  return sql`
    with given as (
      select distinct t.id task_id, t.layer_id, w.annotation_id from task_answers w join tasks t on t.id = w.task_id
      where t.id = any(${array(taskIds)}) and w.undone_at is null
    )
    select ${factsOf(pairs, [], apart)}, given.task_id "taskId", count(*)::int count
    ${annotationsOfGiven(pairs)}
    ${SAID_OF_EACH}
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13`;
}

/**
 * From annotations that are named in `given`: one row by its key for each, however many they are, and what is joined to them
 * before. The planner knows little of how many belong to a pair, and would take a whole pass for cheaper.
 */
function annotationsOfGiven(pairs: readonly AskedPair[]): SQL {
  return sql`
    from (
      select given.*, l.kind, l.reader_id, s.mpp from given
      join layers l on l.id = given.layer_id and l.purpose = 'work' join slides s on s.id = l.slide_id offset 0
    ) given
    cross join lateral (
      select layer_id, slide_id, id, class_id, under, shape, created_by, area_px, attributes, content_hash
      from annotations where layer_id = given.layer_id and id = given.annotation_id limit 1
    ) a
    join ${asPairs(pairs)} on pair.class_id = a.class_id and pair.under = a.under and pair.shape = a.shape
    cross join lateral (select given.kind, given.reader_id) l
    cross join lateral (select given.mpp) s`;
}

/** Everything that decides about an annotation `a` of a pair, where `said` has what was said of its content. */
function factsOf(pairs: readonly AskedPair[], lists: readonly NamedList[], apart: readonly AnnotationId[] = []): SQL {
  return sql`a.layer_id "layerId", a.slide_id "slideId", ${AUTHOR} "authorId", a.class_id "classId", a.under, a.shape,
    case when a.area_px > 0 and s.mpp is not null then ${violatedBy(pairs, sql`a.area_px`)} else 0 end violated,
    ${attributesOf(pairs)} attributes, coalesce(said.keeps, array[]::int[]) keeps,
    coalesce(said.handed_on, 0) "handedOn", ${namedBy(lists)} "namedBy",
    case when a.id = any(${array(apart)}) then a.id end apart`;
}

/** What was said and not taken back about a content. */
const VERDICTS = sql`
  array_agg(distinct j.version order by j.version) filter (where j.verdict = 'keep') keeps,
  max(j.version) filter (where j.verdict = 'cannot-tell') handed_on`;
const SAID_OF_EACH = sql`
  cross join lateral (
    select ${VERDICTS} from judgements j
    where j.layer_id = a.layer_id and j.annotation_id = a.id and j.content_hash = a.content_hash
      and j.withdrawn_at is null) said`;

/** The annotations of these pairs, layer by layer in the order in which a person walks them: down the slide. */
export async function askedAnnotations(
  db: Db,
  within: Among,
  pairs: readonly AskedPair[],
  lists: readonly NamedList[] = [],
): Promise<AskedRow[]> {
  if (pairs.length === 0) return [];
  const byKey = new Map(pairs.map((pair) => [pairKey(pair), pair]));
  const { rows } = await db.execute<Raw<AskedRow>>(askedQuery(within, pairs, lists));
  return rows.map((row) => parsed(row, byKey));
}

/** The statement of `askedAnnotations`, for whoever wants to see its plan. */
export function askedQuery(within: Among, pairs: readonly AskedPair[], lists: readonly NamedList[] = []): SQL {
  const members =
    "annotationIds" in within
      ? sql`annotations a on a.class_id = pair.class_id and a.under = pair.under and a.shape = pair.shape`
      : sql`(${tallied(within)}) t on t.class_id = pair.class_id and t.under = pair.under and t.shape = pair.shape
          join annotations a on a.layer_id = t.layer_id and a.class_id = t.class_id and a.under = t.under
            and a.shape = t.shape and a.created_by = t.created_by`;
  return sql`
    select a.id, a.content_hash "contentHash", ${factsOf(pairs, lists)}
    from ${asPairs(pairs)} join ${members}
    join layers l on l.id = a.layer_id and l.purpose = 'work'
    join slides s on s.id = a.slide_id
    ${SAID_OF_EACH}
    where ${isWithin(within)} order by a.layer_id, a.min_y, a.min_x, a.id`;
}

/** As the database answers it: rules that are broken are bits, those of each of the bounds after one another. */
type Raw<Row> = Omit<Row, "violated"> & Pair & { readonly violated: number };

function namedBy(lists: readonly NamedList[]): SQL {
  if (lists.length === 0) return sql`array[]::text[]`;
  const given = lists.map(({ id, annotationIds }) => ({ id, ids: annotationIds }));
  return sql`array(select list.id from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) list(id text, ids jsonb)
    where list.ids ? a.id order by 1)`;
}

function ofLayers(alias: "j" | "n", within: Within): SQL {
  const column = sql.raw(`${alias}.layer_id`);
  return "projectId" in within
    ? sql`${column} in (select id from layers where project_id = ${within.projectId})`
    : sql`${column} = any(${array(within.layerIds)})`;
}

function isWithin(within: Among): SQL {
  if ("projectId" in within) return sql`l.project_id = ${within.projectId}`;
  const inLayers = sql`a.layer_id = any(${array(within.layerIds)})`;
  return "annotationIds" in within ? sql`${inLayers} and a.id = any(${array(within.annotationIds)})` : inLayers;
}

function array(ids: readonly string[]): SQL {
  return sql`${sql.param([...ids])}::text[]`;
}
