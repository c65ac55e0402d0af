import { expect, it } from "vitest";
import { demoFor } from "#tests/support/demo.ts";
import { type Listed, typeIntoFocus, until } from "#tests/support/people.ts";

type Task = {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly left: number;
  readonly slide: { readonly id: string };
};

const demo = demoFor(["amir", "dana"]);

it("[SCN2] after the last answer nothing more is asked, a key hands the task in, and the other tasks are next", async () => {
  const { app, project, people } = demo();
  const { call, page } = people.amir;
  const tasks = async () => (await call<Listed<Task>>("GET", `/projects/${project}/tasks`)).items;
  const task = (await tasks()).filter(({ kind }) => kind === "migration").toSorted((a, b) => a.left - b.left)[0];
  await page.goto(`${app.url}/projects/${project}/slides/${task?.slide.id}?task=${task?.id}`);
  const left = async () => Number(await page.getByTestId("task-left").getAttribute("data-left"));
  await page.getByTestId("task-left").waitFor();
  for (let waiting = await left(); waiting > 0; waiting = await left()) {
    await page.keyboard.press("u");
    await page.getByTestId("cannot-tell-note").waitFor();
    await typeIntoFocus(page, "crushed");
    await page.keyboard.press("Enter");
    await until(async () => (await left()) < waiting, "it is handed on");
  }
  await page.getByText("Everything is answered.").waitFor();
  expect(await page.getByTestId("cannot-tell-note").count()).toBe(0);
  await until(() => page.getByTestId("task-submit").isEnabled(), "every answer is stored");
  await page.keyboard.press("Control+Enter");
  await until(async () => (await tasks()).find(({ id }) => id === task?.id)?.state === "submitted", "it is handed in");
  await page.getByRole("link", { name: "Your other tasks" }).click();
  await page.getByText("Yours to do").waitFor();
});

it("[SCN3] a decided dispute says what was decided, and from a settled slide a key leads to what is left elsewhere", async () => {
  const { app, project, people } = demo();
  const { page } = people.dana;
  await page.goto(`${app.url}/projects/${project}/consensus/queue`);
  await page.getByRole("link", { name: /Begin with the worst/ }).click();
  const left = page.getByTestId("disputes-left");
  await left.waitFor();
  const first = new URL(page.url()).pathname;
  const undecided = async () => Number(await left.getAttribute("data-left"));
  for (let waiting = await undecided(); waiting > 0; waiting = await undecided()) {
    await until(() => page.getByTestId("decide-exclude").isEnabled(), "a decision can be taken");
    await page.keyboard.press("x");
    await until(async () => (await undecided()) < waiting, "it is decided");
  }
  expect(await page.getByTestId("decided").innerText()).toMatch(/^Left out by Dana Okafor, .*: missed/i);
  await page.getByTestId("queue-goes-on").waitFor();
  await page.keyboard.press("Enter");
  await until(() => new URL(page.url()).pathname !== first, "another slide is open");
  await left.waitFor();
  expect(await undecided()).toBeGreaterThan(0);
});
