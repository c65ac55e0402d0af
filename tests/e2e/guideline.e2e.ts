import { AxeBuilder } from "@axe-core/playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { THEME_COOKIE } from "#app/_lib/theme.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import {
  demoProject,
  drawPolygon,
  type Listed,
  outlineCount,
  pageClock,
  signIn,
  until,
  type Visitor,
} from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type View = {
  readonly versions: readonly { readonly number: number; readonly content: GuidelineContent }[];
  readonly draft: { readonly revision: number; readonly content: GuidelineContent } | null;
};

let app: App;
let lead: Visitor;
let second: Visitor;
let reader: Visitor;
let project: string;
let slide: string;

const path = (rest = "") => `/projects/${project}/guideline${rest}`;
const view = (visitor = lead) => visitor.call<View>("GET", path());
const tumour = async () => {
  const found = (await view()).versions.at(-1)?.content.classes.find(({ name }) => name === "Tumour");
  if (found === undefined) throw new Error("there is no class Tumour");
  return found;
};

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  second = await signIn(app.url, "dana@demo.concord");
  reader = await signIn(app.url, "amir@demo.concord");
  project = await demoProject(lead);
  const { items } = await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`);
  slide = items[0]?.id ?? "";
  const { id } = await second.call<{ id: string }>("GET", "/me");
  await lead.call("PATCH", `/projects/${project}/members/${id}`, { role: "lead" });
  const content = (await view()).versions.at(-1)?.content;
  if (content === undefined) throw new Error("there is no guideline");
  const rules = { ...content.rules, secondLead: true };
  await lead.call("PUT", path("/draft"), { revision: 0, content: { ...content, rules }, declarations: [] });
  await lead.call("POST", path("/publish"), { parent: 2 });
});

afterAll(async () => {
  for (const visitor of [lead, second, reader]) await visitor?.leave();
  await app?.stop();
});

it("[GED19] a lead takes an example from a slide with one click, and a reader's question becomes a change of the draft", async () => {
  const { id: classId } = await tumour();
  const place = { kind: "region", slideId: slide, box: [200, 200, 400, 400], note: "single cells" };
  const asked = await reader.call<{ id: string }>("POST", `/projects/${project}/questions`, {
    title: "Do single cells count as tumour?",
    classId,
    place,
  });
  await lead.page.goto(`${app.url}${path(`/questions/${asked.id}`)}`);
  await lead.page.getByRole("button", { name: "Change the guideline" }).click();
  await lead.page.waitForURL(/guideline\/draft\?class=/);
  await lead.page.getByRole("tab", { name: /Questions/ }).click();
  await lead.page.getByText("Do single cells count as tumour?").waitFor();

  await lead.page.goto(`${app.url}/projects/${project}/slides/${slide}`);
  await lead.page.getByTestId("annotation-count").waitFor();
  await lead.page.getByTestId("use-as-example").first().click();
  await lead.page.getByRole("menuitem", { name: /^Example of/ }).click();
  await until(
    async () => (await view()).draft?.content.classes.some(({ examples }) => examples.length === 1) === true,
    "the example is in the draft",
  );
});

it("[GED20] two leads write at once without loss, new words are asked about, and the second lead comments and approves", async () => {
  const { id: classId } = await tumour();
  const editor = lead.page;
  await editor.goto(`${app.url}${path(`/draft?class=${classId}`)}`);
  await second.page.goto(`${app.url}${path(`/draft?class=${classId}`)}`);
  await second.page.getByLabel("When unsure").fill("Ask.");
  await editor.getByLabel("Definition").fill("Nests, sheets and single cells of invasive carcinoma.");
  await editor.getByText(/What do the new words of Tumour mean/).waitFor();
  await editor.getByRole("radio", { name: /The same, said better/ }).click();
  await until(async () => {
    const found = (await view()).draft?.content.classes.find(({ id }) => id === classId);
    return found?.whenUnsure === "Ask." && found.definition.startsWith("Nests, sheets and single");
  }, "both are stored");
  await until(async () => (await editor.getByLabel("When unsure").inputValue()) === "Ask.", "the other's words arrive");
  await until(async () => /Saved/.test(await editor.getByRole("status").first().innerText()), "the draft is saved");

  await second.page.getByRole("tab", { name: /Comments/ }).click();
  await second.page.getByLabel("Comment on Tumour").fill("Good.");
  await second.page.getByRole("button", { name: "Comment", exact: true }).click();
  await editor.getByRole("tab", { name: /Comments/ }).click();
  await editor.getByText("Good.").waitFor();
  await editor.getByRole("tab", { name: /Changes/ }).click();
  await editor.getByLabel("Definition").fill("Nests, sheets, strands and single cells of invasive carcinoma.");
  await until(async () => {
    const found = (await view()).draft?.content.classes.find(({ id }) => id === classId);
    return found?.definition.includes("strands") === true;
  }, "the last words are stored");
  await editor.getByRole("button", { name: "Put it forward" }).click();
  await editor.getByText(/put this draft forward/).waitFor();

  await second.page.goto(`${app.url}${path("/preview")}`);
  await second.page.getByRole("button", { name: "Approve" }).click();
  await second.page.getByText(/approved this draft/).waitFor();
});

it("[GED21] publishing reaches an open page within a second and lets a stroke end; the reader reads old and new words, confirms, and draws on", async () => {
  const { page } = reader;
  await page.goto(`${app.url}/projects/${project}/slides/${slide}`);
  await page.getByTestId("annotation-count").waitFor();
  await until(async () => page.getByTestId("tool-polygon").isEnabled(), "one may draw");
  const before = await outlineCount(page);
  const box = await page.getByTestId("slide").boundingBox();
  if (box === null) throw new Error("the slide is not on the page");
  const corner = (x: number, y: number) => page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  await page.keyboard.press("p");
  await corner(0.6, 0.6);
  await corner(0.7, 0.6);
  await lead.page.goto(`${app.url}${path("/preview")}`);
  await lead.page.getByRole("heading", { name: "What changes, and in which words" }).waitFor();
  const clock = await pageClock(page, '[data-testid="guideline-news"]');
  await lead.page.getByRole("button", { name: /publish version 4/i }).click();
  const published = lead.page.waitForResponse((answer) => answer.url().endsWith("/guideline/publish"));
  await lead.page.getByRole("dialog").getByRole("button", { name: "Publish", exact: true }).click();
  expect((await published).status()).toBe(200);
  const answered = await clock.now();
  expect((await clock.seenAt()) - answered).toBeLessThan(1_000);
  // The banner asks to read, and the stroke that was under way goes on to its end.
  await page.getByTestId("read-guideline").waitFor();
  await corner(0.65, 0.7);
  await page.keyboard.press("Enter");
  await until(async () => (await outlineCount(page)) === before + 1, "the stroke is there");
  await until(async () => !(await page.getByTestId("tool-polygon").isEnabled()), "drawing rests until it is read");

  await page.getByTestId("read-guideline").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Definition, before").waitFor();
  await dialog
    .getByText(/strands and single cells|strands/)
    .first()
    .waitFor();
  await page.getByTestId("confirm-read").click();
  await until(async () => !(await page.getByTestId("guideline-news").isVisible()), "the banner is gone");
  const { items } = await reader.call<Listed<{ state: string }>>("GET", `/projects/${project}/questions`);
  expect(items).toMatchObject([{ state: "answered", publishedIn: 4 }]);
  expect([lead, second, reader].flatMap((visitor) => visitor.faults)).toEqual([]);
});

it("[GED21] what is read once is not asked again, and drawing goes on", async () => {
  const { page } = reader;
  await page.goto(`${app.url}/projects/${project}/slides/${slide}`);
  await page.getByTestId("annotation-count").waitFor();
  await until(async () => page.getByTestId("tool-polygon").isEnabled(), "one may draw");
  const before = await outlineCount(page);
  await drawPolygon(page, [
    [0.4, 0.4],
    [0.5, 0.4],
    [0.45, 0.5],
  ]);
  await until(async () => (await outlineCount(page)) === before + 1, "the outline is there");
  expect(await page.getByTestId("guideline-news").isVisible()).toBe(false);
});

it("[TRI7] a draft is tried out on a slide, and its result page shows what was drawn", async () => {
  const { versions } = await view();
  const content = versions.at(-1)?.content;
  await lead.call("PUT", path("/draft"), { revision: 0, content, declarations: [] });
  const trial = await lead.call<{ id: string }>("POST", path("/trials"), { name: "As it is", slideIds: [slide] });
  await lead.page.goto(`${app.url}${path(`/trials/${trial.id}/slides/${slide}`)}`);
  await until(async () => lead.page.getByTestId("tool-polygon").isEnabled(), "one may draw");
  await drawPolygon(lead.page, [
    [0.3, 0.3],
    [0.5, 0.3],
    [0.4, 0.5],
  ]);
  await until(async () => {
    const { results } = await lead.call<{ results: { classes: { outlines: number }[] } }>("GET", `/trials/${trial.id}`);
    return results.classes.reduce((sum, { outlines }) => sum + outlines, 0) === 1;
  }, "it is kept with the trial");
  await lead.page.goto(`${app.url}${path(`/trials/${trial.id}`)}`);
  await lead.page.getByText("How the classes were used").waitFor();
});

it("[GED31] what is added has its name written first, by keyboard: a class, an attribute, and one value after the other", async () => {
  const { page } = lead;
  await page.goto(`${app.url}${path("/draft")}`);
  await page.getByRole("button", { name: "Add a class" }).click();
  await page.keyboard.type("Haemorrhage");
  await page.getByRole("button", { name: "Add an attribute" }).click();
  await page.keyboard.type("Age");
  await page.getByRole("button", { name: "Add a value" }).click();
  await page.keyboard.type("fresh");
  await page.keyboard.press("Enter");
  await page.keyboard.type("old");
  await until(async () => {
    const added = (await view()).draft?.content.classes.find(({ name }) => name === "Haemorrhage");
    const [age] = added?.attributes ?? [];
    return age?.name === "Age" && age.values.map(({ name }) => name).join() === "fresh,old";
  }, "all of it is stored");
});

it("[GED22] the pages of the guideline have no serious fault for who cannot see or use a mouse", async () => {
  const questions = await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/questions`);
  const trials = await lead.call<Listed<{ id: string }>>("GET", path("/trials"));
  const { id: classId } = await tumour();
  const pages = [
    "",
    `/draft?class=${classId}`,
    "/preview",
    "/questions",
    `/questions/${questions.items[0]?.id}`,
    "/trials",
    `/trials/${trials.items[0]?.id}`,
  ];
  const found: string[] = [];
  for (const theme of ["light", "dark"] as const) {
    await lead.person.addCookies([{ name: THEME_COOKIE, value: theme, url: app.url }]);
    for (const each of pages) {
      await lead.page.goto(`${app.url}${path(each)}`);
      await lead.page.waitForLoadState("networkidle");
      const { violations } = await new AxeBuilder({ page: lead.page }).analyze();
      for (const { id, impact, nodes } of violations) {
        if (impact === "serious" || impact === "critical")
          found.push(`${theme} ${each}: ${id} at ${nodes[0]?.target.join(" ")}`);
      }
    }
  }
  expect(found).toEqual([]);
});
