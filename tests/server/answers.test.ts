import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import { annotationId, type LayerId } from "#domain/ids.ts";
import type { Task, TaskDetail, TaskItem } from "#server/api/schemas/tasks.ts";
import { projectStaleness } from "#server/queries/staleness.ts";
import { aClass, aClassId, aGuideline, declare, square, withClass, withClasses } from "#tests/support/builders.ts";
import { type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

const FIRST = aGuideline(["a", "b"], { exhaustive: false });
const A1 = aClassId("a1");
/** Class a is split, class b is narrowed. */
const SECOND = withClass(withClass(withClasses(FIRST, aClass("a1"), aClass("a2")), "a", { retired: true }), "b", {
  definition: "less",
});

let w: WorkWorld;
let ada: LayerId;
let task: Task;
beforeEach(async () => {
  w = await workWorld({ slides: 1 });
  await w.publish(FIRST);
  ada = (await w.round("open", ["ada", "bea"])).layers("ada");
  await w.draw("ada", ada, ["a", "a", "a", "b", "b"]);
  await w.publish(SECOND, [declare.split("a", ["a1", "a2"], null), declare.narrow("b")]);
  task = (await w.call<Page<Task>>("lena", "GET", `/projects/${w.projectId}/tasks`)).body.items[0] as Task;
});
afterEach(() => w.close());

const items = async () => (await w.call<TaskDetail>("ada", "GET", `/tasks/${task.id}`)).body.items;
const ofClass = async (name: string) => (await items()).filter(({ classId }) => classId === aClassId(name));
const pick = ({ annotationId: id, contentHash }: TaskItem) => ({ annotationId: id, contentHash });
const answer = (given: readonly TaskItem[], verdict: object, id: string = newId(annotationId)) =>
  w.call<{ undo: string; left: number }>("ada", "POST", `/tasks/${task.id}/answers`, {
    id,
    items: given.map(pick),
    answer: verdict,
  });
const choose = { verdict: "choose", classId: A1 };
const rows = async (sql: string) => (await w.database.pool.query(sql)).rows;

describe("one answer for several items", () => {
  it("[WLK10] is given about alike items at once, as edits or as judgements, and one undo takes all of it back", async () => {
    const split = await ofClass("a");
    const { body } = await answer(split, choose);
    expect(body.left).toBe(2);
    expect((await rows("select class_id, under from annotations where under = 2")).length).toBe(3);
    const kept = await answer(await ofClass("b"), { verdict: "keep" });
    expect(kept.body.left).toBe(0);
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 5, stale: 0 });
    expect((await rows("select 1 from audit where action = 'task.answered'")).length).toBe(2);
    for (const [undo, left] of [
      [kept.body.undo, 2],
      [body.undo, 5],
    ]) {
      expect((await w.call("ada", "POST", `/tasks/${task.id}/undo`, { undo })).body).toEqual({ left });
    }
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 0, stale: 5 });
    expect(await rows("select 1 from annotations where under = 2")).toEqual([]);
  });

  it("[WLK11] is refused whole where items are not alike, one has changed, or the answer does not fit, and stores nothing", async () => {
    const split = await ofClass("a");
    const narrowed = await ofClass("b");
    expect((await answer([...split, ...narrowed], choose)).body).toMatchObject({ code: "not-alike" });
    expect((await answer(split, { verdict: "keep" })).body).toMatchObject({ code: "choice-needed" });
    const [one] = split;
    await w.world.rooms.edit(ada, w.people.ada.personId, (doc) => {
      const before = doc.get(annotationId.parse(one?.annotationId));
      if (before !== null) doc.put({ ...before, geometry: square(5, 5, 9) });
    });
    expect((await answer(split, choose)).body).toMatchObject({ code: "content-changed" });
    expect((await answer([], choose)).status).toBe(400);
    expect(await rows("select 1 from task_answers")).toEqual([]);
    expect((await items()).every(({ state }) => state === "waiting")).toBe(true);
  });

  it("[WLK12] sent twice under one name is given once; so is a single answer; another's name is refused", async () => {
    const [split, narrowed] = [await ofClass("a"), await ofClass("b")];
    const id = newId(annotationId);
    await answer(split, choose, id);
    expect((await answer(split, choose, id)).body).toEqual({ undo: id, left: 2 });
    const single = { id: newId(annotationId), ...pick(narrowed[0] as TaskItem), answer: { verdict: "keep" } };
    for (const left of [1, 1]) {
      const { body } = await w.call("ada", "POST", `/tasks/${task.id}/resolve`, single);
      expect(body).toEqual({ undo: single.id, left });
    }
    const stolen = { ...single, ...pick(narrowed[1] as TaskItem) };
    expect((await w.call("ada", "POST", `/tasks/${task.id}/resolve`, stolen)).status).toBe(400);
    expect((await rows("select 1 from task_answers")).length).toBe(4);
  });

  it("[WLK13] belongs to the assignee of the task alone", async () => {
    const split = (await ofClass("a")).map(pick);
    const body = { id: newId(annotationId), items: split, answer: choose };
    expect((await w.call("lena", "POST", `/tasks/${task.id}/answers`, body)).body).toMatchObject({
      code: "task-not-yours",
    });
    for (const name of ["bea", "stranger"] as const) {
      expect((await w.call(name, "POST", `/tasks/${task.id}/answers`, body)).status).toBe(404);
    }
  });
});
