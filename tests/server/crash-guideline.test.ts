import { describe, expect, it } from "vitest";
import { newId } from "#db/new-id.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { annotationId, referenceId } from "#domain/ids.ts";
import type { DissolveGroup } from "#server/api/schemas/dissolve.ts";
import type { GuidelineView } from "#server/api/schemas/guideline.ts";
import type { GuidelineQuestion } from "#server/api/schemas/questions.ts";
import type { Task } from "#server/api/schemas/tasks.ts";
import { makeBridgeReads } from "#server/commands/bridge.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { aClass, aClassId, aGuideline, declare, square, withClass, withClasses } from "#tests/support/builders.ts";
import { type CrashWorld, ownCrashWorld } from "#tests/support/crash-world.ts";
import type { Page } from "#tests/support/work-world.ts";

const FIRST = aGuideline(["a", "b"], { exhaustive: false });
/** More than there are statements in signing off. */
const MOST_SCREENED = 60;

const at = (w: CrashWorld, rest: string) => `/projects/${w.projectId}${rest}`;
const guidelineOf = async (w: CrashWorld) => (await w.call<GuidelineView>("lena", "GET", at(w, "/guideline"))).body;
const draftOf = async (w: CrashWorld) => (await guidelineOf(w)).draft;
const definitionOf = (content: GuidelineContent | undefined, name: string) =>
  content?.classes.find(({ id }) => id === aClassId(name))?.definition;
const save = async (w: CrashWorld, content: GuidelineContent) => {
  const revision = (await draftOf(w))?.revision ?? 0;
  const sent = { revision, content, declarations: [] };
  expect((await w.call("lena", "PUT", at(w, "/guideline/draft"), sent)).status).toBe(200);
};

describe("a line that breaks at each statement of a guideline's decisions", { timeout: 600_000 }, () => {
  it("[CRA12] leaves a screening signed for or not, with its task, its read and its audit entry", async () => {
    const w = await ownCrashWorld({ slides: MOST_SCREENED });
    const content = aGuideline(["a"], { exhaustive: true });
    await w.publish(content);
    const round = await w.round("open", ["ada"], MOST_SCREENED);
    for (let slide = 0; slide < MOST_SCREENED; slide++) {
      expect((await w.call("ada", "POST", `/layers/${round.layers("ada", slide)}/submit`)).status).toBe(200);
    }
    await w.publish(withClasses(content, aClass("b")));
    const { body: given } = await w.call<Page<Task>>("ada", "GET", at(w, "/tasks?limit=200"));
    expect(given.items).toHaveLength(MOST_SCREENED);
    const taskOf = async (id: string) => (await w.call<{ task: Task }>("ada", "GET", `/tasks/${id}`)).body.task;
    let id = "";
    let layer: string | null = "";
    const broken = await w.play({
      async prepare(step) {
        ({ id = "", layerId: layer = "" } = given.items[step] ?? {});
        const begin = { revision: (await taskOf(id)).revision, to: "in-progress" };
        expect((await w.call("ada", "POST", `/tasks/${id}/move`, begin)).status).toBe(200);
        const signed = { revision: (await taskOf(id)).revision, confirmed: true };
        return () => w.call("ada", "POST", `/tasks/${id}/screened`, signed);
      },
      async look() {
        const isDone = (await taskOf(id)).state === "submitted";
        const stored = [
          await w.rows("screenings", `layer_id = '${layer}' and version = 2`),
          await w.audited("screening.signed", id),
          await w.rows("task_events", `task_id = '${id}' and to_state = 'submitted'`),
          await w.rows("layers", `id = '${layer}' and state = 'submitted'`),
        ];
        expect(stored).toEqual(isDone ? [1, 1, 1, 1] : [0, 0, 0, 0]);
        return { isDone };
      },
      again: "task-not-open",
    });
    expect(broken).toBeGreaterThan(12);
  });

  it("[CRA13] leaves a draft saved or not, thrown away or not, and put on the newest version or not", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    let text = "";
    const saved = await w.play({
      async prepare(step) {
        text = `saved ${step}`;
        const revision = (await draftOf(w))?.revision ?? 0;
        const content = withClass(FIRST, "a", { definition: text });
        return () => w.call("lena", "PUT", at(w, "/guideline/draft"), { revision, content, declarations: [] });
      },
      look: async () => ({ isDone: definitionOf((await draftOf(w))?.content, "a") === text }),
      again: "stale-draft",
    });
    let before = 0;
    const discarded = await w.play({
      async prepare() {
        if ((await draftOf(w)) === null) await save(w, withClass(FIRST, "a", { definition: "again" }));
        before = await w.audited("draft.discarded");
        return () => w.call("lena", "DELETE", at(w, "/guideline/draft"));
      },
      async look() {
        const isDone = (await draftOf(w)) === null;
        expect(await w.audited("draft.discarded")).toBe(before + (isDone ? 1 : 0));
        return { isDone };
      },
      again: "not-found",
    });
    let newest = FIRST;
    const rebased = await w.play({
      async prepare(step) {
        const parent = (await guidelineOf(w)).versions.length;
        text = `late ${step}`;
        const late = withClass(newest, "b", { definition: text });
        newest = withClass(newest, "a", { definition: `published ${step}` });
        expect((await w.publish(newest, [declare.narrow("a")])).status).toBe(200);
        before = await w.audited("draft.rebased");
        const body = { parent, content: late, declarations: [declare.reword("b")] };
        return () => w.call("lena", "POST", at(w, "/guideline/draft/rebase"), body);
      },
      async look() {
        const draft = await draftOf(w);
        const isDone = definitionOf(draft?.content, "b") === text;
        if (isDone) expect(definitionOf(draft?.content, "a")).toBe(definitionOf(newest, "a"));
        else expect(draft).toBe(null);
        expect(await w.audited("draft.rebased")).toBe(before + (isDone ? 1 : 0));
        return { isDone };
      },
    });
    expect([saved > 5, discarded > 5, rebased > 5]).toEqual([true, true, true]);
  });

  it("[CRA14] leaves outlines joined or not, left or not, and that taken back or not", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    const layer = (await w.round("open", ["ada"])).layers("ada");
    const merged = withClass(withClass(withClasses(FIRST, aClass("c")), "a", { retired: true }), "b", {
      retired: true,
    });
    await w.publish(merged, [declare.merge(["a", "b"], "c")]);
    let pairs = 0;
    /** Two outlines that touch, and what asks for a decision about them. */
    const pair = async () => {
      const [x, y] = [(pairs % 20) * 200, Math.floor(pairs / 20) * 200];
      pairs += 1;
      const ids = [newId(annotationId), newId(annotationId)];
      await w.world.rooms.edit(layer, w.people.ada.personId, (doc) => {
        for (const [place, id] of ids.entries()) {
          const classId = aClassId(place === 0 ? "a" : "b");
          doc.put({ id, classId, geometry: square(x + place * 41, y, 40), under: 1, attributes: {}, note: "" });
        }
      });
      const { items } = (await w.call<Page<DissolveGroup>>("ada", "GET", `/layers/${layer}/dissolves`)).body;
      const group = items.find((each) => each.items.some((item) => item.annotationId === ids[0]));
      return {
        id: newId(annotationId),
        items: group?.items.map(({ annotationId: of, contentHash }) => ({ annotationId: of, contentHash })),
        ids,
      };
    };
    const broken: number[] = [];
    for (const decision of ["dissolved", "left"] as const) {
      let asked = await pair();
      const outlines = () => w.rows("annotations", `id = any('{${asked.ids.join(",")}}')`);
      const decided = (more = "true") => w.rows("dissolutions", `id = '${asked.id}' and ${more}`);
      const body = () => ({ id: asked.id, items: asked.items, decision });
      const count = await w.play({
        async prepare() {
          asked = await pair();
          return () => w.call("ada", "POST", `/layers/${layer}/dissolves`, body());
        },
        async look() {
          const isDone = (await decided()) === 1;
          expect(await outlines()).toBe(isDone && decision === "dissolved" ? 1 : 2);
          expect(await w.audited(`outlines.${decision}`)).toBe(
            await w.rows("dissolutions", `decision = '${decision}'`),
          );
          return { isDone };
        },
      });
      const undone = await w.play({
        async prepare() {
          asked = await pair();
          expect((await w.call("ada", "POST", `/layers/${layer}/dissolves`, body())).status).toBe(200);
          return () => w.call("ada", "POST", `/layers/${layer}/dissolves/undo`, { id: asked.id });
        },
        async look() {
          const isDone = (await decided("undone_at is not null")) === 1;
          expect(await outlines()).toBe(isDone || decision === "left" ? 2 : 1);
          expect(await w.audited("outlines.undissolved")).toBe(await w.rows("dissolutions", "undone_at is not null"));
          return { isDone };
        },
        again: "not-found",
      });
      broken.push(count, undone);
    }
    expect(Math.min(...broken)).toBeGreaterThan(8);
  });

  it("[CRA15] leaves the bridge set changed or not; its regions are there once, and its reads after the next run", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    let name = "";
    let before = 0;
    const broken = await w.play({
      async prepare(step) {
        name = `region ${step}`;
        before = await w.rows("bridge_regions");
        const region = { slideId: w.slideIds[0], name, box: [step, step, step + 500, step + 500] };
        const body = { regions: [region], readerIds: [w.people.ada.personId, w.people.bea.personId] };
        return () => w.call("lena", "PUT", at(w, "/bridge"), body);
      },
      async look() {
        const isDone = (await w.rows("bridge_regions", `name = '${name}'`)) > 0;
        expect(await w.rows("bridge_regions")).toBe(before + (isDone ? 1 : 0));
        expect(await w.rows("bridge_regions", "removed_at is null")).toBe(Math.min(1, before + (isDone ? 1 : 0)));
        if (isDone) {
          await makeBridgeReads(w.world, w.projectId);
          expect(await makeBridgeReads(w.world, w.projectId)).toBe(0);
          expect(await w.rows("layers", "purpose = 'bridge'")).toBe(2);
          expect(await w.rows("tasks", "kind = 'repeat-read'")).toBe(2);
          expect(await w.audited("bridge.asked")).toBe(1);
        }
        return { isDone };
      },
    });
    expect(await w.audited("bridge.changed")).toBeGreaterThan(broken);
    expect(broken).toBeGreaterThan(12);
  });

  it("[CRA17] leaves a reference chosen or not, looked at again or not, and taken out or not", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    const chosen = (id: string, classId: string) => ({
      id,
      place: { kind: "box", slideId: w.slideIds[0], box: [10, 10, 60, 60] },
      classId: aClassId(classId),
    });
    let id = newId(referenceId);
    const is = async (where: string) => (await w.rows("reference_items", `id = '${id}' and ${where}`)) === 1;
    const added = await w.play({
      async prepare() {
        id = newId(referenceId);
        const body = chosen(id, "a");
        return () => w.call("lena", "POST", at(w, "/references"), body);
      },
      async look() {
        const isDone = await is("true");
        expect(await w.audited("reference.added", id)).toBe(isDone ? 1 : 0);
        expect(await w.audited("reference.added")).toBe(await w.rows("reference_items"));
        return { isDone };
      },
    });
    let classId = "a";
    let before = 0;
    const confirmed = await w.play({
      async prepare() {
        classId = classId === "a" ? "b" : "a";
        before = await w.audited("reference.confirmed");
        const body = { classId: aClassId(classId) };
        return () => w.call("lena", "POST", at(w, `/references/${id}/confirm`), body);
      },
      async look() {
        const isDone = await is(`class_id = '${aClassId(classId)}'`);
        expect((await w.audited("reference.confirmed")) > before).toBe(isDone);
        return { isDone };
      },
    });
    const removed = await w.play({
      async prepare() {
        id = newId(referenceId);
        expect((await w.call("lena", "POST", at(w, "/references"), chosen(id, "a"))).status).toBe(200);
        return () => w.call("lena", "DELETE", at(w, `/references/${id}`));
      },
      async look() {
        const isDone = await is("removed_at is not null");
        expect(await w.audited("reference.removed", id)).toBe(isDone ? 1 : 0);
        return { isDone };
      },
      again: "not-found",
    });
    expect(await makeTasks(w.world, w.projectId)).toBe(0);
    expect([added > 5, confirmed > 5, removed > 5]).toEqual([true, true, true]);
  });

  it("[CRA19] leaves a question answered or not, and made part of the draft or not, with the draft that it begins", async () => {
    const w = await ownCrashWorld({ slides: 1 });
    await w.publish(FIRST);
    let question: GuidelineQuestion | null = null;
    const ask = async (step: number) => {
      const body = { title: `Does it count, ${step}?`, classId: aClassId("a") };
      question = (await w.call<GuidelineQuestion>("ada", "POST", at(w, "/questions"), body)).body;
      return question;
    };
    const is = async (state: string) =>
      (await w.rows("guideline_questions", `id = '${question?.id}' and state = '${state}'`)) === 1;
    const answered = await w.play({
      async prepare(step) {
        const { id, revision } = await ask(step);
        const body = { revision, to: "answered", text: "It does." };
        return () => w.call("lena", "POST", `/questions/${id}/settle`, body);
      },
      async look() {
        const isDone = await is("answered");
        expect(await w.audited("question.answered", question?.id)).toBe(isDone ? 1 : 0);
        return { isDone };
      },
      again: "question-not-open",
    });
    const drafted = await w.play({
      async prepare(step) {
        if ((await draftOf(w)) !== null) await w.call("lena", "DELETE", at(w, "/guideline/draft"));
        const { id, revision } = await ask(step);
        return () => w.call("lena", "POST", `/questions/${id}/draft`, { revision });
      },
      async look() {
        const isDone = await is("became-draft-change");
        expect((await draftOf(w)) !== null).toBe(isDone);
        expect(await w.audited("question.became-draft-change", question?.id)).toBe(isDone ? 1 : 0);
        return { isDone };
      },
      again: "question-not-open",
    });
    expect([answered > 5, drafted > 5]).toEqual([true, true]);
  });
});
