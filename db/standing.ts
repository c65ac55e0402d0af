import { type SQL, sql } from "drizzle-orm";
import type { Shape } from "#domain/guideline.ts";
import type { AnnotationId, ClassId, LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { Db } from "./client.ts";

/** Everything in a project, or in some layers. */
export type Within =
  | { readonly projectId: ProjectId }
  | { readonly layerIds: readonly LayerId[]; readonly annotationIds?: readonly AnnotationId[] };
/** What a resolution depends on, and all it depends on while nobody has judged and nothing is measured. */
export type Pair = { readonly classId: ClassId; readonly under: number; readonly shape: Shape };
type Place = { readonly layerId: LayerId; readonly slideId: SlideId; readonly authorId: PersonId };
export type StampCount = Pair & Place & { readonly count: number };

/** Bounds of areas, um2; null asks for nothing. */
export type Bounds = {
  readonly minUm2: number | null;
  readonly maxUm2: number | null;
  readonly fieldsUm2: number | null;
};

/** A pair of which more has to be read: by which rules it is measured, and which attributes decide. */
export type AskedPair = Pair & {
  /** Rules to measure by; each has a place in `violated`. */
  readonly bounds: readonly Bounds[];
  readonly attributeIds: readonly string[];
};

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
export type AskedCount = Pair & Place & Asked & { readonly count: number };
export type AskedRow = Pair & Place & Asked & { readonly id: AnnotationId; readonly contentHash: string };

/** `authorId` is the reader of a read, else who drew it. */
const AUTHOR = sql`case when l.kind = 'read' then l.reader_id else a.created_by end`;

/** Repeat and bridge reads are observations and no work: they are in none of these counts. How many annotations share class, version and shape in a layer, by whose they are. One pass over an index. */
export async function stampCounts(db: Db, within: Within): Promise<StampCount[]> {
  return (await db.execute<StampCount>(stampQuery(within))).rows;
}

/** The statement of `stampCounts`, for whoever wants to see its plan. */
export function stampQuery(within: Within): SQL {
  return sql`
    select a.layer_id "layerId", a.slide_id "slideId", a.class_id "classId", a.under, a.shape,
      ${AUTHOR} "authorId", sum(a.n)::int count
    from (
      select layer_id, slide_id, class_id, under, shape, created_by, count(*) n
      from annotations a where ${isWithin(within)}
      group by layer_id, slide_id, class_id, under, shape, created_by
    ) a join layers l on l.id = a.layer_id and l.purpose = 'work'
    group by 1, 2, 3, 4, 5, 6`;
}

/** The annotations of these pairs, counted by everything that decides about them and by whose and where they are. */
export async function askedCounts(
  db: Db,
  within: Within,
  pairs: readonly AskedPair[],
  lists: readonly NamedList[] = [],
): Promise<AskedCount[]> {
  if (pairs.length === 0) return [];
  return (await db.execute<Raw<AskedCount>>(askedQuery(within, pairs, lists))).rows.map(parsed);
}

/** The statement of `askedCounts`, for whoever wants to see its plan. */
export function askedQuery(within: Within, pairs: readonly AskedPair[], lists: readonly NamedList[] = []): SQL {
  return sql`
    with asked as (${askedRows(within, pairs, lists)})
    select "layerId", "slideId", "authorId", "classId", under, shape, violated, attributes, keeps, "handedOn",
      "namedBy", count(*)::int count
    from asked group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11`;
}

/** The annotations of these pairs, layer by layer in the order in which a person walks them: down the slide. */
export async function askedAnnotations(
  db: Db,
  within: Within,
  pairs: readonly AskedPair[],
  lists: readonly NamedList[] = [],
): Promise<AskedRow[]> {
  if (pairs.length === 0) return [];
  const { rows } = await db.execute<Raw<AskedRow>>(sql`
    with asked as (${askedRows(within, pairs, lists)})
    select id, "contentHash", "layerId", "slideId", "authorId", "classId", under, shape, violated, attributes, keeps,
      "handedOn", "namedBy"
    from asked order by "layerId", "minY", "minX", id`);
  return rows.map(parsed);
}

type Raw<Row> = Omit<Row, "violated"> & { readonly violated: string };

function parsed<Row extends { readonly violated: unknown }>(row: Raw<Row>) {
  const violated = row.violated.split(";").map((rules) => rules.split(",").filter((rule) => rule !== ""));
  return { ...row, violated };
}

function askedRows(within: Within, pairs: readonly AskedPair[], lists: readonly NamedList[]): SQL {
  const places = Math.max(0, ...pairs.map(({ bounds }) => bounds.length));
  const violated = Array.from({ length: places }, (_, index) => violations(index));
  const asked = pairs.map(({ classId, under, shape, bounds, attributeIds }) => ({
    class_id: classId,
    under,
    shape,
    bounds,
    attribute_ids: attributeIds,
  }));
  return sql`
    select a.id, a.content_hash "contentHash", a.layer_id "layerId", a.slide_id "slideId", ${AUTHOR} "authorId",
      a.class_id "classId", a.under, a.shape, a.min_x "minX", a.min_y "minY",
      concat_ws(';', ${violated.length === 0 ? sql`''` : sql.join(violated, sql`, `)}) violated,
      ${ATTRIBUTES} attributes,
      coalesce(said.keeps, array[]::int[]) keeps, coalesce(said.handed_on, 0) "handedOn",
      ${namedBy(lists)} "namedBy"
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb)
      as pair(class_id text, under int, shape text, bounds jsonb, attribute_ids jsonb)
    join annotations a on a.class_id = pair.class_id and a.under = pair.under and a.shape = pair.shape
    join layers l on l.id = a.layer_id and l.purpose = 'work'
    join slides s on s.id = a.slide_id
    left join (${verdicts(within)}) said
      on said.layer_id = a.layer_id and said.annotation_id = a.id and said.content_hash = a.content_hash
    where ${isWithin(within)}`;
}

/** What an annotation holds of the attributes that decide; null and empty are not said. */
const ATTRIBUTES = sql`case when jsonb_array_length(pair.attribute_ids) = 0 then '{}'::jsonb else (
  select coalesce(jsonb_object_agg(key, a.attributes ->> key), '{}'::jsonb)
  from jsonb_array_elements_text(pair.attribute_ids) key where coalesce(a.attributes ->> key, '') <> '') end`;

function namedBy(lists: readonly NamedList[]): SQL {
  if (lists.length === 0) return sql`array[]::text[]`;
  const given = lists.map(({ id, annotationIds }) => ({ id, ids: annotationIds }));
  return sql`array(select list.id from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) list(id text, ids jsonb)
    where list.ids ? a.id order by 1)`;
}

/** The rules of one of the bounds that an annotation violates, as a list of names. */
function violations(index: number): SQL {
  const limit = (name: string): SQL =>
    sql`(pair.bounds -> ${sql.raw(String(index))} ->> ${sql.raw(`'${name}'`)})::float8`;
  const area = sql`(a.area_px * s.mpp * s.mpp)`;
  const rule = (name: string, violated: SQL): SQL =>
    sql`case when ${violated} then ${sql.raw(`'${name},'`)} else '' end`;
  return sql`case when a.area_px > 0 and s.mpp is not null then
    ${rule("minAreaUm2", sql`${area} < ${limit("minUm2")}`)} ||
    ${rule("maxAreaUm2", sql`${area} > ${limit("maxUm2")}`)} ||
    ${rule("fieldOfView", sql`${area} < ${limit("fieldsUm2")}`)} else '' end`;
}

/** What was said and not taken back, for each content that was judged. */
function verdicts(within: Within): SQL {
  const of =
    "projectId" in within
      ? sql`j.layer_id in (select id from layers where project_id = ${within.projectId})`
      : sql`j.layer_id = any(${array(within.layerIds)})`;
  return sql`
    select j.layer_id, j.annotation_id, j.content_hash,
      array_agg(distinct j.version order by j.version) filter (where j.verdict = 'keep') keeps,
      max(j.version) filter (where j.verdict = 'cannot-tell') handed_on
    from judgements j where j.withdrawn_at is null and ${of}
    group by 1, 2, 3`;
}

function isWithin(within: Within): SQL {
  if ("projectId" in within) return sql`a.project_id = ${within.projectId}`;
  const { layerIds, annotationIds } = within;
  const inLayers = sql`a.layer_id = any(${array(layerIds)})`;
  return annotationIds === undefined ? inLayers : sql`${inLayers} and a.id = any(${array(annotationIds)})`;
}

function array(ids: readonly string[]): SQL {
  return sql`${sql.param([...ids])}::text[]`;
}
