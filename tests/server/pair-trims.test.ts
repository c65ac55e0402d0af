import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import type { Geometry } from "#domain/annotation.ts";
import { geometryArea } from "#domain/geometry.ts";
import type { ClassRules, GuidelineContent } from "#domain/guideline.ts";
import { type AnnotationId, annotationId, type LayerId } from "#domain/ids.ts";
import type { Blocker } from "#server/api/schemas/releases.ts";
import type { Task, TaskDetail, TaskItem } from "#server/api/schemas/tasks.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { aClass, aClassId, aDepth, aGuideline, square, withClass } from "#tests/support/builders.ts";
import { type Name, type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
let layer: LayerId;
beforeEach(async () => {
  w = await workWorld({ slides: 1 });
});
afterEach(() => w.close());

const rules = (change: Partial<ClassRules>) => ({ rules: { ...aClass("a").rules, ...change } });
const FREE = rules({ maxSharedShare: null });
const FIRST = aGuideline([aClass("a", FREE), aClass("b", FREE), aClass("c", FREE)], { exhaustive: false });
const STRICT: GuidelineContent = withClass(FIRST, "a", rules({ maxSharedShare: 0.1 }));

const put = async (name: Name, classId: string, geometry: Geometry, under = 1): Promise<AnnotationId> => {
  const id = newId(annotationId);
  await w.world.rooms.edit(layer, w.people[name].personId, (doc) =>
    doc.put({ id, classId: aClassId(classId), geometry, under, attributes: {}, note: "" }),
  );
  return id;
};
const row = async (id: AnnotationId) => {
  const found = await w.database.pool.query("select class_id, under, content_hash from annotations where id = $1", [
    id,
  ]);
  return found.rows[0];
};
const geometryOf = async (id: AnnotationId) => {
  const held: { geometry?: Geometry | undefined } = {};
  await w.world.rooms.edit(layer, w.people.ada.personId, (doc) => {
    held.geometry = doc.get(id)?.geometry;
  });
  if (held.geometry === undefined) throw new Error("the outline is gone");
  return held.geometry;
};
const publish = async (content: GuidelineContent, parent = 1, declarations: readonly object[] = []) => {
  const path = `/projects/${w.projectId}/guideline`;
  await w.call("lena", "PUT", `${path}/draft`, { revision: 0, content, declarations });
  const published = await w.call("lena", "POST", `${path}/publish`, { parent });
  expect(published.status, JSON.stringify(published.body)).toBe(200);
  await makeTasks(w.world, w.projectId);
};
const taskOf = async (name: Name): Promise<Task> => {
  const { body } = await w.call<Page<Task>>("lena", "GET", `/projects/${w.projectId}/tasks?kind=migration`);
  const found = body.items.find(({ assignee, state }) => assignee.id === w.people[name].personId && state === "open");
  if (found === undefined) throw new Error("there is no task");
  return found;
};
const itemsOf = async (name: Name, task: Task): Promise<readonly TaskItem[]> =>
  (await w.call<TaskDetail>(name, "GET", `/tasks/${task.id}`)).body.items;
const resolve = (name: Name, task: Task, { annotationId: id, contentHash }: TaskItem, said: object) =>
  w.call<{ left: number; undo: string; code?: string; detail?: object }>(name, "POST", `/tasks/${task.id}/resolve`, {
    annotationId: id,
    contentHash,
    answer: { verdict: "keep" },
    ...said,
  });
const others = (item: TaskItem) =>
  item.pairs.map(({ annotationId: id, contentHash }) => ({ annotationId: id, contentHash }));

describe("an item of a pair", () => {
  beforeEach(async () => {
    await w.publish(FIRST);
    layer = (await w.round("together", ["ada", "bea"])).layers(null);
  });

  it("[PAI18] names the other outline, what each shares and how much its class allows; what was answered names none", async () => {
    await put("ada", "a", square(100, 100, 100));
    const large = await put("bea", "b", square(150, 100, 400));
    await publish(STRICT);
    const task = await taskOf("ada");
    const [item] = (await itemsOf("ada", task)) as [TaskItem];
    expect(item.pairs).toEqual([
      {
        annotationId: large,
        classId: aClassId("b"),
        contentHash: (await row(large)).content_hash,
        geometry: square(150, 100, 400),
        shared: { item: { share: 0.5, most: 0.1 }, other: { share: 0.03125, most: null } },
        mayTrim: true,
      },
    ]);
    expect((await itemsOf("lena", task))[0]?.pairs).toHaveLength(1);
    await resolve("ada", task, item, {});
    expect((await itemsOf("ada", task))[0]).toMatchObject({ state: "answered", pairs: [] });
  });

  it("[PAI19] is answered by trimming the other, which is stamped with the newest version; one undo takes both back", async () => {
    const small = await put("ada", "a", square(100, 100, 100));
    const large = await put("bea", "b", square(150, 100, 400));
    await publish(STRICT);
    const task = await taskOf("ada");
    const [item] = (await itemsOf("ada", task)) as [TaskItem];
    const before = await row(large);
    const id = newId(annotationId);
    const trimmed = await resolve("ada", task, item, { id, trims: others(item) });
    expect(trimmed).toMatchObject({ status: 200, body: { left: 0, undo: id } });
    expect(geometryArea(await geometryOf(large))).toBe(400 * 400 - 50 * 100);
    expect(await row(large)).toMatchObject({ class_id: aClassId("b"), under: 2 });
    expect(await row(small)).toMatchObject({ under: 1, content_hash: item.contentHash });
    expect(await resolve("ada", task, item, { id, trims: others(item) })).toMatchObject({
      status: 200,
      body: { left: 0 },
    });
    const undone = await w.call<{ left: number }>("ada", "POST", `/tasks/${task.id}/undo`, { undo: id });
    expect(undone).toMatchObject({ status: 200, body: { left: 1 } });
    expect(await row(large)).toEqual(before);
    const again = (await itemsOf("ada", task)).find(({ annotationId: of }) => of === small);
    expect(again).toMatchObject({ state: "waiting", pairs: [{ annotationId: large }] });
  });

  it("[MIG94] a trimmed outline keeps what a number of it means, in the unit of the version", async () => {
    const { number, retype } = aDepth("b");
    await publish(withClass(FIRST, "b", { ...FREE, attributes: [number("mm")] }));
    await put("ada", "a", square(100, 100, 100));
    const large = await put("bea", "b", square(150, 100, 400), 2);
    await w.world.rooms.edit(layer, w.people.bea.personId, (doc) => doc.setAttributes(large, { attrdepth: "1.5" }));
    await publish(withClass(STRICT, "b", { ...FREE, attributes: [number("um")] }), 2, [retype]);
    const task = await taskOf("ada");
    const [item] = (await itemsOf("ada", task)) as [TaskItem];
    expect((await resolve("ada", task, item, { trims: others(item) })).status).toBe(200);
    const { rows } = await w.database.pool.query("select under, attributes from annotations where id = $1", [large]);
    expect(rows).toEqual([{ under: 3, attributes: { attrdepth: "1500" } }]);
  });

  it("[PAI20] trims nothing that changed, is in no pair, would vanish, or goes with another answer; nothing is stored half", async () => {
    await put("ada", "a", square(100, 100, 100));
    const inner = await put("ada", "a", square(1_000, 100, 400));
    const hidden = await put("bea", "b", square(1_100, 200, 50));
    const large = await put("bea", "b", square(150, 100, 400));
    const same = square(2_000, 100, 100);
    const twins = [await put("ada", "a", same), await put("ada", "b", same)];
    const apart = await put("bea", "b", square(3_000, 3_000, 50));
    const both = withClass(STRICT, "b", rules({ maxSharedShare: 0.1 }));
    await publish(both);
    const task = await taskOf("ada");
    const [item] = (await itemsOf("ada", task)) as [TaskItem];
    const stamp = (at: AnnotationId, contentHash: string) => ({ annotationId: at, contentHash });
    const refused = async (said: object) => {
      const { status, body } = await resolve("ada", task, item, said);
      return [status, body.code];
    };
    expect(await refused({ trims: [stamp(large, "old")] })).toEqual([409, "content-changed"]);
    expect(await refused({ trims: [stamp(apart, (await row(apart)).content_hash)] })).toEqual([400, "bad-request"]);
    expect(await refused({ answer: { verdict: "delete" }, trims: others(item) })).toEqual([400, "bad-request"]);
    expect(await refused({ geometry: square(0, 0, 9), trims: others(item) })).toEqual([400, "bad-request"]);
    const twin = (await itemsOf("ada", task)).find(({ annotationId: of }) => twins.includes(of as AnnotationId));
    if (twin === undefined) throw new Error("the two that are alike are not asked about");
    expect((await resolve("ada", task, twin, { trims: others(twin) })).body.code).toBe("nothing-left");
    expect((await itemsOf("ada", task)).every(({ state }) => state === "waiting")).toBe(true);
    const beas = await taskOf("bea");
    const [covered] = (await itemsOf("bea", beas)) as [TaskItem];
    expect(covered).toMatchObject({ annotationId: hidden, pairs: [{ annotationId: inner, mayTrim: true }] });
    expect((await resolve("bea", beas, covered, { trims: others(covered) })).status).toBe(200);
    expect(geometryArea(await geometryOf(inner))).toBe(400 * 400 - 50 * 50);
  });

  it("[PAI21] a trimmed outline that waits for something itself goes on waiting for it", async () => {
    await put("ada", "a", square(100, 100, 100));
    const large = await put("bea", "b", square(150, 100, 400));
    const narrowed = withClass(STRICT, "b", { exclude: "Not the rim." });
    await publish(narrowed, 1, [{ kind: "narrow", classId: aClassId("b") }]);
    const task = await taskOf("ada");
    const [item] = (await itemsOf("ada", task)) as [TaskItem];
    expect((await resolve("ada", task, item, { trims: others(item) })).body).toMatchObject({ left: 0 });
    expect(await row(large)).toMatchObject({ under: 1 });
    const waiting = await itemsOf("bea", await taskOf("bea"));
    expect(waiting).toMatchObject([{ annotationId: large, state: "waiting", questions: [{ kind: "review" }] }]);
  });

  it("[PAI22] what stands in the way of a release is the same when it is asked and when it is frozen", async () => {
    await publish(STRICT);
    await put("ada", "a", square(100, 100, 100));
    await put("bea", "b", square(150, 100, 400));
    const asked = await w.call<Page<Blocker>>("lena", "GET", `/projects/${w.projectId}/blockers`);
    const frozen = await w.call<{ detail: { blockers: Blocker[] } }>(
      "lena",
      "POST",
      `/projects/${w.projectId}/releases`,
      {
        name: "first",
      },
    );
    expect(frozen.status).toBe(409);
    expect(frozen.body.detail.blockers).toEqual(asked.body.items);
    expect(asked.body.items.map(({ code }) => code)).toContain("stale-items");
  });
});

describe("in a read", () => {
  it("[PAI23] the other is trimmed by its reader, also once the read is locked, and by nobody who was only given the task", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada", "bea"]);
    layer = round.layers("ada");
    await put("ada", "a", square(100, 100, 100));
    await put("ada", "b", square(150, 100, 400));
    await w.call("ada", "POST", `/layers/${layer}/submit`);
    await publish(STRICT);
    const task = await taskOf("ada");
    expect((await itemsOf("ada", task))[0]?.pairs).toMatchObject([{ mayTrim: true }]);
    await w.call("lena", "POST", `/projects/${w.projectId}/tasks/reassign`, {
      taskIds: [task.id],
      assigneeId: w.people.bea.personId,
    });
    const [item] = (await itemsOf("bea", task)) as [TaskItem];
    expect(item.pairs).toMatchObject([{ mayTrim: false }]);
    expect(await resolve("bea", task, item, { trims: others(item) })).toMatchObject({
      status: 403,
      body: { code: "not-allowed" },
    });
  });
});
