import type pg from "pg";
import { aClassId } from "./builders.ts";

export const NOW = "2026-01-01T00:00:00Z";
/** Whose everything is. */
export const PERSON = "person00";

type Row = Readonly<Record<string, unknown>>;

/** Writes rows into a table as they are; what is no plain value goes in as JSON. */
export async function put(pool: pg.Pool, table: string, ...rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    const names = Object.keys(row);
    const places = names.map((_, index) => `$${index + 1}`).join(", ");
    const values = Object.values(row).map((value) =>
      typeof value === "object" && value !== null && !(value instanceof Uint8Array) ? JSON.stringify(value) : value,
    );
    await pool.query(`insert into ${table} (${names.join(", ")}) values (${places})`, values);
  }
}

/** Projects of one person, each with a case and a slide of its own. */
export async function putProjects(pool: pg.Pool, ids: readonly string[]): Promise<void> {
  await put(pool, "people", { id: PERSON, email: "lena@example.org", name: "lena", colour: "#000000" });
  for (const id of ids) {
    await put(pool, "projects", { id, name: id, created_by: PERSON });
    await put(pool, "cases", { id: `case${id}`, project_id: id, name: "one" });
    const slide = { id: `slide${id}`, project_id: id, case_id: `case${id}`, name: "one", file: id, content_hash: id };
    await put(pool, "slides", { ...slide, meta: {}, created_by: PERSON });
  }
}

/** A row of the projection of a layer of a project. */
export function outlineRow(layerId: string, id: string, project: string): Row {
  return {
    ...{ layer_id: layerId, id, project_id: project, slide_id: `slide${project}` },
    ...{ class_id: aClassId("a"), under: 1, geometry_type: "polygon", record: new Uint8Array(1) },
    ...{ min_x: 0, min_y: 0, max_x: 1, max_y: 1, area_px: 1, content_hash: "h", attributes: {}, note: "" },
    ...{ created_by: PERSON, created_at: NOW, updated_by: PERSON, updated_at: NOW },
  };
}
