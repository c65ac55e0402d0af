import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { classNamed, newestVersion, publishNext } from "#tests/support/demo-study.ts";
import {
  demoProject,
  type Listed,
  outlineCount,
  signIn,
  until,
  type Visitor,
  waitForSaved,
} from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Row = { readonly id: string; readonly classId: string; readonly attributes: Readonly<Record<string, string>> };

const grade = attributeSchema.parse({
  id: "fibregrade",
  name: "Density",
  kind: "choice",
  required: true,
  help: "Of the fibres in most of the outline.",
  values: [
    { id: "sparsefibres", name: "sparse" },
    { id: "densefibres", name: "dense" },
    { id: "hyalinised", name: "hyalinised" },
  ],
});
const depth = attributeSchema.parse({ id: "fibredepth", name: "Depth", kind: "number", unit: "mm" });
const remark = attributeSchema.parse({ id: "fibreremark", name: "Pattern", kind: "text" });

let app: App;
let lead: Visitor;
let amir: Visitor;
let project: string;
let slide: string;
let layer: string;
let stroma: GuidelineContent["classes"][number];

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  amir = await signIn(app.url, "amir@demo.concord");
  project = await demoProject(lead);
  slide = (await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`)).items[0]?.id ?? "";
  layer = (await lead.call<{ id: string }>("POST", `/slides/${slide}/layers`, {})).id;
  await publish();
});

afterAll(async () => {
  for (const visitor of [lead, amir]) await visitor?.leave();
  await app?.stop();
});

it("[ATR6] what was just drawn offers what its class requires, and the next stroke and the class keys go on as before", async () => {
  const { page } = amir;
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${app.url}/projects/${project}/slides/${slide}?layer=${layer}`);
  await until(() => page.getByTestId("annotation-count").isVisible(), "the viewer is ready");
  await waitForSaved(page);
  await page.keyboard.press(String(stroma.hotkey));
  await rectangle(0.2, 0.2);
  const offer = page.getByTestId("just-drawn");
  await offer.getByText("Density").waitFor();
  await offer.getByText("required").waitFor();
  await rectangle(0.4, 0.2);
  await until(async () => (await outlineCount(page)) === 2, "the next stroke was not interrupted");
  expect(await list(page).getByText("not said").count()).toBe(2);
  await page.keyboard.press("q");
  await page.keyboard.press("2");
  await page.keyboard.type("2,5");
  await page.keyboard.press("Enter");
  await offer.getByText(/is no number/).waitFor();
  for (let letter = 0; letter < 3; letter++) await page.keyboard.press("Backspace");
  await page.keyboard.type("2.5");
  await page.keyboard.press("Enter");
  await page.keyboard.type("storiform");
  await page.keyboard.press("Enter");
  await until(async () => said(await rows()).includes("2.5,densefibres,storiform"), "all three are stored");
  expect(await list(page).getByText("not said").count()).toBe(1);
  await page.keyboard.press("2");
  await rectangle(0.6, 0.2);
  await until(async () => (await outlineCount(page)) === 3, "a digit means a class again");
  const classes = (await rows()).map(({ classId }) => classId);
  expect(classes.filter((id) => id === stroma.id)).toHaveLength(2);
  expect(await offer.count()).toBe(0);
});

it("[ATR7] several outlines show what they share and where they differ; they are said, cleared and undone together", async () => {
  const { page } = amir;
  await page.getByLabel("State").selectOption("unsaid");
  await until(async () => (await list(page).getByText("Stroma").count()) === 1, "one is not said");
  await page.getByLabel("State").selectOption("");
  await page.getByLabel("Search outlines").fill("density: dense");
  await until(async () => (await list(page).getByText("Stroma").count()) === 1, "found by its value");
  await page.getByLabel("Search outlines").fill("stroma");
  await page.getByRole("button", { name: /^Select all/ }).click();
  const panel = page.getByTestId("selection");
  const density = panel.locator('[data-attribute="Density"]');
  await density.getByText("mixed").waitFor();
  await density.getByText("1 of 2 not said").waitFor();
  await density.getByRole("button", { name: "hyalinised" }).click();
  await until(async () => (await densities()) === "hyalinised,hyalinised", "both say it");
  await panel.getByLabel("Clear Density").click();
  await until(async () => (await densities()) === ",", "both are cleared");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await until(async () => (await densities()) === ",densefibres", "each step is undone as one");
  await page.getByLabel("Search outlines").fill("");
});

it("[ATR8] who may not change a layer sees what is said, and has nothing to say it with", async () => {
  const { items } = await lead.call<Listed<{ id: string; name: string }>>("GET", `/projects/${project}/members`);
  const id = items.find(({ name }) => name === "Amir Rahimi")?.id;
  await lead.call("PATCH", `/projects/${project}/members/${id}`, { role: "viewer" });
  const { page } = amir;
  await page.setViewportSize({ width: 900, height: 900 });
  await page.reload();
  await list(page).getByText("Stroma").last().click();
  const panel = page.getByTestId("selection");
  await panel.getByTestId("attributes").waitFor();
  expect(await panel.getByTestId("attributes").locator("button, input").count()).toBe(0);
  const density = await panel.locator('[data-attribute="Density"]').innerText();
  expect(density).toMatch(/dense|not said/);
  expect(amir.faults).toEqual([]);
});

const list = (page: Page) => page.getByRole("listbox", { name: "Outlines of this layer" });

/** Draws with the rectangle tool at a place given as shares of the visible slide. */
async function rectangle(x: number, y: number): Promise<void> {
  const { page } = amir;
  const box = await page.getByTestId("slide").boundingBox();
  if (box === null) throw new Error("the slide is not on the page");
  await page.keyboard.press("r");
  await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + (x + 0.12) * box.width, box.y + (y + 0.15) * box.height, { steps: 3 });
  await page.mouse.up();
}

async function publish(): Promise<void> {
  stroma = classNamed((await newestVersion(lead, project)).content, "Stroma");
  const attributes = [...stroma.attributes, grade, depth, remark];
  await publishNext(lead, project, { classes: { Stroma: { attributes } } });
}

async function rows(): Promise<readonly Row[]> {
  return (await amir.call<Listed<Row>>("GET", `/layers/${layer}/annotations`)).items;
}

function said(all: readonly Row[]): string[] {
  return all.map(({ attributes }) => Object.values(attributes).sort().join());
}

async function densities(): Promise<string> {
  const ofStroma = (await rows()).filter(({ classId }) => classId === stroma.id);
  return ofStroma
    .map(({ attributes }) => attributes[grade.id] ?? "")
    .sort()
    .join();
}
