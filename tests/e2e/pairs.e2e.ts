import { afterAll, beforeAll, expect, it } from "vitest";
import type { Geometry } from "#domain/annotation.ts";
import { geometryArea } from "#domain/geometry.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { classNamed, drawSquares, newestVersion, publishNext, shot } from "#tests/support/demo-study.ts";
import { demoProject, type Listed, signIn, until, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Row = { readonly id: string; readonly geometry: Geometry; readonly under: number };

let app: App;
let lead: Visitor;
let amir: Visitor;
let project: string;
let slide: string;
let layer: string;

beforeAll(async () => {
  await buildApp();
  app = await startApp({ env: { CONCORD_DEMO_WIDTH: "4096" } });
  lead = await signIn(app.url, "lead@demo.concord");
  amir = await signIn(app.url, "amir@demo.concord");
  project = await demoProject(lead);
  slide = (await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`)).items[0]?.id ?? "";
  layer = (await lead.call<{ id: string }>("POST", `/slides/${slide}/layers`, {})).id;
});

afterAll(async () => {
  for (const visitor of [lead, amir]) await visitor?.leave();
  await app?.stop();
});

it("[PAI25] the walk shows both outlines of a pair and what they share; T trims the one, Shift T the other, Z takes it back", async () => {
  await allow(1);
  await drawPairs();
  await allow(0.1);
  const task = await ownTask();
  const { page } = amir;
  await page.goto(`${app.url}/projects/${project}/slides/${slide}?task=${task.id}`);
  const card = page.getByTestId("pair-card");
  await card.getByRole("heading").getByText("50 % of this Tumour is also Stroma; at most 10 % is allowed.").waitFor();
  await card.getByText("Before, Tumour allowed any share.").waitFor();
  await page.waitForLoadState("networkidle");
  await shot(page, "pair");
  await page.getByTestId("task-trim").hover();
  await shot(page, "pair-trim-hover");
  await page.getByTestId("task-trim-other").hover();
  await shot(page, "pair-other-hover");
  await page.mouse.move(400, 500);

  const [first, second, third] = (await amir.call<TaskDetail>("GET", `/tasks/${task.id}`)).items;
  const otherOf = (item: typeof first) => item?.pairs[0]?.annotationId ?? "";
  await page.keyboard.press("t");
  await until(async () => (await left()) === 2, "the first is answered");
  await until(async () => geometryArea(await drawn(first?.annotationId)) === 100 * 200, "it lost what it shared");
  expect(geometryArea(await drawn(otherOf(first)))).toBe(400 * 400);

  await page.keyboard.press("Shift+T");
  await until(async () => (await left()) === 1, "the second is answered");
  await until(async () => geometryArea(await drawn(otherOf(second))) === 400 * 400 - 100 * 200, "the other lost it");
  expect(geometryArea(await drawn(second?.annotationId))).toBe(200 * 200);
  await page.keyboard.press("z");
  await until(async () => (await left()) === 2, "it waits again");
  await until(async () => geometryArea(await drawn(otherOf(second))) === 400 * 400, "the other is whole again");

  await card.getByRole("heading").getByText("50 % of this Tumour").waitFor();
  await page.keyboard.press("k");
  await card.getByRole("heading").getByText("100 % of this Tumour is also Stroma").waitFor();
  await page.keyboard.press("t");
  await until(async () => (await left()) === 1, "nothing would be left, so nothing is done");
  await page.setViewportSize({ width: 900, height: 800 });
  await shot(page, "pair-inside-narrow");
  await page.keyboard.press("Shift+T");
  await until(async () => (await left()) === 0, "all are answered");
  await until(async () => geometryArea(await drawn(otherOf(third))) === 400 * 400 - 50 * 50, "it has a hole");
  expect([...amir.faults, ...lead.faults]).toEqual([]);
});

/** Publishes a version under which Tumour may share so much and no more. */
async function allow(maxSharedShare: number): Promise<void> {
  const { rules } = classNamed((await newestVersion(lead, project)).content, "Tumour");
  const changed = { rules: { ...rules, overlaps: [], nestedIn: [], maxSharedShare } };
  await publishNext(lead, project, { classes: { Tumour: changed } });
}

/** Three pairs down the slide: two share half of the first one's area, the third lies wholly inside. */
async function drawPairs(): Promise<void> {
  const drawnAs = (className: string, index: number, [x, y, side]: readonly [number, number, number]) => {
    return { id: `pair${className}${index}`.toLowerCase(), className, x, y, side };
  };
  await drawSquares(amir, { project, layer }, [
    drawnAs("Tumour", 1, [500, 400, 200]),
    drawnAs("Stroma", 1, [600, 300, 400]),
    drawnAs("Tumour", 2, [500, 1_000, 200]),
    drawnAs("Stroma", 2, [600, 900, 400]),
    drawnAs("Tumour", 3, [700, 1_600, 50]),
    drawnAs("Stroma", 3, [600, 1_500, 400]),
  ]);
}

async function ownTask(): Promise<Task> {
  const found = async () =>
    (await amir.call<Listed<Task>>("GET", `/projects/${project}/tasks?kind=migration`)).items.find(
      ({ layerId, state, assignee }) => layerId === layer && state === "open" && assignee.name.startsWith("Amir"),
    );
  await until(async () => (await found()) !== undefined, "the task is there");
  return (await found()) as Task;
}

async function drawn(id: string | undefined): Promise<Geometry> {
  const { items } = await amir.call<Listed<Row>>("GET", `/layers/${layer}/annotations`);
  const row = items.find((each) => each.id === id);
  if (row === undefined) throw new Error(`${id} is gone`);
  return row.geometry;
}

async function left(): Promise<number> {
  return Number(await amir.page.getByTestId("task-left").getAttribute("data-left"));
}
