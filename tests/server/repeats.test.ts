import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layerFacts } from "#db/access.ts";
import type { LayerId, ProjectId } from "#domain/ids.ts";
import type { Round } from "#server/api/schemas/rounds.ts";
import type { SlideView } from "#server/api/schemas/slides.ts";
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

type Study = {
  readonly project: ProjectId;
  readonly slides: readonly string[];
  readonly first: LayerId;
  readonly again: LayerId;
  readonly round: Round;
};

/** Ada and Bea have read two slides long ago; a new blind round on a third asks Ada for one of them again. */
async function study({ open = false } = {}): Promise<Study> {
  const project = await w.project(aGuideline(["a", "b"]));
  const slides = [];
  for (const name of ["one", "two", "three"]) slides.push(await w.bareSlide(project, name));
  const [one = "", two = "", three = ""] = slides;
  const old = await w.round(project, "blind", [one], ["ada", "bea"]);
  const first = old.layer(one, "ada");
  await w.draw("ada", first, [{ classId: "a", geometry: square(100, 100, 200) }]);
  for (const name of ["ada", "bea"] as const) await w.call(name, "POST", `/layers/${old.layer(one, name)}/submit`);
  await w.call("lena", "POST", `/rounds/${old.id}/unblind`);
  await w.pool.query("update layers set submitted_at = submitted_at - interval '30 days' where id = $1", [first]);
  if (open) return { project, slides, first, again: first, round: (await roundOf("lena", project, old.id)) as Round };
  const made = await w.call<Round>("lena", "POST", `/projects/${project}/rounds`, {
    name: "second",
    mode: "blind",
    slideIds: [two, three],
    readerIds: [w.people.ada.id, w.people.bea.id],
    repeats: { perReader: 1, washoutDays: 14 },
  });
  const again = made.body.reads.find((read) => read.repeat)?.layerId as LayerId;
  return { project, slides, first, again, round: made.body };
}

const roundOf = async (name: Name, project: string, id: string) =>
  (await w.call<Page<Round>>(name, "GET", `/projects/${project}/rounds`)).body.items.find((round) => round.id === id);
const worklist = async (name: Name, project: string) =>
  (
    await w.call<Page<{ layerId: string; slideId: string; round: { id: string } }>>(
      name,
      "GET",
      `/projects/${project}/worklist`,
    )
  ).body.items;

/** Every answer that a reader can get about a project, as one text. */
async function everythingOf(name: Name, { project, slides, first, round }: Study): Promise<string> {
  const paths = [
    ...["rounds", "worklist", "overview", "tasks", "consensus", "releases", "guideline", "slides"].map(
      (page) => `/projects/${project}/${page}`,
    ),
    ...slides.flatMap((slide) => [`/slides/${slide}/view`, `/slides/${slide}/layers`]),
    `/layers/${first}`,
    `/layers/${first}/annotations`,
    `/layers/${first}/geojson`,
    `/layers/${first}/screening`,
    `/rounds/${round.id}/slides/${slides[0]}/consensus`,
    `/projects/${project}/drift`,
    `/projects/${project}/repeatable-reads`,
    `/projects/${project}/audit`,
  ];
  const texts = [];
  for (const path of paths) {
    const { status, text } = await w.call(name, "GET", path);
    texts.push(status === 200 ? text : `${status}`);
  }
  return texts.join("\n");
}

describe("repeat reads", () => {
  it("[RPT6] are ordinary items of the reader's worklist and round, and marked for leads alone", async () => {
    const { project, slides, again, round } = await study();
    expect(round).toMatchObject({ repeats: 1, slides: slides.map((id) => ({ id })).sort(byName(slides)) });
    const own = (await worklist("ada", project)).filter((item) => item.round.id === round.id);
    expect(own.map((item) => item.slideId).sort()).toEqual([...slides].sort());
    const seen = await roundOf("ada", project, round.id);
    expect(seen).toMatchObject({ repeats: null });
    expect(seen?.reads.map((read) => read.repeat)).toEqual([false, false, false]);
    expect(seen?.reads.map((read) => read.layerId)).toContain(again);
    const beas = await roundOf("bea", project, round.id);
    expect(beas?.slides.map(({ id }) => id)).not.toContain(slides[0]);
    expect(beas?.slides).toHaveLength(2);
  });

  it("[RPT7] keep the first read out of everything that its reader can ask for, until the round is unblinded", async () => {
    const made = await study();
    const before = await everythingOf("ada", made);
    const [drawn] = (await w.pool.query("select id from annotations where layer_id = $1", [made.first])).rows;
    expect(before).not.toContain(made.first);
    expect(before).not.toContain(drawn.id);
    expect(before).not.toMatch(/"repeat":true|"purpose":"repeat"|repeatOf/);
    const lead = (await w.call<SlideView>("lena", "GET", `/slides/${made.slides[0]}/view`)).body;
    expect(lead.layers.map(({ id }) => id)).toEqual(expect.arrayContaining([made.first, made.again]));
    const fresh = { classId: "b", geometry: square(500, 500, 50) };
    await w.draw("ada", made.again, [fresh]);
    for (const { readerId, layerId } of made.round.reads) {
      const name = readerId === w.people.ada.id ? "ada" : "bea";
      expect((await w.call(name, "POST", `/layers/${layerId}/submit`)).status).toBe(200);
    }
    expect(await everythingOf("ada", made)).not.toContain(made.first);
    await w.call("lena", "POST", `/rounds/${made.round.id}/unblind`);
    const view = (await w.call<SlideView>("ada", "GET", `/slides/${made.slides[0]}/view`)).body;
    expect(view.layers.map(({ id }) => id)).toEqual(expect.arrayContaining([made.first, made.again]));
  });

  it("[RPT8] are refused in a round that is not blind, and leave out reads with unfinished tasks", async () => {
    const { project, slides, first } = await study({ open: true });
    const body = {
      name: "x",
      mode: "open",
      slideIds: [slides[1]],
      readerIds: [w.people.ada.id],
      repeats: { perReader: 1, washoutDays: 0 },
    };
    expect(await w.call("lena", "POST", `/projects/${project}/rounds`, body)).toMatchObject({
      status: 422,
      body: { code: "repeats-need-blind" },
    });
    const asked = `/projects/${project}/repeatable-reads?washoutDays=14`;
    const found = { readers: [{ readerId: w.people.ada.id, slideIds: [slides[0]] }, { readerId: w.people.bea.id }] };
    const sorted = found.readers.sort((a, b) => (a.readerId < b.readerId ? -1 : 1));
    expect((await w.call("lena", "GET", asked)).body).toMatchObject({ readers: sorted });
    expect((await w.call("ada", "GET", asked)).status).toBe(403);
    await w.publish(project, withClass(aGuideline(["a", "b"]), "a", { definition: "less" }), [
      { kind: "narrow", classId: aClassId("a") },
    ]);
    const after = await w.call<{ readers: { readerId: string; slideIds: string[] }[] }>("lena", "GET", asked);
    const adas = after.body.readers.find(({ readerId }) => readerId === w.people.ada.id);
    expect(adas?.slideIds ?? []).toEqual([]);
    const { body: made } = await w.call<Round>("lena", "POST", `/projects/${project}/rounds`, {
      ...body,
      mode: "blind",
    });
    expect(made.reads.filter((read) => read.repeat)).toEqual([]);
    expect((await layerFacts(w.db, { layerId: first }))[0]?.subject.repeating).toBe(false);
  });

  it("[RPT9] are observations: no task asks about their outlines, and neither balance nor consensus counts them", async () => {
    const made = await study();
    await w.draw("ada", made.again, [{ classId: "a", geometry: square(100, 100, 400) }]);
    for (const { readerId, layerId } of made.round.reads) {
      const name = readerId === w.people.ada.id ? "ada" : "bea";
      await w.call(name, "POST", `/layers/${layerId}/submit`);
    }
    await w.call("lena", "POST", `/rounds/${made.round.id}/unblind`);
    const narrowed = withClass(aGuideline(["a", "b"]), "a", { definition: "less" });
    await w.publish(made.project, narrowed, [{ kind: "narrow", classId: aClassId("a") }]);
    const { body } = await w.call<Page<{ layerId: string }>>("lena", "GET", `/projects/${made.project}/tasks`);
    expect(body.items.map(({ layerId }) => layerId)).toEqual([made.first]);
    const { balance } = (
      await w.call<{ balance: { classId: string; count: number }[] }>(
        "lena",
        "GET",
        `/projects/${made.project}/overview`,
      )
    ).body;
    expect(balance.find(({ classId }) => classId === aClassId("a"))?.count).toBe(1);
    const lines = (
      await w.call<Page<{ roundId: string; slideId: string }>>("lena", "GET", `/projects/${made.project}/consensus`)
    ).body.items;
    expect(lines.some(({ roundId, slideId }) => roundId === made.round.id && slideId === made.slides[0])).toBe(false);
  });
});

function byName(order: readonly string[]) {
  const names = ["one", "two", "three"];
  const nameOf = ({ id }: { readonly id: string }) => names[order.indexOf(id)] ?? "";
  return (a: { readonly id: string }, b: { readonly id: string }) => (nameOf(a) < nameOf(b) ? -1 : 1);
}
