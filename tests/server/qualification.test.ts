import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { Role } from "#domain/permissions.ts";
import type { Draft, Preview } from "#server/api/schemas/guideline.ts";
import type { Qualification, ReaderTest } from "#server/api/schemas/qualification.ts";
import type { Round } from "#server/api/schemas/rounds.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { freezeRelease } from "#server/commands/freeze-release.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { visibleLayers } from "#server/queries/slides.ts";
import { aClass, aClassId, aGuideline, declare, withClass } from "#tests/support/builders.ts";
import { type Name, type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
beforeEach(async () => {
  w = await workWorld({ slides: 2 });
});
afterEach(() => w.close());

const FIRST = aGuideline([aClass("a", { lookAlikes: [aClassId("b")] }), "b", "c"], { exhaustive: false });
const SECOND = withClass(FIRST, "a", { definition: "something else" });
const redefine = () => w.publish(SECOND, [declare.redefine("a")]);

const path = (rest: string) => `/projects/${w.projectId}${rest}`;
const tasks = async (name: Name = "lena") =>
  (await w.call<Page<Task>>(name, "GET", path("/tasks?kind=requalify"))).body.items;
const board = async () => (await w.call<Qualification>("lena", "GET", path("/qualification"))).body;
const refer = (classId: string, change: object = {}, name: Name = "lena") =>
  w.call<{ id: string; code?: string }>(name, "POST", path("/references"), {
    place: { kind: "box", slideId: w.slideIds[1], box: [100, 100, 300, 300] },
    classId: aClassId(classId),
    ...change,
  });
const test = async (name: Name, task: Task | undefined) =>
  (await w.call<TaskDetail>(name, "GET", `/tasks/${task?.id}`)).body.test;
const begin = (name: Name, task: Task | undefined) =>
  w.call<ReaderTest & { code?: string }>(name, "POST", `/tasks/${task?.id}/test/attempts`);
const say = (name: Name, task: Task | undefined, attemptId: string, itemId: string, classId: string) =>
  w.call<ReaderTest & { code?: string }>(name, "POST", `/tasks/${task?.id}/test/answers`, {
    attemptId,
    itemId,
    classId: aClassId(classId),
  });
const stateOf = async (name: Name) => {
  const [asked] = (await board()).classes;
  return asked?.readers.find(({ person }) => person.id === w.people[name].personId);
};
/** One reference of the class and one of its look-alike, which hold under the second version. */
const twoReferences = async () => {
  const own = (await refer("a")).body.id;
  const other = (await refer("b")).body.id;
  return { own, other };
};
/** A whole attempt: what is said about each item by its id. */
const take = async (name: Name, task: Task | undefined, said: Readonly<Record<string, string>>) => {
  const { body } = await begin(name, task);
  let last = body;
  for (const { id } of body.attempt?.items ?? []) {
    last = (await say(name, task, body.attempt?.id ?? "", id, said[id] ?? "c")).body;
  }
  return last;
};

describe("a redefinition", () => {
  it("[RQL5] gives each reader of the class one task, as many as the preview said; asking twice changes nothing", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada", "bea"]);
    const team = await w.round("together", ["lena"]);
    await w.draw("cem", team.layers(null), ["a"]);
    await w.draw("vic", team.layers(null), ["a"]);
    expect(round.id).not.toBe("");
    await w.call("lena", "PUT", path("/guideline/draft"), {
      revision: 0,
      content: SECOND,
      declarations: [declare.redefine("a")],
    });
    await refer("a", { byDraft: true });
    const preview = (await w.call<Preview>("lena", "GET", path("/guideline/preview"))).body;
    const readers = (["ada", "bea", "cem"] as const).map((name) => w.people[name].personId).sort();
    expect(preview.requalify.map(({ personId }) => personId).sort()).toEqual(readers);
    expect(preview.requalify.every(({ ready, classId }) => ready && classId === aClassId("a"))).toBe(true);
    await w.call("lena", "POST", path("/guideline/publish"), { parent: 1 });
    const made = await tasks();
    expect(made.map(({ assignee }) => assignee.id).sort()).toEqual(readers);
    expect(made[0]).toMatchObject({
      ...{ kind: "requalify", state: "open", left: 1, total: 1, layerId: null, guidelineNumber: 2 },
      title: "Show that you can tell class a as it is now (guideline v2)",
    });
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    expect(w.told).toContainEqual({ name: "ada", kind: "tasks", toast: "The guideline gave you a new task." });
  });

  it("[RQL6] has nothing to ask before a lead has said of a place what it is under that version, and then asks at once", async () => {
    await w.publish(FIRST);
    await w.round("open", ["ada"]);
    const old = (await refer("a")).body.id;
    await refer("b");
    await redefine();
    expect(await tasks()).toEqual([]);
    expect((await board()).references).toMatchObject([{ id: old, state: "unsure" }, { state: "usable" }]);
    expect(await stateOf("ada")).toMatchObject({ state: "waiting", ready: false, attempts: 0, last: null });
    await w.call("lena", "POST", path(`/references/${old}/confirm`), { classId: aClassId("a") });
    const [task, ...rest] = await tasks();
    expect(rest).toEqual([]);
    expect(await test("ada", task)).toMatchObject({ size: 2, attempts: 0, attempt: null, open: true });
    await w.call("lena", "DELETE", path(`/references/${old}`));
    expect((await begin("ada", task)).body).toMatchObject({ code: "no-reference-items" });
    expect(await tasks()).toMatchObject([{ state: "open" }]);
  });

  it("[RQL7] is superseded by a later one, and no longer asked of a class that ended or of somebody who left", async () => {
    await w.publish(FIRST);
    await w.round("open", ["ada", "bea"]);
    await redefine();
    await twoReferences();
    expect(await tasks()).toHaveLength(2);
    const third = withClass(SECOND, "a", { definition: "something else again" });
    await w.publish(third, [declare.redefine("a")]);
    expect((await tasks()).map(({ state }) => state)).toEqual(["superseded", "superseded"]);
    await refer("a");
    const open = (await tasks()).filter(({ state }) => state === "open");
    expect(open.map(({ guidelineNumber }) => guidelineNumber)).toEqual([3, 3]);
    await w.database.pool.query("delete from members where person_id = $1", [w.people.bea.personId]);
    await makeTasks(w.world, w.projectId);
    expect((await tasks()).filter(({ state }) => state === "open")).toHaveLength(1);
    await w.publish(withClass(third, "a", { retired: true }), [declare.retire("a", "b")]);
    expect((await tasks()).filter(({ state }) => state === "open")).toEqual([]);
    expect((await board()).classes).toEqual([]);
  });
});

describe("a reference that was said by the draft", () => {
  const draft = (content: GuidelineContent, change: object = {}) =>
    w.call<Draft>("lena", "PUT", path("/guideline/draft"), {
      ...{ revision: 0, content, declarations: [declare.redefine("a")] },
      ...change,
    });
  const confirm = (id: string, byDraft: boolean) =>
    w.call("lena", "POST", path(`/references/${id}/confirm`), { classId: aClassId("a"), byDraft });
  const said = async () =>
    (await board()).references.map(({ id, state, under, byDraft }) => [id, state, under, byDraft?.holds ?? null]);

  it("[RQL17] holds under the version that the draft becomes, whatever its number, while its class has the same words", async () => {
    await w.publish(FIRST);
    await w.round("open", ["ada"]);
    const old = (await refer("a")).body.id;
    await draft(SECOND);
    await confirm(old, true);
    const fresh = (await refer("a", { byDraft: true })).body.id;
    expect(await said()).toEqual([
      [old, "usable", 1, true],
      [fresh, "drafted", null, true],
    ]);
    // Somebody publishes another version first: the draft is put on that one and becomes version 3.
    await w.database.pool.query("update guideline_drafts set parent = 2");
    await w.database.pool.query(
      `insert into guideline_versions (project_id, number, content, changes, published_by)
       select project_id, 2, content, '[]', published_by from guideline_versions`,
    );
    const preview = (await w.call<Preview>("lena", "GET", path("/guideline/preview"))).body;
    expect(preview.requalify).toMatchObject([{ ready: true }]);
    await w.call("lena", "POST", path("/guideline/publish"), { parent: 2 });
    expect(await said()).toEqual([
      [old, "usable", 3, null],
      [fresh, "usable", 3, null],
    ]);
    expect((await test("ada", (await tasks())[0]))?.size).toBe(2);
  });

  it("[RQL17] has to be looked at again where the words of its class were changed since", async () => {
    await w.publish(FIRST);
    await w.round("open", ["ada"]);
    const old = (await refer("a")).body.id;
    const { revision } = (await draft(SECOND)).body;
    await confirm(old, true);
    const fresh = (await refer("a", { byDraft: true })).body.id;
    await draft(withClass(SECOND, "a", { definition: "something else again" }), { revision });
    expect((await said()).map(([, , , holds]) => holds)).toEqual([false, false]);
    const preview = (await w.call<Preview>("lena", "GET", path("/guideline/preview"))).body;
    expect(preview.requalify).toMatchObject([{ ready: false }]);
    await w.call("lena", "POST", path("/guideline/publish"), { parent: 1 });
    expect(await said()).toEqual([
      [old, "unsure", 1, null],
      [fresh, "unsure", null, null],
    ]);
    expect(await tasks()).toEqual([]);
    await confirm(fresh, false);
    expect(await said()).toContainEqual([fresh, "usable", 2, null]);
    expect(await tasks()).toHaveLength(1);
  });

  it("[RQL18] goes with a draft that is thrown away: what held before holds, what was said by it alone is taken out", async () => {
    await w.publish(FIRST);
    await w.round("open", ["ada"]);
    const old = (await refer("a")).body.id;
    await draft(SECOND);
    await confirm(old, true);
    await refer("a", { byDraft: true });
    await w.call("lena", "DELETE", path("/guideline/draft"));
    expect(await said()).toEqual([[old, "usable", 1, null]]);
    await redefine();
    expect(await said()).toEqual([[old, "unsure", 1, null]]);
    expect(await tasks()).toEqual([]);
  });
});

describe("the test", () => {
  it("[RQL8] shows no class before the last answer, and then what differed; it may be repeated until it is passed", async () => {
    await w.publish(FIRST);
    await w.round("open", ["ada"]);
    await redefine();
    const { own, other } = await twoReferences();
    const [task] = await tasks("ada");
    const { body, status } = await begin("ada", task);
    expect(status).toBe(200);
    expect(JSON.stringify(body.attempt)).not.toContain(aClassId("a"));
    expect(body.attempt?.items.map(({ id }) => id).sort()).toEqual([own, other].sort());
    expect((await begin("ada", task)).body.attempt?.id).toBe(body.attempt?.id);
    expect(await stateOf("ada")).toMatchObject({ state: "trying" });
    const failed = await take("ada", task, { [own]: "b", [other]: "b" });
    expect(failed.attempt?.result).toEqual({
      ...{ right: 1, total: 2, passed: false },
      differed: [{ id: own, said: aClassId("b"), is: aClassId("a") }],
    });
    expect(await tasks("ada")).toMatchObject([{ state: "in-progress", left: 1 }]);
    expect(await stateOf("ada")).toMatchObject({ state: "failed", attempts: 1, last: { right: 1, total: 2 } });
    const passed = await take("ada", task, { [own]: "a", [other]: "b" });
    expect(passed).toMatchObject({ open: false, attempts: 2, attempt: { result: { passed: true, differed: [] } } });
    expect(await tasks("ada")).toMatchObject([{ state: "accepted", left: 0, total: 1 }]);
    expect(await stateOf("ada")).toMatchObject({ state: "passed", attempts: 2 });
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    const audit = await w.database.pool.query("select detail from audit where action = 'reader.tested' order by at");
    expect(audit.rows.map(({ detail }) => [detail.right, detail.passed])).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  it("[RQL9] lets an answer be changed until the last one, and refuses one to what is finished or to nothing", async () => {
    await w.publish(FIRST);
    await w.round("open", ["ada"]);
    await redefine();
    const { own, other } = await twoReferences();
    const [task] = await tasks("ada");
    const attempt = (await begin("ada", task)).body.attempt?.id ?? "";
    await say("ada", task, attempt, own, "c");
    expect((await say("ada", task, attempt, own, "a")).body.attempt?.result).toBeNull();
    expect((await say("ada", task, attempt, "nothing00", "a")).body).toMatchObject({ code: "not-found" });
    expect((await say("ada", task, attempt, other, "zz")).body).toMatchObject({ code: "unknown-class" });
    expect((await say("ada", task, "another00", other, "b")).body).toMatchObject({ code: "attempt-not-open" });
    expect((await say("ada", task, attempt, other, "b")).body.attempt?.result).toMatchObject({ passed: true });
    expect((await say("ada", task, attempt, other, "b")).body).toMatchObject({ code: "task-not-open" });
    expect((await begin("ada", task)).body).toMatchObject({ code: "task-not-open" });
  });

  it("[RQL10] belongs to its reader: nobody else takes it, is given it, or is told of it", async () => {
    await w.publish(FIRST);
    await w.round("open", ["ada"]);
    await redefine();
    await twoReferences();
    const [task] = await tasks("ada");
    expect((await begin("lena", task)).body).toMatchObject({ code: "task-not-yours" });
    expect(await test("lars", task)).toBeNull();
    expect(await test("ada", task)).toMatchObject({ classId: aClassId("a") });
    for (const name of ["bea", "vic", "stranger"] as const) expect((await begin(name, task)).status).toBe(404);
    const moved = { revision: task?.revision, assigneeId: w.people.bea.personId };
    expect((await w.call("lena", "PATCH", `/tasks/${task?.id}`, moved)).body).toMatchObject({
      code: "person-not-suitable",
    });
    const many = { taskIds: [task?.id], assigneeId: w.people.bea.personId };
    expect((await w.call("lena", "POST", path("/tasks/reassign"), many)).body).toMatchObject({
      ...{ moved: 0, refused: [{ code: "person-not-suitable" }] },
    });
    for (const name of ["ada", "jo", "eve", "vic"] as const) {
      expect((await w.call(name, "GET", path("/qualification"))).status).toBe(403);
      expect((await refer("a", {}, name)).status).toBe(403);
    }
    expect((await w.call("stranger", "GET", path("/qualification"))).status).toBe(404);
  });
});

describe("references", () => {
  it("[RQL11] are outlines that everybody may see, or places on the slide, of classes that are drawn", async () => {
    await w.publish(FIRST);
    const blind = await w.round("blind", ["ada"]);
    const team = await w.round("together", ["lena"], 2);
    const [hidden] = await w.draw("ada", blind.layers("ada"), ["a"]);
    const [drawn] = await w.draw("ada", team.layers(null, 1), ["b"]);
    const of = (layerId: string, annotationId = "") => ({
      place: { kind: "annotation", layerId, annotationId },
      classId: undefined,
    });
    expect((await refer("a", of(blind.layers("ada"), hidden?.id))).body).toMatchObject({ code: "reference-hidden" });
    const { body } = await refer("a", of(team.layers(null, 1), drawn?.id));
    expect((await board()).references).toMatchObject([
      { id: body.id, classId: aClassId("b"), outline: drawn?.geometry, box: [100, 100, 140, 140], under: 1 },
    ]);
    const off = { place: { kind: "box", slideId: w.slideIds[0], box: [0, 0, 5_000, 10] } };
    expect((await refer("a", off)).body).toMatchObject({ code: "outline-off-slide" });
    expect((await refer("zz")).body).toMatchObject({ code: "unknown-class" });
    expect((await refer("a", { place: { ...off.place, slideId: "elsewhere" } })).status).toBe(404);
    expect((await w.call("lena", "DELETE", path("/references/elsewhere0"))).status).toBe(404);
  });

  it("[RQL12] on a slide that somebody reads blind are not shown to them", async () => {
    await w.publish(FIRST);
    await w.round("blind", ["ada"], 2);
    await w.round("open", ["bea"]);
    await redefine();
    await twoReferences();
    expect((await tasks()).map(({ assignee }) => assignee.id)).toEqual([w.people.bea.personId]);
    expect(await stateOf("ada")).toMatchObject({ ready: false });
    await w.database.pool.query("update rounds set unblinded_at = now() where mode = 'blind'");
    await makeTasks(w.world, w.projectId);
    expect(await tasks()).toHaveLength(2);
  });
});

describe("until the test is passed", () => {
  it("[RQL13] what its reader draws of the class is flagged and not refused, and a release lists them", async () => {
    await w.publish(FIRST);
    const round = await w.round("together", ["ada"]);
    await w.draw("ada", round.layers(null), ["a"]);
    await redefine();
    const { own, other } = await twoReferences();
    await w.draw("ada", round.layers(null), ["a", "a", "b"], 2);
    expect(await stateOf("ada")).toMatchObject({ flagged: 2 });
    const exceptions = async () => {
      await w.database.pool.query("update tasks set state = 'cancelled' where kind <> 'requalify'");
      await w.database.pool.query("update annotations set under = 2");
      const id = await freezeRelease(w.world, w.people.lena, w.projectId, {
        name: "r",
        slideIds: [String(w.slideIds[0])],
      });
      const { rows } = await w.database.pool.query(
        "select content from release_files where release_id = $1 and path = 'exceptions.json'",
        [id],
      );
      return JSON.parse(rows[0].content);
    };
    const [task] = await tasks("ada");
    await w.call("lena", "POST", `/tasks/${task?.id}/move`, { revision: task?.revision, to: "cancelled", note: "" });
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    expect(await exceptions()).toMatchObject({
      unqualified: [{ personId: w.people.ada.personId, classId: aClassId("a"), version: 2 }],
    });
    await w.database.pool.query("update tasks set state = 'open' where id = $1", [task?.id]);
    await take("ada", task, { [own]: "a", [other]: "b" });
    expect(await stateOf("ada")).toMatchObject({ flagged: 0, state: "passed" });
    expect(await exceptions()).toMatchObject({ unqualified: [] });
  });

  it("[RQL16] a lead who reads blind is not told how much others drew in that round before it is unblinded", async () => {
    await w.publish(FIRST);
    const round = await w.round("blind", ["ada", "lena"]);
    await w.draw("ada", round.layers("ada"), ["a"]);
    await redefine();
    await twoReferences();
    await w.draw("ada", round.layers("ada"), ["a", "a"], 2);
    expect(await stateOf("ada")).toMatchObject({ flagged: 0 });
    await w.database.pool.query("update rounds set unblinded_at = now() where mode = 'blind'");
    expect(await stateOf("ada")).toMatchObject({ flagged: 2 });
  });

  it("[RQL20] a lead who reads a slide blind is not shown what another lead said of places on it", async () => {
    await w.publish(FIRST);
    await refer("a");
    const shown = async (name: Name) =>
      (await w.call<Qualification>(name, "GET", path("/qualification"))).body.references.length;
    expect(await shown("lars")).toBe(1);
    await w.round("blind", ["ada", "lars"], 2);
    expect([await shown("lars"), await shown("lena")]).toEqual([0, 1]);
    await w.database.pool.query("update rounds set unblinded_at = now()");
    expect(await shown("lars")).toBe(1);
  });

  it("[RQL21] who reads only by drawing on a slide that others read blind is asked nothing before that is over", async () => {
    await w.publish(FIRST);
    const team = await w.round("together", ["lena"], 2);
    await w.draw("bea", team.layers(null), ["a"]);
    await redefine();
    await twoReferences();
    const asked = async (name: Name) => {
      const found = (await w.call<Qualification>(name, "GET", path("/qualification"))).body.classes;
      return found.flatMap(({ readers }) => readers.map(({ person }) => person.name)).sort();
    };
    const before = { needed: ["bea"], given: ["bea"] };
    const now = async (name: Name) => ({
      needed: await asked(name),
      given: (await tasks(name)).map(({ assignee }) => assignee.name).sort(),
    });
    expect(await now("lars")).toEqual(before);
    await w.round("blind", ["lars"], 1);
    await w.draw("cem", team.layers(null), ["a"], 2);
    await makeTasks(w.world, w.projectId);
    for (const name of ["lars", "lena"] as const) expect(await now(name)).toEqual(before);
    await w.draw("ada", team.layers(null, 1), ["a"], 2);
    await makeTasks(w.world, w.projectId);
    const shown = { needed: ["ada", "bea"], given: ["ada", "bea"] };
    for (const name of ["lars", "lena"] as const) expect(await now(name)).toEqual(shown);
    await w.database.pool.query("update rounds set unblinded_at = now() where mode = 'blind'");
    await makeTasks(w.world, w.projectId);
    const all = { needed: ["ada", "bea", "cem"], given: ["ada", "bea", "cem"] };
    for (const name of ["lars", "lena"] as const) expect(await now(name)).toEqual(all);
  });

  it("[RQL15] leads see it at the reads that say something under the new meaning; its reader and others do not", async () => {
    await w.publish(FIRST);
    const early = await w.round("open", ["ada"]);
    await w.call("ada", "POST", `/layers/${early.layers("ada")}/submit`);
    const late = await w.round("open", ["ada", "bea"]);
    const flags = async (name: Name) => {
      const { body } = await w.call<Page<Round>>(name, "GET", path("/rounds"));
      return body.items.flatMap(({ reads }) => reads.flatMap(({ layerId, untested }) => untested.map(() => layerId)));
    };
    const inViewer = async (name: Name, role: Role) => {
      const [slide] = w.slideIds;
      if (slide === undefined) throw new Error("there is no slide");
      const member = { projectId: w.projectId, personId: w.people[name].personId, role };
      const layers = await visibleLayers(w.world.db, member, slide);
      return layers.flatMap(({ id, untested }) => untested.map(() => id));
    };
    expect(await flags("lena")).toEqual([]);
    await redefine();
    const open = [late.layers("ada"), late.layers("bea")].sort();
    expect((await flags("lena")).sort()).toEqual(open);
    expect((await inViewer("lena", "lead")).sort()).toEqual(open);
    const { body } = await w.call<Page<Round>>("lena", "GET", path("/rounds"));
    const read = body.items.flatMap(({ reads }) => reads).find(({ layerId }) => layerId === late.layers("ada"));
    expect(read?.untested).toEqual([{ classId: aClassId("a"), name: "class a", version: 2 }]);
    for (const name of ["ada", "jo", "eve", "vic"] as const) expect(await flags(name)).toEqual([]);
    expect(await inViewer("ada", "annotator")).toEqual([]);
    const { own, other } = await twoReferences();
    const [task] = await tasks("ada");
    await take("ada", task, { [own]: "a", [other]: "b" });
    expect(await flags("lena")).toEqual([late.layers("bea")]);
  });
});
