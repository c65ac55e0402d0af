import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DraftTalk } from "#server/api/schemas/drafts.ts";
import type { Draft } from "#server/api/schemas/guideline.ts";
import { aClassId, aGuideline, withClass } from "#tests/support/builders.ts";
import { type Name, type WorkWorld, workWorld } from "#tests/support/work-world.ts";

let w: WorkWorld;
beforeEach(async () => {
  w = await workWorld({ slides: 1 });
});
afterEach(() => w.close());

const FIRST = aGuideline(["a", "b"], { exhaustive: false });
const STRICT = { ...FIRST, rules: { ...FIRST.rules, secondLead: true } };
const path = (rest = "") => `/projects/${w.projectId}/guideline${rest}`;
const save = (name: Name, revision: number, content = withClass(FIRST, "a", { name: "renamed" })) =>
  w.call(name, "PUT", path("/draft"), { revision, content, declarations: [] });
const talk = async (name: Name) => (await w.call<DraftTalk>(name, "GET", path("/draft/talk"))).body;
const review = (name: Name, kind: string, revision: number, note = "") =>
  w.call<DraftTalk>(name, "POST", path("/draft/review"), { kind, revision, note });

describe("talk about a draft", () => {
  it("[GED9] leads comment on a class or a field and settle comments; with the draft the comments end", async () => {
    await w.publish(FIRST);
    expect((await w.call("lena", "POST", path("/draft/comments"), { text: "?" })).status).toBe(404);
    await save("lena", 0);
    const said = { classId: aClassId("a"), field: "definition", text: "Say where it ends." };
    const { body } = await w.call<DraftTalk>("lars", "POST", path("/draft/comments"), said);
    expect(body.comments).toMatchObject([{ ...said, person: { name: "lars" }, resolvedAt: null }]);
    const id = body.comments[0]?.id;
    const settle = (resolved: boolean, of = id) =>
      w.call<DraftTalk>("lena", "PATCH", path(`/draft/comments/${of}`), { resolved });
    expect((await settle(true)).body.comments[0]?.resolvedAt).not.toBeNull();
    expect((await settle(false)).body.comments[0]?.resolvedAt).toBeNull();
    expect((await settle(true, "nosuchcomment")).status).toBe(404);
    await w.call("lena", "DELETE", path("/draft"));
    await save("lena", 0);
    expect((await talk("lars")).comments).toEqual([]);
    expect((await settle(true)).status).toBe(404);
  });

  it("[GED10] a draft, and what is said about it, is for leads only: others are not even told of a save", async () => {
    await w.publish(FIRST);
    w.told.length = 0;
    await save("lena", 0);
    await w.call("lars", "POST", path("/draft/editing"), { place: aClassId("a") });
    expect([...new Set(w.told.map(({ name }) => name))].sort()).toEqual(["lars", "lena"]);
    for (const name of ["ada", "jo", "eve", "vic"] as const) {
      expect((await w.call(name, "GET", path("/draft/talk"))).status).toBe(403);
      expect((await w.call(name, "POST", path("/draft/comments"), { text: "?" })).status).toBe(403);
      expect((await review(name, "propose", 1)).status).toBe(403);
      expect((await w.call(name, "POST", path("/draft/editing"), { place: null })).status).toBe(403);
    }
    expect((await w.call("stranger", "GET", path("/draft/talk"))).status).toBe(404);
  });

  it("[GED11] other leads see who has the draft open, and at which class", async () => {
    await w.publish(FIRST);
    await save("lena", 0);
    const at = (name: Name, place: string | null) =>
      w.call<Pick<DraftTalk, "editors">>(name, "POST", path("/draft/editing"), { place });
    expect((await at("lena", aClassId("a"))).body.editors).toEqual([]);
    expect((await at("lars", null)).body.editors).toMatchObject([{ name: "lena", place: aClassId("a") }]);
    expect((await talk("lena")).editors).toMatchObject([{ name: "lars", place: null }]);
    await w.database.pool.query("update draft_editors set seen_at = seen_at - interval '1 minute'");
    expect((await talk("lena")).editors).toEqual([]);
  });
});

describe("a second lead", () => {
  it("[GED12] where the rules in force ask for one, a draft is published only as another lead approved it", async () => {
    await w.publish(STRICT);
    await save("lena", 0);
    expect((await talk("lena")).review).toMatchObject({ state: "writing", needed: true, mayApprove: false });
    const publish = () => w.call("lena", "POST", path("/publish"), { parent: 1 });
    expect(await publish()).toMatchObject({ status: 409, body: { code: "approval-missing" } });
    expect((await review("lars", "approve", 1)).body).toMatchObject({ code: "draft-not-proposed" });
    expect((await review("lena", "propose", 1)).body.review).toMatchObject({
      state: "proposed",
      person: { name: "lena" },
    });
    expect(await review("lena", "approve", 1)).toMatchObject({ status: 403, body: { code: "not-allowed" } });
    expect(await publish()).toMatchObject({ status: 409 });
    expect((await talk("lars")).review.mayApprove).toBe(true);
    expect(await review("lars", "return", 1)).toMatchObject({ status: 422, body: { code: "note-missing" } });
    expect((await review("lars", "return", 1, "too narrow")).body.review).toMatchObject({
      state: "returned",
      note: "too narrow",
    });

    await save("lena", 1, withClass(FIRST, "a", { name: "again" }));
    expect(await review("lena", "propose", 1)).toMatchObject({ status: 409, body: { code: "stale-draft" } });
    await review("lena", "propose", 2);
    await review("lars", "approve", 2);
    // What the second lead approved was another text than the one that is there now.
    await save("lars", 2, withClass(FIRST, "a", { name: "slipped in" }));
    expect(await publish()).toMatchObject({
      status: 409,
      body: { code: "approval-missing", detail: { state: "writing" } },
    });
    await review("lena", "propose", 3);
    expect((await review("lars", "approve", 3)).status).toBe(403);
    await save("lena", 3, withClass(FIRST, "a", { name: "at last" }));
    await review("lena", "propose", 4);
    await review("lars", "approve", 4);
    expect(await publish()).toMatchObject({ status: 200, body: { number: 2 } });
    const audit = await w.database.pool.query("select action from audit where action like 'draft.%' order by seq");
    expect(audit.rows.map(({ action }) => action)).toEqual(
      ["proposed", "returned", "proposed", "approved", "proposed", "proposed", "approved"].map(
        (each) => `draft.${each}`,
      ),
    );
  });

  it("[GED13] a draft that switches the second lead off is itself published only with one", async () => {
    await w.publish(STRICT);
    await save("lena", 0, FIRST);
    expect((await w.call("lena", "POST", path("/publish"), { parent: 1 })).body).toMatchObject({
      code: "approval-missing",
    });
    await review("lena", "propose", 1);
    await review("lars", "approve", 1);
    expect((await w.call("lena", "POST", path("/publish"), { parent: 1 })).status).toBe(200);
    await save("lena", 0, withClass(FIRST, "a", { name: "renamed" }));
    expect((await talk("lena")).review).toMatchObject({ state: "writing", needed: false });
    expect((await w.call("lena", "POST", path("/publish"), { parent: 2 })).status).toBe(200);
  });
});

describe("examples from a slide", () => {
  const add = (name: Name, more: Record<string, unknown> = {}) =>
    w.call<Draft>(name, "POST", path("/draft/examples"), {
      classId: aClassId("a"),
      slideId: w.slideIds[0],
      box: [100, 100, 300, 300],
      good: true,
      ...more,
    });

  it("[GED18] one call puts a picture into the draft with its place and version, and starts the draft", async () => {
    expect((await add("lena")).body).toMatchObject({ code: "no-guideline" });
    await w.publish(FIRST);
    const { body } = await add("lena", { caption: "typical" });
    const example = { slideId: w.slideIds[0], box: [100, 100, 300, 300], good: true, caption: "typical", version: 1 };
    expect(body).toMatchObject({ parent: 1, revision: 1, content: { classes: [{ examples: [example] }, {}] } });
    expect((await add("lars", { good: false })).body.content.classes[0]?.examples).toMatchObject([{ good: false }]);
    expect((await add("lars", { box: [0, 0, 50, 50] })).body.content.classes[0]?.examples).toHaveLength(2);
    expect((await w.call("lena", "POST", path("/publish"), { parent: 1 })).status).toBe(200);
  });

  it("[GED18] is refused off the slide, for a class that is not there, and for others than leads", async () => {
    await w.publish(FIRST);
    expect((await add("lena", { box: [4_000, 0, 5_000, 10] })).body).toMatchObject({ code: "outline-off-slide" });
    expect((await add("lena", { box: [10, 0, 10, 10] })).status).toBe(400);
    expect((await add("lena", { classId: aClassId("z") })).body).toMatchObject({ code: "unknown-class" });
    expect((await add("lena", { slideId: "nosuchslide" })).status).toBe(404);
    expect((await add("ada")).status).toBe(403);
    expect((await w.call("lena", "GET", path("/draft/talk"))).status).toBe(404);
  });
});
