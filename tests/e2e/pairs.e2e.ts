import { afterAll, beforeAll, expect, it } from "vitest";
import type { Geometry } from "#domain/annotation.ts";
import { geometryArea } from "#domain/geometry.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { demoProject, type Listed, signIn, until, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Version = { readonly number: number; readonly content: GuidelineContent };
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
  await shot("pair");
  await page.getByTestId("task-trim").hover();
  await shot("pair-trim-hover");
  await page.getByTestId("task-trim-other").hover();
  await shot("pair-other-hover");
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
  await shot("pair-inside-narrow");
  await page.keyboard.press("Shift+T");
  await until(async () => (await left()) === 0, "all are answered");
  await until(async () => geometryArea(await drawn(otherOf(third))) === 400 * 400 - 50 * 50, "it has a hole");
  expect([...amir.faults, ...lead.faults]).toEqual([]);
});

/** Publishes a version under which Tumour may share so much and no more. */
async function allow(maxSharedShare: number): Promise<void> {
  const content = await newest();
  const classes = content.classes.map((each) =>
    each.name === "Tumour" ? { ...each, rules: { ...each.rules, overlaps: [], nestedIn: [], maxSharedShare } } : each,
  );
  const { draft, versions } = await guideline();
  await lead.call("PUT", `/projects/${project}/guideline/draft`, {
    revision: draft?.revision ?? 0,
    content: { ...content, classes },
    declarations: [],
  });
  await lead.call("POST", `/projects/${project}/guideline/publish`, { parent: versions.at(-1)?.number });
}

/** Three pairs down the slide: two share half of the first one's area, the third lies wholly inside. */
async function drawPairs(): Promise<void> {
  const { versions } = await guideline();
  const content = await newest();
  const idOf = (name: string) => content.classes.find((each) => each.name === name)?.id;
  const drawnAs = (name: string, index: number, [x, y, size]: readonly [number, number, number]) => ({
    type: "Feature",
    geometry: {
      type: "Polygon",
      coordinates: [
        [
          [x, y],
          [x + size, y],
          [x + size, y + size],
          [x, y + size],
          [x, y],
        ],
      ],
    },
    properties: {
      objectType: "annotation",
      classification: { name },
      concord: {
        id: `pair${name}${index}`.toLowerCase(),
        classId: idOf(name),
        under: versions.at(-1)?.number,
        attributes: {},
      },
    },
  });
  const features = [
    drawnAs("Tumour", 1, [500, 400, 200]),
    drawnAs("Stroma", 1, [600, 300, 400]),
    drawnAs("Tumour", 2, [500, 1_000, 200]),
    drawnAs("Stroma", 2, [600, 900, 400]),
    drawnAs("Tumour", 3, [700, 1_600, 50]),
    drawnAs("Stroma", 3, [600, 1_500, 400]),
  ];
  await amir.call("POST", `/layers/${layer}/geojson`, { type: "FeatureCollection", features });
}

type Guideline = { readonly versions: readonly Version[]; readonly draft: { readonly revision: number } | null };
const guideline = () => lead.call<Guideline>("GET", `/projects/${project}/guideline`);

async function newest(): Promise<GuidelineContent> {
  const content = (await guideline()).versions.at(-1)?.content;
  if (content === undefined) throw new Error("the demo has no guideline");
  return content;
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

/** A picture for whoever wants to look, where a folder for it is given. */
async function shot(name: string): Promise<void> {
  const folder = process.env["SHOTS"];
  if (folder !== undefined) await amir.page.screenshot({ path: `${folder}/${name}.png` });
}
