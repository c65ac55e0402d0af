import { type SQL, sql } from "drizzle-orm";
import type { Shape } from "#domain/guideline.ts";
import type { ClassId } from "#domain/ids.ts";

/** What a resolution depends on, and all it depends on while nobody has judged and nothing is measured. */
export type Pair = { readonly classId: ClassId; readonly under: number; readonly shape: Shape };

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

const RULES = ["minAreaUm2", "maxAreaUm2", "fieldOfView"] as const;

/** A row with the rules that it breaks by each of the bounds, which the database answers as bits. */
export function parsed<Row extends Pair & { readonly violated: number }>(
  row: Row,
  pairs: ReadonlyMap<string, AskedPair>,
) {
  const places = pairs.get(pairKey(row))?.bounds ?? [];
  const isBroken = (place: number, rule: number): boolean =>
    ((row.violated >> (RULES.length * place + rule)) & 1) === 1;
  const violated = places.map((_, place) => RULES.filter((_rule, rule) => isBroken(place, rule)));
  return { ...row, violated };
}

/** Pairs as a table: limits of all bounds after one another, and beyond which areas any of them may be broken, um2. */
export function asPairs(pairs: readonly AskedPair[]): SQL {
  const asked = pairs.map((pair) => ({
    class_id: pair.classId,
    under: pair.under,
    shape: pair.shape,
    limits: limitsOf(pair),
    ...reachOf(pair),
    attribute_ids: pair.attributeIds,
  }));
  return sql`jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as pair(class_id text, under int, shape text,
    limits float8[], below float8, above float8, attribute_ids jsonb)`;
}

/** Areas that are not below the one and not above the other break no rule, um2; null where none can. */
export function reachOf({ bounds }: AskedPair): { readonly below: number | null; readonly above: number | null } {
  const least = bounds.flatMap(({ minUm2, fieldsUm2 }) => [minUm2 ?? [], fieldsUm2 ?? []].flat());
  const most = bounds.flatMap(({ maxUm2 }) => maxUm2 ?? []);
  return {
    below: least.length === 0 ? null : Math.max(...least),
    above: most.length === 0 ? null : Math.min(...most),
  };
}

/** The rules that an area breaks, as bits; rules that no pair has are not looked at. */
export function violatedBy(pairs: readonly AskedPair[], areaPx: SQL): SQL {
  const limits = pairs.map(limitsOf);
  const places = Math.max(0, ...limits.map(({ length }) => length));
  const bits = Array.from({ length: places }, (_, bit) => {
    if (limits.every((own) => (own[bit] ?? null) === null)) return [];
    const sign = sql.raw(RULES[bit % RULES.length] === "maxAreaUm2" ? ">" : "<");
    const limit = sql`pair.limits[${sql.raw(String(bit + 1))}]`;
    return [sql`case when (${areaPx} * s.mpp * s.mpp) ${sign} ${limit} then ${sql.raw(String(1 << bit))} else 0 end`];
  }).flat();
  return bits.length === 0 ? sql`0` : sql.join(bits, sql` + `);
}

/** The limits of all bounds of a pair after one another, um2. */
function limitsOf({ bounds }: AskedPair): (number | null)[] {
  return bounds.flatMap(({ minUm2, maxUm2, fieldsUm2 }) => [minUm2, maxUm2, fieldsUm2]);
}

/** What annotations hold of the attributes that decide, null and empty being not said; read only where some decide. */
export function attributesOf(pairs: readonly AskedPair[], held: SQL = sql`a.attributes`): SQL {
  if (pairs.every(({ attributeIds }) => attributeIds.length === 0)) return sql`'{}'::jsonb`;
  return sql`case when jsonb_array_length(pair.attribute_ids) = 0 then '{}'::jsonb else (
    select coalesce(jsonb_object_agg(asked.id, ${held} ->> asked.id), '{}'::jsonb)
    from jsonb_array_elements_text(pair.attribute_ids) asked (id) where coalesce(${held} ->> asked.id, '') <> '') end`;
}

/** The same for pairs that are the same. */
export function pairKey({ classId, under, shape }: Pair): string {
  return `${classId}/${under}/${shape}`;
}
