import { sql } from "drizzle-orm";
import { expect, it, onTestFinished } from "vitest";
import { namedQuery } from "#db/standing.ts";
import { projectId } from "#domain/ids.ts";
import { aClassId } from "#tests/support/builders.ts";
import { testDatabase } from "#tests/support/database.ts";
import { NOW, outlineRow, PERSON, put, putProjects } from "#tests/support/raw-rows.ts";

const PROJECT = "project1";
const NAMED = 20;
const PAIR = {
  ...{ classId: aClassId("a"), under: 1, shape: "polygon" as const, attributeIds: [] },
  bounds: [{ minUm2: null, maxUm2: null, fieldsUm2: null }],
};

it("[WAI21] looking up what a waiver names reads its outlines alone, in one statement, however many layers there are", async () => {
  const { pool, db, close } = await testDatabase();
  onTestFinished(close);
  await putProjects(pool, [PROJECT]);
  const addLayers = async (from: number, to: number) => {
    for (let number = from; number < to; number++) {
      const id = `layer${String(number).padStart(3, "0")}`;
      await put(pool, "layers", { id, project_id: PROJECT, slide_id: `slide${PROJECT}`, kind: "team" });
      await put(pool, "annotations", outlineRow(id, "outline000", PROJECT));
      const { rows } = await pool.query(
        "select column_name from information_schema.columns where table_name = 'annotations'",
      );
      const columns = rows.map(({ column_name }) => column_name).filter((name) => name !== "id");
      await pool.query(
        `insert into annotations (id, ${columns.join(", ")})
        select 'outline' || lpad(n::text, 3, '0'), ${columns.join(", ")}
        from annotations, generate_series(1, 49) n where layer_id = $1`,
        [id],
      );
    }
    await pool.query("analyze");
  };
  await addLayers(0, 5);
  const scope = { kind: "annotations", ids: [] };
  const waiver = { id: "waiver01", project_id: PROJECT, scope, reason: "few", approved_by: PERSON, version: 1 };
  await put(pool, "waivers", { ...waiver, expires_at: NOW });
  for (let place = 1; place <= NAMED; place++) {
    const annotation_id = `outline${String(place).padStart(3, "0")}`;
    await put(pool, "waived_outlines", { waiver_id: "waiver01", place, layer_id: "layer003", annotation_id });
  }
  const looked = async () => {
    const query = namedQuery({ projectId: projectId.parse(PROJECT) }, [PAIR], { waiverIds: ["waiver01"] });
    const { rows: found } = await db.execute<{ layerId: string; count: number; namedBy: string[] }>(query);
    expect(found).toMatchObject([{ layerId: "layer003", count: NAMED, namedBy: ["waiver01"] }]);
    const { rows } = await db.execute<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }>(
      sql`explain (analyze, buffers, format json) ${query}`,
    );
    const { Plan: plan } = rows[0]?.["QUERY PLAN"][0] ?? { Plan: {} };
    return (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0);
  };
  expect(await looked()).toBeGreaterThan(0);
  await addLayers(5, 300);
  expect(await looked()).toBeLessThan(NAMED * 25);
});
