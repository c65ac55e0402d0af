import { afterAll, beforeAll, expect, it } from "vitest";
import { THEME_COOKIE } from "#app/_lib/theme.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import type { Slide } from "#server/api/schemas/slides.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { demoProject, type Listed, signIn, until, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Guideline = {
  readonly versions: readonly { readonly number: number; readonly content: GuidelineContent }[];
  readonly draft: { readonly revision: number } | null;
};

let app: App;
let lead: Visitor;
let amir: Visitor;
let project: string;

beforeAll(async () => {
  await buildApp();
  app = await startApp({ env: { CONCORD_DEMO_WIDTH: "4096" } });
  lead = await signIn(app.url, "lead@demo.concord");
  amir = await signIn(app.url, "amir@demo.concord");
  project = await demoProject(lead);
});

afterAll(async () => {
  for (const visitor of [lead, amir]) await visitor?.leave();
  await app?.stop();
});

it("[RQL14] a reader shows by keyboard that they can tell a redefined class, and the lead sees who has", async () => {
  const rare = await redefined();
  const [own, other] = await references(rare.id, rare.otherId);
  const task = await ownTask();
  await leadSeesUntested();
  const { page } = amir;
  await page.goto(`${app.url}/projects/${project}/tasks?view=inbox`);
  await page.locator("li", { hasText: "Show that you can tell" }).getByRole("link", { name: /Start/ }).click();
  await page.getByTestId("begin-test").waitFor();
  await shot(page, "test-start");
  // The page is taken over by the browser before a key can mean something.
  await until(async () => {
    if (await page.getByTestId("begin-test").isVisible()) await page.keyboard.press("Enter");
    return page.getByTestId("test-item").isVisible();
  }, "the test has begun");
  await shot(page, "test-item");
  await answerAll(task.id, { [own]: rare.otherId, [other]: rare.otherId });
  await page.getByTestId("test-result").getByText("Not passed yet").waitFor();
  await page.getByTestId("test-result").getByText("Reference", { exact: true }).waitFor();
  await shot(page, "test-failed");
  await page.getByTestId("test-again").click();
  await page.getByTestId("begin-test").click();
  await page.getByTestId("test-item").waitFor();
  await answerAll(task.id, { [own]: rare.id, [other]: rare.otherId });
  await page.getByTestId("test-result").getByText("Passed").waitFor();
  expect((await amir.call<TaskDetail>("GET", `/tasks/${task.id}`)).task.state).toBe("accepted");

  await lead.page.goto(`${app.url}/projects/${project}/guideline`);
  await lead.page.getByRole("link", { name: "Qualification" }).click();
  const line = lead.page.getByTestId("qualified-reader").filter({ hasText: "Amir" });
  await line.getByText("passed", { exact: true }).waitFor();
  await shot(lead.page, "board");
  await lead.person.addCookies([{ name: THEME_COOKIE, value: "dark", url: app.url }]);
  await lead.page.reload();
  await line.getByText("passed", { exact: true }).waitFor();
  await lead.page.setViewportSize({ width: 820, height: 900 });
  await shot(lead.page, "board-narrow");
  expect([...amir.faults, ...lead.faults]).toEqual([]);
});

it("[RQL17] a lead says of a reference by the draft what it is, and sees that other words ask to look again", async () => {
  const { page } = lead;
  await page.setViewportSize({ width: 1_440, height: 900 });
  const { versions } = await lead.call<Guideline>("GET", `/projects/${project}/guideline`);
  const content = versions.at(-1)?.content;
  const classId = content?.classes.find(({ definition }) => definition === "What is now called so.")?.id;
  const draft = (definition: string, revision: number) =>
    lead.call<{ revision: number }>("PUT", `/projects/${project}/guideline/draft`, {
      revision,
      content: {
        ...content,
        classes: content?.classes.map((each) => (each.id === classId ? { ...each, definition } : each)),
      },
      declarations: [{ kind: "redefine", classId }],
    });
  const { revision } = await draft("Something else again.", 0);
  await page.goto(`${app.url}/projects/${project}/guideline/qualification`);
  const card = page.getByTestId("reference").first();
  await card.getByRole("button", { name: "By the draft too" }).click();
  await card.getByText("and by the draft").waitFor();
  await shot(page, "by-draft");
  await draft("Something else, said better.", revision);
  await page.reload();
  await card.getByText("other words since").waitFor();
  await shot(page, "by-draft-changed");
  await card.getByRole("button", { name: "By the draft too" }).click();
  await card.getByText("and by the draft").waitFor();
  await lead.call("POST", `/projects/${project}/guideline/publish`, { parent: versions.at(-1)?.number });
  await page.reload();
  await card.getByText(`v${(versions.at(-1)?.number ?? 0) + 1}`, { exact: true }).waitFor();
  await shot(page, "by-draft-published");
  expect(lead.faults).toEqual([]);
});

/** A read that is asked for meanwhile is flagged for the lead, in the matrix and where the slide is looked at. */
async function leadSeesUntested(): Promise<void> {
  const { items } = await lead.call<Listed<Slide>>("GET", `/projects/${project}/slides`);
  const slideIds = items.slice(0, 1).map(({ id }) => id);
  const { id: reader } = await amir.call<{ id: string }>("GET", "/me");
  await lead.call("POST", `/projects/${project}/rounds`, {
    name: "Again",
    mode: "open",
    slideIds,
    readerIds: [reader],
  });
  await lead.page.goto(`${app.url}/projects/${project}/rounds`);
  await lead.page.getByTestId("untested").first().waitFor();
  await shot(lead.page, "untested-matrix");
  await lead.page.goto(`${app.url}/projects/${project}/slides/${slideIds[0]}`);
  const flag = lead.page.getByTestId("untested");
  await flag.waitFor();
  expect(await flag.getAttribute("aria-label")).toMatch(/Amir.* has not shown yet that they can tell/);
  await shot(lead.page, "untested-viewer");
}

/** Says by its key what each place is, in whatever order they come. */
async function answerAll(taskId: string, said: Readonly<Record<string, string>>): Promise<void> {
  const { page } = amir;
  const { test } = await amir.call<TaskDetail>("GET", `/tasks/${taskId}`);
  for (const [index, { id }] of (test?.attempt?.items ?? []).entries()) {
    await page
      .getByTestId("test-place")
      .getByText(`${index + 1} of`)
      .waitFor();
    const hotkey = test?.options.find((option) => option.id === said[id])?.hotkey;
    await page.keyboard.press(String(hotkey));
  }
}

/** Publishes a version in which the rare class means something else. */
async function redefined(): Promise<{ readonly id: string; readonly otherId: string }> {
  const { versions, draft } = await lead.call<Guideline>("GET", `/projects/${project}/guideline`);
  const newest = versions.at(-1);
  const [rare, other] = newest?.content.classes.filter(({ retired, hotkey }) => !retired && hotkey !== null) ?? [];
  if (newest === undefined || rare === undefined || other === undefined) throw new Error("the demo has no classes");
  const classes = newest.content.classes.map((each) =>
    each.id === rare.id ? { ...each, definition: "What is now called so.", lookAlikes: [other.id] } : each,
  );
  await lead.call("PUT", `/projects/${project}/guideline/draft`, {
    revision: draft?.revision ?? 0,
    content: { ...newest.content, classes },
    declarations: [{ kind: "redefine", classId: rare.id }],
  });
  await lead.call("POST", `/projects/${project}/guideline/publish`, { parent: newest.number });
  return { id: rare.id, otherId: other.id };
}

/** A reference of each class, on the first slide. */
async function references(...classIds: readonly string[]): Promise<[string, string]> {
  const { items } = await lead.call<Listed<Slide>>("GET", `/projects/${project}/slides`);
  const made: string[] = [];
  for (const [index, classId] of classIds.entries()) {
    const box = [600 + index * 700, 700, 1_000 + index * 700, 1_100];
    const place = { kind: "box", slideId: items[0]?.id, box };
    made.push((await lead.call<{ id: string }>("POST", `/projects/${project}/references`, { place, classId })).id);
  }
  const [own = "", other = ""] = made;
  return [own, other];
}

async function ownTask(): Promise<Task> {
  const { items } = await amir.call<Listed<Task>>("GET", `/projects/${project}/tasks?kind=requalify`);
  const mine = items.find(({ assignee, state }) => assignee.name.startsWith("Amir") && state === "open");
  if (mine === undefined) throw new Error("nobody asks Amir");
  return mine;
}

/** A picture for whoever wants to look, where a folder for it is given. */
async function shot(page: Visitor["page"], name: string): Promise<void> {
  const folder = process.env["SHOTS"];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
}
