import { beforeAll, expect, it } from "vitest";
import type { Geometry } from "#domain/annotation.ts";
import { geometryArea } from "#domain/geometry.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { demoFor } from "#tests/support/demo.ts";
import { classNamed, drawSquares, newestVersion, publishNext, shot } from "#tests/support/demo-study.ts";
import { type Listed, until } from "#tests/support/people.ts";

type Row = { readonly id: string; readonly geometry: Geometry; readonly under: number };

const demo = demoFor(["lead", "amir"], { width: 4_096 });
let slide: string;
let layer: string;

beforeAll(async () => {
  const { project, people } = demo();
  slide = (await people.lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`)).items[0]?.id ?? "";
  layer = (await people.lead.call<{ id: string }>("POST", `/slides/${slide}/layers`, {})).id;
});

it("[PAI25] the walk shows both outlines of a pair and what they share; T trims the one, Shift T the other, Z takes it back", async () => {
  await allow(1);
  await drawPairs();
  await allow(0.1);
  const task = await ownTask();
  const { app, project, people } = demo();
  const { amir } = people;
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
});

/** Publishes a version under which Tumour may share so much and no more. */
async function allow(maxSharedShare: number): Promise<void> {
  const { project, people } = demo();
  const { rules } = classNamed((await newestVersion(people.lead, project)).content, "Tumour");
  await publishNext(people.lead, project, {
    classes: { Tumour: { rules: { ...rules, overlaps: [], nestedIn: [], maxSharedShare } } },
  });
}

/** Three pairs down the slide: two share half of the first one's area, the third lies wholly inside. */
async function drawPairs(): Promise<void> {
  const { project, people } = demo();
  await drawSquares(people.amir, { project, layer }, [
    { id: "pairtumour1", className: "Tumour", x: 500, y: 400, side: 200 },
    { id: "pairstroma1", className: "Stroma", x: 600, y: 300, side: 400 },
    { id: "pairtumour2", className: "Tumour", x: 500, y: 1_000, side: 200 },
    { id: "pairstroma2", className: "Stroma", x: 600, y: 900, side: 400 },
    { id: "pairtumour3", className: "Tumour", x: 700, y: 1_600, side: 50 },
    { id: "pairstroma3", className: "Stroma", x: 600, y: 1_500, side: 400 },
  ]);
}

async function ownTask(): Promise<Task> {
  const { project, people } = demo();
  const found = async () =>
    (await people.amir.call<Listed<Task>>("GET", `/projects/${project}/tasks?kind=migration`)).items.find(
      ({ layerId, state, assignee }) => layerId === layer && state === "open" && assignee.name.startsWith("Amir"),
    );
  await until(async () => (await found()) !== undefined, "the task is there");
  return (await found()) as Task;
}

async function drawn(id: string | undefined): Promise<Geometry> {
  const { items } = await demo().people.amir.call<Listed<Row>>("GET", `/layers/${layer}/annotations`);
  const row = items.find((each) => each.id === id);
  if (row === undefined) throw new Error(`${id} is gone`);
  return row.geometry;
}

async function left(): Promise<number> {
  return Number(await demo().people.amir.page.getByTestId("task-left").getAttribute("data-left"));
}
