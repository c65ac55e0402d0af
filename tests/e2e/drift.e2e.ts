import { expect, it } from "vitest";
import type { Drift } from "#server/api/schemas/drift.ts";
import { demoFor } from "#tests/support/demo.ts";
import { classNamed, newestVersion, publishNext } from "#tests/support/demo-study.ts";
import { type Listed, signIn, until } from "#tests/support/people.ts";

type Task = {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly slide: { readonly id: string; readonly name: string };
};

/** So wide that a screen at working magnification holds a part of the slide only. */
const demo = demoFor(["lead", "amir"], { width: 4_096 });

it("[SCR19] a slide is looked through again by the grid in two visits, candidates first, and signed for", async () => {
  const task = await broadenedTask();
  const { app, project, people } = demo();
  const { amir } = people;
  await amir.page.goto(`${app.url}/projects/${project}/slides/${task.slide.id}?task=${task.id}`);
  const progress = amir.page.getByTestId("screening-progress");
  await progress.waitFor();
  await amir.page.getByTestId("screening-start").click();
  await until(async () => (await numbers()).candidates > 0, "look-alikes are candidates");
  const first = await numbers();
  await amir.page.keyboard.press("g");
  await until(async () => (await numbers()).candidates < first.candidates, "the first place has a candidate");
  await amir.page.getByTestId("screening-sign").click();
  const dialog = amir.page.getByRole("dialog");
  await dialog.getByText(/the study asks for/).waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await goOn(3);
  const { share } = await numbers();
  expect(share).toBeGreaterThan(0);

  await amir.page.goto(`${app.url}/projects/${project}`);
  await amir.page.goto(`${app.url}/projects/${project}/slides/${task.slide.id}?task=${task.id}`);
  await progress.waitFor();
  await until(async () => (await numbers()).share >= share - 1e-9, "what was seen is known at the next visit");
  for (let step = 0; (await numbers()).open > 0 && step < 400; step++) await goOn(1);
  await until(async () => (await numbers()).share > 0.99, "everything was in view");
  await amir.page.getByTestId("screening-sign").click();
  await until(async () => (await taskOf(task.id)).state === "submitted", "the task is handed in");
});

it("[DRF11] a lead sees in Drift how readers draw and what they use classes for, and sets up the bridge set", async () => {
  const { app, project, people } = demo();
  const { lead, amir } = people;
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
});

it("[BRG5] a reader finds the regions of the bridge set framed, and hands their read in", async () => {
  const { app, project } = demo();
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

async function numbers() {
  const progress = demo().people.amir.page.getByTestId("screening-progress");
  const of = async (name: string) => Number(await progress.getAttribute(`data-${name}`));
  return { share: await of("share"), open: await of("open"), candidates: await of("candidates") };
}

/** Goes to the next place and stays until it counts as seen. */
async function goOn(times: number): Promise<void> {
  for (let step = 0; step < times; step++) {
    const { open } = await numbers();
    if (open === 0) return;
    await demo().people.amir.page.keyboard.press("g");
    await until(async () => (await numbers()).open < open, "the place counts as seen");
  }
}

async function taskOf(id: string): Promise<Task> {
  return (await demo().people.amir.call<{ task: Task }>("GET", `/tasks/${id}`)).task;
}

/** Publishes a version in which the rare class is wider, so that finished reads are to be looked through again. */
async function broadenedTask(): Promise<Task> {
  const { project, people } = demo();
  const { lead, amir } = people;
  const rare = classNamed((await newestVersion(lead, project)).content, "Vascular invasion");
  await publishNext(lead, project, {
    classes: { [rare.name]: { include: "The vessel's wall, what lies in it, and emboli without a visible wall." } },
    declarations: [{ kind: "broaden", classId: rare.id, neighbours: [] }],
  });
  const { items } = await amir.call<Listed<Task>>("GET", `/projects/${project}/tasks`);
  const task = items.find(
    ({ kind, slide, state }) => kind === "re-screen" && slide.name === "Demo 1" && state === "open",
  );
  if (task === undefined) throw new Error("nothing is to be looked through again");
  return task;
}
