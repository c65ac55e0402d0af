import { afterAll, beforeAll, expect, it } from "vitest";
import type { QueueView } from "#server/api/schemas/agreement.ts";
import type { ConsensusView, Decider, Dispute } from "#server/api/schemas/consensus.ts";
import type { AnnotationRow } from "#server/api/schemas/slides.ts";
import { makeTasks } from "#server/commands/make-tasks.ts";
import { type ApiWorld, apiWorld, type Page } from "#tests/support/api-world.ts";
import { aClass, aGuideline } from "#tests/support/builders.ts";
import { box, type ReadCase, readSlide, THREE_READS } from "#tests/support/read-case.ts";

let w: ApiWorld;
beforeAll(async () => {
  w = await apiWorld();
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

type Shown = { readonly left: number; readonly total: number; readonly state: string; readonly revision: number };

function at(view: ConsensusView, x: number, y: number): Dispute {
  const found = view.disputes.find(({ bbox }) => bbox[0] === x && bbox[1] === y);
  if (found === undefined) throw new Error(`no dispute at ${x}, ${y}: ${JSON.stringify(view.disputes)}`);
  return found;
}

async function given(one: ReadCase, keys: readonly string[] | null): Promise<string> {
  const path = `/rounds/${one.round}/slides/${one.slide}/adjudication-tasks`;
  const body = { assigneeId: w.people.jo.id, disputeKeys: keys, text: "The border first." };
  return (await w.call<{ taskId: string }>("lena", "POST", path, body)).body.taskId;
}

const taskOf = async (id: string) => (await w.call<{ task: Shown }>("jo", "GET", `/tasks/${id}`)).body.task;
const handIn = async (id: string) =>
  w.call("jo", "POST", `/tasks/${id}/move`, { revision: (await taskOf(id)).revision, to: "submitted" });

/** The a-square of a submitted read becomes another one. */
async function redrawn(one: ReadCase, side: number): Promise<void> {
  const layer = one.layer("cem");
  await w.call("lena", "POST", `/layers/${layer}/reopen`);
  const rows = (await w.call<Page<AnnotationRow>>("cem", "GET", `/layers/${layer}/annotations`)).body.items;
  const old = rows.find(({ geometry }) => JSON.stringify(geometry).includes("[400,400]"));
  await w.running.product.world.rooms.edit(layer as never, w.people.cem.id, (doc) => doc.remove(old?.id as never));
  await w.draw("cem", layer, [box("a", 400, 400, side)]);
  expect((await w.call("cem", "POST", `/layers/${layer}/submit`)).status).toBe(200);
}

it("[ADJ6] the queue of a task holds its disputes alone, and it is handed in when each is settled", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const one = await readSlide(w, project, THREE_READS);
  await readSlide(w, project, THREE_READS);
  const view = await one.view();
  const keys = [at(view, 400, 400).key, at(view, 1_200, 1_200).key];
  const task = await given(one, keys);
  const queue = async (more = "") =>
    (await w.call<QueueView>("jo", "GET", `/projects/${project}/disputes?task=${task}${more}`)).body;
  expect((await queue()).items.map(({ key }) => key).toSorted()).toEqual(keys.toSorted());
  expect(await handIn(task)).toMatchObject({ status: 409, body: { code: "task-unfinished" } });
  await one.decide("jo", at(view, 400, 400), { method: "majority" });
  expect((await queue()).items.map(({ key }) => key)).toEqual([keys[1]]);
  expect((await queue("&state=all")).total).toBe(2);
  expect(await taskOf(task)).toMatchObject({ left: 1, total: 2 });
  await one.decide("lena", at(view, 1_200, 1_200), { method: "unresolved" });
  expect(await taskOf(task)).toMatchObject({ left: 0, total: 2 });
  expect((await handIn(task)).status).toBe(200);
  expect(await taskOf(task)).toMatchObject({ left: 0, total: 2, state: "submitted" });
  const elsewhere = await w.project(aGuideline(["a"]));
  const foreign = await w.call("lena", "GET", `/projects/${elsewhere}/disputes?task=${task}`);
  expect(foreign).toMatchObject({ status: 404, body: { code: "not-found" } });
  const hidden = await w.call("ada", "GET", `/projects/${project}/disputes?task=${task}`);
  expect(hidden).toMatchObject({ status: 404, body: { code: "not-found" } });
});

it("[ADJ7] what a changed read makes of a task's disputes is its work again, and nothing else is", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const one = await readSlide(w, project, THREE_READS);
  const before = await one.view();
  const task = await given(one, [at(before, 400, 400).key]);
  await one.decide("jo", at(before, 400, 400), { method: "majority" });
  expect(await taskOf(task)).toMatchObject({ left: 0, total: 1 });
  await redrawn(one, 190);
  const after = await one.view();
  const again = after.disputes.filter(({ decision }) => decision?.outOfDate === true);
  expect(again.length).toBeGreaterThan(0);
  const queue = (await w.call<QueueView>("jo", "GET", `/projects/${project}/disputes?task=${task}`)).body;
  expect(queue.items.map(({ key }) => key)).toEqual(expect.arrayContaining(again.map(({ key }) => key)));
  expect(queue.items.map(({ key }) => key)).not.toContain(at(after, 1_200, 1_200).key);
  expect(await taskOf(task)).toMatchObject({ left: queue.total });
  expect(await handIn(task)).toMatchObject({ status: 409, body: { code: "task-unfinished" } });
  for (const { key } of queue.items) {
    const { disputes } = await one.view();
    const replaces = disputes.find((each) => each.key === key)?.decision?.id ?? null;
    expect((await one.decide("jo", { key }, { method: "exclude" }, { replaces })).status).toBe(200);
  }
  expect((await handIn(task)).status).toBe(200);
});

it("[ADJ7] what the readers no longer differ in is not left of the task", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const one = await readSlide(w, project, {
    ada: [box("a", 400, 400, 200)],
    bea: [box("a", 400, 400, 200)],
    cem: [box("b", 400, 400, 200)],
  });
  const task = await given(one, null);
  expect(await taskOf(task)).toMatchObject({ left: 1, total: 1 });
  await redrawn(one, 200);
  expect((await one.view()).disputes).toEqual([]);
  expect(await taskOf(task)).toMatchObject({ left: 0, total: 0 });
  expect((await handIn(task)).status).toBe(200);
});

it("[ADJ10] a lead sees to whom disputes can be given and how many each may decide, whom the guideline names first; nobody else does", async () => {
  const { jo, lena, lars } = w.people;
  const single = { method: "single", quorum: 2, adjudicatorId: jo.id } as const;
  const rules = { barredAdjudicators: [lars.id] };
  const project = await w.project(aGuideline([aClass("a", { consensus: single }), "b"], rules));
  const one = await readSlide(w, project, THREE_READS);
  const path = `/rounds/${one.round}/slides/${one.slide}/adjudicators`;
  const deciders = async () =>
    (await w.call<Page<Decider>>("lena", "GET", path)).body.items.map(({ person, disputes, named }) => [
      person.id,
      disputes,
      named,
    ]);
  const waiting = (await one.view()).disputes.filter(({ settled }) => !settled);
  const ofBoth = waiting.filter(({ votes }) => votes.some(({ classId }) => classId === aClass("b").id));
  expect([waiting.length > ofBoth.length, ofBoth.length]).toEqual([true, 1]);
  expect(await deciders()).toEqual([
    [jo.id, waiting.length, waiting.length],
    [lena.id, 1, 0],
  ]);
  await one.decide("jo", at(await one.view(), 1_200, 1_200), { method: "exclude" });
  expect(await deciders()).toEqual([[jo.id, waiting.length - 1, waiting.length - 1]]);
  for (const name of ["jo", "ada", "eve", "vic"] as const) expect((await w.call(name, "GET", path)).status).toBe(403);
  expect((await w.call("stranger", "GET", path)).status).toBe(404);
  await w.round(project, "blind", [one.slide], ["lena"]);
  expect((await w.call("lena", "GET", path)).status).toBe(404);
});

it("[ADJ12] a task of disputes is given to nobody who may not adjudicate, by hand or by a rule", async () => {
  const project = await w.project(aGuideline(["a", "b"]));
  const one = await readSlide(w, project, THREE_READS);
  const task = await given(one, null);
  const { revision } = await taskOf(task);
  const byHand = await w.call("lena", "PATCH", `/tasks/${task}`, { revision, assigneeId: w.people.ada.id });
  expect(byHand).toMatchObject({ status: 422, body: { code: "person-not-suitable" } });
  const body = { taskIds: [task], assigneeId: w.people.ada.id };
  expect((await w.call("lena", "POST", `/projects/${project}/tasks/reassign`, body)).body).toMatchObject({
    moved: 0,
    refused: [{ taskId: task, code: "person-not-suitable" }],
  });
  const toLars = { revision, assigneeId: w.people.lars.id };
  expect((await w.call("lena", "PATCH", `/tasks/${task}`, toLars)).status).toBe(200);
});

/** What somebody who may not have it is told, by hand and by a rule; the task stays where it is. */
async function expectKeptFrom(project: string, task: string, assigneeId: string, disputes: readonly string[]) {
  const { revision } = await taskOf(task);
  const byHand = await w.call<{ detail: { disputes: string[] } }>("lena", "PATCH", `/tasks/${task}`, {
    revision,
    assigneeId,
  });
  expect(byHand).toMatchObject({ status: 422, body: { code: "person-not-suitable", detail: { assigneeId } } });
  expect(byHand.body.detail.disputes.toSorted()).toEqual(disputes.toSorted());
  const refused = [{ taskId: task, code: "person-not-suitable" }];
  const path = `/projects/${project}/tasks`;
  const given = { taskIds: [task], assigneeId };
  expect((await w.call("lena", "POST", `${path}/reassign`, given)).body).toMatchObject({ moved: 0, refused });
  const byRule = { taskIds: [task], rule: { kind: "person", personId: assigneeId } };
  const preview = await w.call("lena", "POST", `${path}/assignment-preview`, byRule);
  expect(preview.body).toMatchObject({ refused, assignments: [{ taskId: task, to: null }] });
  expect(await taskOf(task)).toMatchObject({ revision, assignee: { id: w.people.jo.id } });
}

it("[ADJ13] a task of disputes is given to nobody who is barred from them, by hand or by a rule, and that names who and what", async () => {
  const { lars, lena } = w.people;
  const project = await w.project(aGuideline(["a", "b"], { barReaders: true }));
  const one = await readSlide(w, project, THREE_READS);
  const task = await given(one, null);
  const keys = (await one.view()).disputes.filter(({ settled }) => !settled).map(({ key }) => key);
  await w.round(project, "open", [one.slide], ["lars"]);
  await expectKeptFrom(project, task, lars.id, keys);
  const rule = { kind: "balanced", personIds: [lars.id, lena.id] };
  const balanced = { taskIds: [task], rule };
  const preview = await w.call("lena", "POST", `/projects/${project}/tasks/assignment-preview`, balanced);
  expect(preview.body).toMatchObject({ refused: [], assignments: [{ taskId: task, to: { id: lena.id } }] });
  const { revision } = await taskOf(task);
  expect((await w.call("lena", "PATCH", `/tasks/${task}`, { revision, assigneeId: lena.id })).status).toBe(200);
});

it("[ADJ14] disputes of a class that is decided by one person's word stay with that person", async () => {
  const { jo, lena } = w.people;
  const single = { method: "single", quorum: 2, adjudicatorId: jo.id } as const;
  const project = await w.project(aGuideline([aClass("a", { consensus: single }), "b"]));
  const one = await readSlide(w, project, THREE_READS);
  const open = (await one.view()).disputes.filter(({ settled }) => !settled);
  const task = await given(one, null);
  const theirs = open.filter(({ votes }) => !votes.some(({ classId }) => classId === aClass("b").id));
  expect([theirs.length > 0, theirs.length < open.length]).toEqual([true, true]);
  await expectKeptFrom(
    project,
    task,
    lena.id,
    theirs.map(({ key }) => key),
  );
});

it("[ADJ15] disputes of an adjudicator who left go to somebody who may decide them", async () => {
  const { jo, lena, lars } = w.people;
  for (const kind of ["lead", "balanced"] as const) {
    const project = await w.project(aGuideline(["a", "b"], { barredAdjudicators: [lena.id] }));
    expect((await w.call("lena", "PATCH", `/projects/${project}`, { heirs: { kind } })).status).toBe(200);
    const task = await given(await readSlide(w, project, THREE_READS), null);
    expect((await w.call("lena", "DELETE", `/projects/${project}/members/${jo.id}`)).status).toBe(200);
    await makeTasks(w.running.product.world, project);
    const { body } = await w.call<{ task: Shown }>("lena", "GET", `/tasks/${task}`);
    expect(body.task).toMatchObject({ state: "open", assignee: { id: lars.id } });
  }
});
