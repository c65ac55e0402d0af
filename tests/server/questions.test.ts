import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GuidelineView } from "#server/api/schemas/guideline.ts";
import type { GuidelineQuestion } from "#server/api/schemas/questions.ts";
import { aClassId, aGuideline, declare, withClass } from "#tests/support/builders.ts";
import { type Name, type Page, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
beforeEach(async () => {
  w = await workWorld({ slides: 2 });
});
afterEach(() => w.close());

const FIRST = aGuideline(["a", "b"], { exhaustive: false });
const path = (rest = "") => `/projects/${w.projectId}/questions${rest}`;
const ask = (name: Name, body: Record<string, unknown>) =>
  w.call<GuidelineQuestion>(name, "POST", path(), { title: "Does mucin count?", ...body });
const list = async (name: Name, query = "") =>
  (await w.call<Page<GuidelineQuestion>>(name, "GET", path(query))).body.items;
const see = (name: Name, id: string) => w.call<GuidelineQuestion>(name, "GET", `/questions/${id}`);
const settle = (name: Name, { id, revision }: GuidelineQuestion, to: string, text = "") =>
  w.call<GuidelineQuestion>(name, "POST", `/questions/${id}/settle`, { revision, to, text });
const toDraft = (name: Name, { id, revision }: GuidelineQuestion) =>
  w.call<GuidelineQuestion>(name, "POST", `/questions/${id}/draft`, { revision });
const region = (box: readonly number[] = [10, 10, 200, 200]) => ({ kind: "region", slideId: w.slideIds[0], box });
const told = (kind: string) => [...new Set(w.told.filter((each) => each.kind === kind).map(({ name }) => name))].sort();

describe("asking", () => {
  it("[QST6] keeps the outline's box, reason and note; the same outline is a place once", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada", "bea"]);
    const [outline] = await w.draw("ada", round.layers("ada"), ["a"]);
    const place = {
      kind: "outline",
      layerId: round.layers("ada"),
      annotationId: outline?.id,
      reason: "guideline-silent",
      note: "pools of mucin",
    };
    const { status, body } = await ask("ada", { classId: aClassId("a"), otherClassId: aClassId("b"), place });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: "open",
      classId: aClassId("a"),
      otherClassId: aClassId("b"),
      askedBy: { name: "ada" },
      revision: 1,
      isPartial: false,
      places: [
        {
          box: [100, 100, 140, 140],
          slide: { id: w.slideIds[0], name: "slide 0", hash: "0".repeat(16), width: 4_096 },
          annotationId: outline?.id,
          reason: "guideline-silent",
          note: "pools of mucin",
          addedBy: { name: "ada" },
        },
      ],
    });
    const add = (name: Name, more: unknown) =>
      w.call<GuidelineQuestion>(name, "POST", `/questions/${body.id}/places`, more);
    expect((await add("bea", place)).body.places).toHaveLength(1);
    expect((await add("bea", region())).body.places).toHaveLength(2);
    expect((await add("bea", region())).body.places).toHaveLength(2);
    expect((await list("vic")).map(({ id }) => id)).toEqual([body.id]);
    expect(await list("vic", `?class=${aClassId("b")}`)).toHaveLength(1);
    expect(await list("vic", "?state=closed")).toEqual([]);
    const audit = await w.database.pool.query("select detail from audit where action = 'question.asked'");
    expect(audit.rows).toEqual([{ detail: { places: 1, class: aClassId("a") } }]);
  });

  it("[QST7] is refused off the slide, at what is not there, by who does no reading, and for strangers", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    expect(await ask("ada", { place: region([5_000, 5_000, 5_100, 5_100]) })).toMatchObject({
      status: 422,
      body: { code: "outline-off-slide", detail: { width: 4_096 } },
    });
    expect((await ask("ada", { place: { ...region(), slideId: "nosuchslide" } })).status).toBe(404);
    const gone = { kind: "outline", layerId: round.layers("ada"), annotationId: "nosuchoutline" };
    expect((await ask("ada", { place: gone })).status).toBe(404);
    expect((await ask("ada", { title: " " })).status).toBe(400);
    for (const name of ["eve", "vic"] as const) expect((await ask(name, {})).status).toBe(403);
    expect((await ask("stranger", {})).status).toBe(404);
    const { body } = await ask("ada", {});
    expect((await see("stranger", body.id)).status).toBe(404);
    expect((await see("lena", "nosuchquestion")).status).toBe(404);
    expect(await w.database.pool.query("select id from guideline_questions")).toMatchObject({ rowCount: 1 });
  });
});

describe("blind reading", () => {
  it("[QST8] shows a blind reader nothing of another's question: not in the list, by id, or by a message", async () => {
    await w.publish(FIRST);
    const round = await w.round("blind", ["ada", "bea"]);
    const [mine] = await w.draw("ada", round.layers("ada"), ["a"]);
    const place = { kind: "outline", layerId: round.layers("ada"), annotationId: mine?.id };
    const { body } = await ask("ada", { place });
    expect(await list("bea")).toEqual([]);
    expect(await list("jo")).toEqual([]);
    expect((await see("bea", body.id)).status).toBe(404);
    expect(told("questions")).toEqual(["ada", "lars", "lena"]);
    expect((await w.call("bea", "POST", `/questions/${body.id}/comments`, { text: "?" })).status).toBe(404);
    expect((await w.call("bea", "POST", `/questions/${body.id}/places`, region())).status).toBe(404);

    const open = (await ask("lena", {})).body;
    await w.call("lena", "POST", `/questions/${open.id}/places`, region());
    await w.call("cem", "POST", `/questions/${open.id}/comments`, { text: "seen in three reads" });
    expect((await see("bea", open.id)).status).toBe(404);

    const own = (await ask("bea", { place: region([1, 1, 9, 9]) })).body;
    w.told.length = 0;
    await w.call("lena", "POST", `/questions/${own.id}/places`, place);
    await w.call("lena", "POST", `/questions/${own.id}/comments`, { text: "ada has it too" });
    expect((await see("bea", own.id)).body).toMatchObject({
      isPartial: true,
      places: [{ box: [1, 1, 9, 9] }],
      comments: [],
    });
    expect((await see("bea", own.id)).body.updatedAt).toBe(own.askedAt);
    expect(told("questions")).toEqual(["lars", "lena"]);
    expect((await see("cem", own.id)).status).toBe(404);
    expect((await see("lena", own.id)).body).toMatchObject({ isPartial: false, places: [{}, {}], comments: [{}] });
  });

  it("[QST9] does not tell an adjudicator whose read an outline is from", async () => {
    await w.publish(FIRST);
    const round = await w.round("open", ["ada"]);
    const [outline] = await w.draw("ada", round.layers("ada"), ["a"]);
    const place = { kind: "outline", layerId: round.layers("ada"), annotationId: outline?.id };
    const { body } = await ask("ada", { place });
    await w.call("ada", "POST", `/questions/${body.id}/comments`, { text: "mine" });
    expect((await see("jo", body.id)).body).toMatchObject({
      askedBy: null,
      places: [{ addedBy: null }],
      comments: [{ person: null }],
    });
    expect((await see("bea", body.id)).body).toMatchObject({ askedBy: { name: "ada" } });
  });
});

describe("settling", () => {
  it("[QST10] is a lead's: answer and closing need words, and the slower of two is refused", async () => {
    await w.publish(FIRST);
    const { body: asked } = await ask("ada", {});
    expect((await settle("ada", asked, "answered", "yes")).status).toBe(403);
    expect(await settle("lena", asked, "answered")).toMatchObject({ status: 422, body: { code: "note-missing" } });
    const both = await Promise.all([settle("lena", asked, "answered", "yes"), settle("lars", asked, "closed", "no")]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(both.find(({ status }) => status === 409)?.body).toMatchObject({ code: "question-not-open" });
    const { body: now } = await see("ada", asked.id);
    expect(now.revision).toBe(2);
    const again = await settle("lena", now, "open");
    expect(again.body).toMatchObject({ state: "open", answer: "", settledBy: null });
    const closed = (await settle("lena", again.body, "closed", "asked twice")).body;
    expect(closed).toMatchObject({ state: "closed", answer: "asked twice", settledBy: { name: "lena" } });
    expect((await w.call("ada", "POST", `/questions/${asked.id}/places`, region())).body).toMatchObject({
      code: "question-not-open",
    });
    expect(w.told).not.toContainEqual(expect.objectContaining({ name: "stranger", kind: "questions" }));
  });

  it("[QST11] as a change of the draft starts the draft, opened at its class; publishing answers it", async () => {
    expect(await toDraft("lena", (await ask("ada", {})).body)).toMatchObject({ body: { code: "no-guideline" } });
    await w.publish(FIRST);
    const { body: asked } = await ask("ada", { classId: aClassId("a") });
    const { body: linked } = await toDraft("lena", asked);
    expect(linked).toMatchObject({ state: "became-draft-change", draftClassId: aClassId("a"), publishedIn: null });
    const guideline = (await w.call<GuidelineView>("lena", "GET", `/projects/${w.projectId}/guideline`)).body;
    expect(guideline.draft).toMatchObject({ parent: 1, revision: 2, content: FIRST });
    const more = (await ask("bea", { classId: aClassId("b") })).body;
    expect((await toDraft("lars", more)).status).toBe(200);
    await w.publish(withClass(FIRST, "a", { definition: "with mucin" }), [declare.reword("a")]);
    for (const id of [asked.id, more.id]) {
      expect((await see("ada", id)).body).toMatchObject({ state: "answered", publishedIn: 2 });
    }
  });

  it("[QST12] a draft that is thrown away leaves its questions open", async () => {
    await w.publish(FIRST);
    const { body: asked } = await ask("ada", { classId: aClassId("a") });
    await toDraft("lena", asked);
    await w.call("lars", "DELETE", `/projects/${w.projectId}/guideline/draft`);
    expect((await see("ada", asked.id)).body).toMatchObject({ state: "open", draftClassId: null, revision: 3 });
  });
});
