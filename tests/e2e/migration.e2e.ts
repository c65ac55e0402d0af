import { afterAll, beforeAll, expect, it } from "vitest";
import type { GuidelineContent } from "#domain/guideline.ts";
import { demoProject, type Listed, signIn, until, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Version = { readonly number: number; readonly content: GuidelineContent };
type Task = {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly left: number;
  readonly slide: { readonly id: string };
};
type Row = { readonly classId: string; readonly under: number };

let app: App;
let lead: Visitor;
let amir: Visitor;
let project: string;

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  amir = await signIn(app.url, "amir@demo.concord");
  project = await demoProject(lead);
});

afterAll(async () => {
  for (const visitor of [lead, amir]) await visitor?.leave();
  await app?.stop();
});

it("[BRW10] a lead previews and publishes a change, and whoever has a slide open learns of it without a reload", async () => {
  const slides = await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`);
  await amir.page.goto(`${app.url}/projects/${project}/slides/${slides.items[0]?.id}`);
  await amir.page.getByTestId("annotation-count").waitFor();
  await saveDraft();

  await lead.page.goto(`${app.url}/projects/${project}/guideline/preview`);
  await lead.page.getByRole("button", { name: /publish version 3/i }).click();
  const dialog = lead.page.getByRole("dialog");
  await dialog.getByLabel("Why").fill("Retraction was taken for invasion.");
  await dialog.getByRole("button", { name: "Publish", exact: true }).click();
  await until(async () => (await versions()).length === 3, "version 3 is published");
  await until(() => amir.page.getByTestId("guideline-news").isVisible(), "the open page says so");
  expect(amir.faults).toEqual([]);
});

it("[BRW11] open tasks of the former version are superseded, and answers are asked once for both changes", async () => {
  const tasks = await tasksOf(amir);
  expect(tasks.some((task) => task.state === "superseded")).toBe(true);
  expect(tasks.filter((task) => task.state === "open").length).toBeGreaterThan(0);
});

it("[BRW12] an annotator works through the tasks by keyboard alone and hands them in; the lead accepts", async () => {
  for (const task of (await tasksOf(amir)).filter((each) => each.state === "open")) await walk(task);
  expect((await tasksOf(amir)).filter((task) => task.state === "submitted" && task.left === 0).length).toBeGreaterThan(
    0,
  );
  await lead.page.goto(`${app.url}/projects/${project}/tasks`);
  await until(async () => /to accept/i.test(await lead.page.locator("main").innerText()), "the board shows them");
  for (const task of await tasksOf(lead)) {
    if (task.state !== "submitted") continue;
    const { task: now } = await lead.call<{ task: { revision: number } }>("GET", `/tasks/${task.id}`);
    await lead.call("POST", `/tasks/${task.id}/move`, { revision: now.revision, to: "accepted" });
  }
  expect((await tasksOf(amir)).every((task) => task.state === "accepted" || task.state === "superseded")).toBe(true);
});

it("[BRW13] afterwards nothing of that annotator is stale, and automatic changes have written nothing", async () => {
  const { items } = await lead.call<Listed<{ id: string; name: string }>>("GET", `/projects/${project}/slides`);
  const [{ content }] = (await versions()).slice(-1) as [Version];
  const tumour = content.classes.find((each) => each.name === "Invasive carcinoma");
  for (const slide of items) {
    const layers = await amir.call<Listed<{ id: string; mine: boolean }>>("GET", `/slides/${slide.id}/layers`);
    const own = layers.items.find((layer) => layer.mine)?.id;
    const rows = await amir.call<Listed<Row>>("GET", `/layers/${own}/annotations`);
    expect(rows.items.length).toBeGreaterThan(0);
    expect(rows.items.filter((row) => row.classId === tumour?.id).every((row) => row.under === 1)).toBe(true);
  }
  expect([lead, amir].flatMap((visitor) => visitor.faults)).toEqual([]);
});

/** Version 3: one class is renamed, one is narrowed. */
async function saveDraft(): Promise<void> {
  const [{ content }] = (await versions()).slice(-1) as [Version];
  const classes = content.classes.map((each) => {
    if (each.name === "Tumour") return { ...each, name: "Invasive carcinoma" };
    return each.name === "Vascular invasion"
      ? { ...each, exclude: "Retraction around a nest, and clusters in a cleft without a lining." }
      : each;
  });
  const rare = content.classes.find((each) => each.name === "Vascular invasion");
  await lead.call("PUT", `/projects/${project}/guideline/draft`, {
    revision: 0,
    content: { ...content, classes },
    declarations: [{ kind: "narrow", classId: rare?.id }],
  });
}

async function versions(): Promise<readonly Version[]> {
  return (await lead.call<{ versions: readonly Version[] }>("GET", `/projects/${project}/guideline`)).versions;
}

async function tasksOf(visitor: Visitor): Promise<readonly Task[]> {
  const { id } = await amir.call<{ id: string }>("GET", "/me");
  return (await visitor.call<Listed<Task>>("GET", `/projects/${project}/tasks?assignee=${id}`)).items;
}

/** Answers item after item: keep where that will do, else the first choice. */
async function walk(task: Task): Promise<void> {
  const { page } = amir;
  await page.goto(`${app.url}/projects/${project}/slides/${task.slide.id}?task=${task.id}`);
  const left = page.getByTestId("task-left");
  await left.waitFor();
  const open = async () => Number(await left.getAttribute("data-left"));
  for (let remaining = await open(); remaining > 0; remaining--) {
    const keep = page.getByTestId("task-keep");
    const answers = page.locator('[data-testid="task-keep"]:enabled, [data-testid="task-choose-1"]:enabled');
    await until(async () => (await answers.count()) > 0, "the item can be answered");
    await page.keyboard.press((await keep.isVisible()) ? "k" : "1");
    await until(async () => (await open()) < remaining, "the answer counts");
  }
  await page.getByTestId("task-submit").click();
  await until(
    async () => (await tasksOf(amir)).find((each) => each.id === task.id)?.state === "submitted",
    "it is handed in",
  );
}
