import { afterAll, beforeAll, expect, it } from "vitest";
import type { ProjectId } from "#domain/ids.ts";
import type { QueueView } from "#server/api/schemas/agreement.ts";
import type { RecordDifferences } from "#server/api/schemas/record.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { type ApiWorld, apiWorld, type Page } from "#tests/support/api-world.ts";
import { aClass, aClassId, aGuideline, declare, withClass, withClasses } from "#tests/support/builders.ts";
import { box, type ReadCase, readSlide } from "#tests/support/read-case.ts";

const FIRST = aGuideline(["a", aClass("cell", { matching: { by: "iou", min: 0.3 } })]);
const SPLIT = withClasses(
  withClass(withClass(FIRST, "a", { retired: true }), "cell", { retired: true }),
  aClass("c"),
  aClass("d"),
  aClass("round", { matching: { by: "iou", min: 0.3 } }),
  aClass("long", { matching: { by: "iou", min: 0.3 } }),
);

let w: ApiWorld;
let project: ProjectId;
let one: ReadCase;
/** Two read a region and an object alike, the third neither; then both classes are split, and Bea alone has chosen. */
beforeAll(async () => {
  w = await apiWorld();
  project = await w.project(FIRST);
  const alike = [box("a", 400, 400, 200), box("cell", 1_200, 400, 30)];
  one = await readSlide(w, project, { ada: alike, bea: alike, cem: [] });
  const said = [declare.split("a", ["c", "d"]), declare.split("cell", ["round", "long"])];
  expect((await w.publish(project, SPLIT, said)).status).toBe(200);
  await choose("bea");
});
afterAll(async () => {
  await w.close();
  expect(w.faults).toEqual([]);
});

async function choose(name: "ada" | "bea"): Promise<void> {
  const tasks = (await w.call<Page<Task>>(name, "GET", `/projects/${project}/tasks`)).body.items;
  const task = tasks.find(({ kind, assignee }) => kind === "migration" && assignee.name === name);
  const { items } = (await w.call<TaskDetail>(name, "GET", `/tasks/${task?.id}`)).body;
  expect(items).toHaveLength(2);
  for (const { annotationId, contentHash, classId } of items) {
    const chosen = aClassId(classId === aClassId("a") ? "c" : "round");
    const body = { annotationId, contentHash, answer: { verdict: "choose", classId: chosen } };
    expect((await w.call(name, "POST", `/tasks/${task?.id}/resolve`, body)).status).toBe(200);
  }
}

it("[CNS79] where an outline waits for its class after a split its read says so, in no number is it a mark, and nobody accepts it", async () => {
  const view = await one.view("lena");
  const saidBy = (dispute: (typeof view.disputes)[number]) =>
    Object.fromEntries(
      dispute.votes.map(({ read, classId, waits }) => [view.reads[read]?.reader?.name, [classId, waits]]),
    );
  const found = new Map(view.disputes.map((dispute) => [dispute.basis, saidBy(dispute)]));
  expect(view.disputes).toHaveLength(2);
  expect(found.get("region")).toEqual({ ada: [null, true], bea: [aClassId("c"), false], cem: [null, false] });
  expect(found.get("object")).toEqual({ ada: [null, true], bea: [aClassId("round"), false], cem: [null, false] });
  expect(view.votes.objects.map(({ votes }) => votes.filter((label) => label === 0))).toEqual([[0, 0]]);

  const queue = (await w.call<QueueView>("lena", "GET", `/projects/${project}/disputes`)).body;
  const ada = queue.readers.findIndex(({ reader }) => reader?.name === "ada");
  for (const { votes } of queue.items)
    expect(votes.filter(({ waits }) => waits).map((vote) => vote.reader)).toEqual([ada]);

  for (const dispute of view.disputes) {
    const read = dispute.votes.find(({ waits }) => waits)?.read ?? -1;
    const refused = await one.decide("jo", dispute, { method: "accept-read", read });
    expect([refused.status, refused.body.code]).toEqual([409, "read-waits"]);
  }
});

it("[CNS80] the record beside such a read says that it waits, and once a class is chosen it is a vote like the others", async () => {
  const [dispute] = (await one.view()).disputes.filter(({ basis }) => basis === "region");
  if (dispute === undefined) throw new Error("there is no dispute");
  await one.decide("jo", dispute, { method: "union" });
  const differences = async () =>
    (await w.call<RecordDifferences>("ada", "GET", `/rounds/${one.round}/record-differences`)).body.items;
  expect((await differences()).map(({ read, waits }) => [read, waits])).toEqual([[null, true]]);
  await choose("ada");
  const { disputes } = await one.view();
  expect(disputes.flatMap(({ votes }) => votes.map(({ waits }) => waits))).not.toContain(true);
  expect(disputes.map(({ votes }) => votes.filter(({ classId }) => classId !== null).length)).toEqual([2, 2]);
});
