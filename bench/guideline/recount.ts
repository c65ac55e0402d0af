import { sql } from "drizzle-orm";
import type { Db } from "#db/client.ts";
import { effectiveRules } from "#domain/guideline/effective.ts";
import type { Shape } from "#domain/guideline.ts";
import type { ClassId, ProjectId } from "#domain/ids.ts";
import type { Violation } from "#domain/migration/limits.ts";
import { resolve, standingOf } from "#domain/migration.ts";
import type { Versions } from "#server/queries/staleness.ts";

type Row = {
  readonly layerId: string;
  readonly id: string;
  readonly classId: ClassId;
  readonly under: number;
  readonly shape: Shape;
  readonly contentHash: string;
  readonly areaUm2: number;
  readonly keeps: readonly number[];
  readonly handedOn: number;
};

const PAGE = 50_000;

/** How many annotations there are, how many are stale, and how many of the newest version's size rules are broken. */
export type Recount = {
  readonly all: number;
  readonly stale: number;
  readonly undecided: number;
  readonly broken: number;
};

/**
 * The plain way to know what is stale in a project in which nothing is excused: one annotation after another, with what
 * the history of judgements says about its content.
 * @param each is told of every stale annotation
 */
export async function recount(
  db: Db,
  projectId: ProjectId,
  history: Versions,
  each: (stale: Pick<Row, "layerId" | "id" | "contentHash">) => void = () => undefined,
): Promise<Recount> {
  const content = history.at(-1)?.content;
  let [all, stale, undecided, broken] = [0, 0, 0, 0];
  for await (const row of rowsOf(db, projectId)) {
    const { classId, under, shape, areaUm2, keeps, handedOn } = row;
    const now = resolve(classId, under, history, shape).classId;
    const rules = content === undefined ? null : effectiveRules(content, now);
    const isBroken = rules !== null && areaUm2 > 0 && rules.minAreaUm2 !== null && areaUm2 < rules.minAreaUm2;
    const violations: Violation[] = isBroken ? [{ rule: "minAreaUm2", other: null }] : [];
    const { state } = standingOf({ classId, under, shape, attributes: {}, violations }, { keeps, handedOn }, history);
    all++;
    stale += Number(state === "stale");
    undecided += Number(state === "undecided");
    broken += Number(isBroken);
    if (state === "stale") each(row);
  }
  return { all, stale, undecided, broken };
}

async function* rowsOf(db: Db, projectId: ProjectId): AsyncGenerator<Row> {
  let after: Pick<Row, "layerId" | "id"> = { layerId: "", id: "" };
  for (;;) {
    const { rows } = await db.execute<Row>(sql`
      select a.layer_id "layerId", a.id, a.class_id "classId", a.under, a.shape, a.content_hash "contentHash",
        a.area_px * s.mpp * s.mpp "areaUm2", coalesce(j.keeps, array[]::int[]) keeps, coalesce(j.handed_on, 0) "handedOn"
      from annotations a join slides s on s.id = a.slide_id
      left join (
        select layer_id, annotation_id, content_hash, array_agg(version) filter (where verdict = 'keep') keeps,
          max(version) filter (where verdict = 'cannot-tell') handed_on
        from judgements where withdrawn_at is null group by 1, 2, 3
      ) j on j.layer_id = a.layer_id and j.annotation_id = a.id and j.content_hash = a.content_hash
      where a.project_id = ${projectId} and (a.layer_id, a.id) > (${after.layerId}, ${after.id})
      order by a.layer_id, a.id limit ${PAGE}`);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last;
  }
}
