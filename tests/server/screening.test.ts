import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LayerId, ProjectId } from "#domain/ids.ts";
import { cellsOf, cellsToBase64, screenGridOf } from "#domain/screening.ts";
import type { Screening } from "#server/api/schemas/screening.ts";
import type { Slide } from "#server/api/schemas/slides.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { type ApiWorld, apiWorld, type Name, type Page, smallTiff } from "#tests/support/api-world.ts";
import { aClass, aClassId, aGuideline, square, withClasses } from "#tests/support/builders.ts";

const SIDE = 2_000;
const grid = screenGridOf({ width: SIDE, height: SIDE });
const cells = (...which: number[]) => cellsToBase64(cellsOf(grid, which));
const ALL = Array.from({ length: 16 }, (_, cell) => cell);

let w: ApiWorld;
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

type Study = { readonly project: ProjectId; readonly slide: string; readonly ada: LayerId; readonly bea: LayerId };

async function study(mode: "open" | "blind" = "open"): Promise<Study> {
  const project = await w.project(aGuideline(["a", "b"], { exhaustive: true }));
  const slide = await w.bareSlide(project, "slide", { side: SIDE });
  const round = await w.round(project, mode, [slide], ["ada", "bea"]);
  return { project, slide, ada: round.layer(slide, "ada"), bea: round.layer(slide, "bea") };
}

const report = (name: Name, layer: string, which: readonly number[]) =>
  w.call(name, "POST", `/layers/${layer}/seen`, { cells: cells(...which) });
/** One that has to be taken: a person's reports are rationed. */
const saw = async (...of: Parameters<typeof report>) => expect((await report(...of)).status).toBe(200);
const looked = async (name: Name, layer: string, since = 0) =>
  (await w.call<Screening>(name, "GET", `/layers/${layer}/screening?since=${since}`)).body;
const signatures = async (layer: string) => {
  const { rows } = await w.pool.query("select * from screenings where layer_id = $1 order by at, id", [layer]);
  return rows;
};

/** A study whose read is submitted and then asked to be looked through again for two new classes. */
async function rescreen(): Promise<Study & { task: Task }> {
  const made = await study();
  await w.call("ada", "POST", `/layers/${made.ada}/submit`);
  const first = aGuideline(["a", "b"], { exhaustive: true });
  await w.publish(made.project, withClasses(first, aClass("d", { lookAlikes: [aClassId("a")] }), aClass("e")));
  const { body } = await w.call<Page<Task>>("ada", "GET", `/projects/${made.project}/tasks`);
  const task = body.items.find(({ kind }) => kind === "re-screen");
  if (task === undefined) throw new Error("no task to look again was made");
  const move = { revision: task.revision, to: "in-progress" };
  return { ...made, task: (await w.call<Task>("ada", "POST", `/tasks/${task.id}/move`, move)).body };
}

describe("the view log", () => {
  it("[SCR11] adds up over reports, in any order and as often as they come, and is nobody else's to see", async () => {
    const { ada, bea } = await study("blind");
    expect(await looked("ada", ada)).toMatchObject({ cellPx: 512, columns: 4, rows: 4, tissue: null, share: 0 });
    for (const which of [[0, 1], [5], [1, 0]]) expect((await report("ada", ada, which)).status).toBe(200);
    expect((await looked("ada", ada)).seen).toBe(cells(0, 1, 5));
    expect((await looked("lars", ada)).seen).toBe(cells());
    for (const name of ["bea", "vic", "stranger"] as const) {
      expect((await report(name, ada, [2])).status).toBe(404);
      expect((await w.call(name, "GET", `/layers/${ada}/screening`)).status).toBe(404);
    }
    expect(await looked("bea", bea)).toMatchObject({ share: 0, seen: cells() });
  });

  it("[SCR12] two reports at once lose nothing", async () => {
    const { bea } = await study();
    await Promise.all(ALL.map((cell) => saw("bea", bea, [cell])));
    expect(await looked("bea", bea)).toMatchObject({ share: 1, seen: cells(...ALL) });
  });

  it("[SCR13] what is no set of cells of the slide, or too much of it, is refused; nothing is stored", async () => {
    const { bea } = await study();
    for (const text of ["", "AAAAAAAA", "not base64!", "A".repeat(20_000)]) {
      const answer = await w.call("bea", "POST", `/layers/${bea}/seen`, { cells: text });
      expect(answer).toMatchObject({ status: 400, body: { code: "bad-request" } });
    }
    expect((await report("eve", bea, [1])).status).toBe(403);
    expect((await looked("bea", bea)).share).toBe(0);
    const many = await Promise.all(Array.from({ length: 60 }, () => report("jo", bea, [1])));
    expect(many.filter(({ status }) => status === 429).length).toBeGreaterThan(10);
  });

  it("[SCR14] tissue is found in the slide's pixels, once; a slide of glass counts whole", async () => {
    const project = await w.project(aGuideline(["a"]));
    const upload = await w.fetch<Slide>(`/api/v1/projects/${project}/slides?name=one&case=c`, {
      method: "POST",
      headers: { authorization: `Bearer ${w.token("lena")}` },
      body: await smallTiff({}),
    });
    const round = await w.round(project, "open", [upload.body.id], ["ada"]);
    const first = await looked("ada", round.layer(upload.body.id, "ada"));
    const { rows } = await w.pool.query("select slide_id from slide_tissue where slide_id = $1", [upload.body.id]);
    expect(rows).toHaveLength(1);
    expect(await looked("ada", round.layer(upload.body.id, "ada"))).toEqual(first);
  });
});

describe("sign-off", () => {
  it("[SCR15] below the wanted share is refused until it is confirmed, and keeps what was seen", async () => {
    const { ada, task } = await rescreen();
    await saw("ada", ada, [0, 1, 2]);
    const sign = (body: object) => w.call<Task>("ada", "POST", `/tasks/${task.id}/screened`, body);
    const { revision } = task;
    expect(await sign({ revision })).toMatchObject({ status: 409, body: { code: "screening-incomplete" } });
    expect(await sign({ revision, confirmed: true })).toMatchObject({ status: 200, body: { state: "submitted" } });
    const [, last] = await signatures(ada);
    expect(last).toMatchObject({ confirmed: true, version: 2, exhaustive: true, seen_area_px: 3 * 512 * 512 });
    expect(last.seen_share).toBeCloseTo((3 * 512 * 512) / SIDE ** 2, 12);
  });

  it("[SCR16] is given class by class; the last one hands the task in and locks the read", async () => {
    const { ada, task } = await rescreen();
    await saw("ada", ada, ALL);
    const sign = (body: object) => w.call<Task>("ada", "POST", `/tasks/${task.id}/screened`, body);
    expect(await sign({ revision: task.revision, classIds: [aClassId("z")] })).toMatchObject({
      status: 422,
      body: { code: "unknown-class" },
    });
    const first = await sign({ revision: task.revision, classIds: [aClassId("d")] });
    expect(first.body).toMatchObject({ state: "in-progress", left: 1, total: 2 });
    const detail = await w.call<TaskDetail>("ada", "GET", `/tasks/${task.id}`);
    expect(detail.body).toMatchObject({ signedClassIds: [aClassId("d")] });
    const last = await sign({ revision: first.body.revision, classIds: [aClassId("e")] });
    expect(last.body).toMatchObject({ state: "submitted", left: 0 });
    expect((await signatures(ada)).slice(1)).toMatchObject([
      { class_ids: [aClassId("d")], seen_share: 1, confirmed: false },
      { class_ids: [aClassId("e")], seen_share: 1, confirmed: false },
    ]);
    expect((await w.call("ada", "GET", `/layers/${ada}`)).body).toMatchObject({ state: "submitted" });
  });

  it("[SCR17] does not count what was seen before the version that asks for it", async () => {
    const { ada, project, slide } = await study();
    await saw("ada", ada, ALL);
    await w.call("ada", "POST", `/layers/${ada}/submit`);
    const first = aGuideline(["a", "b"], { exhaustive: true });
    await w.publish(project, withClasses(first, aClass("d")));
    expect((await looked("ada", ada, 2)).share).toBe(0);
    expect((await looked("ada", ada, 1)).share).toBe(1);
    const { body } = await w.call<Page<Task>>("ada", "GET", `/projects/${project}/tasks?slide=${slide}`);
    const task = body.items[0];
    expect(await w.call("ada", "POST", `/tasks/${task?.id}/screened`, { revision: task?.revision })).toMatchObject({
      body: { code: "screening-incomplete", detail: { seen: 0 } },
    });
  });

  it("[SCR18] handing a read in signs for all its classes under the version that it was read under", async () => {
    const { bea, project } = await study("blind");
    await w.draw("bea", bea, [{ classId: "a", geometry: square(10, 10, 50) }]);
    await saw("bea", bea, ALL);
    await w.publish(project, withClasses(aGuideline(["a", "b"], { exhaustive: true }), aClass("d")));
    await w.call("bea", "POST", `/layers/${bea}/submit`);
    expect(await signatures(bea)).toMatchObject([
      { class_ids: [aClassId("a"), aClassId("b")], version: 1, seen_share: 1, exhaustive: true, confirmed: false },
    ]);
  });
});
