import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { guidelineHistory } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import type { Geometry } from "#domain/annotation.ts";
import type { ClassRules, GuidelineContent } from "#domain/guideline.ts";
import { type AnnotationId, annotationId, type LayerId } from "#domain/ids.ts";
import { seededRandom } from "#domain/random.ts";
import type { Preview } from "#server/api/schemas/guideline.ts";
import type { Task, TaskDetail, TaskItem } from "#server/api/schemas/tasks.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { mendPairs, wrongPairs } from "#server/maintenance/pair-check.ts";
import { measureOutlines } from "#server/queries/outline-measures.ts";
import { openCounts, stalenessWithin } from "#server/queries/staleness.ts";
import { aClass, aClassId, aGuideline, square, withClass } from "#tests/support/builders.ts";
import { type Name, type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
let layer: LayerId;
beforeEach(async () => {
  w = await workWorld({ slides: 1 });
  await w.publish(FIRST);
  layer = (await w.round("together", ["ada", "bea"])).layers(null);
});
afterEach(() => w.close());

const rules = (change: Partial<ClassRules>) => ({ rules: { ...aClass("a").rules, ...change } });
const FREE = rules({ maxSharedShare: null });
const FIRST = aGuideline([aClass("a", FREE), aClass("b", FREE), aClass("c", FREE)], { exhaustive: false });
const STRICT: GuidelineContent = withClass(FIRST, "a", rules({ maxSharedShare: 0.1 }));

const path = (rest: string) => `/projects/${w.projectId}${rest}`;
const put = async (name: Name, classId: string, geometry: Geometry, under = 1): Promise<AnnotationId> => {
  const id = newId(annotationId);
  await w.world.rooms.edit(layer, w.people[name].personId, (doc) =>
    doc.put({ id, classId: aClassId(classId), geometry, under, attributes: {}, note: "" }),
  );
  return id;
};
const tasks = async () =>
  (await w.call<Page<Task>>("lena", "GET", path("/tasks?kind=migration"))).body.items.filter(
    ({ state }) => state !== "superseded",
  );
const detail = async (name: Name, task: Task | undefined) =>
  (await w.call<TaskDetail>(name, "GET", `/tasks/${task?.id}`)).body;
const answer = (name: Name, task: Task | undefined, { annotationId: id, contentHash }: TaskItem, said: object) =>
  w.call<{ left: number; code?: string }>(name, "POST", `/tasks/${task?.id}/resolve`, {
    annotationId: id,
    contentHash,
    ...said,
  });
const preview = async (content: GuidelineContent) => {
  await w.call("lena", "PUT", path("/guideline/draft"), { revision: 0, content, declarations: [] });
  return (await w.call<Preview>("lena", "GET", path("/guideline/preview"))).body;
};
const publish = () => w.call("lena", "POST", path("/guideline/publish"), { parent: 1 });
const stored = async () =>
  (await w.database.pool.query("select a_id, b_id, a_share, b_share from outline_pairs order by 1, 2")).rows;

describe("a stricter rule about two outlines", () => {
  it("[PAI7] asks once for each pair, as many as the preview said; the board, the task and the walk say the same", async () => {
    const small = await put("ada", "a", square(100, 100, 100));
    const large = await put("bea", "b", square(150, 100, 400));
    await put("bea", "b", square(2_000, 100, 100));
    await put("ada", "a", square(90, 300, 70));
    const seen = await preview(STRICT);
    expect(seen).toMatchObject({ staleBefore: 0, staleAfter: 2, totals: { review: 2, untouched: 2 } });
    expect(seen.rows).toMatchObject([{ kind: "limits", classId: aClassId("a"), outcome: "review", count: 2 }]);
    await publish();
    const [task, ...rest] = await tasks();
    expect(rest).toEqual([]);
    expect(task).toMatchObject({ left: 2, total: 2, assignee: { id: w.people.ada.personId } });
    const { items } = await detail("ada", task);
    expect(items.map(({ annotationId: id }) => id)).toContain(small);
    expect(items[0]?.questions).toMatchObject([{ kind: "limit", limit: { rule: "maxSharedShare", other: large } }]);
    const history = await guidelineHistory(w.world.db, w.projectId);
    const whole = await stalenessWithin(w.world.db, { projectId: w.projectId }, history);
    const counted = await openCounts(w.world.db, { projectId: w.projectId }, history);
    expect(whole.items).toHaveLength(2);
    expect(counted).toMatchObject({ stale: 2, current: 2 });
    expect(counted.open.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
  });

  it("[PAI8] is answered by keeping, by trimming one of the two, or by deleting one", async () => {
    for (const at of [0, 1, 2, 3]) {
      await put("ada", "a", square(100 + 900 * at, 100, 100));
      await put("bea", "b", square(150 + 900 * at, 50, 400));
    }
    await preview(STRICT);
    await publish();
    const [task] = await tasks();
    const { items } = await detail("ada", task);
    expect(items).toHaveLength(4);
    const [kept, trimmed, deleted, others] = items as [TaskItem, TaskItem, TaskItem, TaskItem];
    expect((await answer("ada", task, kept, { answer: { verdict: "keep" } })).body).toMatchObject({ left: 3 });
    const trim = { answer: { verdict: "keep" }, geometry: square(1_000, 100, 40) };
    expect((await answer("ada", task, trimmed, trim)).body).toMatchObject({ left: 2 });
    expect((await answer("ada", task, deleted, { answer: { verdict: "delete" } })).body).toMatchObject({ left: 1 });
    const other = others.questions[0]?.limit?.other as AnnotationId;
    await w.world.rooms.edit(layer, w.people.bea.personId, (doc) => {
      const annotation = doc.get(other);
      if (annotation === null) throw new Error("the other outline is gone");
      doc.put({ ...annotation, geometry: square(2_900, 300, 400), under: 2 });
    });
    expect((await detail("ada", task)).task).toMatchObject({ left: 0 });
    await makeTasks(w.world, w.projectId);
    expect((await tasks()).filter(({ left }) => left > 0)).toEqual([]);
  });

  it("[PAI9] measures a content once, whatever the limit is by now, and nothing that cannot be asked", async () => {
    await put("ada", "a", square(100, 100, 100));
    await put("bea", "b", square(150, 100, 400));
    const lonely = await put("ada", "c", square(3_000, 3_000, 100));
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    expect(await stored()).toEqual([]);
    await preview(STRICT);
    expect(await stored()).toMatchObject([{}]);
    const { rows } = await w.database.pool.query("select a_share, b_share from outline_pairs");
    expect([rows[0].a_share, rows[0].b_share].sort()).toEqual([0.03125, 0.5]);
    const measure = async (content: GuidelineContent) => {
      const history = await guidelineHistory(w.world.db, w.projectId);
      const tightened = ["maxSharedShare"];
      const change = { kind: "limits" as const, classId: aClassId("a"), what: tightened, tightened };
      return measureOutlines(w.world, w.projectId, [...history, { number: 2, content, changes: [change] }]);
    };
    expect(await measure(STRICT)).toBe(0);
    expect(await measure(withClass(FIRST, "a", rules({ maxSharedShare: 0.4 })))).toBe(0);
    expect(await measure(withClass(FIRST, "a", rules({ maxSharedShare: 0.6 })))).toBe(0);
    await put("bea", "b", square(3_050, 3_000, 100));
    expect(await measure(STRICT)).toBe(0);
    await put("ada", "a", square(190, 100, 5));
    expect(await measure(STRICT)).toBe(1);
    expect((await stored()).every(({ a_id, b_id }) => a_id !== lonely && b_id !== lonely)).toBe(true);
  });

  it("[PAI10] asks what has to lie inside another and does not, also a point", async () => {
    await put("bea", "b", square(100, 100, 400));
    await put("ada", "a", square(150, 150, 100));
    const out = await put("ada", "a", square(450, 150, 100));
    await put("ada", "a", { type: "point", at: [200, 200] });
    const lost = await put("ada", "a", { type: "point", at: [900, 900] });
    const nested = withClass(FIRST, "a", rules({ maxSharedShare: null, nestedIn: [aClassId("b")] }));
    expect(await preview(nested)).toMatchObject({ staleAfter: 2 });
    await publish();
    const [task] = await tasks();
    const { items } = await detail("ada", task);
    expect(items.map(({ annotationId: id }) => id).sort()).toEqual([lost, out].sort());
    expect(items[0]?.questions).toMatchObject([{ kind: "limit", limit: { rule: "nestedIn", other: null } }]);
  });
});

describe("how far a preview is", () => {
  it("[SCA14] is told to leads alone, and to none who reads blind", async () => {
    const progress = (name: Name) => w.call(name, "GET", path("/guideline/preview/progress"));
    expect(await progress("lena")).toEqual({ status: 200, body: { measuring: null } });
    for (const name of ["ada", "jo", "vic"] as const) expect((await progress(name)).status).toBe(403);
    expect((await progress("stranger")).status).toBe(404);
    await put("ada", "a", square(100, 100, 100));
    await put("bea", "b", square(150, 100, 400));
    const told: unknown[] = [];
    const { shares } = w.world.computation;
    Object.assign(w.world.computation, {
      shares: async (task: Parameters<typeof shares>[0]) => {
        told.push((await progress("lena")).body);
        return shares(task);
      },
    });
    await preview(STRICT);
    expect(told).toEqual([{ measuring: { share: 0, layers: 1, layersDone: 0 } }]);
    await w.round("blind", ["lena", "cem"]);
    await put("ada", "a", square(120, 100, 100));
    await preview(withClass(FIRST, "a", rules({ maxSharedShare: 0.2 })));
    expect(told.slice(1)).toEqual([{ measuring: null }]);
  });
});

describe("what was measured", () => {
  it("[PAI13] step by step is what is measured at once, from nothing, also where outlines move, go and come back", async () => {
    await preview(STRICT);
    await publish();
    const random = seededRandom(20261124);
    const ids: AnnotationId[] = [];
    const open = async () => {
      const history = await guidelineHistory(w.world.db, w.projectId);
      await measureOutlines(w.world, w.projectId, history);
      const { items } = await stalenessWithin(w.world.db, { projectId: w.projectId }, history);
      return items.map(({ id, standing }) => [id, standing.questions.map(({ limit }) => limit?.other)]);
    };
    let asked = 0;
    for (let step = 0; step < 12; step++) {
      for (let drawn = 0; drawn < 3; drawn++) {
        const place = square(100 + Math.floor(random() * 400), 100 + Math.floor(random() * 400), 60);
        ids.push(await put("ada", random() < 0.5 ? "a" : "b", place));
      }
      const at = Math.floor(random() * ids.length);
      await w.world.rooms.edit(layer, w.people.ada.personId, (doc) => {
        const annotation = doc.get(ids[at] ?? newId(annotationId));
        if (annotation === null) return;
        if (random() < 0.5) doc.remove(annotation.id, { origin: "command" });
        else doc.put({ ...annotation, geometry: square(300, 300, 50) });
      });
      const stepwise = await open();
      await w.database.pool.query("truncate outline_pairs, pairs_measured");
      expect(await open()).toEqual(stepwise);
      asked = Math.max(asked, stepwise.length);
    }
    expect(asked).toBeGreaterThan(3);
  });

  it("[PAI14] is checked and put right from the outlines", async () => {
    await put("ada", "a", square(100, 100, 100));
    await put("bea", "b", square(150, 100, 400));
    await preview(STRICT);
    expect(await wrongPairs(w.world.db, layer)).toEqual({ seen: 1, wrong: [] });
    const [right] = await stored();
    await w.database.pool.query("update outline_pairs set a_share = 0.9");
    expect(await wrongPairs(w.world.db, layer)).toMatchObject({ seen: 1, wrong: [{ aShare: right?.a_share }] });
    expect(await mendPairs(w.world.db, layer)).toBe(1);
    expect(await stored()).toEqual([right]);
    expect(await mendPairs(w.world.db, layer)).toBe(0);
  });
});
