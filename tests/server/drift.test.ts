import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProjectId } from "#domain/ids.ts";
import type { Bridge, Drift } from "#server/api/schemas/drift.ts";
import type { Round } from "#server/api/schemas/rounds.ts";
import type { SlideView } from "#server/api/schemas/slides.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { type ApiWorld, apiWorld, type Name, type Page } from "#tests/support/api-world.ts";
import { aClassId, aGuideline, square, withClass } from "#tests/support/builders.ts";

let w: ApiWorld;
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

const FIRST = aGuideline(["a", "b"], { quorum: 2 });
const driftOf = async (project: ProjectId, name: Name = "lena") =>
  (await w.call<Drift>(name, "GET", `/projects/${project}/drift`)).body;
const submit = (name: Name, layer: string) => w.call(name, "POST", `/layers/${layer}/submit`);
const numberOf = (estimate: { value: { defined: boolean; value?: number } } | undefined) =>
  estimate?.value.defined === true ? (estimate.value.value ?? Number.NaN) : null;
const bodyOf = (slide: string, change: object = {}) => ({
  regions: [{ slideId: slide, name: "front", box: [100, 100, 500, 500] }],
  readerIds: [w.people.ada.id, w.people.bea.id],
  ...change,
});
const setBridge = (project: string, body: object, name: Name = "lena") =>
  w.call<Bridge>(name, "PUT", `/projects/${project}/bridge`, body);
const tasksOf = async (name: Name, project: string) =>
  (await w.call<Page<Task>>(name, "GET", `/projects/${project}/tasks`)).body.items;

describe("drift", () => {
  it("[DRF7] shows what each reader uses classes for, read by read, beside the others on the same slides", async () => {
    const project = await w.project(FIRST);
    const slide = await w.bareSlide(project, "one");
    const round = await w.round(project, "open", [slide], ["ada", "bea"]);
    const [adas, beas] = [round.layer(slide, "ada"), round.layer(slide, "bea")];
    await w.draw("ada", adas, [
      { classId: "a", geometry: square(100, 100, 300) },
      { classId: "b", geometry: square(600, 600, 100) },
    ]);
    await w.draw("bea", beas, [{ classId: "a", geometry: square(100, 100, 300) }]);
    await submit("ada", adas);
    expect((await driftOf(project)).use.map(({ readerId }) => readerId)).toEqual([w.people.ada.id]);
    await submit("bea", beas);
    const { use, versions, classes } = await driftOf(project);
    const ada = use.find(({ readerId }) => readerId === w.people.ada.id);
    expect(ada?.reads).toMatchObject([
      { slideName: "one", guidelineNumber: 1, repeat: false, outlines: 2, areaPx: 100_000 },
    ]);
    const a = ada?.classes.find(({ classId }) => classId === aClassId("a"));
    expect(a?.area).toMatchObject({ shares: [0.9], others: [1], changes: [] });
    expect(a?.count.shares).toEqual([0.5]);
    expect(versions).toMatchObject([{ number: 1 }]);
    expect(classes.map(({ name }) => name)).toEqual(["class a", "class b"]);
  });

  it("[DRF8] says how loosely each reader draws against the consensus, in um", async () => {
    const project = await w.project(aGuideline(["a"], { quorum: 2 }));
    const slide = await w.bareSlide(project, "one", { mpp: 0.5 });
    const round = await w.round(project, "open", [slide], ["ada", "bea", "cem"]);
    for (const [name, grown] of [
      ["ada", 0],
      ["bea", 0],
      ["cem", 8],
    ] as const) {
      const layer = round.layer(slide, name);
      await w.draw(name, layer, [{ classId: "a", geometry: square(400 - grown, 400 - grown, 600 + 2 * grown) }]);
      await submit(name, layer);
    }
    const { offsets } = await driftOf(project);
    const of = (name: Name) => offsets.find(({ readerId }) => readerId === w.people[name].id);
    expect(numberOf(of("ada")?.overall)).toBeCloseTo(0, 6);
    // A square's corners lie a little farther away than its sides.
    expect(numberOf(of("cem")?.overall)).toBeGreaterThan(4);
    expect(numberOf(of("cem")?.overall)).toBeLessThan(4.1);
    expect(of("cem")?.classes).toMatchObject([{ classId: aClassId("a"), offset: { clusters: 1 } }]);
    expect(of("cem")?.overall.limits).toEqual({ defined: false, reason: "too few slides" });
    const before = await w.pool.query("select count(*)::int as n from drift_measures");
    await driftOf(project);
    expect((await w.pool.query("select count(*)::int as n from drift_measures")).rows).toEqual(before.rows);
  });

  it("[DRF9] compares a repeat with the first read, by version, and tells apart what the guideline changed", async () => {
    const project = await w.project(FIRST);
    const [one, two] = [await w.bareSlide(project, "one"), await w.bareSlide(project, "two")];
    const old = await w.round(project, "blind", [one], ["ada", "bea"]);
    const first = old.layer(one, "ada");
    await w.draw("ada", first, [
      { classId: "a", geometry: square(100, 100, 200) },
      { classId: "b", geometry: square(600, 100, 200) },
    ]);
    for (const name of ["ada", "bea"] as const) await submit(name, old.layer(one, name));
    await w.call("lena", "POST", `/rounds/${old.id}/unblind`);
    const made = await w.call<Round>("lena", "POST", `/projects/${project}/rounds`, {
      name: "second",
      mode: "blind",
      slideIds: [two],
      readerIds: [w.people.ada.id],
      repeats: { perReader: 1, washoutDays: 0 },
    });
    const again = made.body.reads.find((read) => read.repeat)?.layerId ?? "";
    expect((await driftOf(project)).repeatsOpen).toBe(1);
    await w.draw("ada", again, [
      { classId: "a", geometry: square(100, 100, 100) },
      { classId: "b", geometry: square(600, 100, 200) },
    ]);
    await submit("ada", again);
    const same = (await driftOf(project)).repeats;
    expect(same).toMatchObject([{ readerId: w.people.ada.id, from: 1, to: 1, pairs: 1 }]);
    const [a, b] = same[0]?.classes ?? [];
    expect(a).toMatchObject({ classId: aClassId("a"), comparable: true });
    expect(numberOf(a?.dice)).toBeCloseTo((2 * 10_000) / 50_000, 9);
    expect(numberOf(b?.dice)).toBe(1);
    expect(await driftOf(project, "lars")).toMatchObject({ repeats: [{ from: 1 }] });
  });

  it("[DRF10] is for leads, and holds nothing of reads that a lead may not see", async () => {
    const project = await w.project(FIRST);
    const slide = await w.bareSlide(project, "one");
    const round = await w.round(project, "blind", [slide], ["ada", "lars"]);
    await w.draw("ada", round.layer(slide, "ada"), [{ classId: "a", geometry: square(100, 100, 100) }]);
    await submit("ada", round.layer(slide, "ada"));
    for (const name of ["ada", "jo", "eve", "vic"] as const) {
      expect((await w.call(name, "GET", `/projects/${project}/drift`)).status).toBe(403);
      expect((await setBridge(project, bodyOf(slide), name)).status).toBe(403);
    }
    expect((await w.call("stranger", "GET", `/projects/${project}/drift`)).status).toBe(404);
    expect(await driftOf(project, "lars")).toMatchObject({ use: [], readers: [], offsets: [] });
    expect((await driftOf(project, "lena")).use).toHaveLength(1);
  });
});

describe("a lead who reads blind", () => {
  it("[DRF20] is told in drift neither who else has handed in a bridge read nor which of their own reads is a repeat", async () => {
    const project = await w.project(FIRST);
    const [one, two] = [await w.bareSlide(project, "one"), await w.bareSlide(project, "two")];
    const early = await w.round(project, "open", [one], ["lars"]);
    await submit("lars", early.layer(one, "lars"));
    await w.call("lena", "POST", `/projects/${project}/rounds`, {
      name: "again",
      mode: "blind",
      slideIds: [two],
      readerIds: [w.people.lars.id],
      repeats: { perReader: 1, washoutDays: 0 },
    });
    expect((await driftOf(project, "lars")).repeatsOpen).toBe(0);
    expect((await driftOf(project, "lena")).repeatsOpen).toBe(1);
    const three = await w.bareSlide(project, "three");
    await setBridge(project, bodyOf(three, { readerIds: [w.people.ada.id, w.people.lars.id] }));
    const [task] = await tasksOf("ada", project);
    await submit("ada", task?.layerId ?? "");
    const rounds = async (name: Name) =>
      (await driftOf(project, name)).bridge.rounds.map(({ submitted, total }) => [submitted, total]);
    expect(await rounds("lars")).toEqual([[0, 1]]);
    expect(await rounds("lena")).toEqual([[1, 2]]);
  });
});

describe("the bridge set", () => {
  it("[BRG1] asks its readers for a blind read of its regions at once, and again at each version", async () => {
    const project = await w.project(FIRST);
    const slide = await w.bareSlide(project, "one");
    const made = await setBridge(project, bodyOf(slide));
    expect(made.body).toMatchObject({ regions: [{ name: "front" }], rounds: [{ version: 1, submitted: 0, total: 2 }] });
    const [task, ...rest] = await tasksOf("ada", project);
    expect(rest).toEqual([]);
    expect(task).toMatchObject({
      kind: "repeat-read",
      left: 1,
      title: "Read one region of the bridge set (guideline v1)",
    });
    const detail = await w.call<TaskDetail>("ada", "GET", `/tasks/${task?.id}`);
    expect(detail.body.regions).toMatchObject([{ name: "front", box: [100, 100, 500, 500] }]);
    const layers = (await w.call<SlideView>("ada", "GET", `/slides/${slide}/view`)).body.layers;
    expect(layers.map(({ id }) => id)).toEqual([task?.layerId]);
    const again = await setBridge(project, bodyOf(slide, { regions: made.body.regions }));
    expect(again.body).toEqual(made.body);
    expect(await tasksOf("ada", project)).toHaveLength(1);
    await w.publish(project, withClass(FIRST, "a", { definition: "less" }), [
      { kind: "narrow", classId: aClassId("a") },
    ]);
    // The one that was superseded is on a read that is kept from its reader by now.
    const adas = (await tasksOf("lena", project)).filter(({ assignee }) => assignee.id === w.people.ada.id);
    expect(await tasksOf("ada", project)).toHaveLength(1);
    expect(adas.map(({ kind, state, guidelineNumber }) => [kind, state, guidelineNumber])).toEqual([
      ["repeat-read", "open", 2],
      ["repeat-read", "superseded", 1],
    ]);
    expect((await driftOf(project)).bridge.rounds.map(({ version }) => version)).toEqual([1, 2]);
  });

  it("[BRG2] keeps an earlier read of the slide from its reader until the new one is handed in", async () => {
    const project = await w.project(FIRST);
    const slide = await w.bareSlide(project, "one");
    const round = await w.round(project, "open", [slide], ["ada", "bea"]);
    const own = round.layer(slide, "ada");
    await w.draw("ada", own, [{ classId: "a", geometry: square(150, 150, 100) }]);
    await submit("ada", own);
    await setBridge(project, bodyOf(slide));
    expect((await w.call("ada", "GET", `/layers/${own}`)).status).toBe(404);
    const [task] = await tasksOf("ada", project);
    await submit("ada", task?.layerId ?? "");
    expect((await w.call("ada", "GET", `/layers/${own}`)).status).toBe(200);
    expect((await tasksOf("ada", project))[0]).toMatchObject({ state: "accepted", left: 0 });
    const beas = (await tasksOf("bea", project))[0];
    await submit("bea", beas?.layerId ?? "");
    const rounds = (await w.call<Page<Round>>("lena", "GET", `/projects/${project}/rounds`)).body.items;
    expect(rounds.find(({ purpose }) => purpose === "bridge")?.unblindedAt).not.toBeNull();
  });

  it("[BRG3] compares versions and readers within the regions alone, class by class", async () => {
    const project = await w.project(FIRST);
    const slide = await w.bareSlide(project, "one");
    await setBridge(project, bodyOf(slide));
    const read = async (name: Name, side: number) => {
      const task = (await tasksOf(name, project)).find(({ state }) => state === "open");
      const layer = task?.layerId ?? "";
      await w.draw(name, layer, [
        { classId: "a", geometry: square(200, 200, side) },
        { classId: "a", geometry: square(1_000, 1_000, side * 2) },
        { classId: "b", geometry: square(420, 420, 40) },
      ]);
      await submit(name, layer);
    };
    await read("ada", 100);
    await read("bea", 100);
    await w.publish(project, withClass(FIRST, "a", { definition: "less" }), [
      { kind: "narrow", classId: aClassId("a") },
    ]);
    await read("ada", 50);
    await read("bea", 100);
    const { bridge } = await driftOf(project);
    expect(bridge.versions).toMatchObject([{ from: 1, to: 2, pairs: 2 }]);
    const [a, b] = bridge.versions[0]?.classes ?? [];
    expect(a).toMatchObject({ classId: aClassId("a"), comparable: false });
    expect(numberOf(a?.dice)).toBeCloseTo((2 * (2_500 + 10_000)) / (10_000 + 2_500 + 20_000), 9);
    expect(b).toMatchObject({ comparable: true });
    expect(numberOf(b?.dice)).toBe(1);
    expect(bridge.readers.map(({ from, to, pairs }) => [from, to, pairs])).toEqual([
      [1, 1, 1],
      [2, 2, 1],
    ]);
    expect(numberOf(bridge.readers[0]?.classes[0]?.dice)).toBe(1);
  });

  it("[BRG4] refuses places off the slide, slides and regions of elsewhere, and people who may not draw; nothing is stored", async () => {
    const project = await w.project(FIRST);
    const other = await w.project(FIRST);
    const [slide, foreign] = [await w.bareSlide(project, "one"), await w.bareSlide(other, "two")];
    const region = (box: readonly number[], on = slide) => ({ regions: [{ slideId: on, name: "x", box }] });
    const wrong = [
      [region([-1, 0, 100, 100]), "outline-off-slide"],
      [region([0, 0, 2_001, 100]), "outline-off-slide"],
      [region([100, 100, 100, 200]), "outline-off-slide"],
      [region([0, 0, 100, 100], foreign), "not-found"],
      [region([0, 0, 100, 100], "nonsense"), "not-found"],
      [{ regions: [{ id: "a".repeat(16), slideId: slide, name: "x", box: [0, 0, 9, 9] }] }, "not-found"],
      [{ readerIds: [w.people.vic.id] }, "person-not-suitable"],
      [{ readerIds: [w.people.stranger.id] }, "person-not-suitable"],
      [region([0, 0, 100]), "bad-request"],
    ] as const;
    for (const [change, code] of wrong) {
      expect((await setBridge(project, bodyOf(slide, change))).body).toMatchObject({ code });
    }
    expect((await driftOf(project)).bridge).toMatchObject({ regions: [], readerIds: [], rounds: [] });
    const kept = await setBridge(project, bodyOf(slide));
    const [first] = kept.body.regions;
    const next = bodyOf(slide, { regions: [first, { slideId: slide, name: "second", box: [0, 0, 50, 50] }] });
    expect((await setBridge(project, next)).body.regions.map(({ name }) => name)).toEqual(["front", "second"]);
    expect((await setBridge(project, bodyOf(slide, { regions: [] }))).body.regions).toEqual([]);
  });
});
