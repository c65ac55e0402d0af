import { afterAll, beforeAll, expect, it } from "vitest";
import { demoProject, drawPolygon, type Listed, signIn, until, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Measured = { readonly value: { readonly defined: boolean; readonly value: number } };
type Board = { readonly classes: readonly { readonly classId: string; readonly alpha: Measured }[] };
type Queue = { readonly total: number; readonly items: readonly { readonly key: string; readonly kind: string }[] };
type Question = {
  readonly id: string;
  readonly title: string;
  readonly places: readonly { readonly disputeKey?: string | null }[];
};

let app: App;
let dana: Visitor;
let lead: Visitor;
let project: string;

beforeAll(async () => {
  await buildApp();
  app = await startApp({ env: { CONCORD_DEMO_WIDTH: "2048" } });
  dana = await signIn(app.url, "dana@demo.concord");
  lead = await signIn(app.url, "lead@demo.concord");
  project = await demoProject(dana);
});

afterAll(async () => {
  for (const visitor of [dana, lead]) await visitor?.leave();
  await app?.stop();
});

/** The class that readers agree on least. */
async function lowest(): Promise<{ readonly classId: string; readonly alpha: number }> {
  const board = await dana.call<Board>("GET", `/projects/${project}/agreement`);
  const known = board.classes.flatMap(({ classId, alpha }) =>
    alpha.value.defined ? [{ classId, alpha: alpha.value.value }] : [],
  );
  const [first] = known.toSorted((a, b) => a.alpha - b.alpha);
  if (first === undefined) throw new Error("no class has a number");
  return first;
}

async function open(classId: string): Promise<Queue> {
  return dana.call<Queue>("GET", `/projects/${project}/disputes?class=${classId}`);
}

const keyOf = (visitor: Visitor) => new URL(visitor.page.url()).searchParams.get("dispute");

it("[CVW3] from the lowest number one click leads to its queue, and one key to the worst place on the slide", async () => {
  const low = await lowest();
  const { page } = dana;
  await page.goto(`${app.url}/projects/${project}/consensus`);
  await page.locator(`a[href*="class=${low.classId}"]`).first().click();
  await page.waitForURL(/consensus\/queue\?class=/);
  await page
    .getByRole("link", { name: /settle/i })
    .first()
    .waitFor();
  const { items } = await open(low.classId);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByTestId("consensus-panel").waitFor();
  expect(keyOf(dana)).toBe(items[0]?.key);
  expect(new URL(page.url()).searchParams.get("class")).toBe(low.classId);
});

it("[CVW4] two adjudicators see each other at a dispute; one decides by a key and both see the numbers move", async () => {
  const low = await lowest();
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

it("[CVW5] an unclear guideline becomes a question with the place, and a second place goes to the same question", async () => {
  const { page } = dana;
  const questions = async () => (await dana.call<Listed<Question>>("GET", `/projects/${project}/questions`)).items;
  const places = async () => (await questions()).flatMap((each) => each.places).length;
  await page.getByTestId("decide-unclear").waitFor();
  await page.keyboard.press("g");
  await until(async () => (await questions()).length === 1 && (await places()) === 1, "the question is open");
  await page.getByText("A guideline question was opened.").waitFor();
  await until(async () => page.getByTestId("decide-unclear").isEnabled(), "the next dispute is at hand");
  await page.keyboard.press("g");
  await until(async () => (await places()) === 2, "the second place is kept");
  const [question, other] = await questions();
  const named = [question, other].flatMap((each) => each?.places ?? []);
  expect(named.every(({ disputeKey }) => typeof disputeKey === "string")).toBe(true);
});

it("[CVW6] reads are looked at side by side under one camera, with vote bands, and each can be hidden", async () => {
  const { page } = dana;
  await page.getByRole("button", { name: "Vote bands" }).click();
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
  expect([dana, lead].flatMap((visitor) => visitor.faults)).toEqual([]);
});

it("[CVW7] in an open round readers see how well they fit while they draw; in a blind one nothing is shown", async () => {
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
  await lead.page.getByTestId("live-agreement").waitFor();
  expect(await lead.page.getByTestId("live-agreement").innerText()).toMatch(/^0\s%\sagreed$/);
  await round("blind");
  await lead.page.reload();
  await lead.page.getByTestId("slide").waitFor();
  await until(async () => (await lead.page.getByTestId("live-agreement").count()) === 0, "nothing is compared");
});
