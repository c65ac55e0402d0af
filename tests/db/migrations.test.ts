import { readFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "#db/client.ts";
import { migrateDatabase } from "#db/migrate.ts";
import { referencesOf } from "#db/qualification.ts";
import { projectId } from "#domain/ids.ts";
import { publishedReference, referenceState } from "#domain/qualification.ts";
import { aClassId, aGuideline } from "#tests/support/builders.ts";
import { emptyDatabase } from "#tests/support/database.ts";
import { NOW, outlineRow, PERSON, put, putProjects } from "#tests/support/raw-rows.ts";

const JOURNAL = new URL("../../db/migrations/meta/_journal.json", import.meta.url);

/** The schema version that a migration leaves behind. */
function versionOf(tag: string): number {
  const { entries }: { entries: { tag: string; when: number }[] } = JSON.parse(readFileSync(JOURNAL, "utf8"));
  const found = entries.find((entry) => entry.tag === tag);
  if (found === undefined) throw new Error(`no migration ${tag}`);
  return found.when;
}

/** A database as an older Concord left it, which is filled before it is brought up to date. */
async function databaseOf(tag: string) {
  const { url, drop } = await emptyDatabase();
  const database = openDatabase(url);
  onTestFinished(async () => {
    await database.close();
    await drop();
  });
  await migrateDatabase(database.pool, { upTo: versionOf(tag) });
  return database;
}

const WRITTEN = aGuideline(["a", "b"]);
describe("a database that an older Concord wrote", () => {
  it("[MGR1] keeps what leads said of references: what was said by a draft belongs to that draft, whatever its number", async () => {
    const { pool, db } = await databaseOf("0022_said");
    const [drafted, thrown, unpublished] = ["drafted0", "thrown00", "nothing0"];
    await putProjects(pool, [drafted, thrown, unpublished]);
    const version = { content: WRITTEN, changes: [], published_by: PERSON };
    for (const project of [drafted, thrown]) {
      for (const number of [1, 2]) await put(pool, "guideline_versions", { project_id: project, number, ...version });
    }
    const draft = { parent: 2, content: WRITTEN, declarations: [], revision: 1, updated_by: PERSON };
    await put(pool, "guideline_drafts", { project_id: drafted, ...draft });
    await put(pool, "guideline_drafts", { project_id: unpublished, ...draft, parent: 0 });
    const box = { min_x: 0, min_y: 0, max_x: 10, max_y: 10, created_by: PERSON, created_at: NOW };
    const said = (project: string, name: string, under: number, more: object = {}) => ({
      ...{ id: `${name}${project}`, project_id: project, slide_id: `slide${project}`, class_id: aClassId("a"), under },
      ...{ ...box, ...more },
    });
    await put(
      pool,
      "reference_items",
      said(drafted, "old", 1),
      said(drafted, "now", 2),
      said(drafted, "next", 3, { class_id: aClassId("b") }),
      said(drafted, "gone", 3, { removed_at: NOW }),
      said(thrown, "now", 2),
      said(thrown, "next", 3),
      said(unpublished, "first", 1),
    );

    await migrateDatabase(pool);

    const versions = [1, 2].map((number) => ({ number, content: WRITTEN, changes: [] }));
    const of = async (project: string) =>
      (await referencesOf(db, projectId.parse(project))).map(({ id, classId, under, draftClassId, draftMeaning }) => ({
        ...{ id: id.replace(project, ""), classId, under, draftClassId, draftMeaning },
      }));
    const plain = { classId: aClassId("a"), draftClassId: null, draftMeaning: null };
    const references = await of(drafted);
    expect(references).toEqual([
      { ...plain, id: "next", under: null, classId: aClassId("b"), draftClassId: aClassId("b") },
      { ...plain, id: "now", under: 2 },
      { ...plain, id: "old", under: 1 },
    ]);
    expect(references.map((each) => referenceState(each, versions).state)).toEqual(["drafted", "usable", "usable"]);
    const published = references.map((each) => publishedReference(each, 3, () => "as it is told now"));
    expect(published.map(({ under, draftClassId }) => [under, draftClassId])).toEqual([
      [3, null],
      [2, null],
      [1, null],
    ]);
    const without = await of(thrown);
    expect(without.map(({ id, under, draftClassId }) => [id, under, draftClassId])).toEqual([
      ["next", null, null],
      ["now", 2, null],
    ]);
    expect(without.map((each) => referenceState(each, versions).state)).toEqual(["unsure", "usable"]);
    expect(await of(unpublished)).toEqual([{ ...plain, id: "first", under: null, draftClassId: aClassId("a") }]);
    const { rows } = await pool.query("select under from reference_items where removed_at is not null");
    expect(rows).toEqual([{ under: null }]);
  });

  it("[MGR2] keeps which outlines a waiver names, in its order, in every layer that has them, and of its project alone", async () => {
    const { pool } = await databaseOf("0024_scale");
    await putProjects(pool, ["project1", "project2"]);
    for (const project of ["project1", "project2"]) {
      for (const name of ["one", "two"]) {
        const layer = { id: `${name}${project}`, project_id: project, slide_id: `slide${project}`, kind: "team" };
        await put(pool, "layers", layer);
      }
    }
    const outline = (layer: string, id: string, project = "project1") => outlineRow(`${layer}${project}`, id, project);
    await put(
      pool,
      "annotations",
      outline("one", "outline1"),
      outline("one", "outline2"),
      outline("two", "outline2"),
      outline("one", "outline3"),
      outline("one", "outline1", "project2"),
    );
    const waiver = { project_id: "project1", reason: "few", approved_by: PERSON, version: 1, expires_at: NOW };
    const ids = ["outline2", "nosuch00", "outline1"];
    await put(
      pool,
      "waivers",
      { id: "waiver01", ...waiver, scope: { kind: "annotations", ids } },
      { id: "waiver02", ...waiver, scope: { kind: "class", classId: aClassId("a") } },
    );

    await migrateDatabase(pool);

    const { rows } = await pool.query("select * from waived_outlines order by waiver_id, place");
    expect(rows.map((row) => [row.waiver_id, row.place, row.layer_id, row.annotation_id])).toEqual([
      ["waiver01", 1, "oneproject1", "outline2"],
      ["waiver01", 2, "twoproject1", "outline2"],
      ["waiver01", 3, "oneproject1", "outline1"],
    ]);
  });
});
