import { expect, it } from "vitest";
import { demoFor } from "#tests/support/demo.ts";
import { classNamed, newestVersion, publishNext } from "#tests/support/demo-study.ts";
import { type Listed, typeIntoFocus, until, type Visitor } from "#tests/support/people.ts";

type Task = {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly left: number;
  readonly total: number;
  readonly revision: number;
  readonly layerId: string;
  readonly slide: { readonly id: string };
  readonly assignee: { readonly id: string };
};
type Detail = { readonly task: Task; readonly items: readonly { readonly annotationId: string }[] };

const demo = demoFor(["lead", "amir", "beatriz"], { width: 1_024 });

it("[WLK20] tasks of a published change appear on open inboxes without a reload", async () => {
  const { app, project, people } = demo();
  const { amir, beatriz } = people;
  for (const { page } of [amir, beatriz]) {
    await page.goto(`${app.url}/projects/${project}/tasks?view=inbox`);
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
  }
  await publishNarrowedTumour();
  for (const visitor of [amir, beatriz]) {
    await until(
      async () => (await visitor.page.getByText("Guideline change").count()) > 0,
      "the new task is on the open page",
    );
    expect((await openOf(visitor)).length).toBeGreaterThan(0);
  }
});

it("[WLK21] both walk by keyboard; one cannot tell, answers alike items together and takes it back once", async () => {
  const { amir, beatriz } = demo().people;
  const [first, ...others] = await openOf(amir);
  await open(amir, first);
  const { page } = amir;
  const before = await left(amir);
  // A split has a class to fall back to; what is only reviewed is handed on to a lead.
  for (let step = 0; step < before && !(await page.getByTestId("task-keep").isVisible()); step++) {
    const item = await page.getByTestId("task-panel").getAttribute("data-item");
    await page.keyboard.press("ArrowRight");
    await until(async () => (await page.getByTestId("task-panel").getAttribute("data-item")) !== item, "the next item");
  }
  await page.keyboard.press("u");
  await typeIntoFocus(page, "crushed at the rim");
  await page.keyboard.press("Enter");
  await until(async () => (await left(amir)) === before - 1, "what one cannot tell is handed on");
  if ((await page.getByTestId("alike-open").count()) > 0) {
    const waiting = await left(amir);
    await together(amir);
    await until(async () => (await left(amir)) < waiting - 1, "alike items are answered together");
    await page.keyboard.press("z");
    await until(async () => (await left(amir)) === waiting, "one undo takes all of them back");
    await together(amir);
  }
  await walk(amir, first);
  for (const task of others) {
    await open(amir, task);
    await walk(amir, task);
  }
  for (const task of await openOf(beatriz)) {
    await open(beatriz, task);
    await walk(beatriz, task);
  }
  expect(await openOf(amir)).toEqual([]);
  expect(await openOf(beatriz)).toEqual([]);
});

it("[WLK22] the lead finds the note in the tray, makes it a guideline question, and decides it", async () => {
  const { app, project, people } = demo();
  const { lead } = people;
  const { page } = lead;
  await page.goto(`${app.url}/projects/${project}/tasks?view=tray`);
  const item = page.getByTestId("tray-item").filter({ hasText: "crushed at the rim" });
  await item.getByTestId("tray-ask").click();
  await until(async () => (await item.getByText("asked as a guideline question").count()) === 1, "it says so");
  const questions = await lead.call<Listed<{ title: string }>>("GET", `/projects/${project}/questions`);
  expect(questions.items.some(({ title }) => title.includes("crushed at the rim"))).toBe(true);
  await item.getByRole("button").first().click();
  await until(
    async () => (await page.getByTestId("tray-item").filter({ hasText: "crushed" }).count()) === 0,
    "decided",
  );
});

it("[WLK23] work that is returned says why, comes back into the inbox, and is accepted in the end", async () => {
  const { app, project, people } = demo();
  const { lead, amir, beatriz } = people;
  for (const visitor of [amir, beatriz]) for (const task of await submittedOf(visitor)) await accept(task.id);
  const { id: amirId } = await amir.call<{ id: string }>("GET", "/me");
  const [done] = (await tasksOf(amir)).filter(({ kind, state }) => kind === "migration" && state === "accepted");
  const { items } = await lead.call<Detail>("GET", `/tasks/${done?.id}`);
  const rework = await lead.call<Task>("POST", `/projects/${project}/tasks`, {
    layerId: done?.layerId,
    annotationIds: [items[0]?.annotationId],
    assigneeId: amirId,
    reason: "too-loose",
    text: "Follow the basement membrane.",
  });
  await amir.page.goto(`${app.url}/projects/${project}/tasks?view=inbox`);
  await until(async () => Number(await bell(amir).getAttribute("data-unread")) > 0, "the bell tells of it");
  await open(amir, rework);
  await walk(amir, rework);
  await lead.page.goto(`${app.url}/projects/${project}/tasks?task=${rework.id}`);
  await lead.page.getByLabel("Note", { exact: true }).fill("The lower edge is still loose.");
  await lead.page.getByRole("button", { name: "Return", exact: true }).click();
  await until(
    async () => (await tasksOf(amir)).find(({ id }) => id === rework.id)?.state === "returned",
    "the return is stored",
  );
  await amir.page.goto(`${app.url}/projects/${project}/tasks?view=inbox`);
  await amir.page.getByText("Came back: The lower edge is still loose.").waitFor();
  await open(amir, rework);
  await amir.page.keyboard.press("k");
  await submit(amir, rework);
  await accept(rework.id);
});

it("[WLK24] in the end nothing is open: no task, nothing stale, nothing to decide", async () => {
  const { project, people } = demo();
  const { lead, amir, beatriz } = people;
  for (const visitor of [amir, beatriz]) expect((await openOf(visitor)).length).toBe(0);
  const { items } = await lead.call<Listed<Task>>("GET", `/projects/${project}/tasks/tray`);
  expect(items).toEqual([]);
});

/** Version 3: the most used class is narrowed. */
async function publishNarrowedTumour(): Promise<void> {
  const { project, people } = demo();
  const { id: classId } = classNamed((await newestVersion(people.lead, project)).content, "Tumour");
  await publishNext(people.lead, project, {
    classes: { Tumour: { exclude: "Detached groups in a lumen." } },
    declarations: [{ kind: "narrow", classId }],
  });
}

async function tasksOf(visitor: Visitor): Promise<readonly Task[]> {
  const { id } = await visitor.call<{ id: string }>("GET", "/me");
  return (await visitor.call<Listed<Task>>("GET", `/projects/${demo().project}/tasks?assignee=${id}`)).items;
}

async function openOf(visitor: Visitor): Promise<readonly Task[]> {
  const answerable = ["open", "in-progress", "returned"];
  return (await tasksOf(visitor)).filter(({ kind, state }) => kind !== "re-screen" && answerable.includes(state));
}

async function submittedOf(visitor: Visitor): Promise<readonly Task[]> {
  return (await tasksOf(visitor)).filter(({ state }) => state === "submitted");
}

async function accept(id: string): Promise<void> {
  const { lead } = demo().people;
  const { task } = await lead.call<Detail>("GET", `/tasks/${id}`);
  await lead.call("POST", `/tasks/${id}/move`, { revision: task.revision, to: "accepted" });
}

function bell({ page }: Visitor) {
  return page.getByTestId("notifications").first();
}

async function open({ page }: Visitor, task: Task | undefined): Promise<void> {
  const { app, project } = demo();
  await page.goto(`${app.url}/projects/${project}/slides/${task?.slide.id}?task=${task?.id}`);
  await page.getByTestId("task-left").waitFor();
}

async function left({ page }: Visitor): Promise<number> {
  return Number(await page.getByTestId("task-left").getAttribute("data-left"));
}

async function together({ page }: Visitor): Promise<void> {
  await page.getByTestId("alike-open").click();
  const list = page.getByTestId("alike");
  const keep = list.getByRole("button", { name: "Keep them" });
  await ((await keep.count()) > 0 ? keep : list.locator("footer button").first()).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Answer/ })
    .click();
}

/** Answers what is left by keyboard, without waiting between keys, and hands the task in. */
async function walk(visitor: Visitor, task: Task | undefined): Promise<void> {
  const { page } = visitor;
  for (let remaining = await left(visitor); remaining > 0; remaining = await left(visitor)) {
    const item = await page.getByTestId("task-panel").getAttribute("data-item");
    await page.keyboard.press((await page.getByTestId("task-keep").isVisible()) ? "k" : "1");
    await until(
      async () =>
        (await left(visitor)) < remaining && (await page.getByTestId("task-panel").getAttribute("data-item")) !== null,
      `item ${item} is answered`,
    );
  }
  await submit(visitor, task);
}

async function submit(visitor: Visitor, task: Task | undefined): Promise<void> {
  const button = visitor.page.getByTestId("task-submit");
  await until(() => button.isEnabled(), "every answer is stored");
  await button.click();
  await until(
    async () => (await tasksOf(visitor)).find(({ id }) => id === task?.id)?.state === "submitted",
    "it is handed in",
  );
}
