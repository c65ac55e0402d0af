import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import { annotationId } from "#domain/ids.ts";
import type { TrialDetail, TrialSheet } from "#server/api/schemas/trials.ts";
import { aClass, aClassId, aGuideline, square, withClass, withClasses } from "#tests/support/builders.ts";
import { type Name, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
beforeEach(async () => {
  w = await workWorld({ slides: 2 });
  await w.publish(FIRST);
});
afterEach(() => w.close());

const FIRST = aGuideline(["a", "b"], { exhaustive: false });
/** The same with a class c that only the draft knows, and without b. */
const DRAFT = withClass(withClasses(FIRST, aClass("c")), "b", { retired: true });
const draft = (path = "") => `/projects/${w.projectId}/guideline${path}`;

async function trial(slides: readonly string[] = w.slideIds.slice(0, 1)): Promise<TrialDetail> {
  const body = { revision: 0, content: DRAFT, declarations: [] };
  await w.call("lena", "PUT", draft("/draft"), body);
  const made = await w.call<TrialDetail>("lena", "POST", draft("/trials"), { name: "with c", slideIds: slides });
  expect(made.status).toBe(200);
  return made.body;
}
const outline = (id: string, slide = 0, of = annotationId.parse(newId(annotationId))) =>
  `/trials/${id}/slides/${w.slideIds[slide]}/outlines/${of}`;
const put = (name: Name, path: string, classId = aClassId("c"), at = 100) =>
  w.call(name, "PUT", path, { classId, geometry: square(at, at, 50) });
const see = (name: Name, id: string) => w.call<TrialDetail>(name, "GET", `/trials/${id}`);

describe("trials of a draft", () => {
  it("[TRI1] hold the draft as it was: readers draw with its classes, each their own, and lead sees how they were used", async () => {
    const { id, content, results } = await trial();
    expect(content).toEqual(DRAFT);
    expect(results?.classes.map(({ outlines }) => outlines)).toEqual([0, 0]);
    await w.call("lena", "DELETE", draft("/draft"));
    const mine = outline(id);
    expect((await put("ada", mine)).status).toBe(200);
    expect((await put("ada", mine, aClassId("a"))).status).toBe(200);
    expect((await put("ada", outline(id))).status).toBe(200);
    expect((await put("bea", outline(id))).status).toBe(200);
    expect((await put("bea", mine)).status).toBe(404);
    const sheet = (name: Name) => w.call<TrialSheet>(name, "GET", `/trials/${id}/slides/${w.slideIds[0]}`);
    expect((await sheet("ada")).body.outlines).toHaveLength(2);
    expect((await sheet("bea")).body.outlines).toMatchObject([{ classId: aClassId("c") }]);
    const shown = (await see("lena", id)).body.results;
    expect(shown?.classes).toMatchObject([
      { classId: aClassId("a"), outlines: 1, people: 1, slides: 1, areaUm2: 625 },
      { classId: aClassId("c"), outlines: 2, people: 2, slides: 1, areaUm2: 1_250 },
    ]);
    expect(shown?.people.map(({ name }) => name).sort()).toEqual(["ada", "bea"]);
    expect((await see("ada", id)).body.results).toBeNull();
    expect((await w.call("ada", "DELETE", mine)).status).toBe(200);
    expect((await sheet("ada")).body.outlines).toHaveLength(1);
  });

  it("[TRI2] enter no layer, log, projection, judgement or task: every table of the data is as it was", async () => {
    const tables = [
      "layers",
      "layer_updates",
      "annotations",
      "judgements",
      "tasks",
      "screenings",
      "consensus_results",
      "releases",
    ];
    const counts = async () => {
      const rows: Record<string, number> = {};
      for (const table of tables) {
        rows[table] = (await w.database.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n;
      }
      return rows;
    };
    const { id } = await trial(w.slideIds);
    const before = await counts();
    for (const name of ["ada", "bea", "lena"] as const) {
      for (const slide of [0, 1]) expect((await put(name, outline(id, slide))).status).toBe(200);
    }
    await w.call("lena", "POST", `/trials/${id}/end`);
    expect(await counts()).toEqual(before);
    expect((await see("lena", id)).body.results?.classes.map(({ outlines }) => outlines)).toEqual([0, 6]);
  });

  it("[TRI3] refuse a class that the draft does not draw, a place off the slide, another slide, and whoever does not read", async () => {
    const { id } = await trial();
    expect((await put("ada", outline(id), aClassId("b"))).body).toMatchObject({ code: "class-retired" });
    expect((await put("ada", outline(id), aClassId("z"))).body).toMatchObject({ code: "unknown-class" });
    expect((await put("ada", outline(id), aClassId("c"), 4_090)).body).toMatchObject({ code: "outline-off-slide" });
    expect((await put("ada", outline(id, 1))).status).toBe(404);
    for (const name of ["eve", "vic"] as const) expect((await put(name, outline(id))).status).toBe(403);
    expect((await put("stranger", outline(id))).status).toBe(404);
    expect((await see("stranger", id)).status).toBe(404);
    expect((await w.call("ada", "POST", `/trials/${id}/end`)).status).toBe(403);
    expect((await w.call("ada", "POST", draft("/trials"), { name: "x", slideIds: w.slideIds })).status).toBe(403);
    expect((await w.call("lena", "POST", draft("/trials"), { name: "x", slideIds: ["nosuchslide"] })).status).toBe(404);
  });

  it("[TRI4] that have ended take nothing more; ending one twice is refused", async () => {
    const { id } = await trial();
    const mine = outline(id);
    await put("ada", mine);
    expect((await w.call<TrialDetail>("lena", "POST", `/trials/${id}/end`)).body.endedAt).not.toBeNull();
    expect((await w.call("lena", "POST", `/trials/${id}/end`)).body).toMatchObject({ code: "trial-ended" });
    expect((await put("ada", mine)).body).toMatchObject({ code: "trial-ended" });
    expect((await w.call("ada", "DELETE", mine)).body).toMatchObject({ code: "trial-ended" });
  });

  it("[TRI5] keep how classes were used from a lead who reads one of their slides blind", async () => {
    const { id } = await trial();
    await w.round("blind", ["lars", "ada"]);
    expect((await see("lena", id)).body.results).not.toBeNull();
    expect((await see("lars", id)).body.results).toBeNull();
  });
});
