import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LayerId } from "#domain/ids.ts";
import type { Board, Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { aClassId, aGuideline, declare, withClass } from "#tests/support/builders.ts";
import { type Name, type Page, type Round, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
let round: Round;
let adas: LayerId;
const FIRST = aGuideline(["a", "b"], { exhaustive: false });
const NARROWED = withClass(withClass(FIRST, "a", { definition: "less" }), "b", { definition: "less too" });

beforeEach(async () => {
  w = await workWorld({ slides: 2 });
  await w.publish(FIRST);
  round = await w.round("open", ["ada", "bea"], 2);
  adas = round.layers("ada");
  await w.draw("ada", adas, ["a", "a", "b"]);
  await w.draw("bea", round.layers("bea", 1), ["b"]);
  await w.publish(NARROWED, [declare.narrow("a"), declare.narrow("b")]);
});
afterEach(() => w.close());

const at = (path: string) => `/projects/${w.projectId}/tasks/${path}`;
const board = async (group: string, name: Name = "lena") =>
  (await w.call<Board>(name, "GET", at(`board?group=${group}`))).body;
const tasks = async (name: Name = "lena") =>
  (await w.call<Page<Task>>(name, "GET", `/projects/${w.projectId}/tasks`)).body.items;
const reads = async (name: Name) => (await w.call<Page<Task>>(name, "GET", at("reads"))).body.items;
const keepOne = async () => {
  const task = (await tasks()).find(({ assignee }) => assignee.name === "ada");
  const { items } = (await w.call<TaskDetail>("ada", "GET", `/tasks/${task?.id}`)).body;
  const [item] = items.filter(({ state }) => state === "waiting");
  const body = { annotationId: item?.annotationId, contentHash: item?.contentHash, answer: { verdict: "keep" } };
  return w.call<{ undo: string }>("ada", "POST", `/tasks/${task?.id}/resolve`, body);
};

describe("the board", () => {
  it("[BRD4] says by change, class, person and slide how much is left, and adds up to the same", async () => {
    const shown = async (group: string) => (await board(group)).groups.map(({ label, left }) => [label, left]);
    expect(await shown("change")).toEqual([["Version 2", 4]]);
    expect(await shown("class")).toEqual([
      ["class a", 2],
      ["class b", 2],
    ]);
    expect(await shown("person")).toEqual([
      ["ada", 3],
      ["bea", 1],
    ]);
    expect(await shown("slide")).toEqual([
      ["slide 0", 3],
      ["slide 1", 1],
    ]);
    expect((await tasks()).map(({ left, total, classIds }) => [left, total, classIds]).sort()).toEqual([
      [1, 1, [aClassId("b")]],
      [3, 3, [aClassId("a"), aClassId("b")].sort()],
    ]);
  });

  it("[BRD20] says which change asks about how much, in each version, an outline that two ask about under both", async () => {
    const changes = async () =>
      (await board("change")).groups.map(({ label, changes: each }) => [
        label,
        each.map((one) => [one.label, one.left]),
      ]);
    expect(await changes()).toEqual([
      [
        "Version 2",
        [
          ["class a narrowed", 2],
          ["class b narrowed", 2],
        ],
      ],
    ]);
    await keepOne();
    const again = withClass(NARROWED, "b", { definition: "least" });
    await w.publish(again, [declare.narrow("b")]);
    const [newest] = (await board("change")).groups;
    expect(newest).toMatchObject({ label: "Version 3", left: 3 });
    expect(newest?.changes.map(({ version, label, left }) => [version, label, left]).sort()).toEqual([
      [2, "class a narrowed", 1],
      [2, "class b narrowed", 2],
      [3, "class b narrowed", 2],
    ]);
  });

  it("[BRD5] burns down with every answer and up again when one is taken back; nothing of it is stored", async () => {
    const { body } = await keepOne();
    await keepOne();
    const now = await board("person");
    expect(now.burnDown.at(-1)?.left).toBe(2);
    expect(now.burnDown).toHaveLength(61);
    expect(now.left).toBe(2);
    expect(now).toMatchObject({ doneBy: null, pace: { lately: 2, least: 20 } });
    const task = (await tasks()).find(({ assignee }) => assignee.name === "ada");
    expect(task).toMatchObject({ left: 1, total: 3 });
    await w.call("ada", "POST", `/tasks/${task?.id}/undo`, { undo: body.undo });
    expect((await board("person")).burnDown.at(-1)?.left).toBe(3);
  });

  it("[BRD6] shows others only what they have to do with, and an adjudicator no names of readers", async () => {
    expect((await board("person", "ada")).groups.map(({ label }) => label)).toEqual(["ada"]);
    expect((await board("person", "vic")).groups).toEqual([]);
    expect((await board("person", "jo")).groups.map(({ label }) => label)).toEqual(["a reader"]);
    const seen = JSON.stringify([await tasks("jo"), await reads("jo"), await board("person", "jo")]);
    for (const name of ["ada", "bea"] as const) {
      expect(seen).not.toContain(w.people[name].personId);
      expect(seen).not.toContain(`"${name}"`);
    }
    const detail = await w.call<TaskDetail>("jo", "GET", `/tasks/${(await tasks("jo"))[0]?.id}`);
    expect(JSON.stringify(detail.body.events)).not.toContain(w.people.ada.personId);
    expect((await w.call("stranger", "GET", at("board?group=change"))).status).toBe(404);
    expect((await w.call("lena", "GET", at("board?group=mood"))).status).toBe(400);
  });

  it("[BRD7] has reads as tasks whose state is that of the read; of a blind round a reader sees their own alone", async () => {
    const states = async (name: Name) => (await reads(name)).map(({ assignee, state }) => `${assignee.name} ${state}`);
    expect((await states("ada")).sort()).toEqual(["ada in-progress", "ada open"]);
    expect(await reads("vic")).toEqual([]);
    await w.round("blind", ["ada", "bea", "lars"], 1);
    expect(
      (await reads("lars")).filter(({ title }) => title.includes("blind")).map(({ assignee }) => assignee.name),
    ).toEqual(["lars"]);
    const ofLead = (await reads("lena")).filter(({ title }) => title.includes("blind"));
    expect(ofLead.map(({ kind, left }) => [kind, left])).toEqual(Array(3).fill(["read", 1]));
  });

  it("[TSK48] a lead puts tasks into an order, all of them or none", async () => {
    const ids = (await tasks()).map(({ id }) => id).reverse();
    expect((await w.call("lena", "PUT", at("order"), { taskIds: ids })).status).toBe(200);
    expect(new Map((await tasks()).map(({ id, position }) => [id, position]))).toEqual(
      new Map(ids.map((id, index) => [id, index + 1])),
    );
    const wrong = { taskIds: [...ids.reverse(), "nosuch000000"] };
    expect((await w.call("lena", "PUT", at("order"), wrong)).status).toBe(404);
    expect((await w.call("ada", "PUT", at("order"), { taskIds: ids })).status).toBe(403);
    expect((await tasks()).find(({ id }) => id === ids[0])?.position).toBe(2);
  });
});
