import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { demoFor } from "#tests/support/demo.ts";
import { drawPolygon, type Listed, until, type Visitor } from "#tests/support/people.ts";

type Measured = { readonly value: { readonly defined: boolean; readonly value: number } };
type Board = { readonly classes: readonly { readonly classId: string; readonly alpha: Measured }[] };
type Queue = { readonly total: number; readonly items: readonly { readonly key: string; readonly kind: string }[] };
type Question = {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly places: readonly { readonly disputeKey?: string | null }[];
};

type Line = { readonly roundId: string; readonly slideId: string; readonly undecided: number };
type Decision = { readonly method: string; readonly person: { readonly name: string } };
type Consensus = {
  readonly disputes: readonly { readonly key: string; readonly settled: boolean; readonly decision: Decision | null }[];
};

const demo = demoFor(["dana", "lead", "beatriz"]);

/** The class that readers agree on least. */
async function lowest(): Promise<{ readonly classId: string; readonly alpha: number }> {
  const { project, people } = demo();
  const board = await people.dana.call<Board>("GET", `/projects/${project}/agreement`);
  const known = board.classes.flatMap(({ classId, alpha }) =>
    alpha.value.defined ? [{ classId, alpha: alpha.value.value }] : [],
  );
  const [first] = known.toSorted((a, b) => a.alpha - b.alpha);
  if (first === undefined) throw new Error("no class has a number");
  return first;
}

async function open(classId: string): Promise<Queue> {
  const { project, people } = demo();
  return people.dana.call<Queue>("GET", `/projects/${project}/disputes?class=${classId}`);
}

/** The slide with the most to settle. */
async function fullest(): Promise<Line> {
  const { project, people } = demo();
  const { items } = await people.lead.call<Listed<Line>>("GET", `/projects/${project}/consensus`);
  const [line] = items.toSorted((a, b) => b.undecided - a.undecided);
  if (line === undefined) throw new Error("no slide was read");
  return line;
}

async function disputesOf({ roundId, slideId }: Pick<Line, "roundId" | "slideId">): Promise<Consensus["disputes"]> {
  const path = `/rounds/${roundId}/slides/${slideId}/consensus`;
  return (await demo().people.lead.call<Consensus>("GET", path)).disputes;
}

/** J goes to the first row of a list, as soon as the page listens to keys. */
async function toFirstRow(page: Page): Promise<void> {
  const isOnRow = () => page.evaluate(() => document.activeElement?.hasAttribute("data-row") ?? false);
  await until(async () => {
    if (await isOnRow()) return true;
    await page.keyboard.press("j");
    return isOnRow();
  }, "a row is chosen");
}

/** @returns waits until so many have come */
function meeting(people: number): () => Promise<void> {
  let there = 0;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  return () => {
    there += 1;
    if (there === people) begin();
    return begun;
  };
}

const keyOf = (visitor: Visitor) => new URL(visitor.page.url()).searchParams.get("dispute");

it("[CVW3] from the lowest number one click leads to its queue, and one key to the worst place on the slide", async () => {
  const low = await lowest();
  const { app, project, people } = demo();
  const { dana } = people;
  const { page } = dana;
  await page.goto(`${app.url}/projects/${project}/consensus`);
  await page.locator(`a[href*="class=${low.classId}"]`).first().click();
  await page.waitForURL(/consensus\/queue\?class=/);
  await page
    .getByRole("link", { name: /settle/i })
    .first()
    .waitFor();
  const { items } = await open(low.classId);
  await toFirstRow(page);
  await page.keyboard.press("Enter");
  await page.getByTestId("consensus-panel").waitFor();
  expect(keyOf(dana)).toBe(items[0]?.key);
  expect(new URL(page.url()).searchParams.get("class")).toBe(low.classId);
});

it("[CNS78] from a guideline version one gets to the board of its reads alone, whose numbers lead to a queue of it", async () => {
  const { app, project, people } = demo();
  const { page } = people.lead;
  await page.goto(`${app.url}/projects/${project}/consensus`);
  const version = page.getByRole("columnheader", { name: /^v1/ }).getByRole("link");
  await version.click();
  await page.getByText("reads that were opened under guideline v1 alone").waitFor();
  expect(new URL(page.url()).searchParams.get("version")).toBe("1");
  await page.getByTestId("reader-heatmap").getByRole("link").first().click();
  await page.waitForURL(/consensus\/queue\?/);
  expect(new URL(page.url()).searchParams.get("version")).toBe("1");
  await page.getByRole("button", { name: /version 1|v1/ }).waitFor();
});

it("[CVW4] two adjudicators see each other at a dispute; one decides by a key and both see the numbers move", async () => {
  const low = await lowest();
  const { dana, lead } = demo().people;
  await lead.page.goto(dana.page.url());
  await lead.page.getByTestId("consensus-panel").waitFor();
  const isThere = async (visitor: Visitor, name: RegExp) =>
    name.test(await visitor.page.getByTestId("adjudicators").innerText());
  await until(() => isThere(lead, /Dana Okafor is at this dispute too/), "the lead sees Dana");
  await until(() => isThere(dana, /at this dispute too/), "Dana sees the lead");
  const before = await open(low.classId);
  const numbers = await lead.page.getByTestId("consensus-numbers").innerText();
  await dana.page.getByTestId("decide-majority").waitFor();
  await dana.page.keyboard.press("m");
  await until(async () => (await open(low.classId)).total < before.total, "it has left the queue");
  await until(
    async () => (await lead.page.getByTestId("consensus-numbers").innerText()) !== numbers,
    "the numbers moved on the lead's page",
  );
  expect((await lowest()).alpha === low.alpha && (await lowest()).classId === low.classId).toBe(false);
});

it("[ADJ8] of two who decide one dispute at the same moment one is told that the other was faster, and both go on", async () => {
  const { dana, lead } = demo().people;
  const here = new URL(dana.page.url());
  const line = { slideId: here.pathname.split("/").at(-1) ?? "", roundId: here.searchParams.get("round") ?? "" };
  const before = (await disputesOf(line)).filter(({ decision }) => decision !== null).length;
  await lead.page.goto(dana.page.url());
  await lead.page.getByTestId("consensus-panel").waitFor();
  // What was walked to is in the address.
  expect(keyOf(dana)).toBe(await dana.page.getByTestId("consensus-panel").getAttribute("data-dispute"));
  const at = (visitor: Visitor) => visitor.page.getByTestId("consensus-panel").getAttribute("data-dispute");
  await until(
    async () => (await at(lead)) !== null && (await at(lead)) === (await at(dana)),
    "both are at one dispute",
  );
  const key = await at(dana);
  for (const { page } of [dana, lead]) await page.getByTestId("decide-exclude").waitFor();
  // Neither is told what the other has decided before both have.
  const met = meeting(2);
  for (const { page } of [dana, lead])
    await page.route("**/adjudications", async (sent) => {
      await met();
      await sent.continue();
    });
  await Promise.all([dana.page.keyboard.press("x"), lead.page.keyboard.press("x")]);
  for (const visitor of [dana, lead]) {
    await until(async () => (await at(visitor)) !== key, "goes on to another dispute");
    await visitor.page.unroute("**/adjudications");
  }
  const after = (await disputesOf(line)).filter(({ decision }) => decision !== null);
  expect(after.filter((each) => each.key === key)).toHaveLength(1);
  expect(after.length).toBe(before + 1);
});

it("[CVW5] places where the guideline is unclear are collected, asked about together, and become a change of the draft", async () => {
  const { app, project, people } = demo();
  const { dana, lead } = people;
  const { page } = dana;
  const unclear = async () =>
    (await dana.call<Listed<{ readonly places: readonly unknown[] }>>("GET", `/projects/${project}/unclear`)).items;
  const collected = async () => (await unclear()).reduce((sum, { places }) => sum + places.length, 0);
  for (const wanted of [1, 2]) {
    const { slideId, roundId } = await fullest();
    const open = (await disputesOf({ slideId, roundId })).find(({ settled }) => !settled);
    await page.goto(`${app.url}/projects/${project}/slides/${slideId}?round=${roundId}&dispute=${open?.key}`);
    await page.getByTestId("decide-unclear").waitFor();
    await page.keyboard.press("g");
    await until(async () => (await collected()) === wanted, `${wanted} collected`);
  }
  await lead.page.goto(`${app.url}/projects/${project}/consensus/unclear`);
  const places = lead.page.getByTestId("unclear-places").first().locator("li");
  await places.first().waitFor();
  const chosen = await places.count();
  await lead.page
    .getByRole("button", { name: /^Ask with/ })
    .first()
    .click();
  await lead.page.waitForURL(/guideline\/questions\/\w+/);
  const { items } = await lead.call<Listed<Question>>("GET", `/projects/${project}/questions`);
  expect(items).toHaveLength(1);
  expect(items[0]?.places).toHaveLength(chosen);
  expect(items[0]?.places.every(({ disputeKey }) => typeof disputeKey === "string")).toBe(true);
  await lead.page.getByRole("button", { name: "Change the guideline" }).click();
  await lead.page.waitForURL(/guideline\/draft/);
  const [question] = (await lead.call<Listed<Question>>("GET", `/projects/${project}/questions`)).items;
  expect(question?.state).toBe("became-draft-change");
});

it("[ADJ9] a lead gives a slide's disputes away; their queue is the task, decided by keys and a new outline, and handed in", async () => {
  const { app, project, people } = demo();
  const { dana, lead } = people;
  const line = await fullest();
  await lead.page.goto(`${app.url}/projects/${project}/consensus/${line.roundId}/${line.slideId}`);
  await lead.page.getByRole("button", { name: "Give to an adjudicator" }).click();
  await lead.page.getByRole("combobox", { name: "For" }).click();
  await lead.page.getByRole("option", { name: "Dana Okafor" }).click();
  await lead.page.getByRole("button", { name: "Make the task" }).click();
  await lead.page.getByText("The task is on its way.").waitFor();
  const task = async () => {
    const { items } = await dana.call<Listed<{ id: string; kind: string; state: string; left: number }>>(
      "GET",
      `/projects/${project}/tasks`,
    );
    const found = items.find(({ kind }) => kind === "adjudication");
    if (found === undefined) throw new Error("there is no task");
    return found;
  };
  const { id, left } = await task();
  const { page } = dana;
  await page.goto(`${app.url}/projects/${project}/consensus/queue?task=${id}`);
  expect(await page.getByTestId("task-left").getAttribute("data-left")).toBe(String(left));
  expect(await page.locator("tbody tr").count()).toBe(left);
  await toFirstRow(page);
  await page.keyboard.press("Enter");
  await page.getByTestId("decide-redraw").waitFor();
  await page.keyboard.press("r");
  await page.getByTestId("redraw-bar").waitFor();
  await drawPolygon(page, [
    [0.4, 0.4],
    [0.6, 0.4],
    [0.6, 0.6],
    [0.4, 0.6],
  ]);
  await page.keyboard.press("Enter");
  await until(async () => (await task()).left === left - 1, "the new outline is the decision");
  for (let rest = left - 1; rest > 0; rest--) {
    await until(async () => page.getByTestId("decide-exclude").isEnabled(), "the next dispute is at hand");
    await page.keyboard.press("x");
    await until(async () => (await task()).left === rest - 1, `${rest - 1} left`);
  }
  await until(async () => page.getByTestId("task-submit").isEnabled(), "it can be handed in");
  await page.getByTestId("task-submit").click();
  await until(async () => (await task()).state === "submitted", "it is handed in");
  const methods = (await disputesOf(line)).map(({ decision }) => decision?.method);
  expect(methods).toContain("redraw");
});

it("[UNB4] a reader walks by keys through the places where the record differs from their reads", async () => {
  const { app, project, people } = demo();
  const { page } = people.beatriz;
  const { roundId } = await fullest();
  type Differences = { readonly items: readonly { readonly key: string }[] };
  const { items } = await people.beatriz.call<Differences>("GET", `/rounds/${roundId}/record-differences`);
  expect(items.length).toBeGreaterThan(0);
  await page.goto(`${app.url}/projects/${project}/consensus`);
  await page.getByRole("link", { name: "Reads beside the record" }).click();
  await page.getByTestId("record-places").waitFor();
  await toFirstRow(page);
  await page.keyboard.press("Enter");
  await page.getByTestId("record").waitFor();
  expect(await page.getByTestId("record").innerText()).toMatch(/not what your read says/);
  expect(keyOf(people.beatriz)).toBe(items[0]?.key);
});

it("[CVW6] reads are looked at side by side under one camera, with vote bands, and each can be hidden", async () => {
  const { page } = demo().people.dana;
  await page.getByRole("radio", { name: "Votes" }).click();
  await page.getByTestId("band-legend").getByText("1 of 3").waitFor();
  await page.getByRole("radio", { name: "STAPLE" }).click();
  await page.getByTestId("staple-probability").waitFor();
  await page.getByRole("radio", { name: "Side by side" }).click();
  await page.getByTestId("read-panes").waitFor();
  expect(await page.getByTestId("read-panes").locator("figure").count()).toBe(3);
  await page
    .getByRole("button", { name: /^Hide Read/ })
    .first()
    .click();
  await until(async () => (await page.getByTestId("read-panes").locator("figure").count()) === 2, "one pane less");
  await page.getByRole("radio", { name: "Together" }).click();
  await page.getByTestId("read-panes").waitFor({ state: "detached" });
});

it("[CVW7] in an open round readers see how well they fit while they draw; in a blind one nothing is shown", async () => {
  const { app, project, people } = demo();
  const { lead } = people;
  const { items: slides } = await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`);
  const { items: members } = await lead.call<Listed<{ personId?: string; id: string; role: string }>>(
    "GET",
    `/projects/${project}/members`,
  );
  const [slideId] = slides.map(({ id }) => id);
  const me = await lead.call<{ id: string }>("GET", "/me");
  const other = members.map((member) => member.personId ?? member.id).find((id) => id !== me.id) ?? "";
  const round = async (mode: "open" | "blind") =>
    lead.call("POST", `/projects/${project}/rounds`, {
      name: `live ${mode}`,
      mode,
      slideIds: [slideId],
      readerIds: [me.id, other],
    });
  await round("open");
  await lead.page.goto(`${app.url}/projects/${project}/slides/${slideId}`);
  await lead.page.getByTestId("slide").waitFor();
  await until(async () => /saved/i.test(await lead.page.getByTestId("save-status").innerText()), "the read is open");
  await drawPolygon(lead.page, [
    [0.4, 0.4],
    [0.6, 0.4],
    [0.6, 0.6],
    [0.4, 0.6],
  ]);
  const live = lead.page.getByTestId("live-agreement");
  await until(async () => /^0\s%\sagreed$/.test(await live.innerText()), "nothing is agreed on");
  await round("blind");
  await lead.page.reload();
  await lead.page.getByTestId("slide").waitFor();
  await until(async () => (await lead.page.getByTestId("live-agreement").count()) === 0, "nothing is compared");
});
