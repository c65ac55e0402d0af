import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeMember } from "#db/projects.ts";
import type { Geometry } from "#domain/annotation.ts";
import type { HeirRule } from "#domain/assignment.ts";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import { annotationId as annotationIdSchema, type LayerId } from "#domain/ids.ts";
import { layerAccess } from "#server/access.ts";
import type { Preview } from "#server/api/schemas/guideline.ts";
import type { Task, TaskDetail, TaskItem } from "#server/api/schemas/tasks.ts";
import { configureProject } from "#server/commands/configure-project.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { undoAnswer } from "#server/commands/undo-answer.ts";
import { SILENT_LOG } from "#server/log.ts";
import { projectStaleness } from "#server/queries/staleness.ts";
import { createRooms } from "#server/sync/rooms.ts";
import { aClass, aClassId, aGuideline, declare, square, withClass, withClasses } from "#tests/support/builders.ts";
import { until } from "#tests/support/fake-socket.ts";
import { type Answer, type Name, type Page, type Round, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
let round: Round;
let ada: LayerId;
beforeEach(async () => {
  w = await workWorld({ slides: 2 });
  await w.publish(FIRST);
  round = await w.round("open", ["ada", "bea"], 2);
  ada = round.layers("ada");
});
afterEach(() => w.close());

const FIRST = aGuideline(["a", "b", "c"], { exhaustive: false });
const A = aClassId("a");
const A1 = aClassId("a1");
const A2 = aClassId("a2");
const C = aClassId("c");
/** Class a is split into a1 and a2, and b is narrowed. */
const SECOND = withClass(withClass(withClasses(FIRST, aClass("a1"), aClass("a2")), "a", { retired: true }), "b", {
  definition: "less",
});
const secondChanges = (fallback: string | null = null) => [
  declare.split("a", ["a1", "a2"], fallback),
  declare.narrow("b"),
];
const publishSecond = (fallback: string | null = null) => w.publish(SECOND, secondChanges(fallback));

const list = async (name: Name = "lena", query = "") =>
  (await w.call<Page<Task>>(name, "GET", `/projects/${w.projectId}/tasks${query}`)).body.items;
const only = async (name: Name = "lena"): Promise<Task> => {
  const [task, ...rest] = await list(name);
  if (task === undefined || rest.length > 0) throw new Error(`${rest.length + 1} tasks`);
  return task;
};
const detail = async (id: string, name: Name = "lena") => (await w.call<TaskDetail>(name, "GET", `/tasks/${id}`)).body;
const itemsOf = async (id: string) => (await detail(id)).items;
type Resolved = { undo: string; left: number };
const resolve = (
  id: string,
  { annotationId, contentHash }: Pick<TaskItem, "annotationId" | "contentHash">,
  answer: unknown,
  { by = "ada", geometry }: { by?: Name; geometry?: Geometry | undefined } = {},
): Promise<Answer<Resolved>> =>
  w.call(by, "POST", `/tasks/${id}/resolve`, { annotationId, contentHash, answer, geometry });
const move = async (name: Name, id: string, to: string, note = ""): Promise<Answer<Task>> => {
  const { task } = await detail(id);
  return w.call(name, "POST", `/tasks/${id}/move`, { revision: task.revision, to, note });
};
const keep = { verdict: "keep" };
const choose = (classId: string) => ({ verdict: "choose", classId });
const cannotTell = { verdict: "cannot-tell", note: "blurred" };
const stored = async (id: string) => {
  const { rows } = await w.database.pool.query("select * from annotations where id = $1", [id]);
  return rows[0];
};
/** The items of ada's layer, in the order in which they were drawn. */
const drawAndPublish = async (classes: readonly string[], fallback: string | null = null) => {
  const drawn = await w.draw("ada", ada, classes);
  await publishSecond(fallback);
  const task = await only();
  const items = await itemsOf(task.id);
  return { task, items, drawn };
};

describe("migration tasks", () => {
  it("[TKS1] go from a published change to the last answer and to acceptance", async () => {
    const { task, items } = await drawAndPublish(["a", "a", "b", "a", "c"]);
    expect(task).toMatchObject({
      kind: "migration",
      state: "open",
      title: "Guideline v2: class b narrowed, split of class a",
      layerName: "open round: ada",
      left: 4,
      total: 4,
      createdBy: null,
    });
    expect(items.map(({ state, questions }) => [state, questions[0]?.kind])).toEqual([
      ["waiting", "choose"],
      ["waiting", "choose"],
      ["waiting", "review"],
      ["waiting", "choose"],
    ]);
    const [one, two, three, four] = items as [TaskItem, TaskItem, TaskItem, TaskItem];
    expect(one.questions[0]).toMatchObject({ options: [A1, A2], classId: A, change: { kind: "split", guide: "look" } });
    expect((await move("ada", task.id, "submitted")).body).toMatchObject({
      code: "task-unfinished",
      detail: { left: 4 },
    });
    expect((await resolve(task.id, one, choose(A1))).body.left).toBe(3);
    expect((await only()).state).toBe("in-progress");
    expect((await resolve(task.id, two, { verdict: "delete" })).body.left).toBe(2);
    expect((await resolve(task.id, three, keep)).body.left).toBe(1);
    expect((await resolve(task.id, four, choose(A2))).body.left).toBe(0);
    expect(await stored(one.annotationId)).toMatchObject({ class_id: A1, under: 2, created_by: w.people.ada.personId });
    expect(await stored(two.annotationId)).toBeUndefined();
    expect(await stored(three.annotationId)).toMatchObject({ under: 1 });
    expect((await itemsOf(task.id)).map(({ state }) => state)).toEqual(["answered", "gone", "answered", "answered"]);
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 4, stale: 0, undecided: 0 });
    expect((await move("ada", task.id, "submitted")).body.state).toBe("submitted");
    expect((await resolve(task.id, one, keep)).body).toMatchObject({ code: "task-not-open" });
    expect((await move("lena", task.id, "accepted")).body).toMatchObject({ state: "accepted", left: 0, total: 4 });
    const { events } = await detail(task.id);
    expect(events.map(({ fromState, toState }) => [fromState, toState])).toEqual([
      [null, "open"],
      ["open", "in-progress"],
      ["in-progress", "submitted"],
      ["submitted", "accepted"],
    ]);
    expect(w.told).toContainEqual({ name: "ada", kind: "tasks", toast: "The guideline gave you a new task." });
  });

  it("[TKS2] contain an outline that arrives late with an old stamp; after acceptance it gets a task of its own", async () => {
    const { task, items } = await drawAndPublish(["a"]);
    await w.draw("ada", ada, ["a"]);
    expect(await only()).toMatchObject({ left: 2, total: 2 });
    for (const item of await itemsOf(task.id)) await resolve(task.id, item, choose(A1));
    await move("ada", task.id, "submitted");
    await move("lena", task.id, "accepted");
    expect(items).toHaveLength(1);
    await w.draw("ada", ada, ["a"]);
    expect(await makeTasks(w.world, w.projectId)).toBe(1);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    expect((await list()).map(({ state, left }) => [state, left])).toEqual([
      ["open", 1],
      ["accepted", 0],
    ]);
  });

  it("[TKS3] take one of two answers given at once, and none about content that changed meanwhile", async () => {
    const { task, items } = await drawAndPublish(["a", "b", "a"]);
    const [one, two, three] = items as [TaskItem, TaskItem, TaskItem];
    for (const [item, answer] of [
      [one, choose(A1)],
      [two, keep],
    ] as const) {
      const both = await Promise.all([resolve(task.id, item, answer), resolve(task.id, item, answer)]);
      expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
      const refused = both.find(({ status }) => status === 409)?.body as unknown as { code: string };
      expect(["task-not-open", "content-changed"]).toContain(refused.code);
    }
    await w.world.rooms.edit(ada, w.people.ada.personId, (doc) => {
      const before = doc.get(annotationIdSchema.parse(three.annotationId));
      if (before !== null) doc.put({ ...before, geometry: square(5, 5, 9) });
    });
    expect((await resolve(task.id, three, choose(A1))).body).toMatchObject({ code: "content-changed" });
    const [fresh] = (await itemsOf(task.id)).filter(({ annotationId }) => annotationId === three.annotationId);
    expect(fresh?.bbox).toEqual([5, 5, 14, 14]);
    expect((await resolve(task.id, fresh!, choose(A1))).body).toMatchObject({ left: 0 });
    const answers = await w.database.pool.query("select count(*)::int as n from task_answers");
    expect(answers.rows[0].n).toBe(3);
  });

  it("[TKS4] refuse what does not answer the question, and store nothing of it", async () => {
    const { task, items } = await drawAndPublish(["a", "b"]);
    const [split, narrowed] = items as [TaskItem, TaskItem];
    const cases: [unknown, Geometry | undefined, string][] = [
      [keep, undefined, "choice-needed"],
      [choose(A), undefined, "class-retired"],
      [choose(aClassId("zz")), undefined, "unknown-class"],
      [
        choose(A1),
        {
          type: "polygon",
          rings: [
            [
              [0, 0],
              [1, 1],
              [2, 2],
            ],
          ],
        },
        "outline-malformed",
      ],
      [choose(A1), square(90_000, 90_000, 10), "outline-off-slide"],
      [{ verdict: "perhaps" }, undefined, "bad-request"],
    ];
    for (const [answer, geometry, code] of cases) {
      expect((await resolve(task.id, split, answer, { geometry })).body).toMatchObject({ code });
    }
    const unknown = { annotationId: "nosuch000000" as TaskItem["annotationId"], contentHash: narrowed.contentHash };
    expect((await resolve(task.id, unknown, keep)).body).toMatchObject({ code: "content-changed" });
    expect((await resolve(task.id, split, choose(A1), { by: "bea" })).status).toBe(404);
    expect((await resolve(task.id, split, choose(A1), { by: "lena" })).body).toMatchObject({ code: "task-not-yours" });
    expect(await only()).toMatchObject({ state: "open", left: 2 });
    expect(await stored(split.annotationId)).toMatchObject({ class_id: A, under: 1 });
  });

  it("[TKS5] may change a submitted read, which refuses everything else, and open pages see it at once", async () => {
    await w.draw("ada", ada, ["a"]);
    await w.call("ada", "POST", `/layers/${ada}/submit`);
    await publishSecond();
    const task = await only();
    const [item] = await itemsOf(task.id);
    const socket = await w.connect("ada", ada);
    expect(socket.standing?.write).toBe(false);
    socket.layer.put({ ...socket.annotations()[0]!, note: "mine" });
    await until(() => socket.standing?.code === "layer-locked", "the refusal");
    const watching = await w.connect("bea", ada);
    expect((await resolve(task.id, item!, choose(A2))).body.left).toBe(0);
    await until(() => watching.annotations()[0]?.classId === A2, "the new class");
    expect(await stored(item!.annotationId)).toMatchObject({ class_id: A2, note: "" });
    socket.drop();
    watching.drop();
  });

  it("[TKS6] send what nobody can tell to the fallback of the split, else to the lead, who still has to decide", async () => {
    const { task, items } = await drawAndPublish(["a", "b"], "c");
    const [split, narrowed] = items as [TaskItem, TaskItem];
    expect((await resolve(task.id, split, cannotTell)).body.left).toBe(1);
    expect(await stored(split.annotationId)).toMatchObject({ class_id: C, under: 2 });
    expect((await resolve(task.id, narrowed, cannotTell)).body.left).toBe(0);
    expect(await itemsOf(task.id)).toMatchObject([{ state: "answered" }, { state: "undecided", note: "blurred" }]);
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 1, undecided: 1, stale: 0 });
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
  });

  it("[ATR9] give the class of a fallback with what it requires, and hand to the lead what lacks it", async () => {
    const grade = attributeSchema.parse({ id: "attrgrade", name: "Grade", kind: "number", required: true });
    await w.draw("ada", ada, ["a", "a"]);
    await w.publish(withClass(SECOND, "c", { attributes: [grade] }), secondChanges("c"));
    const { id } = await only();
    const [told, untold] = (await itemsOf(id)) as [TaskItem, TaskItem];
    const attributes = { [grade.id]: "2" };
    expect((await resolve(id, told, { ...cannotTell, attributes })).body.left).toBe(1);
    expect(await stored(told.annotationId)).toMatchObject({ class_id: C, attributes, under: 2 });
    expect((await resolve(id, untold, cannotTell)).body.left).toBe(0);
    expect(await stored(untold.annotationId)).toMatchObject({ class_id: A, under: 1 });
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 1, undecided: 1, stale: 0 });
  });

  it("[TKS7] take a new shape together with keep or a choice, made valid and stamped with the newest version", async () => {
    const { task, items } = await drawAndPublish(["b", "a"]);
    const [narrowed, split] = items as [TaskItem, TaskItem];
    const bow: Geometry = {
      type: "polygon",
      rings: [
        [
          [0, 0],
          [60, 60],
          [60, 0],
          [0, 40],
        ],
      ],
    };
    expect((await resolve(task.id, narrowed, keep, { geometry: square(10, 10, 20) })).body.left).toBe(1);
    expect(await stored(narrowed.annotationId)).toMatchObject({ class_id: aClassId("b"), under: 2, area_px: 400 });
    expect((await resolve(task.id, split, choose(A1), { geometry: bow })).body.left).toBe(0);
    expect(await stored(split.annotationId)).toMatchObject({ class_id: A1, geometry_type: "multipolygon" });
  });

  it("[TKS8] take an answer back, also after a restart, unless the outline was changed since", async () => {
    const { task, items } = await drawAndPublish(["a", "b", "a", "a"]);
    const [one, two, three, four] = items as [TaskItem, TaskItem, TaskItem, TaskItem];
    const before = await stored(one.annotationId);
    const undo = (token: string, by: Name = "ada") =>
      w.call<Resolved>(by, "POST", `/tasks/${task.id}/undo`, { undo: token });
    const chosen = (await resolve(task.id, one, choose(A1))).body;
    const kept = (await resolve(task.id, two, keep)).body;
    const deleted = (await resolve(task.id, three, { verdict: "delete" })).body;
    const changed = (await resolve(task.id, four, choose(A2))).body;
    expect(changed.left).toBe(0);
    expect((await undo(kept.undo)).body.left).toBe(1);
    expect((await undo(deleted.undo)).body.left).toBe(2);
    const restarted = createRooms({
      db: w.world.db,
      access: (who, layer, tx) => layerAccess(tx ?? w.world.db, who.personId, layer),
      log: SILENT_LOG,
    });
    await w.world.rooms.close();
    const world = { ...w.world, rooms: restarted };
    expect(await undoAnswer(world, w.people.ada, task.id as Parameters<typeof undoAnswer>[2], chosen.undo)).toEqual({
      left: 3,
    });
    const after = await stored(one.annotationId);
    expect([after.class_id, after.under, after.content_hash]).toEqual([
      before.class_id,
      before.under,
      before.content_hash,
    ]);
    expect(await stored(three.annotationId)).toMatchObject({ class_id: A, created_by: w.people.ada.personId });
    expect((await undo(kept.undo)).body).toMatchObject({ code: "task-not-open" });
    expect((await undo("nosuchtoken")).status).toBe(404);
    await restarted.edit(ada, w.people.ada.personId, (doc) =>
      doc.setAttributes(annotationIdSchema.parse(four.annotationId), { grade: "2" }),
    );
    await expect(
      undoAnswer(world, w.people.ada, task.id as Parameters<typeof undoAnswer>[2], changed.undo),
    ).rejects.toMatchObject({ code: "content-changed" });
    await restarted.close();
  });

  it("[TKS9] are superseded by the tasks of a later version that asks about the same; what was answered stands", async () => {
    const { task, items } = await drawAndPublish(["a", "b", "b"]);
    await resolve(task.id, items[1]!, keep);
    const third = withClass(SECOND, "c", { definition: "less too" });
    expect((await w.publish(third, [declare.narrow("c")])).body.tasks).toBe(0);
    expect(await only()).toMatchObject({ id: task.id, state: "in-progress", left: 2 });
    const fourth = withClass(third, "b", { definition: "least" });
    expect((await w.publish(fourth, [declare.narrow("b")])).body.tasks).toBe(1);
    const tasks = await list();
    expect(tasks.map(({ state, guidelineNumber, left }) => [state, guidelineNumber, left])).toEqual([
      ["open", 4, 3],
      ["superseded", 2, 0],
    ]);
    const { events } = await detail(task.id);
    expect(events.at(-1)).toMatchObject({
      toState: "superseded",
      note: expect.stringMatching(/^Superseded by guideline version 4: /),
      person: null,
    });
    expect((await resolve(task.id, items[0]!, choose(A1))).body).toMatchObject({ code: "task-not-open" });
    const open = tasks[0]!.id;
    for (const item of await itemsOf(open)) {
      const answer = item.questions[0]?.kind === "choose" ? choose(A1) : keep;
      expect((await resolve(open, item, answer)).status).toBe(200);
    }
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 3, stale: 0 });
  });

  it("[TKS10] what was handed in stands when the next version is published, and only new questions are asked", async () => {
    const { task, items } = await drawAndPublish(["a", "b"]);
    await resolve(task.id, items[0]!, choose(A1));
    await resolve(task.id, items[1]!, keep);
    await move("ada", task.id, "submitted");
    const third = withClass(SECOND, "b", { definition: "least" });
    expect((await w.publish(third, [declare.narrow("b")])).body.tasks).toBe(1);
    expect((await list()).map(({ state, left }) => [state, left])).toEqual([
      ["open", 1],
      ["submitted", 0],
    ]);
    expect((await move("lena", task.id, "accepted")).body.state).toBe("accepted");
  });

  it("[GED27] of a reader who left go to whom the project names: one person, or whoever has least to do, and never to one who may not see", async () => {
    const configure = (heirs: HeirRule) => configureProject(w.world, w.people.lena, w.projectId, { heirs });
    const stranger = configure({ kind: "person", personId: w.people.stranger.personId });
    await expect(stranger).rejects.toMatchObject({ code: "person-not-suitable" });
    const viewer = configure({ kind: "person", personId: w.people.vic.personId });
    await expect(viewer).rejects.toMatchObject({ code: "person-not-suitable" });
    await configure({ kind: "balanced" });
    await w.draw("ada", ada, ["a", "a", "a"]);
    await w.draw("bea", round.layers("bea"), ["a"]);
    await w.draw("bea", round.layers("bea", 1), ["a", "a"]);
    await removeMember(w.world.db, w.projectId, w.people.bea.personId);
    await publishSecond();
    const byName = async () =>
      (await list())
        .filter(({ state }) => state === "open")
        .map(({ assignee, left }) => [assignee.name, left])
        .sort();
    // Nobody has anything to do yet: the longer one to the first who is free, the other to the next.
    expect(await byName()).toEqual([
      ["ada", 3],
      ["cem", 2],
      ["jo", 1],
    ]);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    await configure({ kind: "person", personId: w.people.lars.personId });
    expect(await byName()).toContainEqual(["cem", 2]);
    await removeMember(w.world.db, w.projectId, w.people.cem.personId);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    expect(await byName()).toContainEqual(["lars", 2]);
    const actions = await w.database.pool.query(
      "select detail from audit where action = 'project.changed' order by seq",
    );
    expect(actions.rows.map(({ detail: said }) => said.heirs.kind)).toEqual(["balanced", "person"]);
    // A blind round hides the other reads from whoever reads the slide: their work goes to somebody who may see it.
    await w.round("blind", ["lars"], 2);
    await removeMember(w.world.db, w.projectId, w.people.jo.personId);
    await makeTasks(w.world, w.projectId);
    expect(await byName()).toContainEqual(["lena", 1]);
  });
  it("[TKS11] go to the author of each outline; a departed author's to the lead, and their open tasks too", async () => {
    const team = await w.round("together", ["cem", "jo"], 1);
    const shared = team.layers(null);
    await w.draw("cem", shared, ["a", "a"]);
    await w.draw("jo", shared, ["a"]);
    await w.draw("bea", round.layers("bea"), ["a"]);
    await removeMember(w.world.db, w.projectId, w.people.jo.personId);
    await publishSecond();
    const byName = async () =>
      (await list())
        .filter(({ state }) => state === "open")
        .map(({ assignee, left }) => [assignee.name, left])
        .sort();
    expect(await byName()).toEqual([
      ["bea", 1],
      ["cem", 2],
      ["lena", 1],
    ]);
    await removeMember(w.world.db, w.projectId, w.people.bea.personId);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    expect(await byName()).toEqual([
      ["cem", 2],
      ["lena", 1],
      ["lena", 1],
    ]);
  });
});

describe("steps of a task", () => {
  it("[TKS12] its assignee hands in, a lead who is neither assignee nor author accepts, or returns with a note", async () => {
    const { task, items } = await drawAndPublish(["b"]);
    await resolve(task.id, items[0]!, keep);
    expect((await move("lena", task.id, "submitted")).body).toMatchObject({ code: "task-not-yours" });
    expect((await move("ada", task.id, "accepted")).status).toBe(403);
    await move("ada", task.id, "submitted");
    expect((await move("ada", task.id, "accepted")).status).toBe(403);
    expect((await move("jo", task.id, "accepted")).status).toBe(403);
    expect((await move("lena", task.id, "returned", "  ")).body).toMatchObject({ code: "note-missing" });
    const stale = { revision: task.revision, to: "returned", note: "Look again" };
    expect((await w.call("lena", "POST", `/tasks/${task.id}/move`, stale)).body).toMatchObject({
      code: "task-not-open",
    });
    expect((await move("lena", task.id, "returned", "Look again")).body.state).toBe("returned");
    expect(w.told).toContainEqual({ name: "ada", kind: "tasks", toast: "A task of yours was returned with a note." });
    expect((await resolve(task.id, items[0]!, choose(A2))).status).toBe(200);
    expect((await move("ada", task.id, "submitted")).body.state).toBe("submitted");
    expect((await move("lena", task.id, "accepted")).body.state).toBe("accepted");
    for (const to of ["in-progress", "submitted", "returned", "cancelled"]) {
      const { status } = await move(to === "in-progress" || to === "submitted" ? "ada" : "lena", task.id, to, "why");
      expect(status).toBe(409);
    }
  });

  it("[TKS13] a lead accepts their own work only where nobody else could", async () => {
    await w.draw("lena", (await w.round("open", ["lena"])).layers("lena"), ["b"]);
    await publishSecond();
    const task = await only();
    await resolve(task.id, (await itemsOf(task.id))[0]!, keep, { by: "lena" });
    await move("lena", task.id, "submitted");
    expect((await move("lena", task.id, "accepted")).status).toBe(403);
    await removeMember(w.world.db, w.projectId, w.people.lars.personId);
    expect((await move("lena", task.id, "accepted")).body.state).toBe("accepted");
  });

  it("[TKS14] a lead reassigns, hurries and cancels; many at once with every refusal listed", async () => {
    const { task } = await drawAndPublish(["a"]);
    const patch = (name: Name, change: object) => w.call<Task>(name, "PATCH", `/tasks/${task.id}`, change);
    expect((await patch("ada", { revision: 1, priority: 3 })).status).toBe(403);
    expect((await patch("lena", { revision: 1, assigneeId: w.people.vic.personId })).body).toMatchObject({
      code: "person-not-suitable",
    });
    expect((await patch("lena", { revision: 1, assigneeId: w.people.stranger.personId })).body).toMatchObject({
      code: "person-not-suitable",
    });
    const dueAt = "2030-01-01T00:00:00.000Z";
    const given = await patch("lena", { revision: 1, assigneeId: w.people.cem.personId, priority: 3, dueAt });
    expect(given.body).toMatchObject({ assignee: { name: "cem" }, priority: 3, dueAt, revision: 2 });
    expect((await patch("lena", { revision: 1, priority: 0 })).body).toMatchObject({ code: "task-not-open" });
    expect(w.told).toContainEqual({ name: "cem", kind: "tasks", toast: "lena gave you a task." });
    const [item] = await itemsOf(task.id);
    expect((await resolve(task.id, item!, choose(A1), { by: "ada" })).body).toMatchObject({ code: "task-not-yours" });
    expect((await resolve(task.id, item!, choose(A1), { by: "cem" })).status).toBe(200);
    expect(await stored(item!.annotationId)).toMatchObject({
      created_by: w.people.ada.personId,
      updated_by: w.people.cem.personId,
    });
    const bulk = { taskIds: [task.id, "nosuch000000", "!"], assigneeId: w.people.bea.personId };
    const reassign = (name: Name) => w.call(name, "POST", `/projects/${w.projectId}/tasks/reassign`, bulk);
    expect((await reassign("lena")).body).toEqual({
      moved: 1,
      refused: [
        { taskId: "nosuch000000", code: "not-found" },
        { taskId: "!", code: "not-found" },
      ],
    });
    expect((await reassign("ada")).status).toBe(403);
    expect((await move("cem", task.id, "cancelled")).status).toBe(404);
    expect((await move("bea", task.id, "cancelled")).status).toBe(403);
    expect((await move("lena", task.id, "cancelled")).body.state).toBe("cancelled");
    expect((await patch("lena", { revision: 4, priority: 0 })).body).toMatchObject({ code: "task-not-open" });
  });
});

describe("rework", () => {
  const rework = (annotationIds: readonly string[], change = {}, by: Name = "lena") =>
    w.call<Task>(by, "POST", `/projects/${w.projectId}/tasks`, {
      layerId: ada,
      annotationIds,
      assigneeId: w.people.ada.personId,
      reason: "too-loose",
      text: "Follow the border",
      ...change,
    });

  it("[TKS15] asks for some outlines to be done again, each answered by itself, also in a locked read", async () => {
    const drawn = await w.draw("ada", ada, ["a", "b", "c", "c"]);
    await w.call("ada", "POST", `/layers/${ada}/submit`);
    const ids = drawn.map(({ id }) => id as string);
    const { body: task } = await rework(ids);
    expect(task).toMatchObject({
      kind: "rework",
      title: "Rework of 4 outlines: too loose",
      text: "Follow the border",
      reason: "too-loose",
      createdBy: { name: "lena" },
      left: 4,
    });
    expect(w.told).toContainEqual({ name: "ada", kind: "tasks", toast: "lena gave you a rework task." });
    const items = await itemsOf(task.id);
    const answers = [keep, { verdict: "delete" }, choose(A), cannotTell];
    for (const [index, item] of items.entries()) {
      const geometry = index === 0 ? square(7, 7, 7) : undefined;
      expect((await resolve(task.id, item, answers[index], { geometry })).body.left).toBe(3 - index);
    }
    expect((await itemsOf(task.id)).map(({ state }) => state).sort()).toEqual([
      "answered",
      "answered",
      "gone",
      "undecided",
    ]);
    expect(await stored(ids[0]!)).toMatchObject({ area_px: 49, class_id: A });
    expect((await resolve(task.id, (await itemsOf(task.id))[0]!, keep)).body).toMatchObject({ code: "task-not-open" });
    await move("ada", task.id, "submitted");
    expect((await move("lars", task.id, "returned", "Tighter")).body.state).toBe("returned");
    const again = (await itemsOf(task.id)).find(({ annotationId }) => annotationId === ids[0]);
    expect((await resolve(task.id, again!, keep, { geometry: square(8, 8, 5) })).status).toBe(200);
    await move("ada", task.id, "submitted");
    expect((await move("lars", task.id, "accepted")).body).toMatchObject({ state: "accepted", total: 4 });
  });

  it("[TKS16] is asked for by leads, of people who can do it, about outlines that exist", async () => {
    const [drawn] = await w.draw("ada", ada, ["a"]);
    const ids = [drawn!.id as string];
    expect((await rework(ids, {}, "bea")).status).toBe(403);
    expect((await rework(ids, {}, "stranger")).status).toBe(404);
    expect((await rework(ids, { assigneeId: w.people.eve.personId })).body).toMatchObject({
      code: "person-not-suitable",
    });
    expect((await rework(["nosuch000000"])).body).toMatchObject({
      code: "not-found",
      detail: { annotationIds: ["nosuch000000"] },
    });
    expect((await rework(ids, { layerId: "nosuch000000" })).status).toBe(404);
    expect((await rework(ids, { reason: "ugly" })).body).toMatchObject({ code: "bad-request" });
    expect(await list()).toEqual([]);
    const blind = await w.round("blind", ["bea", "cem"], 1);
    const [hidden] = await w.draw("bea", blind.layers("bea"), ["a"]);
    const ofBlind = { layerId: blind.layers("bea"), assigneeId: w.people.cem.personId };
    expect((await rework([hidden!.id], ofBlind)).body).toMatchObject({ code: "person-not-suitable" });
    expect((await rework([hidden!.id], { ...ofBlind, assigneeId: w.people.bea.personId })).status).toBe(200);
    expect(await list("cem")).toEqual([]);
    expect(await list("jo")).toEqual([]);
  });
});

describe("re-screening", () => {
  it("[TKS17] opens the submitted read for its reader, and the sign-off hands both in", async () => {
    const exhaustive = { ...FIRST, rules: { ...FIRST.rules, exhaustive: true } };
    await w.publish(exhaustive);
    await w.call("ada", "POST", `/layers/${ada}/submit`);
    await w.publish(withClasses(exhaustive, aClass("d")));
    const task = await only();
    expect(task).toMatchObject({ kind: "re-screen", title: "Look again for class d (guideline v3)", left: 1 });
    expect((await detail(task.id)).screenClassIds).toEqual([aClassId("d")]);
    expect((await move("ada", task.id, "submitted")).body).toMatchObject({ code: "task-unfinished" });
    const socket = await w.connect("ada", ada);
    expect(socket.standing?.write).toBe(false);
    await move("ada", task.id, "in-progress");
    await until(() => socket.standing?.write === true, "the right to draw");
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    const { revision } = await only();
    const sign = (name: Name, seen: number) =>
      w.call<Task>(name, "POST", `/tasks/${task.id}/screened`, { revision: seen, confirmed: true });
    expect((await sign("lena", revision)).body).toMatchObject({ code: "task-not-yours" });
    expect((await sign("ada", revision - 1)).body).toMatchObject({ code: "task-not-open" });
    expect((await sign("ada", revision)).body).toMatchObject({ state: "submitted", left: 0 });
    await until(() => socket.standing?.write === false, "the lock");
    expect((await sign("ada", revision + 1)).body).toMatchObject({ code: "task-not-open" });
    expect((await move("lena", task.id, "accepted")).body.state).toBe("accepted");
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    socket.drop();
  });

  it("[TKS40] for a class that came back is asked where a read was finished while it was gone, not where it was looked for before", async () => {
    const exhaustive = { ...FIRST, rules: { ...FIRST.rules, exhaustive: true } };
    await w.publish(exhaustive);
    await w.call("ada", "POST", `/layers/${ada}/submit`);
    await w.publish(withClass(exhaustive, "c", { retired: true }), [{ ...declare.retire("c"), ignore: true }]);
    await w.call("bea", "POST", `/layers/${round.layers("bea")}/submit`);
    expect(await list()).toEqual([]);
    const path = `/projects/${w.projectId}/guideline`;
    await w.call("lena", "PUT", `${path}/draft`, { revision: 0, content: exhaustive, declarations: [] });
    const { body } = await w.call<Preview>("lena", "GET", `${path}/preview`);
    expect(body.rescreens).toMatchObject([{ personId: w.people.bea.personId, classIds: [C] }]);
    await w.call("lena", "POST", `${path}/publish`, { parent: 3 });
    expect(await only()).toMatchObject({ kind: "re-screen", assignee: { name: "bea" }, left: 1 });
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
  });

  it("[TKS21] in progress when a version adds another class asks for that class too, and a cancelled one locks the read", async () => {
    const exhaustive = { ...FIRST, rules: { ...FIRST.rules, exhaustive: true } };
    await w.publish(exhaustive);
    await w.call("ada", "POST", `/layers/${ada}/submit`);
    const third = withClasses(exhaustive, aClass("d"));
    await w.publish(third);
    await move("ada", (await only()).id, "in-progress");
    await w.publish(withClasses(third, aClass("e")));
    const [open] = await list();
    expect((await detail(open!.id)).screenClassIds).toEqual([aClassId("d"), aClassId("e")]);
    expect((await list()).map(({ state }) => state)).toEqual(["open", "superseded"]);
    await move("ada", open!.id, "in-progress");
    expect((await layerAccess(w.world.db, w.people.ada.personId, ada))?.write).toBe(true);
    expect((await move("lena", open!.id, "cancelled")).status).toBe(200);
    expect(await layerAccess(w.world.db, w.people.ada.personId, ada)).toMatchObject({ write: false, locked: true });
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
  });

  it("[TKS18] of two versions before anybody looked is one task for all classes", async () => {
    const exhaustive = { ...FIRST, rules: { ...FIRST.rules, exhaustive: true } };
    await w.publish(exhaustive);
    await w.call("ada", "POST", `/layers/${ada}/submit`);
    const third = withClasses(exhaustive, aClass("d"));
    await w.publish(third);
    await w.publish(withClass(third, "d", { colour: "#000000" }));
    expect(await only()).toMatchObject({ state: "open", guidelineNumber: 3 });
    await w.publish(withClasses(withClass(third, "d", { colour: "#000000" }), aClass("e")));
    expect((await list()).map(({ state, guidelineNumber }) => [state, guidelineNumber])).toEqual([
      ["open", 5],
      ["superseded", 3],
    ]);
    const [open] = await list();
    expect((await detail(open!.id)).screenClassIds).toEqual([aClassId("d"), aClassId("e")]);
  });
});

describe("the task list", () => {
  it("[TKS19] shows leads all tasks and others their own, filtered and paged", async () => {
    await w.draw("ada", ada, ["a"]);
    await w.draw("bea", round.layers("bea"), ["a"]);
    await w.draw("bea", round.layers("bea", 1), ["b"]);
    await publishSecond();
    expect(await list("lena")).toHaveLength(3);
    expect(await list("jo")).toHaveLength(3);
    expect((await list("bea")).map(({ assignee }) => assignee.name)).toEqual(["bea", "bea"]);
    expect(await list("vic")).toEqual([]);
    expect(await list("lena", `?assignee=${w.people.ada.personId}`)).toHaveLength(1);
    expect(await list("lena", `?slide=${w.slideIds[1]}`)).toHaveLength(1);
    expect(await list("lena", "?kind=rework")).toEqual([]);
    expect(await list("lena", "?state=open")).toHaveLength(3);
    const seen = new Set<string>();
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = `?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const page: Page<Task> = (await w.call<Page<Task>>("lena", "GET", `/projects/${w.projectId}/tasks${query}`)).body;
      for (const { id } of page.items) seen.add(id);
      cursor = page.nextCursor;
    }
    expect(seen.size).toBe(3);
    expect((await w.call("stranger", "GET", `/projects/${w.projectId}/tasks`)).status).toBe(404);
    expect((await w.call("lena", "GET", `/projects/${w.projectId}/tasks?state=lost`)).status).toBe(400);
  });

  it("[TKS20] a task that one has nothing to do with is absent, on every route", async () => {
    const { task, items } = await drawAndPublish(["b"]);
    for (const name of ["bea", "eve", "vic", "stranger"] as const) {
      expect((await w.call(name, "GET", `/tasks/${task.id}`)).status).toBe(404);
      expect((await resolve(task.id, items[0]!, keep, { by: name })).status).toBe(404);
      expect((await w.call(name, "PATCH", `/tasks/${task.id}`, { revision: 1 })).status).toBe(404);
      expect((await w.call(name, "POST", `/tasks/${task.id}/move`, { revision: 1, to: "cancelled" })).status).toBe(404);
      expect((await w.call(name, "POST", `/tasks/${task.id}/screened`, { revision: 1 })).status).toBe(404);
      expect((await w.call(name, "POST", `/tasks/${task.id}/undo`, { undo: "x" })).status).toBe(404);
    }
  });
});
