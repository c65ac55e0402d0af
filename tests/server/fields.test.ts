import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { guidelineHistory } from "#db/guidelines.ts";
import { newId } from "#db/new-id.ts";
import type { Geometry } from "#domain/annotation.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { ClassRules, GuidelineContent } from "#domain/guideline.ts";
import { type AnnotationId, annotationId, type LayerId } from "#domain/ids.ts";
import type { Preview } from "#server/api/schemas/guideline.ts";
import type { Board, Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { mendFields, wrongFields } from "#server/maintenance/field-check.ts";
import { measureOutlines } from "#server/queries/outline-measures.ts";
import { openCounts, stalenessWithin } from "#server/queries/staleness.ts";
import { aClass, aClassId, aGuideline, declare, square, withClass } from "#tests/support/builders.ts";
import { type Name, type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
let layer: LayerId;
beforeEach(async () => {
  w = await workWorld({ slides: 1 });
  await w.publish(FIRST);
  layer = (await w.round("together", ["ada", "bea"])).layers(null);
});
afterEach(() => w.close());

const rules = (change: Partial<ClassRules>) => ({ rules: { ...aClass("a").rules, maxSharedShare: null, ...change } });
const FIRST = aGuideline([aClass("a", rules({})), aClass("b", rules({})), aClass("c", rules({}))], {
  exhaustive: false,
});
/** Slides have 0.5 um per px: a field has a side of 100 px. */
const FIELDS = (count: number) => withClass(FIRST, "a", rules({ fieldOfView: { count, sideUm: 50 } }));
const box = (x: number, y: number, width: number, height: number): Geometry => ({
  type: "polygon",
  rings: [
    [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
    ],
  ],
});

const path = (rest: string) => `/projects/${w.projectId}${rest}`;
const put = async (
  name: Name,
  classId: string,
  geometry: Geometry,
  { under = 1, attributes = {} }: { under?: number; attributes?: Record<string, string> } = {},
): Promise<AnnotationId> => {
  const id = newId(annotationId);
  await w.world.rooms.edit(layer, w.people[name].personId, (doc) =>
    doc.put({ id, classId: aClassId(classId), geometry, under, attributes, note: "" }),
  );
  return id;
};
const tasks = async () =>
  (await w.call<Page<Task>>("lena", "GET", path("/tasks?kind=migration"))).body.items.filter(
    ({ state }) => state !== "superseded",
  );
const detail = async (task: Task | undefined) => (await w.call<TaskDetail>("ada", "GET", `/tasks/${task?.id}`)).body;
const preview = async (content: GuidelineContent, declarations: readonly unknown[] = []) => {
  await w.call("lena", "PUT", path("/guideline/draft"), { revision: 0, content, declarations });
  return (await w.call<Preview>("lena", "GET", path("/guideline/preview"))).body;
};
const publish = (parent = 1) => w.call("lena", "POST", path("/guideline/publish"), { parent });
const stored = async () =>
  (await w.database.pool.query("select annotation_id id, side_px side, fields, at_most most from outline_fields")).rows;
/** What the two ways of counting say, which are the same. */
const stale = async () => {
  const history = await guidelineHistory(w.world.db, w.projectId);
  const whole = await stalenessWithin(w.world.db, { projectId: w.projectId }, history);
  const counted = await openCounts(w.world.db, { projectId: w.projectId }, history);
  expect(counted).toMatchObject({ stale: whole.stale, current: whole.current, carriedOver: whole.carriedOver });
  expect(counted.open.reduce((sum, { count }) => sum + count, 0)).toBe(whole.items.length);
  return whole.items.map(({ id }) => id).sort();
};

describe("a stricter rule about fields of view", () => {
  it("[FOV4] asks those without room though their area would do, as many as the preview said; a keep or a shape answers", async () => {
    await put("ada", "a", box(100, 100, 200, 100));
    const thin = await put("ada", "a", box(100, 400, 1_000, 90));
    const round = await put("ada", "a", square(100, 600, 180));
    const small = await put("ada", "a", square(900, 600, 50));
    await put("ada", "b", box(100, 900, 1_000, 90));
    const seen = await preview(FIELDS(2));
    expect(seen).toMatchObject({ staleBefore: 0, staleAfter: 3, totals: { review: 3, untouched: 2 } });
    expect(seen.rows).toMatchObject([{ kind: "limits", classId: aClassId("a"), outcome: "review", count: 3 }]);
    await publish();
    expect(await stale()).toEqual([thin, round, small].sort());
    const [task, ...rest] = await tasks();
    expect(rest).toEqual([]);
    expect(task).toMatchObject({ left: 3, total: 3 });
    const { items } = await detail(task);
    for (const { questions } of items) {
      expect(questions).toMatchObject([{ kind: "limit", limit: { rule: "fieldOfView", other: null } }]);
    }
    const [first, second] = ["keep", "keep"].map((verdict, at) => ({
      annotationId: items[at]?.annotationId,
      contentHash: items[at]?.contentHash,
      answer: { verdict },
    }));
    const resolve = (said: object) => w.call<{ left: number }>("ada", "POST", `/tasks/${task?.id}/resolve`, said);
    expect((await resolve(first ?? {})).body).toMatchObject({ left: 2 });
    expect((await resolve({ ...second, geometry: box(100, 400, 200, 200) })).body).toMatchObject({ left: 1 });
    expect(await stale()).toHaveLength(1);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
  });

  it("[FOV5] measures a content once for a size of field, and more only where more is asked for", async () => {
    await put("ada", "a", box(100, 100, 400, 100));
    await put("ada", "a", box(100, 400, 1_000, 90));
    await put("ada", "a", square(900, 900, 50));
    const measure = async (content: GuidelineContent) => {
      const history = await guidelineHistory(w.world.db, w.projectId);
      const changed = { kind: "limits" as const, classId: aClassId("a"), what: ["fieldOfView"] };
      const change = { ...changed, tightened: changed.what };
      return measureOutlines(w.world, w.projectId, [...history, { number: 2, content, changes: [change] }]);
    };
    expect(await measure(FIELDS(2))).toBe(2);
    expect(await measure(FIELDS(2))).toBe(0);
    expect(await measure(FIELDS(1))).toBe(0);
    expect((await stored()).map(({ side, fields, most }) => [side, fields, most]).sort()).toEqual([
      [100, 0, 2],
      [100, 2, 2],
    ]);
    // Of the thin one it is known that it has room for none, however many are asked for.
    expect(await measure(FIELDS(3))).toBe(1);
    expect(await measure(FIELDS(4))).toBe(1);
    expect(await measure(withClass(FIRST, "a", rules({ fieldOfView: { count: 1, sideUm: 25 } })))).toBe(3);
    await w.database.pool.query("update slides set mpp = 0.25");
    expect(await measure(FIELDS(1))).toBe(2);
  });

  it("[FOV7] is checked and put right from the outlines, and what was measured of another content is no fault", async () => {
    const id = await put("ada", "a", box(100, 100, 200, 100));
    await preview(FIELDS(2));
    const right = { seen: 1, wrong: [] };
    expect(await wrongFields(w.world.db, layer)).toEqual(right);
    await w.database.pool.query("update outline_fields set fields = 1");
    expect(await wrongFields(w.world.db, layer)).toMatchObject({ seen: 1, wrong: [{ annotationId: id, fields: 2 }] });
    expect(await mendFields(w.world.db, layer)).toBe(1);
    expect(await wrongFields(w.world.db, layer)).toEqual(right);
    await w.database.pool.query("update outline_fields set fields = 1, content_hash = 'another'");
    expect(await wrongFields(w.world.db, layer)).toEqual(right);
    expect(await mendFields(w.world.db, layer)).toBe(0);
    expect(await stored()).toEqual([]);
  });
});

describe("what is carried into a class", () => {
  it("[RCK6] is asked about sizes, shapes and attributes of that class as the preview, the board and the task count it", async () => {
    const grade = attributeSchema.parse({ id: "grade0000", name: "Grade", kind: "text", required: true });
    const asking = { minAreaUm2: 500, geometry: ["polygon" as const], attributes: [grade] };
    const strict = withClass(
      withClass(FIRST, "c", { ...asking, ...rules({ fieldOfView: { count: 2, sideUm: 50 } }) }),
      "a",
      {
        geometry: ["polygon", "point"],
      },
    );
    await w.publish(strict);
    const graded = { under: 2, attributes: { grade0000: "2" } };
    await put("ada", "a", box(100, 100, 200, 100), graded);
    const small = await put("ada", "a", square(100, 300, 40), graded);
    const thin = await put("ada", "a", box(100, 400, 1_000, 90), graded);
    const point = await put("ada", "a", { type: "point", at: [900, 900] }, graded);
    const unsaid = await put("ada", "a", box(100, 700, 200, 100), { under: 2 });
    await put("ada", "c", square(1_300, 1_300, 40), { under: 2 });
    const merged = withClass(strict, "a", { retired: true });
    const seen = await preview(merged, [declare.merge(["a"], "c")]);
    expect(seen).toMatchObject({ staleBefore: 0, staleAfter: 4, refusal: null });
    expect(seen.totals).toMatchObject({ review: 3, choose: 1, automatic: 1, untouched: 1 });
    expect(seen.outcomes).toEqual([["automatic", "re-check", "recompute"]]);
    await publish(2);
    expect(await stale()).toEqual([small, thin, point, unsaid].sort());
    expect((await w.call<Board>("lena", "GET", path("/tasks/board?group=change"))).body).toMatchObject({ left: 4 });
    const [task] = await tasks();
    expect(task).toMatchObject({ left: 4, total: 4 });
    const { items } = await detail(task);
    const asked = (id: AnnotationId) =>
      items
        .flatMap(({ annotationId: of, questions }) => (of === id ? questions : []))
        .map(({ kind, limit }) => limit?.rule ?? kind);
    expect([asked(small).sort(), asked(thin), asked(point), asked(unsaid)]).toEqual([
      ["fieldOfView", "minAreaUm2"],
      ["fieldOfView"],
      ["geometry"],
      ["attribute"],
    ]);
    const about = items.find(({ annotationId: id }) => id === point)?.questions;
    expect(about).toMatchObject([{ version: 3, change: { kind: "merge" }, classId: aClassId("c") }]);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
  });

  it("[RCK6] is asked the same where the class before is retired for one successor, or moved under a stricter class", async () => {
    const small = await put("ada", "a", square(100, 300, 40));
    await put("ada", "a", square(300, 300, 60));
    const strict = withClass(FIRST, "c", { minAreaUm2: 500, ...rules({}) });
    const retired = withClass(strict, "a", { retired: true });
    expect(await preview(retired, [declare.retire("a", "c")])).toMatchObject({ staleAfter: 1, totals: { review: 1 } });
    await w.call("lena", "DELETE", path("/guideline/draft"));
    const under = withClass(strict, "a", { parentId: aClassId("c"), ...rules({ inherits: true }) });
    expect(await preview(under)).toMatchObject({ staleAfter: 1, totals: { review: 1 } });
    await publish();
    expect(await stale()).toEqual([small]);
  });
});
