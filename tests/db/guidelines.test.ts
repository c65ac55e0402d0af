import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addVersion, draftOf, guidelineHistory, lockProject, newestVersion, saveDraft } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import { createPerson } from "#db/people.ts";
import { createProject } from "#db/projects.ts";
import { type PersonId, type ProjectId, projectId } from "#domain/ids.ts";
import { unwrap } from "#server/access.ts";
import { aGuideline } from "#tests/support/builders.ts";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";

let database: TestDatabase;
let project: ProjectId;
let lead: PersonId;

beforeAll(async () => {
  database = await testDatabase();
  const person = unwrap(
    await createPerson(database.db, { email: "lead@example.org", name: "Lena", passwordHash: null }),
  );
  lead = person.id;
  project = (await createProject(database.db, { name: "Glands", description: "", createdBy: lead })).id;
});
afterAll(() => database.close());

const version = (number: number) => ({
  projectId: project,
  number,
  content: aGuideline(["a", "b"]),
  changes: [],
  note: `version ${number}`,
  publishedBy: lead,
});

describe("guideline store", () => {
  it("[PUB12] keeps published versions as they are, each number once, oldest first", async () => {
    const { db } = database;
    expect(await newestVersion(db, project)).toBeNull();
    await addVersion(db, version(1));
    await addVersion(db, version(2));
    await expect(addVersion(db, version(2))).rejects.toThrow();
    await expect(database.pool.query("update guideline_versions set note = ''")).rejects.toThrow(/never changed/);
    await expect(database.pool.query("delete from guideline_versions")).rejects.toThrow(/never changed/);
    expect((await newestVersion(db, project))?.number).toBe(2);
    expect((await guidelineHistory(db, project)).map(({ number, note }) => [number, note])).toEqual([
      [1, "version 1"],
      [2, "version 2"],
    ]);
  });

  it("[PUB1] lets one of two people who start a draft at once start it", async () => {
    const draft = { projectId: project, parent: 2, content: aGuideline(["a"]), declarations: [], personId: lead };
    const saves = await Promise.all(
      [0, 0].map((revision) => saveDraft(database.db, { ...draft, revision, at: new Date() })),
    );
    expect(saves.toSorted()).toEqual([1, null]);
    expect(await draftOf(database.db, project)).toMatchObject({ revision: 1, updatedBy: { name: "Lena" } });
    expect(await saveDraft(database.db, { ...draft, revision: 7, at: new Date() })).toBeNull();
  });

  it("[PUB4] holds a project against other decisions and not against drawing", async () => {
    const { db, pool } = database;
    expect(await lockProject(db, newId(projectId))).toBe(false);
    await db.transaction(async (tx) => {
      await lockProject(tx, project);
      await pool.query("insert into cases (id, project_id, name) values ('case0001', $1, 'case')", [project]);
      const second = pool.query("select 1 from projects where id = $1 for no key update nowait", [project]);
      await expect(second).rejects.toThrow(/could not obtain lock/);
    });
  });
});
