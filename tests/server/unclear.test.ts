import { afterAll, beforeAll, expect, it } from "vitest";
import type { ClassReasons, GuidelineQuestion, UnclearPair } from "#server/api/schemas/questions.ts";
import { type ApiWorld, apiWorld, type Name, type Page } from "#tests/support/api-world.ts";
import { aClassId, aGuideline } from "#tests/support/builders.ts";
import { type ReadCase, readSlide, THREE_READS } from "#tests/support/read-case.ts";

const [A, B] = [aClassId("a"), aClassId("b")];

let w: ApiWorld;
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

const pairsOf = async (who: Name, project: string) =>
  (await w.call<Page<UnclearPair>>(who, "GET", `/projects/${project}/unclear`)).body.items;

async function keyAt(one: ReadCase, x: number): Promise<string> {
  return (await one.view()).disputes.find(({ bbox }) => bbox[0] === x)?.key ?? "";
}

/** Leaves the dispute whose left edge is at x. */
async function left(one: ReadCase, x: number, reason: "guideline-silent" | "guideline-ambiguous" | "slip") {
  const key = await keyAt(one, x);
  expect((await one.decide("jo", { key }, { method: "unresolved", reason, note: `at ${x}` })).status).toBe(200);
  return key;
}

const placeOf = (one: ReadCase, disputeKey: string) => ({
  kind: "dispute" as const,
  roundId: one.round,
  slideId: one.slide,
  disputeKey,
  box: [1_200, 1_200, 1_300, 1_300],
});

it("[GQU1] what was left because of the guideline is collected by the classes that are confused, and nothing else is", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const [one, other] = [await readSlide(w, project, THREE_READS), await readSlide(w, project, THREE_READS)];
  expect(await pairsOf("lena", project)).toEqual([]);
  const first = await left(one, 1_200, "guideline-ambiguous");
  const second = await left(other, 1_200, "guideline-silent");
  await left(one, 400, "guideline-ambiguous");
  await left(other, 400, "slip");
  const pairs = await pairsOf("lena", project);
  expect(pairs.map(({ classIds, places }) => [classIds, places.length])).toEqual([
    [[A, B], 2],
    [[A], 1],
  ]);
  expect(pairs[0]?.places).toMatchObject([
    {
      disputeKey: second,
      reason: "guideline-silent",
      note: "at 1200",
      box: [1_200, 1_200, 1_300, 1_300],
      question: null,
    },
    { disputeKey: first, reason: "guideline-ambiguous", slide: { id: one.slide }, question: null },
  ]);
  expect(await pairsOf("ada", project)).toEqual(pairs);
  const blind = await w.round(project, "blind", [other.slide], ["ada", "bea"]);
  expect(blind.id).not.toBe("");
  expect((await pairsOf("ada", project)).flatMap(({ places }) => places.map(({ slide }) => slide.id))).toEqual([
    one.slide,
    one.slide,
  ]);
  expect(await w.call("stranger", "GET", `/projects/${project}/unclear`)).toMatchObject({ status: 404 });
});

it("[AUD11] reasons of decisions that stand are counted for each class that a read named there, as far as one may see the reads", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const [one, other] = [await readSlide(w, project, THREE_READS), await readSlide(w, project, THREE_READS)];
  const countsOf = async (who: Name) => {
    const { body } = await w.call<Page<ClassReasons>>(who, "GET", `/projects/${project}/decision-reasons`);
    return body.items.map(({ classId, decisions, reasons }) => [
      classId,
      decisions,
      reasons.map(({ reason, decisions: n }) => `${reason} ${n}`),
    ]);
  };
  expect(await countsOf("lena")).toEqual([]);
  await left(one, 1_200, "guideline-ambiguous");
  await left(other, 1_200, "guideline-ambiguous");
  await left(one, 400, "slip");
  expect(await countsOf("ada")).toEqual([
    [A, 3, ["guideline-ambiguous 2", "slip 1"]],
    [B, 2, ["guideline-ambiguous 2"]],
  ]);
  await w.round(project, "blind", [other.slide], ["ada"]);
  expect(await countsOf("ada")).toEqual([
    [A, 2, ["guideline-ambiguous 1", "slip 1"]],
    [B, 1, ["guideline-ambiguous 1"]],
  ]);
  await w.call("lena", "POST", `/layers/${one.layer("ada")}/reopen`);
  await w.call("lena", "POST", `/layers/${one.layer("bea")}/reopen`);
  expect(await countsOf("lena")).toEqual([
    [A, 1, ["guideline-ambiguous 1"]],
    [B, 1, ["guideline-ambiguous 1"]],
  ]);
  expect((await w.call("stranger", "GET", `/projects/${project}/decision-reasons`)).status).toBe(404);
});

it("[GQU2] a question is asked with the chosen places, all or none, and the collection says so", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const [one, other] = [await readSlide(w, project, THREE_READS), await readSlide(w, project, THREE_READS)];
  const keys = [await left(one, 1_200, "guideline-ambiguous"), await left(other, 1_200, "guideline-ambiguous")];
  const [first = "", second = ""] = keys;
  const ask = (places: readonly object[]) =>
    w.call<GuidelineQuestion>("jo", "POST", `/projects/${project}/questions`, {
      title: "A or b?",
      classId: A,
      otherClassId: B,
      places,
    });
  const bad = await ask([placeOf(one, first), { ...placeOf(one, second), slideId: "elsewhere" }]);
  expect(bad).toMatchObject({ status: 404, body: { code: "not-found" } });
  expect((await w.call<Page<GuidelineQuestion>>("lena", "GET", `/projects/${project}/questions`)).body.items).toEqual(
    [],
  );
  expect((await ask(Array.from({ length: 201 }, () => placeOf(one, first)))).status).toBe(400);
  const asked = await ask([placeOf(one, first)]);
  expect(asked.body.places.map(({ disputeKey }) => disputeKey)).toEqual([first]);
  const named = { id: asked.body.id, title: "A or b?" };
  const [pair] = await pairsOf("lena", project);
  expect(pair?.question).toEqual(named);
  expect(new Map(pair?.places.map(({ disputeKey, question }) => [disputeKey, question]))).toEqual(
    new Map([
      [first, named],
      [second, null],
    ]),
  );
  const draft = await w.call<GuidelineQuestion>("lena", "POST", `/questions/${asked.body.id}/draft`, {
    revision: asked.body.revision,
    classId: A,
  });
  expect(draft.body).toMatchObject({ state: "became-draft-change", draftClassId: A });
  expect((await pairsOf("lena", project))[0]?.question).toBeNull();
});
