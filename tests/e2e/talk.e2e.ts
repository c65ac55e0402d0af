import { afterAll, beforeAll, expect, it } from "vitest";
import { drawSquares } from "#tests/support/demo-study.ts";
import { demoProject, type Listed, signIn, typeIntoFocus, until, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Thread = {
  readonly annotationId: string | null;
  readonly resolvedAt: string | null;
  readonly comments: readonly { readonly text: string }[];
};
type Origin = { readonly from: string; readonly detail: string };
type Detail = {
  readonly origin: Origin | null;
  readonly region: unknown;
  readonly items: readonly { readonly annotationId: string }[];
};
type Task = { readonly id: string; readonly kind: string; readonly slide: { readonly id: string } };

const [LEFT, RIGHT, ALONE] = ["outlineleft1", "outlineright", "outlinealone"] as const;
let app: App;
let lead: Visitor;
let amir: Visitor;
let chen: Visitor;
let project: string;
let slide: string;
let layer: string;

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  amir = await signIn(app.url, "amir@demo.concord");
  chen = await signIn(app.url, "chen@demo.concord");
  project = await demoProject(lead);
  slide = (await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`)).items[0]?.id ?? "";
  layer = (await lead.call<{ id: string }>("POST", `/slides/${slide}/layers`, {})).id;
  await drawOutlines();
});

afterAll(async () => {
  for (const visitor of [lead, amir, chen]) await visitor?.leave();
  await app?.stop();
});

it("[WLK43] an outline is commented on from the keyboard, with a mention; others see the pin live, answer, and deal with it", async () => {
  await openSlide(amir, `&annotation=${ALONE}`);
  await openSlide(lead);
  await amir.page.keyboard.press("c");
  await amir.page.getByTestId("talk-card").waitFor();
  await typeIntoFocus(amir.page, "Is this still tumour? ");
  await amir.page.getByRole("button", { name: "Mention" }).click();
  await amir.page
    .getByRole("menuitem", { name: /Lead|Lena/i })
    .first()
    .click();
  await amir.page.getByRole("button", { name: "Say it" }).click();
  await until(async () => (await threads()).length === 1, "it is stored");
  expect((await threads())[0]).toMatchObject({ annotationId: ALONE });
  await until(async () => (await lead.page.getByTestId("talk-pin").count()) === 1, "the lead sees it without a reload");
  await until(async () => Number(await bell(lead)) > 0, "who is mentioned is told");
  await lead.page.getByTestId("talk-pin").click();
  await lead.page.getByTestId("talk-card").getByText("Is this still tumour?").waitFor();
  await typeIntoFocus(lead.page, "No: necrosis.");
  await lead.page.keyboard.press("Control+Enter");
  await until(async () => (await threads())[0]?.comments.length === 2, "it is answered");
  await amir.page.getByTestId("talk-card").getByText("No: necrosis.").waitFor();
  await amir.page.getByTestId("talk-resolve").click();
  await until(async () => (await threads())[0]?.resolvedAt !== null, "it is dealt with");
  await amir.page.keyboard.press("Escape");
  await until(async () => (await amir.page.getByTestId("talk-pin").count()) === 0, "and has no pin any more");
});

it("[WLK44] a place is commented on; leaving the field with Escape keeps the viewer's keys, and the list leads there", async () => {
  const { page } = amir;
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("c");
  await page.getByTestId("talk-placing").waitFor();
  await page.keyboard.press("Enter");
  await page.getByTestId("talk-card").waitFor();
  await typeIntoFocus(page, "Ink here.");
  await page.keyboard.press("Control+Enter");
  await until(async () => (await threads()).some(({ annotationId }) => annotationId === null), "it is at the place");
  await page.keyboard.press("Escape");
  await until(async () => (await page.getByTestId("talk-card").count()) === 0, "it is closed");
  await page.getByTestId("talk-chip").click();
  await page
    .getByRole("button", { name: /Ink here/ })
    .last()
    .click();
  await page.getByTestId("talk-card").getByText("Ink here.").waitFor();
  expect([lead, amir].flatMap(({ faults }) => faults)).toEqual([]);
});

it("[WLK45] of a blind round no comment, and no pin, reaches another reader", async () => {
  const reads = await lead.call<
    Listed<{ id: string; kind: string; reader: { id: string } | null; round: { mode: string } | null }>
  >("GET", `/slides/${slide}/layers`);
  const { id: amirId } = await amir.call<{ id: string }>("GET", "/me");
  const { id: chenId } = await chen.call<{ id: string }>("GET", "/me");
  const { items: slides } = await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`);
  const other = slides[1]?.id ?? slide;
  await lead.call("POST", `/projects/${project}/rounds`, {
    name: "Blind",
    mode: "blind",
    slideIds: [other],
    readerIds: [amirId, chenId],
  });
  const layers = await lead.call<typeof reads>("GET", `/slides/${other}/layers`);
  const own = layers.items.find(({ reader, round }) => reader?.id === amirId && round?.mode === "blind");
  const heard: string[] = [];
  chen.page.on("response", (response) => heard.push(response.url()));
  await chen.page.goto(`${app.url}/projects/${project}/slides/${other}`);
  await chen.page.getByTestId("annotation-count").waitFor();
  await amir.call("POST", `/layers/${own?.id}/comments`, { text: "crushed", place: { x: 10, y: 10 } });
  await amir.page.goto(`${app.url}/projects/${project}/slides/${other}`);
  await until(async () => (await amir.page.getByTestId("talk-pin").count()) === 1, "the reader sees their own");
  expect(await chen.page.getByTestId("talk-pin").count()).toBe(0);
  expect(await chen.page.getByTestId("talk-chip").count()).toBe(0);
  expect(heard.filter((url) => url.includes(own?.id ?? "none"))).toEqual([]);
});

it("[RWK10] a search, a finding and a region become rework tasks that say what they came from", async () => {
  const { page } = lead;
  await openSlide(lead);
  await page.getByLabel("Search outlines").fill("necrosis");
  await page.getByRole("button", { name: "Select all 2 shown" }).click();
  await page.getByTestId("selection").getByTestId("rework").first().click();
  expect(await made("class-confusion")).toMatchObject({
    origin: { from: "search", detail: "necrosis" },
    region: null,
    items: [{}, {}],
  });

  await page.getByLabel("Search outlines").fill("");
  await page
    .getByRole("listbox")
    .getByRole("option", { name: /Tumour/ })
    .click();
  await page.getByLabel("Findings").getByTestId("rework").first().click();
  const finding = await made("too-small");
  expect(finding).toMatchObject({ origin: { from: "finding", detail: "too-small" }, region: null });
  expect(finding.items).toHaveLength(1);

  await page.getByTestId("selection").getByTestId("rework").first().click();
  expect(await made("too-loose")).toMatchObject({ origin: { from: "outlines", detail: "" } });

  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Ask for rework of a region" }).click();
  await page.keyboard.press("z");
  await lasso();
  await page.keyboard.press("Enter");
  const region = await made("missed");
  expect(region).toMatchObject({ origin: { from: "region", detail: "" }, region: { type: "polygon" } });
  expect(region.items.map(({ annotationId }) => annotationId).sort()).toEqual([LEFT, RIGHT, ALONE].sort());
  expect(lead.faults).toEqual([]);
});

it("[RWK11] whose task it is, and what a lead may do about it, is said to a lead who opens another's", async () => {
  const { page } = lead;
  const [task] = (await lead.call<Listed<Task>>("GET", `/projects/${project}/tasks`)).items.filter(
    ({ kind }) => kind === "rework",
  );
  await page.goto(`${app.url}/projects/${project}/slides/${task?.slide.id}?task=${task?.id}`);
  await page
    .getByTestId("task-owner")
    .getByText(/answers this/)
    .waitFor();
  await page.getByRole("button", { name: "Take it over" }).click();
  await until(async () => (await page.getByTestId("task-owner").count()) === 0, "it is the lead's own");
});

/** Two overlapping outlines and one alone, in the team layer. */
async function drawOutlines(): Promise<void> {
  await drawSquares(amir, { project, layer }, [
    { id: LEFT, className: "Tumour", x: 300, y: 300, side: 80 },
    { id: RIGHT, className: "Necrosis", x: 340, y: 300, side: 80 },
    { id: ALONE, className: "Necrosis", x: 500, y: 420, side: 80 },
  ]);
}

async function openSlide(visitor: Visitor, more = ""): Promise<void> {
  await visitor.page.goto(`${app.url}/projects/${project}/slides/${slide}?layer=${layer}${more}`);
  await until(
    async () => (await visitor.page.getByTestId("annotation-count").innerText()).trim() === "3",
    "the outlines are there",
  );
  if (more !== "") await visitor.page.getByTestId("selection").waitFor();
}

/** Gives the open dialog to Amir with a reason. @returns the task that it made */
async function made(reason: string): Promise<Detail> {
  const { page } = lead;
  const before = new Set((await reworks()).map(({ id }) => id));
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("For").click();
  await page.getByRole("option", { name: /Amir/ }).click();
  await dialog.getByRole("button", { name: "Make the task" }).click();
  await until(async () => (await reworks()).length > before.size, `there is a task (${reason})`);
  const task = (await reworks()).find(({ id }) => !before.has(id));
  return lead.call<Detail>("GET", `/tasks/${task?.id}`);
}

async function reworks(): Promise<readonly Task[]> {
  return (await lead.call<Listed<Task>>("GET", `/projects/${project}/tasks?kind=rework`)).items;
}

/** Around the middle of the slide, with the mouse. */
async function lasso(): Promise<void> {
  const { page } = lead;
  const box = await page.getByTestId("slide").boundingBox();
  if (box === null) throw new Error("the slide is not on the page");
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  const corners = [at(0.15, 0.1), at(0.85, 0.1), at(0.85, 0.9), at(0.15, 0.9), at(0.15, 0.12)];
  await page.mouse.move(...(corners[0] ?? [0, 0]));
  await page.mouse.down();
  for (const corner of corners.slice(1)) await page.mouse.move(...corner, { steps: 8 });
  await page.mouse.up();
}

async function threads(): Promise<readonly Thread[]> {
  return (await lead.call<Listed<Thread>>("GET", `/layers/${layer}/comments`)).items;
}

async function bell({ page }: Visitor): Promise<string | null> {
  return page.locator("[data-unread]").first().getAttribute("data-unread");
}
