import { expect, it } from "vitest";
import { THEME_COOKIE } from "#app/_lib/theme.ts";
import type { Slide } from "#server/api/schemas/slides.ts";
import type { Task, TaskDetail } from "#server/api/schemas/tasks.ts";
import { demoFor } from "#tests/support/demo.ts";
import { newestVersion, publishNext, saveNext, shot } from "#tests/support/demo-study.ts";
import { type Listed, until } from "#tests/support/people.ts";

const demo = demoFor(["lead", "amir"], { width: 4_096 });

it("[RQL14] a reader shows by keyboard that they can tell a redefined class, and the lead sees who has", async () => {
  const { app, project, people } = demo();
  const { lead, amir } = people;
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
});

it("[RQL17] a lead says of a reference by the draft what it is, and sees that other words ask to look again", async () => {
  const { app, project, people } = demo();
  const { lead } = people;
  const { page } = lead;
  await page.setViewportSize({ width: 1_440, height: 900 });
  const { number, content } = await newestVersion(lead, project);
  const redefined = content.classes.find(({ definition }) => definition === "What is now called so.");
  if (redefined === undefined) throw new Error("no class was redefined");
  const draft = (definition: string) =>
    saveNext(lead, project, {
      classes: { [redefined.name]: { definition } },
      declarations: [{ kind: "redefine", classId: redefined.id }],
    });
  await draft("Something else again.");
  await page.goto(`${app.url}/projects/${project}/guideline/qualification`);
  const card = page.getByTestId("reference").first();
  await card.getByRole("button", { name: "By the draft too" }).click();
  await card.getByText("and by the draft").waitFor();
  await shot(page, "by-draft");
  await draft("Something else, said better.");
  await page.reload();
  await card.getByText("other words since").waitFor();
  await shot(page, "by-draft-changed");
  await card.getByRole("button", { name: "By the draft too" }).click();
  await card.getByText("and by the draft").waitFor();
  await lead.call("POST", `/projects/${project}/guideline/publish`, { parent: number });
  await page.reload();
  await card.getByText(`v${number + 1}`, { exact: true }).waitFor();
  await shot(page, "by-draft-published");
});

/** A read that is asked for meanwhile is flagged for the lead, in the matrix and where the slide is looked at. */
async function leadSeesUntested(): Promise<void> {
  const { app, project, people } = demo();
  const { lead, amir } = people;
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
  const { amir } = demo().people;
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
  const { project, people } = demo();
  const { classes } = (await newestVersion(people.lead, project)).content;
  const [rare, other] = classes.filter(({ retired, hotkey }) => !retired && hotkey !== null);
  if (rare === undefined || other === undefined) throw new Error("the demo has no classes");
  await publishNext(people.lead, project, {
    classes: { [rare.name]: { definition: "What is now called so.", lookAlikes: [other.id] } },
    declarations: [{ kind: "redefine", classId: rare.id }],
  });
  return { id: rare.id, otherId: other.id };
}

/** A reference of each class, on the first slide. */
async function references(...classIds: readonly string[]): Promise<[string, string]> {
  const { project, people } = demo();
  const { lead } = people;
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
  const { project, people } = demo();
  const { items } = await people.amir.call<Listed<Task>>("GET", `/projects/${project}/tasks?kind=requalify`);
  const mine = items.find(({ assignee, state }) => assignee.name.startsWith("Amir") && state === "open");
  if (mine === undefined) throw new Error("nobody asks Amir");
  return mine;
}
