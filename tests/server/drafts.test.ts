import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { DraftTalk, RebaseAnswer } from "#server/api/schemas/drafts.ts";
import type { Draft, GuidelineView } from "#server/api/schemas/guideline.ts";
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
    expect((await review("lars", "approve", 2)).body).toMatchObject({ code: "draft-not-proposed" });
    expect((await review("lena", "propose", 2)).body.review).toMatchObject({
      state: "proposed",
      person: { name: "lena" },
    });
    expect(await review("lena", "approve", 2)).toMatchObject({ status: 403, body: { code: "not-allowed" } });
    expect(await publish()).toMatchObject({ status: 409 });
    expect((await talk("lars")).review.mayApprove).toBe(true);
    expect(await review("lars", "return", 2)).toMatchObject({ status: 422, body: { code: "note-missing" } });
    expect((await review("lars", "return", 2, "too narrow")).body.review).toMatchObject({
      state: "returned",
      note: "too narrow",
    });

    await save("lena", 2, withClass(FIRST, "a", { name: "again" }));
    expect(await review("lena", "propose", 2)).toMatchObject({ status: 409, body: { code: "stale-draft" } });
    await review("lena", "propose", 3);
    await review("lars", "approve", 3);
    // What the second lead approved was another text than the one that is there now.
    await save("lars", 3, withClass(FIRST, "a", { name: "slipped in" }));
    expect(await publish()).toMatchObject({
      status: 409,
      body: { code: "approval-missing", detail: { state: "writing" } },
    });
    await review("lena", "propose", 4);
    expect((await review("lars", "approve", 4)).status).toBe(403);
    await save("lena", 4, withClass(FIRST, "a", { name: "at last" }));
    await review("lena", "propose", 5);
    await review("lars", "approve", 5);
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
    await review("lena", "propose", 2);
    await review("lars", "approve", 2);
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
    expect(body).toMatchObject({ parent: 1, revision: 2, content: { classes: [{ examples: [example] }, {}] } });
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

describe("a late publisher", () => {
  const NAME = `content/classes/${aClassId("a")}/name`;
  const put = (name: Name, parent: number, content: GuidelineContent, choices: Record<string, string> = {}) =>
    w.call<RebaseAnswer>(name, "POST", path("/draft/rebase"), { parent, content, declarations: [], choices });
  const draftOf = async () => (await w.call<GuidelineView>("lena", "GET", path())).body.draft;

  it("[RBS6] is refused, shown what clashes, and publishes naming the new version once the choice is made and recorded", async () => {
    await w.publish(FIRST);
    const late = withClass(withClass(FIRST, "a", { name: "late" }), "b", { colour: "#112233" });
    await save("lena", 0, late);
    await w.call("lars", "DELETE", path("/draft"));
    await save("lars", 0, withClass(FIRST, "a", { name: "first" }));
    expect((await w.call("lars", "POST", path("/publish"), { parent: 1 })).status).toBe(200);
    expect(await w.call("lena", "POST", path("/publish"), { parent: 1 })).toMatchObject({
      status: 409,
      body: { code: "stale-publish" },
    });
    const asked = await put("lena", 1, late);
    expect(asked).toMatchObject({ status: 200, body: { parent: 2, brings: true, draft: null, overtaken: [] } });
    expect(asked.body.clashes).toEqual([{ path: NAME, mine: "late", theirs: "first" }]);
    expect(await draftOf()).toBeNull();
    const done = await put("lena", 1, late, { [NAME]: "mine" });
    expect(done.body).toMatchObject({ clashes: [], draft: { parent: 2, updatedBy: { name: "lena" } } });
    expect(done.body.draft?.content).toEqual(late);
    const audit = await w.database.pool.query("select detail from audit where action = 'draft.rebased'");
    expect(audit.rows.map(({ detail }) => detail)).toEqual([{ from: 1, onto: 2, choices: { [NAME]: "mine" } }]);
    expect((await put("lena", 1, late, { [NAME]: "mine" })).body).toMatchObject({ brings: false, draft: null });
    expect(await w.call("lena", "POST", path("/publish"), { parent: 2 })).toMatchObject({
      status: 200,
      body: { number: 3 },
    });
    const { body } = await w.call<GuidelineView>("lena", "GET", path());
    expect(body.versions[2]?.changes.map(({ kind }) => kind)).toEqual(["rename", "recolour"]);
  });

  it("[RBS6] joins the draft that was begun meanwhile, takes its approval back, and keeps theirs where that is chosen", async () => {
    await w.publish(FIRST);
    const late = withClass(FIRST, "a", { name: "late", colour: "#112233" });
    await w.publish(withClass(FIRST, "b", { name: "published" }));
    const begun = withClass(withClass(FIRST, "b", { name: "published" }), "a", { name: "begun" });
    const { revision } = (await save("lars", 0, begun)).body as Draft;
    await review("lars", "propose", revision);
    const done = await put("lena", 1, late, { [NAME]: "theirs" });
    expect(done.body.draft?.content).toEqual(withClass(begun, "a", { colour: "#112233" }));
    expect(done.body.draft?.revision).toBe(revision + 1);
    expect((await talk("lena")).review.state).toBe("writing");
  });

  it("[RBS8] a text that follows an older version starts no draft, and a new draft never has a revision of one that ended", async () => {
    await w.publish(FIRST);
    const revisions: number[] = [];
    for (const over of [0, 2]) revisions.push(((await save("lena", over)).body as Draft).revision);
    await w.call("lena", "DELETE", path("/draft"));
    const content = withClass(FIRST, "a", { name: "renamed" });
    const begun = await w.call<Draft>("lars", "PUT", path("/draft"), {
      revision: 0,
      parent: 1,
      content,
      declarations: [],
    });
    expect([...revisions, begun.body.revision]).toEqual([2, 3, 4]);
    // A page that still shows the draft of before overwrites nothing.
    expect((await save("lena", 3, FIRST)).body).toMatchObject({ code: "stale-draft" });
    expect((await w.call("lars", "POST", path("/publish"), { parent: 1 })).status).toBe(200);
    const body = { revision: 0, parent: 1, content, declarations: [] };
    expect(await w.call("lena", "PUT", path("/draft"), body)).toMatchObject({
      status: 409,
      body: { code: "draft-overtaken", detail: { parent: 1, newest: 2 } },
    });
    expect(((await save("lena", 0)).body as Draft).revision).toBe(5);
  });

  it("[RBS6] is for leads; a version that does not exist is refused, and nothing is stored", async () => {
    await w.publish(FIRST);
    for (const name of ["ada", "jo", "eve", "vic"] as const) expect((await put(name, 1, FIRST)).status).toBe(403);
    expect((await put("stranger", 1, FIRST)).status).toBe(404);
    expect(await put("lena", 7, FIRST)).toMatchObject({ status: 400, body: { code: "bad-request" } });
    expect(await put("lena", 1, FIRST, { [NAME]: "ours" })).toMatchObject({ status: 400 });
    expect(await draftOf()).toBeNull();
  });
});
