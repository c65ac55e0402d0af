import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import { annotationId, attributeId, type LayerId } from "#domain/ids.ts";
import type { Task, TaskDetail, TaskItem } from "#server/api/schemas/tasks.ts";
import { projectStaleness } from "#server/queries/staleness.ts";
import { aClass, aClassId, aGuideline, declare, square, withClass, withClasses } from "#tests/support/builders.ts";
import { type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

const A1 = aClassId("a1");
const GRADE = attributeId.parse("attrgrade");
const optional = attributeSchema.parse({ id: GRADE, name: "Grade", kind: "number" });
const FIRST = aGuideline(["a", aClass("b", { attributes: [optional] })], { exhaustive: false });
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
const grade = (...held: readonly (readonly [id: string, value: string])[]) =>
  w.world.rooms.edit(ada, w.people.ada.personId, (doc) => {
    for (const [id, value] of held) {
      const before = doc.get(annotationId.parse(id));
      if (before !== null) doc.put({ ...before, attributes: { [GRADE]: value } });
    }
  });
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

  it("[WLK31] what a choice is filled in with is said with the item, and each item may take its own in one batch", async () => {
    const [first, second] = await ofClass("a");
    expect(first?.suggestion).toBeNull();
    const hint = (value: string, name: string) => {
      return { from: "attribute" as const, attributeId: GRADE, value, classId: aClassId(name) };
    };
    const third = withClass(withClasses(SECOND, aClass("b1"), aClass("b2")), "b", { retired: true });
    const split = { ...declare.split("b", ["b1", "b2"]), hints: [hint("1", "b1"), hint("2", "b2")] };
    await grade(...(await ofClass("b")).map(({ annotationId: id }, index) => [id, String(index + 1)] as const));
    await w.publish(third, [split]);
    const found = (await w.call<Page<Task>>("lena", "GET", `/projects/${w.projectId}/tasks`)).body.items;
    task = found.find(({ state }) => state === "open") as Task;
    const asked = (await items()).filter(({ questions }) => questions.some(({ classId }) => classId === aClassId("b")));
    expect(asked.map(({ suggestion }) => suggestion)).toEqual([
      { classId: aClassId("b1"), because: { kind: "attribute", attributeId: GRADE, value: "1" } },
      { classId: aClassId("b2"), because: { kind: "attribute", attributeId: GRADE, value: "2" } },
    ]);
    const own = asked.map((item) => ({
      ...pick(item),
      answer: { verdict: "choose", classId: item.suggestion?.classId },
    }));
    const request = { id: newId(annotationId), items: own, answer: { verdict: "choose", classId: aClassId("b1") } };
    const mixed = { ...request, items: [{ ...pick(asked[0] as TaskItem), answer: { verdict: "delete" } }] };
    expect((await w.call("ada", "POST", `/tasks/${task.id}/answers`, mixed)).status).toBe(400);
    const { body } = await w.call<{ left: number }>("ada", "POST", `/tasks/${task.id}/answers`, request);
    expect(body.left).toBe(3);
    const classes = "select class_id from annotations where under = 3 order by class_id";
    expect(await rows(classes)).toEqual([{ class_id: aClassId("b1") }, { class_id: aClassId("b2") }]);
    await w.call("ada", "POST", `/tasks/${task.id}/undo`, { undo: request.id });
    expect(await rows(classes)).toEqual([]);
    expect(second?.state).toBe("waiting");
  });

  it("[WLK32] a class that requires an attribute is given with it, one by one and in a batch, or refused", async () => {
    await w.publish(withClass(SECOND, "a1", { attributes: [{ ...optional, required: true }] }));
    const [one, ...others] = await ofClass("a");
    await grade([one?.annotationId ?? "", "4"]);
    const split = await ofClass("a");
    const holds = split.find(({ annotationId: id }) => id === one?.annotationId) as TaskItem;
    expect(holds.attributes).toEqual({ [GRADE]: "4" });
    const given = (attributes?: object) => answer(others, { ...choose, ...(attributes && { attributes }) });
    expect((await given()).body).toMatchObject({ code: "value-needed" });
    expect((await given({ [GRADE]: "high" })).body).toMatchObject({ code: "value-needed" });
    expect((await given({ [GRADE]: "2.5" })).body).toMatchObject({ left: 3 });
    expect((await answer([holds], choose)).body).toMatchObject({ left: 2 });
    expect(await rows("select distinct attributes from annotations where under = 3 order by attributes")).toEqual([
      { attributes: { [GRADE]: "2.5" } },
      { attributes: { [GRADE]: "4" } },
    ]);
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
