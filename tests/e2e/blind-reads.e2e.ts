import { afterAll, beforeAll, expect, it } from "vitest";
import type { GuidelineView } from "#server/api/schemas/guideline.ts";
import {
  demoProject,
  drawPolygon,
  type Listed,
  outlineCount,
  signIn,
  until,
  type Visitor,
  waitForSaved,
} from "#tests/support/people.ts";
import { type Recording, recordTraffic } from "#tests/support/recording.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Member = { readonly id: string; readonly name: string };
type Slide = { readonly id: string; readonly name: string };
type Read = { readonly slideId: string; readonly readerId: string; readonly layerId: string };
type Round = { readonly id: string; readonly reads: readonly Read[] };
type Annotation = { readonly id: string; readonly contentHash: string };

let app: App;
let lead: Visitor;
let amir: Visitor;
let beatriz: Visitor;
let project: string;
let slide: Slide;
let round: Round;
let traffic: Recording;

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  amir = await signIn(app.url, "amir@demo.concord");
  beatriz = await signIn(app.url, "beatriz@demo.concord");
  project = await demoProject(lead);
  const slides = await lead.call<Listed<Slide>>("GET", `/projects/${project}/slides`);
  slide = slides.items.find((each) => each.name === "Demo 2") as Slide;
  const members = (await lead.call<Listed<Member>>("GET", `/projects/${project}/members`)).items;
  const readerIds = members.filter((each) => /Amir|Beatriz/.test(each.name)).map((each) => each.id);
  round = await lead.call<Round>("POST", `/projects/${project}/rounds`, {
    name: "Blind again",
    mode: "blind",
    slideIds: [slide.id],
    readerIds,
  });
});

afterAll(async () => {
  for (const visitor of [lead, amir, beatriz]) await visitor?.leave();
  await app?.stop();
});

it("[BRW5] while a colleague reads, draws and submits, no byte about it reaches a blind reader's browser", async () => {
  const [own, other] = await layersOf(["Amir", "Beatriz"]);
  traffic = await recordTraffic(amir.page);
  await openSlide(amir, own);
  await openSlide(beatriz, other);
  await drawPolygon(amir.page, square(0.2, 0.3));
  await waitForSaved(amir.page);

  const from = traffic.length;
  await drawPolygon(beatriz.page, square(0.5, 0.5));
  await drawPolygon(beatriz.page, square(0.3, 0.6));
  await until(async () => (await outlineCount(beatriz.page)) === 2, "Beatriz drew two outlines");
  await waitForSaved(beatriz.page);
  await beatriz.call("POST", `/layers/${other}/submit`);
  const drawn = (await lead.call<Listed<Annotation>>("GET", `/layers/${other}/annotations`)).items;
  expect(drawn).toHaveLength(2);

  // Everything Amir can open, after it happened.
  for (const path of [
    "",
    "/slides",
    "/rounds",
    "/guideline",
    "/tasks",
    "/consensus",
    "/releases",
    "/members",
    "/audit",
  ]) {
    await amir.page.goto(`${app.url}/projects/${project}${path}`);
    await amir.page.waitForLoadState("networkidle");
  }
  await openSlide(amir, own);

  const secrets = [other, ...drawn.flatMap((each) => [each.id, each.contentHash])];
  expect(traffic.length - from).toBeGreaterThan(20);
  expect(secrets.filter((secret) => traffic.mentions(secret))).toEqual([]);
  expect(await outlineCount(amir.page)).toBe(1);
  expect(await amir.page.getByTestId("presence-Beatriz Costa").count()).toBe(0);
  for (const path of [
    `/layers/${other}`,
    `/layers/${other}/annotations`,
    `/rounds/${round.id}/slides/${slide.id}/consensus`,
  ]) {
    expect((await amir.ask("GET", path)).status, path).toBe(404);
  }
});

it("[AUD10] a version that is published meanwhile changes nothing for who reads blind, and is there once the round is unblinded", async () => {
  const { page } = amir;
  const [own] = await layersOf(["Amir"]);
  await openSlide(amir, own);
  const guideline = `/projects/${project}/guideline`;
  const { versions } = await lead.call<GuidelineView>("GET", guideline);
  const newest = versions.at(-1);
  const [first] = newest?.content.classes.filter(({ retired }) => !retired) ?? [];
  if (newest === undefined || first === undefined) throw new Error("the demo has no guideline");
  const changed = { ...first, name: "Renamed", definition: `${first.definition} In other words.` };
  const classes = newest.content.classes.map((each) => (each.id === first.id ? changed : each));
  const declarations = [{ kind: "reword", classId: first.id }];
  const draft = { revision: 0, content: { ...newest.content, classes }, declarations };
  await lead.call("PUT", `${guideline}/draft`, draft);
  const asked = page.waitForResponse((answer) => answer.url().includes(`/api/v1/slides/${slide.id}/view`));
  await lead.call("POST", `${guideline}/publish`, { parent: newest.number });
  expect((await (await asked).json()).guideline.at(-1).number).toBe(newest.number + 1);
  await drawPolygon(page, square(0.6, 0.2));
  await waitForSaved(page);
  expect(await page.getByTestId("guideline-news").count()).toBe(0);
  expect(await page.getByText("Renamed", { exact: true }).count()).toBe(0);
  const stored = (await lead.call<Listed<Annotation & { under: number }>>("GET", `/layers/${own}/annotations`)).items;
  expect(stored.map(({ under }) => under)).toEqual([newest.number, newest.number]);
});

it("[BRW6] once everybody has submitted and the lead has unblinded, the same browser sees it: the recording can see", async () => {
  const [own, other] = await layersOf(["Amir", "Beatriz"]);
  await amir.call("POST", `/layers/${own}/submit`);
  await until(
    async () => /submitted/i.test(await amir.page.getByTestId("lock-note").innerText()),
    "the read is locked",
  );
  await lead.call("POST", `/rounds/${round.id}/unblind`);
  await openSlide(amir, own);
  await until(() => traffic.mentions(other), "the other read is listed after unblinding");
  expect(traffic.streamed).toBeGreaterThan(0);
  await amir.page.getByTestId("read-guideline").waitFor();
  await amir.page.getByText("Renamed", { exact: true }).first().waitFor();
  expect([lead, amir, beatriz].flatMap((visitor) => visitor.faults)).toEqual([]);
});

/** Layers of the round by the reader's first name. */
async function layersOf(names: readonly string[]): Promise<[string, string]> {
  const members = (await lead.call<Listed<Member>>("GET", `/projects/${project}/members`)).items;
  const layers = names.map((name) => {
    const reader = members.find((each) => each.name.startsWith(name));
    return round.reads.find((read) => read.readerId === reader?.id)?.layerId ?? "";
  });
  return [layers[0] ?? "", layers[1] ?? ""];
}

async function openSlide({ page }: Visitor, layer: string): Promise<void> {
  await page.goto(`${app.url}/projects/${project}/slides/${slide.id}?layer=${layer}`);
  await page.getByTestId("annotation-count").waitFor();
  await until(
    async () => /saved|view only/i.test(await page.getByTestId("save-status").innerText()),
    "the layer is here, to draw in or to look at",
  );
}

function square(x: number, y: number): readonly (readonly [number, number])[] {
  return [
    [x, y],
    [x + 0.12, y],
    [x + 0.12, y + 0.12],
    [x, y + 0.12],
  ];
}
