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
  readonly areaUm2: number;
};

const PAGE = 50_000;

/**
 * The plain way to know what is stale in a project in which nothing was judged or named: one annotation after another.
 * @returns how many are stale, and how many of those break a size rule of the newest version
 */
export async function recount(
  db: Db,
  projectId: ProjectId,
  history: Versions,
): Promise<{ readonly all: number; readonly stale: number; readonly broken: number }> {
  const content = history.at(-1)?.content;
  let [all, stale, broken] = [0, 0, 0];
  for await (const { classId, under, shape, areaUm2 } of rowsOf(db, projectId)) {
    const now = resolve(classId, under, history, shape).classId;
    const rules = content === undefined ? null : effectiveRules(content, now);
    const isBroken = rules !== null && areaUm2 > 0 && rules.minAreaUm2 !== null && areaUm2 < rules.minAreaUm2;
    const violations: Violation[] = isBroken ? [{ rule: "minAreaUm2", other: null }] : [];
    const facts = { classId, under, shape, attributes: {}, violations };
    all++;
    if (standingOf(facts, { keeps: [], handedOn: 0 }, history).state === "stale") stale++;
    if (isBroken) broken++;
  }
  return { all, stale, broken };
}

async function* rowsOf(db: Db, projectId: ProjectId): AsyncGenerator<Row> {
  let after: Pick<Row, "layerId" | "id"> = { layerId: "", id: "" };
  for (;;) {
    const { rows } = await db.execute<Row>(sql`
      select a.layer_id "layerId", a.id, a.class_id "classId", a.under, a.shape, a.area_px * s.mpp * s.mpp "areaUm2"
      from annotations a join slides s on s.id = a.slide_id
      where a.project_id = ${projectId} and (a.layer_id, a.id) > (${after.layerId}, ${after.id})
      order by a.layer_id, a.id limit ${PAGE}`);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last;
  }
}
