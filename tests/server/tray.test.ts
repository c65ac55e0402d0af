import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LayerId } from "#domain/ids.ts";
import type { Task, TaskDetail, TaskItem, TrayItem } from "#server/api/schemas/tasks.ts";
import { projectStaleness } from "#server/queries/staleness.ts";
import { aClass, aClassId, aGuideline, declare, square, withClass, withClasses } from "#tests/support/builders.ts";
import { type Name, type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
let ada: LayerId;
let drawn: readonly string[];
const FIRST = aGuideline(["a", "b"], { exhaustive: false });
const A1 = aClassId("a1");
const SECOND = withClass(withClass(withClasses(FIRST, aClass("a1"), aClass("a2")), "a", { retired: true }), "b", {
  definition: "less",
});

beforeEach(async () => {
  w = await workWorld({ slides: 1 });
  await w.publish(FIRST);
  ada = (await w.round("open", ["ada", "bea"])).layers("ada");
  drawn = (await w.draw("ada", ada, ["a", "b"])).map(({ id }) => id);
});
afterEach(() => w.close());

const publish = () => w.publish(SECOND, [declare.split("a", ["a1", "a2"], null), declare.narrow("b")]);
const tray = async (name: Name = "lena") =>
  (await w.call<Page<TrayItem>>(name, "GET", `/projects/${w.projectId}/tasks/tray`)).body.items;
const task = async () =>
  (await w.call<Page<Task>>("lena", "GET", `/projects/${w.projectId}/tasks`)).body.items[0] as Task;
const itemsOf = async (id: string) => (await w.call<TaskDetail>("ada", "GET", `/tasks/${id}`)).body.items;
const answer = (id: string, { annotationId, contentHash }: TaskItem, given: object) =>
  w.call("ada", "POST", `/tasks/${id}/resolve`, { annotationId, contentHash, answer: given });
const decide = (item: TrayItem | undefined, given: object, name: Name = "lena") =>
  w.call(name, "POST", `/tasks/${item?.taskId}/decide`, {
    annotationId: item?.annotationId,
    contentHash: item?.contentHash,
    answer: given,
  });
const move = async (name: Name, id: string, to: string, note = "") => {
  const { revision } = (await w.call<TaskDetail>(name, "GET", `/tasks/${id}`)).body.task;
  return w.call<Task>(name, "POST", `/tasks/${id}/move`, { revision, to, note });
};
const unsure = (note: string) => ({ verdict: "cannot-tell", note });
const rework = (given: object) =>
  w.call<Task>("lena", "POST", `/projects/${w.projectId}/tasks`, {
    layerId: ada,
    assigneeId: w.people.ada.personId,
    reason: "missed",
    ...given,
  });

describe("the lead's tray", () => {
  it("[RWK1] holds what somebody could not tell, with the note, until a lead decides it", async () => {
    await publish();
    const { id } = await task();
    for (const item of await itemsOf(id)) await answer(id, item, unsure(`blurred ${item.classId === aClassId("b")}`));
    expect((await tray()).map(({ note, person, questions }) => [note, person.name, questions[0]?.kind])).toEqual([
      ["blurred false", "ada", "choose"],
      ["blurred true", "ada", "review"],
    ]);
    await move("ada", id, "submitted");
    await move("lena", id, "accepted");
    const [split, narrowed] = await tray();
    expect((await decide(split, { verdict: "keep" })).body).toMatchObject({ code: "choice-needed" });
    expect((await decide(split, { verdict: "choose", classId: A1 })).status).toBe(200);
    expect((await decide(narrowed, { verdict: "keep" })).status).toBe(200);
    expect(await tray()).toEqual([]);
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 2, stale: 0, undecided: 0 });
    expect((await task()).state).toBe("accepted");
    const { rows } = await w.database.pool.query("select created_by, updated_by from annotations where class_id = $1", [
      A1,
    ]);
    expect(rows).toEqual([{ created_by: w.people.ada.personId, updated_by: w.people.lena.personId }]);
    expect((await decide(split, { verdict: "keep" })).body).toMatchObject({ code: "task-not-open" });
  });

  it("[RWK2] is a lead's alone, lets nothing through that nobody handed on, and empties where the outline goes", async () => {
    await publish();
    const { id } = await task();
    const [split, narrowed] = (await itemsOf(id)) as [TaskItem, TaskItem];
    await answer(id, split, unsure("?"));
    const path = `/projects/${w.projectId}/tasks/tray`;
    for (const name of ["ada", "jo", "vic"] as const) expect((await w.call(name, "GET", path)).status).toBe(403);
    const [item] = await tray();
    expect((await decide(item, { verdict: "delete" }, "ada")).status).toBe(403);
    expect((await decide(item, { verdict: "delete" }, "bea")).status).toBe(404);
    expect((await decide(item, unsure("me neither"))).status).toBe(400);
    const other = { ...item, ...narrowed } as unknown as TrayItem;
    expect((await decide(other, { verdict: "keep" })).body).toMatchObject({ code: "task-not-open" });
    await w.world.rooms.edit(ada, w.people.ada.personId, (doc) => doc.remove(split.annotationId as never));
    expect(await tray()).toEqual([]);
  });

  it("[RWK3] holds what could not be told in rework too, and names the guideline question that it became", async () => {
    const { body } = await rework({ annotationIds: drawn, reason: "class-confusion" });
    const [item] = (await itemsOf(body.id)) as [TaskItem];
    await answer(body.id, item, unsure("both fit"));
    const [handed] = await tray();
    expect(handed).toMatchObject({ note: "both fit", questionId: null, kind: "rework" });
    const asked = await w.call<{ id: string }>("lena", "POST", `/projects/${w.projectId}/questions`, {
      title: "Both fit",
      place: { kind: "outline", layerId: ada, annotationId: handed?.annotationId, taskId: body.id, note: "both fit" },
    });
    expect((await tray())[0]?.questionId).toBe(asked.body.id);
    expect((await decide(handed, { verdict: "keep" })).status).toBe(200);
    expect(await tray()).toEqual([]);
  });
});

describe("a choice in the tray", () => {
  it("[ATR10] is filled in with its reason as it was for the annotator", async () => {
    const merged = withClass(FIRST, "b", { retired: true });
    await w.publish(merged, [declare.merge(["b"], "a")]);
    const hints = [{ from: "former" as const, formerId: aClassId("b"), classId: A1 }];
    const split = { ...declare.split("a", ["a1", "a2"]), hints };
    await w.publish(withClass(withClasses(merged, aClass("a1"), aClass("a2")), "a", { retired: true }), [split]);
    const { id } = await task();
    for (const item of await itemsOf(id)) await answer(id, item, unsure("?"));
    const because = { kind: "former", classId: aClassId("b"), version: 2 };
    expect((await tray()).map(({ annotationId, suggestion }) => [annotationId, suggestion])).toEqual([
      [drawn[0], null],
      [drawn[1], { classId: A1, because }],
    ]);
  });
});

describe("a long tray", () => {
  const read = async (query: Record<string, string>) => {
    const path = `/projects/${w.projectId}/tasks/tray?${new URLSearchParams(query)}`;
    return (await w.call<Page<TrayItem>>("lena", "GET", path)).body;
  };

  it("[RWK7] comes in pages, the oldest first, that skip what was decided meanwhile", async () => {
    await w.draw("ada", ada, ["b", "b", "b", "a"]);
    await publish();
    const { id } = await task();
    const items = await itemsOf(id);
    expect(items).toHaveLength(6);
    for (const [n, item] of items.entries()) await answer(id, item, unsure(`doubt ${n}`));
    const notes = (page: Page<TrayItem>) => page.items.map(({ note }) => note);
    const first = await read({ limit: "2" });
    expect(notes(first)).toEqual(["doubt 0", "doubt 1"]);
    const [one] = first.items;
    expect((await decide(one, { verdict: "delete" })).status).toBe(200);
    const second = await read({ limit: "3", cursor: String(first.nextCursor) });
    expect(notes(second)).toEqual(["doubt 2", "doubt 3", "doubt 4"]);
    const third = await read({ limit: "3", cursor: String(second.nextCursor) });
    expect([notes(third), third.nextCursor]).toEqual([["doubt 5"], null]);
    const again = await read({ limit: "2" });
    expect(notes(again)).toEqual(["doubt 1", "doubt 2"]);
    await answer(id, items[1] as TaskItem, unsure("still in doubt"));
    expect(notes(await read({}))).toEqual(["doubt 2", "doubt 3", "doubt 4", "doubt 5", "still in doubt"]);
    expect((await w.call("lena", "GET", `/projects/${w.projectId}/tasks/tray?limit=0`)).status).toBe(400);
  });
});

describe("rework of a region", () => {
  const region = square(100, 100, 500);

  it("[RWK4] opens the read for its reader when it starts, takes new outlines, and locks it again when handed in", async () => {
    await w.call("ada", "POST", `/layers/${ada}/submit`);
    await w.database.pool.query("update layers set state = 'submitted', submitted_at = now() where id = $1", [ada]);
    const { body } = await rework({ region, origin: { from: "dispute", detail: "d1" } });
    expect(body).toMatchObject({ title: "Rework of a region: something missed", left: 1, total: 1 });
    expect((await w.call<TaskDetail>("ada", "GET", `/tasks/${body.id}`)).body).toMatchObject({
      origin: { from: "dispute", detail: "d1" },
      items: [],
    });
    const state = async () =>
      (await w.database.pool.query("select state from layers where id = $1", [ada])).rows[0].state;
    expect((await move("ada", body.id, "submitted")).body).toMatchObject({ code: "task-unfinished" });
    await move("ada", body.id, "in-progress");
    expect(await state()).toBe("open");
    await w.draw("ada", ada, ["b"]);
    expect((await move("ada", body.id, "submitted")).body.state).toBe("submitted");
    expect(await state()).toBe("submitted");
    expect((await move("lena", body.id, "returned", "and the left edge")).body).toMatchObject({
      state: "returned",
      left: 1,
    });
  });

  it("[RWK5] needs outlines or a region, a region on the slide, and somebody who may draw there", async () => {
    expect((await rework({})).status).toBe(400);
    expect((await rework({ region: square(90_000, 90_000, 10) })).body).toMatchObject({ code: "outline-off-slide" });
    expect((await rework({ region, assigneeId: w.people.bea.personId })).body).toMatchObject({
      code: "person-not-suitable",
    });
    expect((await rework({ region, annotationIds: drawn })).body).toMatchObject({ left: 3, total: 3 });
  });

  it("[RWK6] returned work says why, and what is said about it stays with the task", async () => {
    const { body } = await rework({ annotationIds: [drawn[0]], reason: "too-loose", text: "tighter" });
    const [item] = (await itemsOf(body.id)) as [TaskItem];
    await answer(body.id, item, { verdict: "keep" });
    await w.call("ada", "POST", `/tasks/${body.id}/comments`, { text: "It follows the membrane." });
    await move("ada", body.id, "submitted");
    expect((await move("ada", body.id, "accepted")).status).toBe(403);
    expect((await move("lena", body.id, "returned")).body).toMatchObject({ code: "note-missing" });
    await move("lena", body.id, "returned", "Not at the lower edge.");
    const detail = (await w.call<TaskDetail>("ada", "GET", `/tasks/${body.id}`)).body;
    expect(detail.events.at(-1)).toMatchObject({ toState: "returned", note: "Not at the lower edge." });
    const { body: threads } = await w.call<Page<{ comments: { text: string }[] }>>(
      "ada",
      "GET",
      `/tasks/${body.id}/comments`,
    );
    expect(threads.items[0]?.comments.map(({ text }) => text)).toEqual(["It follows the membrane."]);
    expect((await answer(body.id, item, { verdict: "delete" })).status).toBe(200);
    await move("ada", body.id, "submitted");
    expect((await move("lena", body.id, "accepted")).body.state).toBe("accepted");
  });
});
