import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memberOf } from "#db/access.ts";
import { newId } from "#db/new-id.ts";
import { slideById } from "#db/slides.ts";
import type { GeoJsonFeature } from "#domain/geojson.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { annotationId, layerId, slideId } from "#domain/ids.ts";
import type { Role } from "#domain/permissions.ts";
import { cellsOf, cellsToBase64, screenGridOf } from "#domain/screening.ts";
import type { Acknowledgement, WaiverView } from "#server/api/schemas/consistency.ts";
import type { GuidelineView, Preview } from "#server/api/schemas/guideline.ts";
import type { Task, TaskDetail, TaskItem } from "#server/api/schemas/tasks.ts";
import { freezeRelease } from "#server/commands/freeze-release.ts";
import { importAnnotations } from "#server/commands/import-annotations.ts";
import { logView } from "#server/commands/log-view.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { layerGeoJson } from "#server/queries/layers.ts";
import { visibleLayers } from "#server/queries/slides.ts";
import { projectStaleness } from "#server/queries/staleness.ts";
import { waiversOnSlide } from "#server/queries/waivers.ts";
import { aClass, aClassId, aGuideline, declare, square, withClass, withClasses } from "#tests/support/builders.ts";
import { type Name, type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
beforeEach(async () => {
  w = await workWorld({ slides: 2 });
});
afterEach(() => w.close());

const FIRST = aGuideline(["a", "b", "c"], { exhaustive: false });
const narrowed = (content: GuidelineContent, name: string, text = "less") =>
  [withClass(content, name, { definition: text }), [declare.narrow(name)]] as const;
const split = (content: GuidelineContent) =>
  [
    withClass(withClasses(content, aClass("a1"), aClass("a2")), "a", { retired: true }),
    [declare.split("a", ["a1", "a2"])],
  ] as const;

const path = (rest: string) => `/projects/${w.projectId}${rest}`;
const tasks = async (name: Name = "lena") => (await w.call<Page<Task>>(name, "GET", path("/tasks"))).body.items;
const detail = async (name: Name, id: string) => (await w.call<TaskDetail>(name, "GET", `/tasks/${id}`)).body;
const answer = (name: Name, taskId: string, { annotationId, contentHash }: TaskItem, said: unknown) =>
  w.call<{ code?: string; undo?: string; left?: number }>(name, "POST", `/tasks/${taskId}/resolve`, {
    annotationId,
    contentHash,
    answer: said,
  });
const counts = async () => {
  const { current, carriedOver, stale, undecided, waived } = await projectStaleness(w.world.db, w.projectId);
  return { current, carriedOver, stale, undecided, waived };
};
const nothing = { current: 0, carriedOver: 0, stale: 0, undecided: 0, waived: 0 };
const rows = async () =>
  (await w.database.pool.query("select id, class_id, under, content_hash from annotations order by id")).rows;

describe("reading what changed", () => {
  const toRead = (name: Name) => w.call<Acknowledgement>(name, "GET", path("/guideline/acknowledgement"));
  const confirm = (name: Name, version: number) =>
    w.call<Acknowledgement & { code?: string }>(name, "POST", path("/guideline/acknowledgement"), { version });

  it("[ACK1] is asked of those who draw, for words and examples, until they confirm; nobody is asked twice", async () => {
    await w.publish(FIRST);
    expect((await toRead("ada")).body).toEqual({ newest: 1, due: [] });
    await w.publish(withClass(FIRST, "a", { definition: "the same in clearer words" }), [declare.reword("a")]);
    expect((await toRead("ada")).body).toMatchObject({
      newest: 2,
      due: [{ version: 2, changes: [{ kind: "reword", classId: aClassId("a") }] }],
    });
    expect((await toRead("vic")).body.due).toEqual([]);
    expect((await toRead("lena")).body.due).toEqual([]);
    expect((await toRead("lars")).body.due).toHaveLength(1);
    expect((await confirm("ada", 2)).body.due).toEqual([]);
    expect((await confirm("ada", 2)).status).toBe(200);
    expect((await toRead("ada")).body.due).toEqual([]);
    await w.publish(...narrowed(withClass(FIRST, "a", { definition: "the same in clearer words" }), "b"));
    expect((await toRead("ada")).body.due).toEqual([]);
    expect((await toRead("bea")).body.due).toHaveLength(1);
  });

  it("[ACK2] never holds work back: what is drawn under the old version is taken with its stamp", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.publish(withClass(FIRST, "a", { definition: "clearer" }), [declare.reword("a")]);
    await w.draw("ada", round.layers("ada"), ["a"], 1);
    expect(await counts()).toEqual({ ...nothing, current: 1 });
    expect((await toRead("ada")).body.due).toHaveLength(1);
  });

  it("[ACK3] is refused for a version that is not there, and absent for strangers", async () => {
    await w.publish(FIRST);
    expect(await confirm("ada", 7)).toMatchObject({ status: 400, body: { code: "bad-request" } });
    expect((await confirm("ada", 0)).status).toBe(400);
    expect((await toRead("stranger")).status).toBe(404);
    expect((await confirm("stranger", 1)).status).toBe(404);
    await expect(w.database.pool.query("delete from acknowledgements")).rejects.toThrow("never changed");
  });
});

describe("a waiver", () => {
  const waive = (scope: unknown, change: Record<string, unknown> = {}, name: Name = "lena") =>
    w.call<WaiverView & { code?: string }>(name, "POST", path("/waivers"), {
      scope,
      reason: "the pilot slides stay as they are",
      expiresAt: "2999-01-01T00:00:00Z",
      ...change,
    });
  const expire = () => w.database.pool.query("update waivers set expires_at = now() - interval '1 second'");

  it("[WAI1] takes what it covers out of the work, counted apart, and expires into a task", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada", "bea"]);
    const [first] = await w.draw("ada", round.layers("ada"), ["a", "a"]);
    await w.draw("bea", round.layers("bea"), ["a"]);
    await w.publish(...narrowed(FIRST, "a"));
    expect(await counts()).toEqual({ ...nothing, stale: 3 });
    const { body } = await waive({ kind: "annotations", ids: [first?.id] });
    expect(body).toMatchObject({ state: "holds", version: 2, approvedBy: { name: "lena" } });
    expect(await counts()).toEqual({ ...nothing, stale: 2, waived: 1 });
    const adas = (await tasks()).find((task) => task.assignee.name === "ada");
    expect(adas).toMatchObject({ left: 1 });
    await waive({ kind: "slide", slideId: w.slideIds[0] });
    expect(await counts()).toEqual({ ...nothing, waived: 3 });
    for (const task of await tasks())
      await w.call("lena", "POST", `/tasks/${task.id}/move`, {
        revision: task.revision,
        to: "cancelled",
        note: "waived",
      });
    await expire();
    expect(await counts()).toEqual({ ...nothing, stale: 3 });
    const listed = await w.call<Page<WaiverView>>("lena", "GET", path("/waivers"));
    expect(listed.body.items.map(({ state }) => state)).toEqual(["expired", "expired"]);
  });

  it("[WAI5] the list says what each covers now, and what of an ended one is work again; a lead who reads blind learns no count", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada", "bea"]);
    const [first] = await w.draw("ada", round.layers("ada"), ["a", "a", "b"]);
    await w.draw("bea", round.layers("bea"), ["a"]);
    await w.publish(...narrowed(FIRST, "a"));
    const one = (await waive({ kind: "annotations", ids: [first?.id] })).body;
    const all = (await waive({ kind: "class", classId: aClassId("a") })).body;
    expect((await waive({ kind: "class", classId: aClassId("b") })).body).toMatchObject({ covers: 0 });
    expect([one.covers, all.covers]).toEqual([1, 3]);
    await w.call("lena", "DELETE", path(`/waivers/${all.id}`));
    await expire();
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    const listed = (name: Name) => w.call<Page<WaiverView>>(name, "GET", path("/waivers"));
    const { items } = (await listed("lars")).body;
    expect(items.map(({ state, covers }) => [state, covers])).toEqual([
      ["expired", 1],
      ["withdrawn", 3],
      ["expired", 0],
    ]);
    const [task] = (await tasks()).filter(({ assignee }) => assignee.name === "ada");
    expect(task).toMatchObject({ state: "open", left: 2 });
    await w.round("blind", ["lars"]);
    // One names an outline that is kept from lars.
    expect((await listed("lars")).body.items.map(({ covers }) => covers)).toEqual([0, 0]);
    expect((await listed("lena")).body.items.map(({ covers }) => covers)).toEqual([1, 3, 0]);
    for (const name of ["ada", "jo", "vic"] as const) expect((await listed(name)).status).toBe(403);
  });

  it("[WAI6] that is approved again under its id is the same one; for somebody else or something else the id is refused", async () => {
    await w.publish(FIRST);
    const scope = { kind: "class", classId: aClassId("a") };
    const id = newId(annotationId);
    const counted = async () =>
      (
        await w.database.pool.query(
          "select (select count(*) from waivers)::int as made, (select count(*) from audit where action = 'waiver.approved')::int as said",
        )
      ).rows[0];
    const both = await Promise.all([waive(scope, { id }), waive(scope, { id })]);
    const again = await waive(scope, { id });
    expect([...both, again].map(({ status, body }) => [status, body.id])).toEqual(Array(3).fill([200, id]));
    expect(await counted()).toEqual({ made: 1, said: 1 });
    const others: [Record<string, unknown>, Name][] = [
      [{ id, reason: "another reason" }, "lena"],
      [{ id, expiresAt: "2999-01-02T00:00:00Z" }, "lena"],
      [{ id, scope: { kind: "class", classId: aClassId("b") } }, "lena"],
      [{ id }, "lars"],
    ];
    for (const [change, name] of others) {
      const refused = await waive(scope, change, name);
      expect(refused).toMatchObject({ status: 400, body: { code: "bad-request", detail: { path: "id" } } });
    }
    expect(await counted()).toEqual({ made: 1, said: 1 });
    await w.call("lena", "DELETE", path(`/waivers/${id}`));
    expect((await waive(scope, { id })).body).toMatchObject({ id, state: "withdrawn" });
    expect((await waive(scope)).body.id).not.toBe((await waive(scope)).body.id);
    expect(await counted()).toEqual({ made: 3, said: 3 });
  });

  it("[WAI7] leads to the first of chosen outlines that is there to be seen", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    const [first, second] = await w.draw("ada", round.layers("ada"), ["a", "b"]);
    const ids = [second?.id, first?.id, second?.id];
    const { body } = await waive({ kind: "annotations", ids });
    const place = { slide: { id: w.slideIds[0], name: "slide 0" }, layerId: round.layers("ada") };
    expect(body).toMatchObject({
      scope: { ids: [second?.id, first?.id] },
      place: { ...place, annotationId: second?.id },
    });
    await w.world.rooms.edit(round.layers("ada"), w.people.ada.personId, (doc) => doc.remove(second!.id));
    const listed = async (name: Name) =>
      (await w.call<Page<WaiverView>>(name, "GET", path("/waivers"))).body.items.map((each) => each.place);
    expect(await listed("lena")).toEqual([{ ...place, annotationId: first?.id }]);
    await w.round("blind", ["lars"]);
    expect(await listed("lars")).toEqual([]);
  });

  it("[WAI8] names an outline by its layer too, of an id that two layers have the one that its lead may see", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"], 2);
    const [drawn] = await w.draw("ada", round.layers("ada"), ["a"]);
    await w.world.rooms.edit(round.layers("ada", 1), w.people.ada.personId, (doc) => doc.put(drawn!));
    await w.publish(...narrowed(FIRST, "a"));
    await w.round("blind", ["lars"]);
    const scope = { kind: "annotations", ids: [drawn?.id] };
    expect((await waive(scope, {}, "lars")).body).toMatchObject({
      covers: 1,
      place: { layerId: round.layers("ada", 1) },
    });
    expect(await counts()).toEqual({ ...nothing, stale: 1, waived: 1 });
    const waived = async () => (await projectStaleness(w.world.db, w.projectId)).items.filter((each) => each.waived);
    expect((await waived()).map(({ layerId }) => layerId)).toEqual([round.layers("ada", 1)]);
    expect((await waive(scope)).body).toMatchObject({ covers: 2 });
    expect(await counts()).toEqual({ ...nothing, waived: 2 });
  });

  it("[WAI20] is about outlines, a class or a slide that are there, and of outlines those that its lead may see", async () => {
    await w.publish(FIRST);
    const round = await w.round("blind", ["ada", "lars"]);
    const [hidden] = await w.draw("ada", round.layers("ada"), ["a"]);
    const [own] = await w.draw("lars", round.layers("lars"), ["a"]);
    const wrong = [
      [{ kind: "annotations", ids: ["aaaaaaaaaaaaaaaa"] }, "lena", "not-found"],
      [{ kind: "annotations", ids: [own?.id, hidden?.id] }, "lars", "not-found"],
      [{ kind: "class", classId: aClassId("z") }, "lena", "unknown-class"],
      [{ kind: "slide", slideId: "aaaaaaaaaaaaaaaa" }, "lena", "not-found"],
    ] as const;
    for (const [scope, name, code] of wrong) expect((await waive(scope, {}, name)).body).toMatchObject({ code });
    expect((await w.database.pool.query("select id from waivers")).rowCount).toBe(0);
    await waive({ kind: "annotations", ids: [own?.id, hidden?.id] });
    await waive({ kind: "annotations", ids: [hidden?.id] });
    const scopes = async (name: Name) =>
      (await w.call<Page<WaiverView>>(name, "GET", path("/waivers"))).body.items.map(({ scope }) => scope);
    expect(await scopes("lars")).toEqual([{ kind: "annotations", ids: [own?.id] }]);
    expect(await scopes("lena")).toHaveLength(2);
  });

  it("[WAI23] is told on a slide to whoever sees an outline that it excuses, with reason and end, and while it holds", async () => {
    await w.publish(FIRST);
    const round = await w.round("blind", ["ada", "lars"]);
    const [hidden] = await w.draw("ada", round.layers("ada"), ["a"]);
    const [own] = await w.draw("lars", round.layers("lars"), ["a"]);
    const [id = "", elsewhere = ""] = w.slideIds;
    await waive({ kind: "annotations", ids: [own?.id, hidden?.id] }, { reason: "a pilot" });
    await waive({ kind: "annotations", ids: [hidden?.id] }, { reason: "hers alone" });
    await waive({ kind: "class", classId: aClassId("a") }, { reason: "all of it" });
    await waive({ kind: "slide", slideId: elsewhere }, { reason: "of another slide" });
    const told = async (name: Name, role: Role, slide: string) => {
      const slideRow = { projectId: w.projectId, id: slideId.parse(slide) };
      const member = { projectId: w.projectId, personId: w.people[name].personId, role };
      const layers = await visibleLayers(w.world.db, member, slideRow.id);
      const ids = layers.map((layer) => layerId.parse(layer.id));
      const found = await waiversOnSlide(w.world.db, slideRow, ids);
      return found
        .map(({ reason, about }) => [
          reason,
          about.kind === "annotations" ? about.outlines.map((at) => at.id) : about.kind,
        ])
        .sort();
    };
    const ofClass = ["all of it", "class"];
    expect(await told("lars", "lead", id)).toEqual([["a pilot", [own?.id]], ofClass]);
    expect(await told("ada", "annotator", id)).toEqual([
      ["a pilot", [hidden?.id]],
      ofClass,
      ["hers alone", [hidden?.id]],
    ]);
    expect(await told("vic", "viewer", id)).toEqual([ofClass]);
    expect(await told("vic", "viewer", elsewhere)).toEqual([ofClass, ["of another slide", "slide"]]);
    await expire();
    expect(await told("ada", "annotator", id)).toEqual([]);
  });

  it("[WAI1] that expires makes the task that it held back", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["a"]);
    await waive({ kind: "class", classId: aClassId("a") });
    await w.publish(...narrowed(FIRST, "a"));
    expect(await counts()).toEqual({ ...nothing, stale: 1 });
    await w.database.pool.query("update tasks set state = 'accepted'");
    await waive({ kind: "class", classId: aClassId("a") });
    await makeTasks(w.world, w.projectId);
    expect((await tasks()).filter(({ state }) => state === "open")).toEqual([]);
    await expire();
    expect(await makeTasks(w.world, w.projectId)).toBe(1);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    expect((await tasks()).filter(({ state }) => state === "open")).toMatchObject([{ left: 1 }]);
  });

  it("[WAI2] covers what was asked until then; a later version asks anew, and taking it back makes work", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["a"]);
    await w.publish(...narrowed(FIRST, "a"));
    const { body } = await waive({ kind: "class", classId: aClassId("a") });
    expect(await counts()).toEqual({ ...nothing, waived: 1 });
    await w.publish(...narrowed(withClass(FIRST, "a", { definition: "less" }), "a", "least"));
    expect(await counts()).toEqual({ ...nothing, stale: 1 });
    await waive({ kind: "class", classId: aClassId("a") });
    expect(await counts()).toEqual({ ...nothing, waived: 1 });
    expect((await w.call("lena", "DELETE", path(`/waivers/${body.id}`))).status).toBe(200);
    expect((await w.call("lena", "DELETE", path(`/waivers/${body.id}`))).status).toBe(404);
    expect(await counts()).toEqual({ ...nothing, waived: 1 });
  });

  it("[WAI3] needs a lead, a reason and an end that lies ahead", async () => {
    await w.publish(FIRST);
    const scope = { kind: "class", classId: aClassId("a") };
    for (const name of ["ada", "jo", "eve", "vic"] as const) {
      expect((await waive(scope, {}, name)).status).toBe(403);
      expect((await w.call(name, "GET", path("/waivers"))).status).toBe(403);
    }
    expect((await waive(scope, {}, "stranger")).status).toBe(404);
    expect((await waive(scope, { reason: "  " })).status).toBe(400);
    expect((await waive(scope, { expiresAt: "2001-01-01T00:00:00Z" })).body.code).toBe("bad-request");
    expect((await waive({ kind: "annotations", ids: [] })).status).toBe(400);
    const audit = "select detail from audit where action = 'waiver.approved'";
    expect((await w.database.pool.query(audit)).rowCount).toBe(0);
    await waive(scope);
    expect((await w.database.pool.query(audit)).rows).toMatchObject([
      { detail: { reason: "the pilot slides stay as they are" } },
    ]);
  });
});

describe("a release", () => {
  const frozen = async () => {
    const slideIds = [w.slideIds[0]!];
    await freezeRelease(w.world, w.people.lena, w.projectId, { name: "first", slideIds });
    const { rows: files } = await w.database.pool.query("select path, content from release_files");
    return new Map<string, string>(files.map(({ path: name, content }) => [name, content]));
  };

  it("[WAI4] prints the waivers that hold and the outcomes that were left out, with their reasons", async () => {
    await w.publish(FIRST);
    const round = await w.round("together", ["ada"]);
    await w.draw("ada", round.layers(null), ["a"]);
    const [content, declarations] = narrowed(FIRST, "a");
    const change = `narrow:${aClassId("b")}`;
    const both = withClass(content, "b", { definition: "less" });
    const weaken = { kind: "weaken" as const, change, drop: ["review" as const], reason: "nobody drew it yet" };
    await w.publish(both, [...declarations, declare.narrow("b"), weaken]);
    const scope = { kind: "class", classId: aClassId("a") };
    const expiresAt = "2999-01-01T00:00:00.000Z";
    await w.call("lena", "POST", path("/waivers"), { scope, reason: "pilot slide", expiresAt });
    await w.database.pool.query("update tasks set state = 'cancelled'");
    const exceptions = JSON.parse((await frozen()).get("exceptions.json") ?? "null");
    expect(exceptions).toMatchObject({
      waivers: [{ scope, reason: "pilot slide", version: 2, expiresAt, approvedBy: w.people.lena.personId }],
      leftOut: [{ version: 2, change, drop: ["review"], reason: "nobody drew it yet" }],
    });
    const { rows: releases } = await w.database.pool.query("select manifest from releases");
    expect(JSON.parse(releases[0].manifest)).toMatchObject({
      waivers: [{ scope, reason: "pilot slide" }],
      leftOut: [{ version: 2, change, reason: "nobody drew it yet" }],
    });
  });

  it("[MIG73] has the box of what was drawn as a polygon where its class is drawn as a box by now; what is stored stays", async () => {
    await w.publish(FIRST);
    const round = await w.round("together", ["ada"]);
    const [drawn] = await w.draw("ada", round.layers(null), ["a"]);
    const triangle = {
      type: "polygon" as const,
      rings: [
        [
          [0, 0],
          [90, 0],
          [90, 60],
        ],
      ] as const,
    };
    await w.world.rooms.edit(round.layers(null), w.people.ada.personId, (doc) =>
      doc.put({ ...drawn!, geometry: triangle }),
    );
    const before = await rows();
    await w.publish(withClass(FIRST, "a", { geometry: ["box"] }));
    expect(await counts()).toEqual({ ...nothing, current: 1 });
    const file = (await frozen()).get(`ground-truth/${w.slideIds[0]}.geojson`) ?? "";
    const [ring] = JSON.parse(file).features[0].geometry.coordinates;
    expect([...new Set(ring.map(String))].sort()).toEqual(["0,0", "0,60", "90,0", "90,60"]);
    expect(await rows()).toEqual(before);
  });
});

describe("the edges of a change", () => {
  it("[MIG60] who draws on offline under an old version is never refused: carried over, or in a task of their own", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    const [content, declarations] = split(FIRST);
    await w.publish(withClass(content, "b", { retired: true }), [...declarations, declare.merge(["b"], "c")]);
    const reader = await w.connect("ada", round.layers("ada"));
    await w.draw("ada", round.layers("ada"), ["a", "b", "c"], 1);
    expect(await counts()).toEqual({ ...nothing, current: 1, carriedOver: 1, stale: 1 });
    expect(await makeTasks(w.world, w.projectId)).toBe(1);
    expect(await tasks("ada")).toMatchObject([{ assignee: { name: "ada" }, left: 1 }]);
    expect(reader.closes).toEqual([]);
  });

  it("[MIG61] publishing during open tasks keeps what was answered and supersedes the rest, naming by what", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["a", "a"]);
    await w.publish(...narrowed(FIRST, "a"));
    const [task] = await tasks();
    const { items } = await detail("ada", task!.id);
    expect((await answer("ada", task!.id, items[0]!, { verdict: "keep" })).status).toBe(200);
    const second = withClass(FIRST, "a", { definition: "less" });
    await w.publish(withClass(second, "b", { definition: "more" }), [declare.broaden("b", "a")]);
    expect((await detail("ada", task!.id)).events.at(-1)).toMatchObject({
      toState: "superseded",
      note: "Superseded by guideline version 3: class b broadened.",
    });
    const [next] = (await tasks()).filter(({ state }) => state === "open");
    const asked = (await detail("ada", next!.id)).items.map(({ questions }) => questions.map(({ version }) => version));
    expect(asked.sort()).toEqual([[2, 3], [3]]);
  });

  it("[MIG62] rolling a merge back leaves every untouched outline as it was, to the byte", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["a", "b", "c"]);
    const before = await rows();
    const merged = withClass(FIRST, "a", { retired: true });
    await w.publish(merged, [declare.merge(["a"], "b")]);
    expect(await counts()).toEqual({ ...nothing, current: 2, carriedOver: 1 });
    await w.publish(withClass(merged, "a", { retired: false }));
    expect(await counts()).toEqual({ ...nothing, current: 3 });
    expect(await rows()).toEqual(before);
    expect(await tasks()).toEqual([]);
  });

  it("[MIG63] a judgement about a shape that somebody changed meanwhile is not taken; the reviewer sees the new one", async () => {
    await w.publish(FIRST);
    const round = await w.round("together", ["ada", "bea"]);
    const [drawn] = await w.draw("ada", round.layers(null), ["a"]);
    await w.publish(...narrowed(FIRST, "a"));
    const [task] = await tasks();
    const { items } = await detail("ada", task!.id);
    await w.world.rooms.edit(round.layers(null), w.people.bea.personId, (doc) => {
      doc.put({ ...drawn!, geometry: square(500, 500, 90) });
    });
    expect(await answer("ada", task!.id, items[0]!, { verdict: "keep" })).toMatchObject({
      status: 409,
      body: { code: "content-changed" },
    });
    const now = (await detail("ada", task!.id)).items[0]!;
    expect(now.geometry).toEqual(square(500, 500, 90));
    expect((await answer("ada", task!.id, now, { verdict: "keep" })).status).toBe(200);
  });

  it("[MIG64] of two publishers one is refused with the newest number, and publishes after starting anew from it", async () => {
    await w.publish(FIRST);
    const save = (name: Name, revision: number, text: string) =>
      w.call(name, "PUT", path("/guideline/draft"), {
        revision,
        content: withClass(FIRST, "a", { definition: text }),
        declarations: [declare.narrow("a")],
      });
    await save("lena", 0, "less");
    const both = await Promise.all(
      (["lena", "lars"] as const).map((name) => w.call(name, "POST", path("/guideline/publish"), { parent: 1 })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(both.find(({ status }) => status === 409)?.body).toMatchObject({
      code: "stale-publish",
      detail: { newest: 2 },
    });
    await save("lars", 0, "least");
    expect(await w.call("lars", "POST", path("/guideline/publish"), { parent: 1 })).toMatchObject({ status: 409 });
    expect(await w.call("lars", "POST", path("/guideline/publish"), { parent: 2 })).toMatchObject({
      status: 200,
      body: { number: 3 },
    });
  });

  it("[MIG65] in a blind round a version takes effect when the round closes; forced, each reader gets their own items only", async () => {
    await w.publish(FIRST);
    const round = await w.round("blind", ["ada", "bea"]);
    await w.draw("ada", round.layers("ada"), ["a", "a"]);
    await w.draw("bea", round.layers("bea"), ["a"]);
    await w.publish(...narrowed(FIRST, "a"));
    expect(await tasks()).toEqual([]);
    const second = withClass(FIRST, "a", { definition: "less" });
    const [content, declarations] = narrowed(second, "a", "least");
    await w.call("lena", "PUT", path("/guideline/draft"), { revision: 0, content, declarations });
    await w.call("lena", "POST", path("/guideline/publish"), { parent: 2, forced: true });
    const own = await tasks("ada");
    expect(own).toMatchObject([{ assignee: { name: "ada" }, left: 2 }]);
    expect(await tasks("bea")).toMatchObject([{ assignee: { name: "bea" }, left: 1 }]);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    for (const name of ["ada", "bea"] as const) {
      const others = (await tasks(name === "ada" ? "bea" : "ada")).map(({ id }) => id);
      for (const id of others) expect((await w.call(name, "GET", `/tasks/${id}`)).status).toBe(404);
    }
    const gone = w.people.bea.personId;
    await w.database.pool.query("delete from members where person_id = $1", [gone]);
    await w.database.pool.query("update tasks set state = 'accepted' where assignee_id = $1", [gone]);
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
  });

  it("[AUD1] what is published while a round is read blind counts for its readers when it is unblinded, or when it is forced", async () => {
    await w.publish(FIRST);
    const round = await w.round("blind", ["ada", "bea"]);
    const [adas, beas] = [round.layers("ada"), round.layers("bea")];
    const [drawn] = await w.draw("ada", adas, ["a"]);
    await w.publish(...narrowed(FIRST, "a"));
    const goesBy = async (name: "ada" | "bea" | "lena", layer: string) => {
      const member = await memberOf(w.world.db, w.people[name].personId, w.projectId);
      const seen = await visibleLayers(w.world.db, member!, w.slideIds[0]!);
      return seen.find(({ id }) => id === layer)?.guidelineNumber;
    };
    expect([await goesBy("ada", adas), await goesBy("lena", adas)]).toEqual([1, null]);

    const stamp = async (id: string) => (await rows()).find((row) => row.id === id)?.under;
    const file = {
      type: "Feature",
      geometry: {
        type: "Polygon",
        coordinates: [
          [
            [500, 500],
            [600, 500],
            [600, 600],
            [500, 500],
          ],
        ],
      },
      properties: { classification: { name: "class a" }, concord: { id: newId(annotationId) } },
    };
    await importAnnotations(w.world, w.people.ada, adas, file, { under: null, id: null });
    expect(await stamp(file.properties.concord.id)).toBe(1);

    const request = {
      layerId: adas,
      annotationIds: [drawn?.id],
      assigneeId: w.people.ada.personId,
      reason: "too-loose",
    };
    const task = (await w.call<Task>("lena", "POST", path("/tasks"), request)).body;
    const [item] = (await detail("ada", task.id)).items;
    const given = { annotationId: item?.annotationId, contentHash: item?.contentHash, answer: { verdict: "keep" } };
    const geometry = square(100, 100, 30);
    expect((await w.call("ada", "POST", `/tasks/${task.id}/resolve`, { ...given, geometry })).status).toBe(200);
    expect(await stamp(drawn?.id ?? "")).toBe(1);

    const signed = async (layer: string) =>
      (await w.database.pool.query("select version from screenings where layer_id = $1", [layer])).rows;
    const grid = screenGridOf((await slideById(w.world.db, w.slideIds[0]!))!.meta);
    await logView(w.world, w.people.ada, adas, cellsToBase64(cellsOf(grid)));
    expect((await w.database.pool.query("select version from view_log where layer_id = $1", [adas])).rows).toEqual([
      { version: 1 },
    ]);
    await w.call("ada", "POST", `/layers/${adas}/submit`);
    expect(await signed(adas)).toEqual([{ version: 1 }]);

    const second = withClass(FIRST, "a", { definition: "less" });
    const [content, declarations] = narrowed(second, "b", "least");
    await w.call("lena", "PUT", path("/guideline/draft"), { revision: 0, content, declarations });
    await w.call("lena", "POST", path("/guideline/publish"), { parent: 2, forced: true });
    expect(await goesBy("bea", beas)).toBe(3);
    await w.call("bea", "POST", `/layers/${beas}/submit`);
    expect(await signed(beas)).toEqual([{ version: 3 }]);
    for (const { id, revision } of await tasks()) {
      await w.call("lena", "POST", `/tasks/${id}/move`, { revision, to: "cancelled", note: "" });
    }
    expect((await w.call("lena", "POST", `/rounds/${round.id}/unblind`)).status).toBe(200);
    expect(await goesBy("bea", beas)).toBeNull();
  });

  it("[MIG66] the work of a reader who left goes to a lead, and the author stays the author", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["a"]);
    await w.database.pool.query("delete from members where person_id = $1", [w.people.ada.personId]);
    await w.publish(...narrowed(FIRST, "a"));
    expect(await tasks()).toMatchObject([{ assignee: { name: "lena" }, left: 1 }]);
    const { rows: made } = await w.database.pool.query("select scope from tasks");
    expect(made[0].scope.authorIds).toEqual([w.people.ada.personId]);
  });

  it("[MIG67] an outline that was deleted and comes back is asked what it was asked; what was judged of it still holds", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    const layer = round.layers("ada");
    const [kept, open] = await w.draw("ada", layer, ["a", "a"]);
    await w.publish(...narrowed(FIRST, "a"));
    const [task] = await tasks();
    const items = (await detail("ada", task!.id)).items;
    await answer("ada", task!.id, items.find(({ annotationId }) => annotationId === kept?.id)!, { verdict: "keep" });
    await w.world.rooms.edit(layer, w.people.ada.personId, (doc) => {
      for (const each of [kept!, open!]) doc.remove(each.id);
    });
    expect(await counts()).toEqual(nothing);
    await w.world.rooms.edit(layer, w.people.ada.personId, (doc) => {
      for (const each of [kept!, open!]) doc.put(each);
    });
    expect(await counts()).toEqual({ ...nothing, current: 1, stale: 1 });
  });

  it("[MIG68] a new class may have the name of a retired one: outlines of the two are told apart, and the lead is told", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["a"]);
    const retired = withClass(FIRST, "a", { retired: true });
    await w.publish(retired, [declare.retire("a")]);
    const reused = withClasses(retired, aClass("n", { name: "CLASS A" }));
    await w.call("lena", "PUT", path("/guideline/draft"), { revision: 0, content: reused, declarations: [] });
    const { body } = await w.call<Preview>("lena", "GET", path("/guideline/preview"));
    expect(body.lint).toMatchObject([{ code: "retired-name-reused", classId: aClassId("n") }]);
    await w.call("lena", "POST", path("/guideline/publish"), { parent: 2 });
    await w.draw("ada", round.layers("ada"), ["n"], 3);
    expect(await projectStaleness(w.world.db, w.projectId)).toMatchObject({ current: 1, archived: 1 });
  });

  it("[MIG69] a file that was made under an old version is read with its names and then asked like anything else", async () => {
    await w.publish(FIRST);
    const round = await w.round("together", ["ada"]);
    const [content, declarations] = split(FIRST);
    await w.publish(content, declarations);
    const ring = [
      [0, 0],
      [90, 0],
      [90, 90],
      [0, 90],
      [0, 0],
    ];
    const file = {
      type: "FeatureCollection",
      features: [
        {
          type: "Feature",
          geometry: { type: "Polygon", coordinates: [ring] },
          properties: { classification: { name: "class a" } },
        },
      ],
    };
    const put = (under: number | null) =>
      importAnnotations(w.world, w.people.ada, round.layers(null), file, { under, id: null });
    await expect(put(null)).rejects.toMatchObject({ code: "import-refused" });
    await expect(put(9)).rejects.toMatchObject({ code: "import-refused" });
    expect(await put(1)).toMatchObject({ added: 1 });
    expect(await counts()).toEqual({ ...nothing, stale: 1 });
  });

  it("[MIG70] running anything twice changes nothing, and a crash between publishing and tasks is made good", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada", "bea"]);
    await w.draw("ada", round.layers("ada"), ["a"]);
    await w.draw("bea", round.layers("bea"), ["a"]);
    await w.publish(...narrowed(FIRST, "a"));
    const before = (await w.database.pool.query("select * from tasks order by id")).rows;
    for (let again = 0; again < 3; again++) expect(await makeTasks(w.world, w.projectId)).toBe(0);
    expect((await w.database.pool.query("select * from tasks order by id")).rows).toEqual(before);
    await Promise.all([makeTasks(w.world, w.projectId), makeTasks(w.world, w.projectId)]);
    expect((await w.database.pool.query("select * from tasks order by id")).rows).toEqual(before);
  });
});

describe("what other changes make", () => {
  it("[RCK2] a stricter smallest area asks those below it, as the preview counts; a keep or a larger shape answers", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    const layer = round.layers("ada");
    await w.draw("ada", layer, ["a", "a", "b"]);
    const [large] = await w.draw("ada", layer, ["a"]);
    await w.world.rooms.edit(layer, w.people.ada.personId, (doc) =>
      doc.put({ ...large!, geometry: square(900, 900, 400) }),
    );
    // 40 px squares at 0.5 um/px have 400 um2.
    const strict = withClass(FIRST, "a", { minAreaUm2: 500 });
    await w.call("lena", "PUT", path("/guideline/draft"), { revision: 0, content: strict, declarations: [] });
    const { body: preview } = await w.call<Preview>("lena", "GET", path("/guideline/preview"));
    expect(preview.outcomes).toEqual([["re-check"]]);
    expect(preview.totals).toMatchObject({ review: 2, untouched: 2 });
    await w.call("lena", "POST", path("/guideline/publish"), { parent: 1 });
    expect(await counts()).toEqual({ ...nothing, current: 2, stale: 2 });
    const [task] = await tasks();
    const { items } = await detail("ada", task!.id);
    expect(items[0]?.questions).toMatchObject([{ kind: "limit", limit: { rule: "minAreaUm2", other: null } }]);
    expect((await answer("ada", task!.id, items[0]!, { verdict: "keep" })).body).toMatchObject({ left: 1 });
    const grown = {
      annotationId: items[1]!.annotationId,
      contentHash: items[1]!.contentHash,
      answer: { verdict: "keep" },
      geometry: square(0, 0, 200),
    };
    expect((await w.call("ada", "POST", `/tasks/${task!.id}/resolve`, grown)).body).toMatchObject({ left: 0 });
    await w.publish(withClass(strict, "a", { minAreaUm2: 300 }));
    expect(await counts()).toEqual({ ...nothing, current: 4 });
  });

  it("[MIG71] shapes, boundaries, groups and attributes ask whom the preview counts, and are answered in a task", async () => {
    await w.publish(withClass(FIRST, "a", { geometry: ["box"] }));
    const round = await w.round("open", ["ada"]);
    await w.draw("ada", round.layers("ada"), ["a", "b", "c"]);
    const grade = { id: "attrgrade", name: "Grade", kind: "number", required: true } as const;
    const next = withClass(
      withClasses(
        withClass(withClass(FIRST, "b", { boundary: "with the lumen" }), "c", { abstract: true }),
        aClass("c1", { parentId: aClassId("c") }),
      ),
      "a",
      { geometry: ["polygon"] },
    );
    const asking = guidelineOf(next, grade);
    await w.call("lena", "PUT", path("/guideline/draft"), {
      revision: 0,
      content: asking,
      declarations: [declare.boundary("b")],
    });
    const { body: preview } = await w.call<Preview>("lena", "GET", path("/guideline/preview"));
    expect(preview.refusal).toBeNull();
    expect(preview.totals).toMatchObject({ review: 1, choose: 2, untouched: 0 });
    await w.call("lena", "POST", path("/guideline/publish"), { parent: 1 });
    const [task] = await tasks();
    const { items } = await detail("ada", task!.id);
    expect(items.map(({ questions }) => questions.map(({ kind }) => kind).sort())).toEqual([
      ["attribute", "redraw"],
      ["redraw"],
      ["choose"],
    ]);
    expect((await answer("ada", task!.id, items[0]!, { verdict: "keep" })).body).toMatchObject({
      code: "value-needed",
    });
    const said = { verdict: "keep", attributes: { attrgrade: "3" } };
    expect((await answer("ada", task!.id, items[0]!, said)).body).toMatchObject({ left: 2 });
    await answer("ada", task!.id, items[1]!, { verdict: "keep" });
    expect(
      (await answer("ada", task!.id, items[2]!, { verdict: "choose", classId: aClassId("c1") })).body,
    ).toMatchObject({ left: 0 });
    expect(await counts()).toEqual({ ...nothing, current: 3 });
    const stored = await w.database.pool.query("select attributes from annotations where class_id = $1", [
      aClassId("a"),
    ]);
    expect(stored.rows).toEqual([{ attributes: { attrgrade: "3" } }]);
  });

  it("[AUD8] an answer that stamps an outline, an export and a release say what was said in the unit of today", async () => {
    const depth = { id: "attrdepth", name: "Depth", kind: "number", unit: "mm" } as const;
    const publish = async (parent: number, content: unknown, declarations: unknown[] = []) => {
      const saved = await w.call("lena", "PUT", path("/guideline/draft"), { revision: 0, content, declarations });
      expect(saved.status).toBe(200);
      expect((await w.call("lena", "POST", path("/guideline/publish"), { parent })).status).toBe(200);
    };
    await publish(0, guidelineOf(FIRST, depth));
    const round = await w.round("together", ["ada"]);
    const layer = round.layers(null);
    const [redrawn, kept] = await w.draw("ada", layer, ["a", "a"]);
    await w.world.rooms.edit(layer, w.people.ada.personId, (doc) => {
      for (const each of [redrawn!, kept!]) doc.setAttributes(each.id, { attrdepth: "2" });
    });
    const convert = { kind: "attribute-convert", classId: aClassId("a"), attributeId: "attrdepth", factor: 1_000 };
    const second = withClass(FIRST, "a", { definition: "less" });
    await publish(1, guidelineOf(second, { ...depth, unit: "um" } as never), [declare.narrow("a"), convert]);
    const [task] = await tasks("ada");
    const { items } = await detail("ada", task!.id);
    expect(items.map(({ attributes }) => attributes)).toEqual([{ attrdepth: "2000" }, { attrdepth: "2000" }]);
    for (const { annotationId, contentHash } of items) {
      const geometry = annotationId === redrawn?.id ? { geometry: square(100, 100, 35) } : {};
      const given = { annotationId, contentHash, answer: { verdict: "keep" }, ...geometry };
      expect((await w.call("ada", "POST", `/tasks/${task!.id}/resolve`, given)).status).toBe(200);
    }
    const stored = (await w.database.pool.query("select id, under, attributes from annotations order by under")).rows;
    expect(stored).toEqual([
      { id: kept?.id, under: 1, attributes: { attrdepth: "2" } },
      { id: redrawn?.id, under: 2, attributes: { attrdepth: "2000" } },
    ]);
    const saysOf = (text: string) =>
      JSON.parse(text).features.map(
        ({ properties }: { properties: GeoJsonFeature["properties"] }) => properties.concord.says,
      );
    expect(saysOf(await layerGeoJson(w.world.db, w.projectId, layer))).toEqual([{ Depth: "2000" }, { Depth: "2000" }]);
    for (const [name, to] of [
      ["ada", "submitted"],
      ["lena", "accepted"],
    ] as const) {
      const { revision } = (await detail("lena", task!.id)).task;
      expect((await w.call(name, "POST", `/tasks/${task!.id}/move`, { revision, to, note: "" })).status).toBe(200);
    }
    await freezeRelease(w.world, w.people.lena, w.projectId, { name: "first", slideIds: [w.slideIds[0]!] });
    const { rows: files } = await w.database.pool.query(
      "select content from release_files where path like 'ground-truth/%'",
    );
    expect(files.map(({ content }) => saysOf(content))).toEqual([[{ Depth: "2000" }, { Depth: "2000" }]]);
  });

  it("[MIG72] an outcome left out is audited with its reason, and the version says so for ever", async () => {
    await w.publish(FIRST);
    const [content, declarations] = narrowed(FIRST, "a");
    const weaken = {
      kind: "weaken" as const,
      change: `narrow:${aClassId("a")}`,
      drop: ["review" as const],
      reason: "pilot only",
    };
    await w.publish(content, [...declarations, weaken]);
    const { rows: audit } = await w.database.pool.query(
      "select detail from audit where action = 'guideline.published'",
    );
    expect(audit.at(-1).detail.weakened).toMatchObject([{ change: weaken.change, reason: "pilot only" }]);
    const { body } = await w.call<GuidelineView>("vic", "GET", path("/guideline"));
    expect(body.versions[1]?.changes).toMatchObject([{ kind: "narrow", weakened: { reason: "pilot only" } }]);
  });
});

function guidelineOf(content: GuidelineContent, attribute: { readonly id: string }): unknown {
  return {
    ...content,
    classes: content.classes.map((each) => (each.id === aClassId("a") ? { ...each, attributes: [attribute] } : each)),
  };
}
