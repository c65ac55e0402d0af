import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Notification } from "#server/api/schemas/talk.ts";
import type { AssignmentPreview, Task } from "#server/api/schemas/tasks.ts";
import { aGuideline, declare, withClass } from "#tests/support/builders.ts";
import { type Name, type Page, type Round, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
let round: Round;
const FIRST = aGuideline(["a", "b"], { exhaustive: false });
const NARROWED = withClass(FIRST, "a", { definition: "less" });

/** Ada has a task of six items and one of two, Bea one of one. */
beforeEach(async () => {
  w = await workWorld({ slides: 2 });
  await w.publish(FIRST);
  round = await w.round("open", ["ada", "bea"], 2);
  await w.draw("ada", round.layers("ada", 0), Array(6).fill("a"));
  await w.draw("ada", round.layers("ada", 1), ["a", "a"]);
  await w.draw("bea", round.layers("bea", 0), ["a"]);
  await w.publish(NARROWED, [declare.narrow("a")]);
});
afterEach(() => w.close());

const tasks = async () => (await w.call<Page<Task>>("lena", "GET", `/projects/${w.projectId}/tasks`)).body.items;
const idOf = (name: Name) => w.people[name].personId;
const at = (path: string) => `/projects/${w.projectId}/tasks/${path}`;
const preview = async (rule: object, name: Name = "lena") =>
  w.call<AssignmentPreview>(name, "POST", at("assignment-preview"), {
    taskIds: (await tasks()).map(({ id }) => id),
    rule,
  });
const holders = async () => (await tasks()).map(({ assignee, total }) => `${assignee.name} ${total}`).sort();

describe("assigning many tasks", () => {
  it("[TSK60] shows a lead who reads blind neither tasks nor hours of what is kept from them", async () => {
    const rule = { kind: "balanced", personIds: [idOf("ada"), idOf("bea")] };
    expect((await preview(rule, "lars")).body.people).toHaveLength(2);
    await w.round("blind", ["lars"], 2);
    const { body } = await preview(rule, "lars");
    expect(body).toMatchObject({ assignments: [], people: [] });
    expect(body.refused.map(({ code }) => code)).toEqual(["not-found", "not-found", "not-found"]);
  });

  it("[TSK43] shows who would get what and how many hours each has, changes nothing, and then does exactly that", async () => {
    const { body } = await preview({ kind: "balanced", personIds: [idOf("bea"), idOf("cem")] });
    expect(body.people.map(({ person, gets }) => [person.name, gets]).sort()).toEqual([
      ["ada", 0],
      ["bea", 1],
      ["cem", 2],
    ]);
    expect(body.people.find(({ person }) => person.name === "ada")?.hoursAfter).toBeCloseTo(0);
    expect(await holders()).toEqual(["ada 2", "ada 6", "bea 1"]);
    const expected = body.assignments.map(({ taskId, to }) => ({ taskId, to: to?.id ?? null }));
    const request = {
      taskIds: expected.map(({ taskId }) => taskId),
      rule: { kind: "balanced", personIds: [idOf("bea"), idOf("cem")] },
      expected,
    };
    expect((await w.call("lena", "POST", at("assign"), request)).body).toEqual({ moved: 3, refused: [] });
    expect(new Map((await tasks()).map(({ id, assignee }) => [id, assignee.id]))).toEqual(
      new Map(expected.map(({ taskId, to }) => [taskId, to])),
    );
    const { rows } = await w.database.pool.query("select action from audit where action like 'tasks.assigned'");
    expect(rows).toHaveLength(1);
    const given = await w.call<Page<Notification>>("cem", "GET", "/me/notifications");
    expect(given.body.items.map(({ kind, text }) => [kind, text])).toEqual([["tasks-given", "Lena gave you 2 tasks."]]);
  });

  it("[TSK44] does nothing where it would come out otherwise than the preview said", async () => {
    const rule = { kind: "person", personId: idOf("cem") };
    const { body } = await preview(rule);
    const expected = body.assignments.map(({ taskId }) => ({ taskId, to: idOf("bea") }));
    const request = { taskIds: expected.map(({ taskId }) => taskId), rule, expected };
    expect((await w.call("lena", "POST", at("assign"), request)).body).toMatchObject({ code: "assignment-changed" });
    expect(await holders()).toEqual(["ada 2", "ada 6", "bea 1"]);
  });

  it("[TSK45] gives work back to its authors, and to anybody but them; the author stays the author", async () => {
    const everything = (rule: object) =>
      tasks().then((all) => w.call("lena", "POST", at("assign"), { taskIds: all.map(({ id }) => id), rule }));
    await everything({ kind: "not-author" });
    const others = await tasks();
    expect(others.every(({ assignee, layerName }) => !layerName?.endsWith(assignee.name))).toBe(true);
    await everything({ kind: "author" });
    expect(await holders()).toEqual(["ada 2", "ada 6", "bea 1"]);
  });

  it("[TSK46] refuses whoever may not assign, lists what is absent, foreign or closed, and names nobody unsuitable", async () => {
    const [task] = await tasks();
    const rule = { kind: "person", personId: idOf("vic") };
    for (const name of ["ada", "jo", "eve"] as const) expect((await preview(rule, name)).status).toBe(403);
    expect((await preview(rule, "stranger")).status).toBe(404);
    const { body } = await w.call<AssignmentPreview>("lena", "POST", at("assignment-preview"), {
      taskIds: [task?.id, "nosuch000000"],
      rule,
    });
    expect(body.refused).toEqual([
      { taskId: "nosuch000000", code: "not-found" },
      { taskId: task?.id, code: "person-not-suitable" },
    ]);
    expect((await preview({ kind: "anybody" })).status).toBe(400);
    expect((await w.call("lena", "POST", at("assign"), { taskIds: [], rule })).status).toBe(400);
  });
});
