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

/**
 * How many annotations share class, version and shape in a layer, by whose they are. One pass over an index. Repeat and
 * bridge reads are observations and no work: they are in none of the counts of this file.
 */
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

/**
 * The annotations of these pairs, counted by everything that decides about them and by whose and where they are. Most have
 * neither been judged nor named: those are counted from the index, and the others are read one by one and taken off.
 * @param stamps what `stampCounts` said of the same place
 */
export async function askedCounts(
  db: Db,
  within: Within,
  pairs: readonly AskedPair[],
  { stamps, lists = [] }: { readonly stamps: readonly StampCount[]; readonly lists?: readonly NamedList[] },
): Promise<AskedCount[]> {
  if (pairs.length === 0) return [];
  const plain = new Map(pairs.filter((pair) => !isMeasured(pair)).map((pair) => [pairKey(pair), pair]));
  const measured = pairs.filter(isMeasured);
  const counts = new Map<string, AskedCount>();
  for (const stamp of stamps) {
    const pair = plain.get(pairKey(stamp));
    if (pair === undefined) continue;
    const row = { ...stamp, ...UNSAID, violated: pair.bounds.map(() => []), attributes: {} };
    counts.set(groupKey(row), row);
  }
  if (measured.length > 0) {
    const { rows } = await db.execute<Raw<AskedCount>>(measuredQuery(within, measured));
    for (const row of rows.map(parsed)) counts.set(groupKey(row), { ...row, ...UNSAID });
  }
  const { rows } = await db.execute<Raw<AskedCount>>(saidQuery(within, pairs, lists));
  const said = rows.map(parsed);
  for (const row of said) {
    const whole = counts.get(groupKey(row));
    if (whole !== undefined) counts.set(groupKey(row), { ...whole, count: whole.count - row.count });
  }
  return [...[...counts.values()].filter(({ count }) => count > 0), ...said];
}

const UNSAID = { keeps: [], handedOn: 0, namedBy: [] } as const;

function isMeasured({ bounds, attributeIds }: AskedPair): boolean {
  const isBounded = bounds.some(({ minUm2, maxUm2, fieldsUm2 }) => (minUm2 ?? maxUm2 ?? fieldsUm2) !== null);
  return isBounded || attributeIds.length > 0;
}

function pairKey({ classId, under, shape }: Pair): string {
  return `${classId}/${under}/${shape}`;
}

function groupKey(row: Pair & Place & Pick<Asked, "violated" | "attributes">): string {
  const attributes = Object.entries(row.attributes).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([row.layerId, row.slideId, row.authorId, pairKey(row), row.violated, attributes]);
}

/** The statement that measures all annotations of pairs, for whoever wants to see its plan. Areas are in the index. */
export function measuredQuery(within: Within, pairs: readonly AskedPair[]): SQL {
  return sql`
    select a.layer_id "layerId", a.slide_id "slideId", ${AUTHOR} "authorId", a.class_id "classId", a.under, a.shape,
      a.violated, a.attributes, sum(a.n)::int count
    from (
      select a.layer_id, a.slide_id, a.class_id, a.under, a.shape, a.created_by,
        ${violatedBy(pairs)} violated, ${attributesOf(pairs)} attributes, count(*) n
      ${fromPairs(pairs)}
      join slides s on s.id = a.slide_id
      where ${isWithin(within)}
      group by 1, 2, 3, 4, 5, 6, 7, 8
    ) a join layers l on l.id = a.layer_id and l.purpose = 'work'
    group by 1, 2, 3, 4, 5, 6, 7, 8`;
}

/** The annotations of pairs about which somebody has said something, or that a list names. */
function saidQuery(within: Within, pairs: readonly AskedPair[], lists: readonly NamedList[]): SQL {
  const named = [...new Set(lists.flatMap(({ annotationIds }) => annotationIds))];
  return sql`
    with asked as (
      ${askedRows(within, pairs, lists)}
      and (a.layer_id, a.id) in (
        select j.layer_id, j.annotation_id from judgements j where j.withdrawn_at is null and ${ofLayers("j", within)}
        union
        select n.layer_id, n.id from annotations n where n.id = any(${array(named)}) and ${ofLayers("n", within)})
      and (said.annotation_id is not null or a.id = any(${array(named)})))
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
  return sql`
    select a.id, a.content_hash "contentHash", a.layer_id "layerId", a.slide_id "slideId", ${AUTHOR} "authorId",
      a.class_id "classId", a.under, a.shape, a.min_x "minX", a.min_y "minY",
      ${violatedBy(pairs)} violated, ${attributesOf(pairs)} attributes,
      coalesce(said.keeps, array[]::int[]) keeps, coalesce(said.handed_on, 0) "handedOn",
      ${namedBy(lists)} "namedBy"
    ${fromPairs(pairs)}
    join layers l on l.id = a.layer_id and l.purpose = 'work'
    join slides s on s.id = a.slide_id
    left join (${verdicts(within)}) said
      on said.layer_id = a.layer_id and said.annotation_id = a.id and said.content_hash = a.content_hash
    where ${isWithin(within)}`;
}

function fromPairs(pairs: readonly AskedPair[]): SQL {
  const asked = pairs.map(({ classId, under, shape, bounds, attributeIds }) => ({
    class_id: classId,
    under,
    shape,
    bounds,
    attribute_ids: attributeIds,
  }));
  return sql`
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb)
      as pair(class_id text, under int, shape text, bounds jsonb, attribute_ids jsonb)
    join annotations a on a.class_id = pair.class_id and a.under = pair.under and a.shape = pair.shape`;
}

function violatedBy(pairs: readonly AskedPair[]): SQL {
  const places = Math.max(0, ...pairs.map(({ bounds }) => bounds.length));
  if (places === 0) return sql`''`;
  return sql`concat_ws(';', ${sql.join(
    Array.from({ length: places }, (_, index) => violations(index)),
    sql`, `,
  )})`;
}

/** What annotations hold of attributes is read only where some decide: it is in no index. */
function attributesOf(pairs: readonly AskedPair[]): SQL {
  return pairs.some(({ attributeIds }) => attributeIds.length > 0) ? ATTRIBUTES : sql`'{}'::jsonb`;
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
  return sql`
    select j.layer_id, j.annotation_id, j.content_hash,
      array_agg(distinct j.version order by j.version) filter (where j.verdict = 'keep') keeps,
      max(j.version) filter (where j.verdict = 'cannot-tell') handed_on
    from judgements j where j.withdrawn_at is null and ${ofLayers("j", within)}
    group by 1, 2, 3`;
}

function ofLayers(alias: "j" | "n", within: Within): SQL {
  const column = sql.raw(`${alias}.layer_id`);
  return "projectId" in within
    ? sql`${column} in (select id from layers where project_id = ${within.projectId})`
    : sql`${column} = any(${array(within.layerIds)})`;
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
