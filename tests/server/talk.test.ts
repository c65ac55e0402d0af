import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeMember } from "#db/projects.ts";
import type { LayerId } from "#domain/ids.ts";
import type { Notification, Thread } from "#server/api/schemas/talk.ts";
import type { Task } from "#server/api/schemas/tasks.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { aGuideline, declare, withClass } from "#tests/support/builders.ts";
import { type Name, type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

const FIRST = aGuideline(["a"], { exhaustive: false });
const NARROWED = withClass(FIRST, "a", { definition: "less" });
let w: WorkWorld;
let ada: LayerId;
let outline: string;
beforeEach(async () => {
  w = await workWorld({ slides: 2 });
  await w.publish(FIRST);
  ada = (await w.round("open", ["ada", "bea"])).layers("ada");
  outline = (await w.draw("ada", ada, ["a"]))[0]?.id ?? "";
});
afterEach(() => w.close());

const say = (name: Name, layer: string, body: object) =>
  w.call<Thread>(name, "POST", `/layers/${layer}/comments`, body);
const threads = async (name: Name, layer: string) => w.call<Page<Thread>>(name, "GET", `/layers/${layer}/comments`);
const notices = async (name: Name, query = "") =>
  (await w.call<Page<Notification>>(name, "GET", `/me/notifications${query}`)).body.items;
const unread = async (name: Name) =>
  (await w.call<{ unread: number }>(name, "GET", "/me/notifications/unread")).body.unread;
const idOf = (name: Name) => w.people[name].personId;
const rework = (given: object = {}) =>
  w.call<Task>("lena", "POST", `/projects/${w.projectId}/tasks`, {
    layerId: ada,
    annotationIds: [outline],
    assigneeId: idOf("ada"),
    reason: "too-loose",
    text: "follow the membrane",
    ...given,
  });

describe("comments", () => {
  it("[NTF1] are said about an annotation or a place, answered in their thread, and dealt with", async () => {
    const said = await say("lena", ada, { text: "Is this lumen?", annotationId: outline, mentions: [idOf("ada")] });
    expect(said.body).toMatchObject({ annotationId: outline, place: { x: 120, y: 120 }, resolvedAt: null });
    const answer = await say("ada", ada, { text: "Yes.", threadId: said.body.id });
    expect(answer.body.comments.map(({ text, mine, person }) => [text, mine, person.name])).toEqual([
      ["Is this lumen?", false, "lena"],
      ["Yes.", true, "ada"],
    ]);
    await say("bea", ada, { text: "Ink here.", place: { x: 10, y: 20 } });
    expect((await threads("vic", ada)).body.items.map(({ place }) => place)).toEqual([
      { x: 120, y: 120 },
      { x: 10, y: 20 },
    ]);
    const done = await w.call<Thread>("bea", "PATCH", `/threads/${said.body.id}`, { resolved: true });
    expect(done.body.resolvedAt).not.toBeNull();
    expect(w.told).toContainEqual({ name: "vic", kind: "comments", toast: null });
  });

  it("[NTF2] are refused where nothing is said, where there is nothing to say it about, and to those who only look", async () => {
    const cases: [Name, string, object, number][] = [
      ["ada", ada, { text: "  ", annotationId: outline }, 400],
      ["ada", ada, { text: "where?" }, 400],
      ["ada", ada, { text: "x", annotationId: "nosuch000000" }, 404],
      ["ada", ada, { text: "x", place: { x: -1, y: 5 } }, 422],
      ["ada", ada, { text: "x", threadId: "nosuch000000" }, 404],
      ["ada", ada, { text: "x", annotationId: outline, mentions: [idOf("stranger")] }, 422],
      ["vic", ada, { text: "x", annotationId: outline }, 403],
      ["stranger", ada, { text: "x", annotationId: outline }, 404],
    ];
    for (const [name, layer, body, status] of cases)
      expect([body, (await say(name, layer, body)).status]).toEqual([body, status]);
    expect((await threads("ada", ada)).body.items).toEqual([]);
    expect((await threads("stranger", ada)).status).toBe(404);
    expect((await w.call("vic", "PATCH", "/threads/nosuch000000", { resolved: true })).status).toBe(404);
  });

  it("[NTF3] about a blind read reach its reader and leads who do not read, and mention nobody else", async () => {
    const blind = await w.round("blind", ["ada", "bea", "lars"], 2);
    const [adas, beas] = [blind.layers("ada", 1), blind.layers("bea", 1)];
    expect((await say("lena", beas, { text: "?", place: { x: 1, y: 1 }, mentions: [idOf("ada")] })).status).toBe(422);
    await say("lena", beas, { text: "rim", place: { x: 1, y: 1 }, mentions: [idOf("bea")] });
    for (const name of ["ada", "lars", "jo"] as const) expect((await threads(name, beas)).status).toBe(404);
    expect((await threads("bea", beas)).body.items).toHaveLength(1);
    expect((await threads("ada", adas)).body.items).toHaveLength(0);
    expect(
      w.told
        .filter(({ kind }) => kind === "comments")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["bea", "lena"]);
    expect([await unread("ada"), await unread("lars"), await unread("bea")]).toEqual([0, 0, 1]);
  });

  it("[NTF4] do not tell an adjudicator whose read it is", async () => {
    await say("ada", ada, { text: "mine", annotationId: outline, mentions: [idOf("jo")] });
    const [thread] = (await threads("jo", ada)).body.items;
    expect(thread?.comments[0]).toMatchObject({ text: "mine", person: { name: "a reader" } });
    expect((await notices("jo"))[0]?.text).toBe("A reader mentioned you.");
    expect(JSON.stringify([thread, await notices("jo")])).not.toContain(idOf("ada"));
  });
});

describe("notifications", () => {
  it("[NTF5] come live with a task, a return and a mention, name who did it, and are read one by one or all at once", async () => {
    const { body: task } = await rework();
    expect(await notices("ada")).toMatchObject([
      { kind: "tasks-given", text: "Lena gave you a task.", note: "follow the membrane", taskId: task.id, read: false },
    ]);
    expect(w.told).toContainEqual({ name: "ada", kind: "notifications", toast: null });
    await w.call("lena", "POST", `/tasks/${task.id}/comments`, { text: "By Friday?" });
    expect((await notices("ada"))[0]).toMatchObject({ kind: "reply", note: "By Friday?", taskId: task.id });
    expect(await unread("ada")).toBe(2);
    const [newest] = await notices("ada");
    await w.call("ada", "POST", "/me/notifications/read", { ids: [newest?.id] });
    expect((await notices("ada", "?unread=true")).map(({ kind }) => kind)).toEqual(["tasks-given"]);
    await w.call("ada", "POST", "/me/notifications/read", {});
    expect(await unread("ada")).toBe(0);
    expect((await notices("ada", "?limit=1")).length).toBe(1);
    expect(await notices("lena")).toEqual([]);
    const back = await w.call<Page<Notification>>("ada", "GET", `/me/notifications?limit=1`);
    const rest = await w.call<Page<Notification>>("ada", "GET", `/me/notifications?cursor=${back.body.nextCursor}`);
    expect(rest.body.items.map(({ kind }) => kind)).toEqual(["tasks-given"]);
  });

  it("[NTF8] tell of what a published guideline gave, and of what came from somebody who left", async () => {
    await w.publish(NARROWED, [declare.narrow("a")]);
    expect((await notices("ada")).map(({ text }) => text)).toEqual(["The guideline gave you a task."]);
    await removeMember(w.world.db, w.projectId, idOf("ada"));
    await makeTasks(w.world, w.projectId);
    expect((await notices("lena")).map(({ kind, text }) => [kind, text])).toEqual([
      ["tasks-inherited", "A task came to you, because its assignee can no longer do it."],
    ]);
    expect(await notices("ada")).toEqual([]);
  });

  it("[NTF7] about a layer that one may no longer see are gone, and so is their number; others cannot mark them", async () => {
    await rework({ assigneeId: idOf("bea") });
    await say("ada", ada, { text: "look", annotationId: outline, mentions: [idOf("bea")] });
    const [one] = await notices("bea");
    expect(await unread("bea")).toBe(2);
    await w.call("ada", "POST", "/me/notifications/read", { ids: [one?.id] });
    expect(await unread("bea")).toBe(2);
    await w.round("blind", ["bea", "cem"]);
    expect(await notices("bea")).toEqual([]);
    expect(await unread("bea")).toBe(0);
  });
});
