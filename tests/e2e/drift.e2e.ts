import { afterAll, beforeAll, expect, it } from "vitest";
import type { Drift } from "#server/api/schemas/drift.ts";
import { demoProject, type Listed, signIn, until, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Task = {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly slide: { readonly id: string; readonly name: string };
};
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

it("[DRF11] a lead sees in Drift how readers draw and what they use classes for, and sets up the bridge set", async () => {
  await lead.page.goto(`${app.url}/projects/${project}`);
  await lead.page.getByRole("link", { name: "Drift" }).click();
  await lead.page.getByTestId("offsets").waitFor({ timeout: 60_000 });
  expect(await lead.page.getByTestId("offsets").getByRole("listitem").count()).toBe(3);
  expect(await lead.page.getByTestId("class-use").getByRole("img").count()).toBeGreaterThan(3);
  await lead.page.getByRole("button", { name: "Choose regions" }).click();
  await lead.page.getByTestId("region-picker").click({ position: { x: 120, y: 100 } });
  await lead.page.getByLabel("Name").fill("Invasive front");
  await lead.page.getByTestId("add-region").click();
  await lead.page.getByRole("dialog").getByText("Chen Wei").click();
  await lead.page.getByTestId("save-bridge").click();
  await lead.page.getByText(/guideline v\d+: 0 of 1 read in/).waitFor();
  const drift = await lead.call<Drift>("GET", `/projects/${project}/drift`);
  expect(drift.bridge.regions).toMatchObject([{ name: "Invasive front" }]);
  expect((await amir.ask("GET", `/projects/${project}/drift`)).status).toBe(403);
  expect(lead.faults).toEqual([]);
});

it("[BRG5] a reader finds the regions of the bridge set framed, and hands their read in", async () => {
  const chen = await signIn(app.url, "chen@demo.concord");
  try {
    const { items } = await chen.call<Listed<Task>>("GET", `/projects/${project}/tasks`);
    const task = items.find(({ kind, state }) => kind === "repeat-read" && state === "open");
    if (task === undefined) throw new Error("there is no bridge read");
    await chen.page.goto(`${app.url}/projects/${project}/slides/${task.slide.id}?task=${task.id}`);
    await chen.page.getByTestId("bridge-panel").getByRole("button", { name: "Invasive front" }).click();
    await chen.page.getByTestId("annotation-count").waitFor();
    await chen.page.getByTestId("submit-read").click();
    await chen.page.getByTestId("confirm-submit").click();
    await until(async () => {
      const { items: now } = await chen.call<Listed<Task>>("GET", `/projects/${project}/tasks`);
      return now.find(({ id }) => id === task.id)?.state === "accepted";
    }, "the bridge read is in");
    expect(chen.faults).toEqual([]);
  } finally {
    await chen.leave();
  }
});
