import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Draft, GuidelineView, Preview } from "#server/api/schemas/guideline.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { makeAllTasks, makeTasks } from "#server/commands/make-tasks.ts";
import { publishGuideline } from "#server/commands/publish-guideline.ts";
import { projectStaleness } from "#server/queries/staleness.ts";
import { aClass, aClassId, aGuideline, declare, withClass, withClasses } from "#tests/support/builders.ts";
import { type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
beforeEach(async () => {
  w = await workWorld({ slides: 2 });
});
afterEach(() => w.close());

const FIRST = aGuideline(["a", "b"], { exhaustive: false });
/** The same with class a split into a1 and a2. */
const SPLIT = withClass(withClasses(FIRST, aClass("a1"), aClass("a2")), "a", { retired: true });
const splitting = [declare.split("a", ["a1", "a2"])];

const path = (rest = "") => `/projects/${w.projectId}/guideline${rest}`;
const save = (name: "lena" | "lars", revision: number, content = FIRST, declarations: unknown[] = []) =>
  w.call<Draft>(name, "PUT", path("/draft"), { revision, content, declarations });
const preview = async () => (await w.call<Preview>("lena", "GET", path("/preview"))).body;
const tasks = async () => (await w.call<Page<Task>>("lena", "GET", `/projects/${w.projectId}/tasks`)).body.items;
const leftOf = async () => (await tasks()).reduce((sum, task) => sum + task.left, 0);

describe("the draft", () => {
  it("[PUB1] is started, saved over the revision that was seen, and thrown away", async () => {
    expect(await save("lena", 0)).toMatchObject({
      status: 200,
      body: { parent: 0, revision: 1, updatedBy: { name: "lena" } },
    });
    expect((await save("lars", 1)).body.revision).toBe(2);
    expect(await save("lena", 1)).toMatchObject({
      status: 409,
      body: { code: "stale-draft", detail: { revision: 2 } },
    });
    expect(await save("lena", 0)).toMatchObject({ status: 409, body: { code: "stale-draft" } });
    expect((await w.call("lars", "DELETE", path("/draft"))).status).toBe(200);
    expect((await w.call("lars", "DELETE", path("/draft"))).status).toBe(404);
    expect((await w.call("lena", "GET", path("/preview"))).status).toBe(404);
  });

  it("[PUB2] is for leads only; the versions are for every member", async () => {
    await w.publish(FIRST);
    await save("lena", 0, SPLIT, splitting);
    for (const name of ["ada", "jo", "eve", "vic"] as const) {
      const { status, body } = await w.call<GuidelineView>(name, "GET", path());
      expect(status).toBe(200);
      expect(body.versions).toHaveLength(1);
      expect(body.draft).toBeNull();
      expect(
        (await w.call(name, "PUT", path("/draft"), { revision: 1, content: FIRST, declarations: [] })).status,
      ).toBe(403);
      expect((await w.call(name, "DELETE", path("/draft"))).status).toBe(403);
      expect((await w.call(name, "GET", path("/preview"))).status).toBe(403);
      expect((await w.call(name, "POST", path("/publish"), { parent: 1 })).status).toBe(403);
    }
    expect((await w.call<GuidelineView>("lars", "GET", path())).body.draft).not.toBeNull();
    for (const [method, rest] of [
      ["GET", ""],
      ["GET", "/preview"],
      ["DELETE", "/draft"],
    ] as const) {
      expect((await w.call("stranger", method, path(rest))).status).toBe(404);
    }
    expect((await w.call("stranger", "POST", path("/publish"), { parent: 1 })).status).toBe(404);
  });
});

describe("publishing", () => {
  it("[PUB3] freezes the draft as the next version and is refused without a difference", async () => {
    expect((await w.publish(FIRST)).body).toEqual({ number: 1, tasks: 0 });
    const { body } = await w.call<GuidelineView>("vic", "GET", path());
    expect(body.versions).toMatchObject([{ number: 1, publishedBy: { name: "lena" }, content: FIRST }]);
    expect(await w.publish(FIRST)).toMatchObject({ status: 409, body: { code: "nothing-to-publish" } });
    expect(w.told).toContainEqual({ name: "vic", kind: "guideline", toast: "Guideline version 1 was published." });
    const audit = await w.database.pool.query("select action from audit where action = 'guideline.published'");
    expect(audit.rowCount).toBe(1);
  });

  it("[PUB4] is refused where another version was published meanwhile, and of two at once one wins", async () => {
    await save("lena", 0);
    const both = await Promise.all([
      w.call("lena", "POST", path("/publish"), { parent: 0 }),
      w.call("lars", "POST", path("/publish"), { parent: 0 }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(both.find(({ status }) => status === 409)?.body).toMatchObject({
      code: "stale-publish",
      detail: { newest: 1 },
    });
    await save("lars", 0, SPLIT, splitting);
    expect(await w.call("lena", "POST", path("/publish"), { parent: 0 })).toMatchObject({
      body: { code: "stale-publish" },
    });
    expect((await w.call<GuidelineView>("lena", "GET", path())).body.versions).toHaveLength(1);
  });

  it("[PUB5] of a draft that nobody said how to migrate is refused, with a sentence, here and in the preview", async () => {
    await w.publish(FIRST);
    await save("lena", 0, withClass(FIRST, "a", { retired: true }));
    expect((await preview()).refusal).toMatchObject({ code: "change-undeclared", detail: { classId: aClassId("a") } });
    const refused = await w.call("lena", "POST", path("/publish"), { parent: 1 });
    expect(refused).toMatchObject({
      status: 422,
      body: { code: "guideline-refused", detail: { reason: "change-undeclared" } },
    });
    expect((await w.call<GuidelineView>("lena", "GET", path())).body).toMatchObject({ versions: [{}], draft: {} });
  });

  it("[PUB6] a crash after the version was frozen loses no task: the next start makes them, once", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["a"]);
    await save("lena", 0, SPLIT, splitting);
    const { world } = w;
    const now = () => {
      // The clock is read once for the version; whoever reads it again makes tasks.
      if (calls++ > 0) throw new Error("crash");
      return new Date();
    };
    let calls = 0;
    await expect(
      publishGuideline({ ...world, now }, w.people.lena, w.projectId, { parent: 1, note: "" }),
    ).rejects.toThrow("crash");
    expect((await w.call<GuidelineView>("lena", "GET", path())).body.versions).toHaveLength(2);
    expect(await tasks()).toEqual([]);
    await Promise.all([makeAllTasks(world), makeAllTasks(world)]);
    await makeAllTasks(world);
    expect(await tasks()).toMatchObject([{ kind: "migration", left: 1, guidelineNumber: 2 }]);
  });

  it("[PUB13] of a merge makes no task and writes nothing into any layer; who outlined what stays known", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["a", "b"]);
    const log = async () => (await w.database.pool.query("select count(*)::int as n from layer_updates")).rows[0].n;
    const before = await log();
    expect((await w.publish(withClass(FIRST, "a", { retired: true }), [declare.merge(["a"], "b")])).body).toEqual({
      number: 2,
      tasks: 0,
    });
    expect(await log()).toBe(before);
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 1, carriedOver: 1, stale: 0 });
    expect((await w.publish(FIRST)).body).toEqual({ number: 3, tasks: 0 });
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 2, carriedOver: 0, stale: 0 });
  });
});

describe("the preview", () => {
  it("[PUB7] counts by change, class, person and slide what publishing then makes into tasks", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada", "bea"], 2);
    const { body: team } = await w.call<{ reads: { layerId: string }[] }>(
      "lena",
      "POST",
      `/projects/${w.projectId}/rounds`,
      {
        name: "Team",
        mode: "together",
        slideIds: [w.slideIds[0]],
        readerIds: [w.people.cem.personId],
      },
    );
    const shared = team.reads[0]!.layerId as ReturnType<typeof round.layers>;
    await w.draw("ada", round.layers("ada", 0), ["a", "a", "b"]);
    await w.draw("bea", round.layers("bea", 0), ["a"]);
    await w.draw("bea", round.layers("bea", 1), ["b"]);
    await w.draw("cem", shared, ["a", "a"]);
    await w.draw("jo", shared, ["a"]);
    const narrowed = withClass(SPLIT, "b", { definition: "less" });
    await save("lena", 0, narrowed, [...splitting, declare.narrow("b")]);
    const shown = await preview();
    expect(shown).toMatchObject({
      parent: 1,
      number: 2,
      refusal: null,
      openBlindRounds: [],
      pace: { isAssumed: true },
    });
    expect(shown.totals).toEqual({ automatic: 0, review: 2, choose: 6, archive: 0, untouched: 0 });
    const of = (name: "ada" | "bea" | "cem" | "jo", kind: string) =>
      shown.rows.filter((row) => row.personId === w.people[name].personId && row.kind === kind);
    expect(of("ada", "split")).toMatchObject([
      { classId: aClassId("a"), slideId: w.slideIds[0], count: 2, outcome: "choose" },
    ]);
    expect(of("bea", "narrow")).toMatchObject([{ slideId: w.slideIds[1], count: 1, outcome: "review" }]);
    expect(of("cem", "split")[0]?.count).toBe(2);
    expect(shown.people.map(({ name }) => name).sort()).toEqual(["ada", "bea", "cem", "jo"]);
    expect((await w.call<{ tasks: number }>("lena", "POST", path("/publish"), { parent: 1 })).body.tasks).toBe(5);
    expect(await leftOf()).toBe(shown.totals.review + shown.totals.choose);
    for (const task of await tasks()) {
      const rows = shown.rows.filter((row) => row.layerId === task.layerId && row.personId === task.assignee.id);
      expect(task.left).toBe(rows.reduce((sum, row) => sum + row.count, 0));
    }
  });

  it("[PUB8] leaves out what is already confirmed, and agrees with the computed staleness", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    const [first] = await w.draw("ada", round.layers("ada"), ["b", "b", "a"]);
    const narrowed = withClass(FIRST, "b", { definition: "less" });
    await w.publish(narrowed, [declare.narrow("b")]);
    const [task] = await tasks();
    const { body } = await w.call<TaskDetail>("ada", "GET", `/tasks/${task?.id}`);
    const item = body.items.find(({ annotationId }) => annotationId === first?.id);
    const answer = { annotationId: first?.id, contentHash: item?.contentHash, answer: { verdict: "keep" } };
    expect((await w.call("ada", "POST", `/tasks/${task?.id}/resolve`, answer)).body).toMatchObject({ left: 1 });
    const found = await projectStaleness(w.world.db, w.projectId);
    expect(found).toMatchObject({ current: 2, carriedOver: 0, stale: 1, undecided: 0, archived: 0 });
    expect(found.byLayer.get(round.layers("ada"))).toEqual({
      current: 2,
      carriedOver: 0,
      stale: 1,
      undecided: 0,
      waived: 0,
      archived: 0,
    });
    await save("lena", 0, withClass(narrowed, "b", { retired: true }), [declare.retire("b", "a")]);
    expect((await preview()).totals).toEqual({ automatic: 2, review: 0, choose: 0, archive: 0, untouched: 1 });
  });

  it("[PVW1] estimates by an assumed pace, and says so, before anybody has answered anything", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["b", "b", "b"]);
    await save("lena", 0, withClass(FIRST, "b", { definition: "less" }), [declare.narrow("b")]);
    const { estimatedHours, totals, pace } = await preview();
    expect(totals.review).toBe(3);
    expect(pace).toEqual({ seconds: 12, isAssumed: true });
    expect(estimatedHours).toBeCloseTo((3 * 12) / 3_600);
  });

  it("[PUB14] estimates the hours from the project's own median of seconds between two answers", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["b", "b", "b", "b"]);
    await w.publish(withClass(FIRST, "b", { definition: "less" }), [declare.narrow("b")]);
    const [task] = await tasks();
    const { body } = await w.call<TaskDetail>("ada", "GET", `/tasks/${task?.id}`);
    for (const { annotationId, contentHash } of body.items) {
      await w.call("ada", "POST", `/tasks/${task?.id}/resolve`, {
        annotationId,
        contentHash,
        answer: { verdict: "keep" },
      });
    }
    // Gaps of 30 s, 90 s and a lunch.
    const at = ["00:00:00", "00:00:30", "00:02:00", "01:30:00"];
    for (const [index, { annotationId }] of body.items.entries()) {
      const time = `2026-01-01 ${at[index]}+00`;
      await w.database.pool.query("update task_answers set at = $1 where annotation_id = $2", [time, annotationId]);
    }
    await save("lena", 0, withClass(FIRST, "b", { definition: "least" }), [declare.narrow("b")]);
    const { estimatedHours, totals, pace } = await preview();
    expect(totals.review).toBe(4);
    expect(pace).toEqual({ seconds: 60, isAssumed: false });
    expect(estimatedHours).toBeCloseTo((4 * 60) / 3_600);
  });

  it("[PUB20] estimates looking again and tests too, each by the project's own median where there is one", async () => {
    await w.publish(aGuideline(["a"]));
    const round = await w.round("open", ["ada"]);
    await w.call("ada", "POST", `/layers/${round.layers("ada")}/submit`);
    await save("lena", 0, aGuideline(["a", "b", "c"]));
    const assumed = await preview();
    expect(assumed).toMatchObject({ screenPace: { seconds: 300, isAssumed: true }, testPace: { isAssumed: true } });
    expect(assumed.estimatedHours).toBeCloseTo((2 * 300) / 3_600);
    await w.call("lena", "POST", path("/publish"), { parent: 1 });
    const [task] = await tasks();
    const begun = { revision: task?.revision, to: "in-progress" };
    const { body } = await w.call<Task>("ada", "POST", `/tasks/${task?.id}/move`, begun);
    await w.call("ada", "POST", `/tasks/${task?.id}/screened`, { revision: body.revision, confirmed: true });
    // It was begun 16 minutes before it was signed for: 8 for each of the two classes.
    await w.database.pool.query(
      `insert into task_events (id, task_id, to_state, at)
       select 'aaaaaaaaaaaaaaaa', task_id, 'in-progress', at - interval '16 minutes' from task_events
       where task_id = $1 and to_state = 'submitted'`,
      [task?.id],
    );
    await save("lena", 0, aGuideline(["a", "b", "c", "d"]));
    const own = await preview();
    expect(own.screenPace).toEqual({ seconds: 480, isAssumed: false });
    expect(own.estimatedHours).toBeCloseTo(480 / 3_600);
  });

  it("[PUB21] names the rounds that are being read, with what it asks about in them at once", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada", "bea"], 2);
    const done = await w.round("open", ["cem"]);
    await w.draw("ada", round.layers("ada"), ["b", "b", "a"]);
    await w.draw("cem", done.layers("cem"), ["b"]);
    await w.call("cem", "POST", `/layers/${done.layers("cem")}/submit`);
    await w.call("bea", "POST", `/layers/${round.layers("bea")}/submit`);
    const narrowed = withClass(FIRST, "b", { definition: "less" });
    await save("lena", 0, narrowed, [declare.narrow("b")]);
    expect((await preview()).openRounds).toEqual([{ id: round.id, name: "open round", openReads: 3, asked: 2 }]);
    await w.round("blind", ["lars"], 2);
    expect((await w.call<Preview>("lars", "GET", path("/preview"))).body.openRounds).toEqual([]);
  });

  it("[PUB22] a publication tells a lead who reads blind of no tasks in what is kept from them", async () => {
    await w.publish(FIRST);
    const round = await w.round("blind", ["ada", "lars"]);
    for (const name of ["ada", "lars"] as const) await w.draw(name, round.layers(name), ["b"]);
    await save("lars", 0, withClass(FIRST, "b", { definition: "less" }), [declare.narrow("b")]);
    const published = await w.call("lars", "POST", path("/publish"), { parent: 1, forced: true });
    expect(published.body).toEqual({ number: 2, tasks: 1 });
    expect(await tasks()).toHaveLength(2);
  });

  it("[PUB9] names the open blind rounds it touches; their tasks come when they are unblinded", async () => {
    await w.publish(FIRST);
    const round = await w.round("blind", ["ada", "bea"]);
    await w.draw("ada", round.layers("ada"), ["a"]);
    await w.draw("bea", round.layers("bea"), ["a", "a"]);
    await save("lena", 0, SPLIT, splitting);
    const found = await preview();
    expect(found.openBlindRounds).toEqual([{ id: round.id, name: "blind round" }]);
    const split = found.changes.findIndex(({ kind }) => kind === "split");
    expect(found.lint).toContainEqual({ code: "blind-round-touched", classId: null, changes: [split] });
    expect((await w.call<{ tasks: number }>("lena", "POST", path("/publish"), { parent: 1 })).body.tasks).toBe(0);
    for (const name of ["ada", "bea"] as const) await w.call(name, "POST", `/layers/${round.layers(name)}/submit`);
    expect(await tasks()).toEqual([]);
    expect((await w.call("lena", "POST", `/rounds/${round.id}/unblind`)).status).toBe(200);
    expect((await tasks()).map(({ assignee, left }) => [assignee.name, left]).sort()).toEqual([
      ["ada", 1],
      ["bea", 2],
    ]);
  });

  it("[PUB10] gives a lead who reads blind no counts of the layers that are kept from them", async () => {
    await w.publish(FIRST);
    const round = await w.round("blind", ["ada", "lars"]);
    await w.draw("ada", round.layers("ada"), ["a", "a"]);
    await w.draw("lars", round.layers("lars"), ["a"]);
    await save("lars", 0, SPLIT, splitting);
    const { body } = await w.call<Preview>("lars", "GET", path("/preview"));
    expect(body.totals.choose).toBe(1);
    expect(body.people.map(({ name }) => name)).toEqual(["lars"]);
    expect((await preview()).totals.choose).toBe(3);
  });

  it("[PUB11] lists the finished layers that will have to be looked through again, and publishing makes those tasks", async () => {
    await w.publish(aGuideline(["a"]));
    const round = await w.round("open", ["ada", "bea"]);
    await w.call("ada", "POST", `/layers/${round.layers("ada")}/submit`);
    await save("lena", 0, aGuideline(["a", "b"]));
    const shown = await preview();
    expect(shown.rescreens).toEqual([
      {
        slideId: w.slideIds[0],
        layerId: round.layers("ada"),
        personId: w.people.ada.personId,
        classIds: [aClassId("b")],
      },
    ]);
    await w.call("lena", "POST", path("/publish"), { parent: 1 });
    expect(await tasks()).toMatchObject([{ kind: "re-screen", left: 1, total: 1, assignee: { name: "ada" } }]);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
  });
});
