import { type SQL, sql } from "drizzle-orm";
import type { AnnotationId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
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
import { type OutlineAt, outlinesAt } from "./outline-at.ts";
import { type Said, saidIn } from "./said.ts";

export type { AskedPair, Bounds, Pair } from "./asked-pairs.ts";

/** Everything in a project, or in some layers. */
export type Within = { readonly projectId: ProjectId } | { readonly layerIds: readonly LayerId[] };
/** The same, or some annotations. */
export type Among = Within | { readonly at: readonly OutlineAt[] };
type Place = { readonly layerId: LayerId; readonly slideId: SlideId; readonly authorId: PersonId };
export type StampCount = Pair & Place & { readonly count: number };

/** What an annotation has of what was asked. */
export type Asked = Said & {
  /** For each of the bounds the rules that are violated. Without a scale areas are not judged. */
  readonly violated: readonly (readonly string[])[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Waivers that name it, of those that were asked about. */
  readonly namedBy: readonly string[];
};
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
 * The annotations of these pairs, counted by everything that decides about them, by what was said of them, and by whose and
 * where they are. Tallies say it of most; those that break a size rule are counted from an index, and those that are named
 * are read one by one, and both are taken off.
 */
export async function askedCounts(
  db: Db,
  within: Within,
  pairs: readonly AskedPair[],
  { waiverIds = [], apart = [] }: Named = {},
): Promise<AskedCount[]> {
  if (pairs.length === 0) return [];
  const byKey = new Map(pairs.map((pair) => [pairKey(pair), pair]));
  const ask = async (query: SQL): Promise<Counted[]> =>
    (await db.execute<Raw<Counted>>(query)).rows.map((row) => parsed(row, byKey));
  const counts = new Map((await ask(talliedQuery(within, pairs))).map((row) => [groupKey(row), row]));
  const bounded = pairs.filter(isBounded);
  for (const row of bounded.length === 0 ? [] : await ask(violatingQuery(within, bounded))) {
    takeOff(counts, { ...row, violated: row.violated.map(() => []) });
    counts.set(groupKey(row), row);
  }
  const isNaming = apart.length > 0 || waiverIds.length > 0;
  const named = isNaming ? await ask(namedQuery(within, pairs, { waiverIds, apart })) : [];
  for (const row of named) takeOff(counts, row);
  return [...[...counts.values()].filter(({ count }) => count > 0), ...named].map(spelledOut);
}

/** Annotations about which something decides that is in no tally. */
type Named = {
  /** Those that one of these waivers names. */
  readonly waiverIds?: readonly string[];
  /** To be counted each by themselves. */
  readonly apart?: readonly OutlineAt[];
};

/** As counted: what was said is still spelled as rows do. */
type Counted = Omit<AskedCount, keyof Said> & { readonly said: string };

function spelledOut<Row extends { readonly said: string }>({ said, ...row }: Row): Omit<Row, "said"> & Said {
  return { ...row, ...saidIn(said) };
}

function takeOff(counts: Map<string, Counted>, row: Counted): void {
  const key = groupKey(row);
  const whole = counts.get(key);
  if (whole !== undefined) counts.set(key, { ...whole, count: whole.count - row.count });
}

function isBounded({ bounds }: AskedPair): boolean {
  return bounds.some(({ minUm2, maxUm2, fieldsUm2 }) => (minUm2 ?? maxUm2 ?? fieldsUm2) !== null);
}

function groupKey(row: Counted): string {
  const attributes = Object.entries(row.attributes).sort(([left], [right]) => (left < right ? -1 : 1));
  const facts = attributes.length === 0 ? row.violated.join(";") : JSON.stringify([row.violated, attributes]);
  return `${row.layerId}/${row.authorId}/${pairKey(row)}/${row.said}/${facts}`;
}

const NOT_NAMED = sql`array[]::text[] "namedBy", null::text apart`;

/** Counts by what tallies tell apart. */
export function talliedQuery(within: Within, pairs: readonly AskedPair[]): SQL {
  return sql`
    select a.layer_id "layerId", l.slide_id "slideId", ${AUTHOR} "authorId", a.class_id "classId", a.under, a.shape,
      a.said, 0 violated, ${attributesOf(pairs)} attributes, sum(a.count)::int count, ${NOT_NAMED}
    from ${asPairs(pairs)}
    join annotation_tallies a on a.class_id = pair.class_id and a.under = pair.under and a.shape = pair.shape
    join layers l on l.id = a.layer_id and l.purpose = 'work'
    where a.count > 0 and ${isWithin(within)}
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9`;
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
      and m.created_by = a.created_by and m.said = a.said and m.area_px > 0 and ${side}`;
  const reaches = pairs.map(reachOf);
  const sides = [
    ...(reaches.some((reach) => reach.below !== null) ? [reached(below)] : []),
    ...(reaches.some((reach) => reach.above !== null) ? [reached(above)] : []),
  ];
  return sql`
    select a.layer_id "layerId", l.slide_id "slideId", ${AUTHOR} "authorId", a.class_id "classId", a.under, a.shape,
      a.said, found.violated, found.attributes, sum(found.count)::int count, ${NOT_NAMED}
    from ${asPairs(pairs)}
    join (${tallied(within)}) a on a.class_id = pair.class_id and a.under = pair.under and a.shape = pair.shape
    join layers l on l.id = a.layer_id
    join slides s on s.id = l.slide_id and s.mpp is not null
    cross join lateral (
      select ${violatedBy(pairs, sql`m.area_px`)} violated, m.attributes, count(*) count
      from (${sql.join(sides, sql` union all `)}) m group by 1, 2
    ) found
    where found.violated > 0
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9`;
}

/** The tallies of a place, whatever the attributes of their members are. */
function tallied(within: Within): SQL {
  return sql`
    select a.layer_id, a.class_id, a.under, a.shape, a.created_by, a.said
    from annotation_tallies a join layers l on l.id = a.layer_id and l.purpose = 'work'
    where a.count > 0 and ${isWithin(within)} group by 1, 2, 3, 4, 5, 6`;
}

/** The annotations of pairs that a waiver names or that are counted apart: one row by its key for each, however many there are. */
export function namedQuery(within: Within, pairs: readonly AskedPair[], { waiverIds = [], apart = [] }: Named): SQL {
  const waived = sql`
    union all select layer_id, annotation_id, false from waived_outlines where waiver_id = any(${array(waiverIds)})`;
  return sql`
    select ${factsOf(pairs, waiverIds, sql`case when chosen.apart then a.id end`)}, count(*)::int count
    from (
      select layer_id, id, bool_or(apart) apart from (
        select layer_id, id, true apart from ${outlinesAt(apart)}${waiverIds.length === 0 ? sql`` : waived}
      ) named group by 1, 2
    ) chosen
    join annotations a on a.layer_id = chosen.layer_id and a.id = chosen.id
    join layers l on l.id = a.layer_id and l.purpose = 'work' join slides s on s.id = l.slide_id
    join ${asPairs(pairs)} on pair.class_id = a.class_id and pair.under = a.under and pair.shape = a.shape
    where ${isWithin(within)}
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11`;
}

/** Everything that decides about an annotation `a` of a pair. */
function factsOf(pairs: readonly AskedPair[], waiverIds: readonly string[], apart: SQL = sql`null::text`): SQL {
  return sql`a.layer_id "layerId", a.slide_id "slideId", ${AUTHOR} "authorId", a.class_id "classId", a.under, a.shape, a.said,
    case when a.area_px > 0 and s.mpp is not null then ${violatedBy(pairs, sql`a.area_px`)} else 0 end violated,
    ${attributesOf(pairs)} attributes, ${namedBy(waiverIds)} "namedBy",
    ${apart} apart`;
}

/** The annotations of these pairs, layer by layer in the order in which a person walks them: down the slide. */
export async function askedAnnotations(
  db: Db,
  within: Among,
  pairs: readonly AskedPair[],
  waiverIds: readonly string[] = [],
): Promise<AskedRow[]> {
  if (pairs.length === 0) return [];
  const byKey = new Map(pairs.map((pair) => [pairKey(pair), pair]));
  const { rows } = await db.execute<Raw<Spelled>>(askedQuery(within, pairs, waiverIds));
  return rows.map((row) => spelledOut(parsed(row, byKey)));
}

type Spelled = Omit<AskedRow, keyof Said> & { readonly said: string };

/** The statement of `askedAnnotations`, for whoever wants to see its plan. */
export function askedQuery(within: Among, pairs: readonly AskedPair[], waiverIds: readonly string[] = []): SQL {
  const members =
    "at" in within
      ? sql`annotations a on a.class_id = pair.class_id and a.under = pair.under and a.shape = pair.shape`
      : sql`(${tallied(within)}) t on t.class_id = pair.class_id and t.under = pair.under and t.shape = pair.shape
          join annotations a on a.layer_id = t.layer_id and a.class_id = t.class_id and a.under = t.under
            and a.shape = t.shape and a.created_by = t.created_by and a.said = t.said`;
  return sql`
    select a.id, a.content_hash "contentHash", ${factsOf(pairs, waiverIds)}
    from ${asPairs(pairs)} join ${members}
    join layers l on l.id = a.layer_id and l.purpose = 'work'
    join slides s on s.id = a.slide_id
    where ${isWithin(within)} order by a.layer_id, a.min_y, a.min_x, a.id`;
}

/** As the database answers it: rules that are broken are bits, those of each of the bounds after one another. */
type Raw<Row> = Omit<Row, "violated"> & Pair & { readonly violated: number };

function namedBy(waiverIds: readonly string[]): SQL {
  if (waiverIds.length === 0) return sql`array[]::text[]`;
  return sql`array(select w.waiver_id from waived_outlines w
    where w.layer_id = a.layer_id and w.annotation_id = a.id and w.waiver_id = any(${array(waiverIds)}) order by 1)`;
}

function isWithin(within: Among): SQL {
  if ("projectId" in within) return sql`l.project_id = ${within.projectId}`;
  if ("at" in within) return sql`(a.layer_id, a.id) in (select * from ${outlinesAt(within.at)})`;
  return sql`a.layer_id = any(${array(within.layerIds)})`;
}

function array(ids: readonly string[]): SQL {
  return sql`${sql.param([...ids])}::text[]`;
}
