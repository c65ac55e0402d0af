import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeMember } from "#db/projects.ts";
import type { Task } from "#server/api/schemas/tasks.ts";
import { configureProject } from "#server/commands/configure-project.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { aGuideline, declare, withClass } from "#tests/support/builders.ts";
import { type Name, type Page, type Round, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

const FIRST = aGuideline(["a"], { exhaustive: false });
const NARROWED = withClass(FIRST, "a", { definition: "less" });

let w: WorkWorld;
let round: Round;
beforeEach(async () => {
  w = await workWorld({ slides: 2 });
  await w.publish(FIRST);
  round = await w.round("open", ["ada", "bea", "cem", "jo"], 2);
  await configureProject(w.world, w.people.lena, w.projectId, { heirs: { kind: "balanced" } });
});
afterEach(() => w.close());

/** Somebody has so many outlines to decide about, on a slide. */
const give = (name: Name, count: number, slide = 0) => w.draw(name, round.layers(name, slide), Array(count).fill("a"));
/** Bea leaves; what she had to do is with whom. */
const whenBeaLeaves = async () => {
  await w.publish(NARROWED, [declare.narrow("a")]);
  const before = await tasks();
  const hers = new Set(before.filter(({ assignee }) => assignee.name === "bea").map(({ id }) => id));
  await removeMember(w.world.db, w.projectId, w.people.bea.personId);
  expect(await makeTasks(w.world, w.projectId)).toBe(0);
  const after = await tasks();
  expect(after.filter(({ id }) => !hers.has(id))).toEqual(before.filter(({ id }) => !hers.has(id)));
  return after.filter(({ id }) => hers.has(id)).map(({ assignee, left }) => `${assignee.name} ${left}`);
};
const tasks = async () => (await w.call<Page<Task>>("lena", "GET", `/projects/${w.projectId}/tasks`)).body.items;

describe("what is dealt out among those who stay", () => {
  it("[HEI2] goes to whoever has least to do, what each has already weighing once", async () => {
    await give("ada", 4);
    await give("jo", 6);
    await give("cem", 20);
    for (const slide of [0, 1]) await give("bea", 3, slide);
    expect((await whenBeaLeaves()).sort()).toEqual(["ada 3", "jo 3"]);
  });

  it("[HEI3] does not tell by who gets it how much is done where somebody reads blind", async () => {
    await give("ada", 20, 1);
    await give("jo", 4);
    await give("cem", 4);
    await give("bea", 3);
    const blind = { name: "blind", mode: "blind", slideIds: [w.slideIds[1]], readerIds: [w.people.lars.personId] };
    expect((await w.call("lena", "POST", `/projects/${w.projectId}/rounds`, blind)).status).toBe(200);
    expect(await whenBeaLeaves()).toEqual(["ada 3"]);
  });
});
