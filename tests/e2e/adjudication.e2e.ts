import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { demoFor } from "#tests/support/demo.ts";
import { drawPolygon, type Listed, until, type Visitor } from "#tests/support/people.ts";

type Line = { readonly roundId: string; readonly slideId: string; readonly undecided: number };
type Dispute = {
  readonly key: string;
  readonly settled: boolean;
  readonly verdict: string;
  readonly bbox: readonly [number, number, number, number];
  readonly votes: readonly { readonly read: number; readonly classId: string | null }[];
  readonly decision: { readonly id: string; readonly method: string; readonly outOfDate: boolean } | null;
};
type View = {
  readonly disputes: readonly Dispute[];
  readonly reads: readonly { readonly layerId: string; readonly reader: { readonly name: string } | null }[];
  readonly groundTruthLayerId: string | null;
};
type Guideline = {
  readonly versions: readonly { readonly content: { readonly rules: Readonly<Record<string, unknown>> } }[];
  readonly draft: { readonly revision: number } | null;
};
type Round = {
  readonly id: string;
  readonly reads: readonly { readonly readerId: string; readonly layerId: string }[];
};

const NARROW = 480;
const demo = demoFor(["dana", "lead", "beatriz"]);

it("[CVW12] disputes are redrawn with the brush, as a polygon and with the lasso, and each shape is the record", async () => {
  const { page } = demo().people.dana;
  const line = await fullest();
  const redraw = {
    brush: async () => stroke(page, "b", ARC),
    polygon: async () => drawPolygon(page, SQUARE),
    lasso: async () => stroke(page, "l", LOOP),
  };
  for (const [tool, draw] of Object.entries(redraw)) {
    const target = (await viewOf(line)).disputes.find(({ settled }) => !settled);
    if (target === undefined) throw new Error(`no dispute is left for the ${tool}`);
    await goTo(page, line, target.key);
    await page.getByTestId("decide-redraw").waitFor();
    await page.keyboard.press("r");
    await page.getByTestId("redraw-bar").waitFor();
    await draw();
    await page.getByTestId("redraw-done").click();
    await until(async () => (await decisionOn(line, target.key))?.method === "redraw", `decided with the ${tool}`);
  }
  const { groundTruthLayerId } = await viewOf(line);
  const { items } = await demo().people.lead.call<Listed<{ geometry: { rings?: readonly unknown[][] } }>>(
    "GET",
    `/layers/${groundTruthLayerId}/annotations`,
  );
  const vertices = items.map(({ geometry }) => geometry.rings?.[0]?.length ?? 0);
  expect(vertices).toHaveLength(3);
  expect(vertices.filter((count) => count === SQUARE.length)).toHaveLength(1);
  expect(vertices.filter((count) => count > 2 * SQUARE.length)).toHaveLength(2);
});

it("[CVW10] a decision whose input changes afterwards is shown as out of date, and is in the queue again", async () => {
  const { app, project, people } = demo();
  const { dana, lead, beatriz } = people;
  const { line, target, layerId } = await missedByBeatriz();
  await goTo(dana.page, line, target.key);
  await dana.page.getByTestId("decide-majority").waitFor();
  await dana.page.keyboard.press("m");
  await until(async () => (await decisionOn(line, target.key))?.method === "majority", "the majority is taken");
  const decision = await decisionOn(line, target.key);
  await lead.call("POST", `/layers/${layerId}/reopen`);
  await drawAt(beatriz, line.slideId, layerId, target.bbox);
  await beatriz.call("POST", `/layers/${layerId}/submit`);
  const queue = `${app.url}/projects/${project}/consensus/queue?slide=${line.slideId}`;
  await until(async () => {
    await dana.page.goto(queue);
    return (await dana.page.getByText("out of date").count()) > 0;
  }, "it is in the queue again");
  const row = dana.page.locator("tbody tr").filter({ hasText: "out of date" }).first();
  await row.getByRole("link", { name: "Settle" }).click();
  await dana.page.getByTestId("consensus-panel").getByText("out of date").waitFor();
  const key = (await dana.page.getByTestId("consensus-panel").getAttribute("data-dispute")) ?? "";
  expect(await decisionOn(line, key)).toMatchObject({ id: decision?.id, outOfDate: true });
  await dana.page.getByTestId("decide-exclude").waitFor();
  await dana.page.keyboard.press("x");
  await until(async () => (await decisionOn(line, key))?.outOfDate === false, "it is decided anew");
});

it("[CVW11] an adjudicator who reads the case is barred where the guideline says so, and sees why", async () => {
  const { project, people } = demo();
  const { dana, lead } = people;
  const line = await fullest();
  const open = (await viewOf(line)).disputes.find(({ settled }) => !settled)?.key ?? "";
  await goTo(dana.page, line, open);
  await dana.page.getByTestId("decide-exclude").waitFor();
  const path = `/projects/${project}/guideline`;
  const { versions, draft } = await lead.call<Guideline>("GET", path);
  const content = versions.at(-1)?.content;
  const barred = { ...content, rules: { ...content?.rules, barReaders: true } };
  await lead.call("PUT", `${path}/draft`, { revision: draft?.revision ?? 0, content: barred, declarations: [] });
  await lead.call("POST", `${path}/publish`, { parent: versions.length });
  const readerIds = [await idOf("Dana"), await idOf("Amir")];
  await lead.call<Round>("POST", `/projects/${project}/rounds`, {
    ...{ name: "Read by Dana too", mode: "open", slideIds: [line.slideId], readerIds },
  });
  const now = (await viewOf(line)).disputes.find(({ settled }) => !settled)?.key ?? "";
  await goTo(dana.page, line, now);
  await dana.page.getByText("You may not decide about this slide").waitFor();
  expect(await dana.page.getByTestId("decide-exclude").count()).toBe(0);
  await dana.page.keyboard.press("x");
  await goTo(lead.page, line, now);
  await lead.page.getByTestId("decide-exclude").waitFor();
  expect((await decisionOn(line, now))?.method).not.toBe("exclude");
});

it("[CVW13] no page of a project scrolls sideways on a narrow screen", async () => {
  const { app, project, people } = demo();
  const { page } = people.lead;
  const { roundId, slideId } = await fullest();
  const consensus = `/projects/${project}/consensus`;
  const of = ["slides", "tasks", "guideline", "guideline/draft", "guideline/questions", "guideline/waivers", "drift"];
  const paths = [
    ...["", "/queue?state=all", `/${roundId}/${slideId}`, "/unclear"].map((rest) => `${consensus}${rest}`),
    `${consensus}/${roundId}/differences?reader=${await idOf("Beatriz")}`,
    ...of.map((segment) => `/projects/${project}/${segment}`),
  ];
  for (const width of [NARROW, 820]) {
    await page.setViewportSize({ width, height: 900 });
    for (const path of paths) {
      await page.goto(app.url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, `${path} at ${width} px`).toBeLessThanOrEqual(width);
    }
  }
});

const SQUARE: readonly (readonly [number, number])[] = [
  [0.45, 0.45],
  [0.55, 0.45],
  [0.55, 0.55],
  [0.45, 0.55],
];
const ARC: readonly (readonly [number, number])[] = [
  [0.45, 0.5],
  [0.5, 0.45],
  [0.55, 0.5],
];

/** Round, so that it is no polygon of a few clicks. */
const LOOP = Array.from({ length: 13 }, (_, step): readonly [number, number] => {
  const angle = (step * Math.PI) / 6;
  return [0.5 + 0.05 * Math.cos(angle), 0.5 + 0.08 * Math.sin(angle)];
});

/** Drags a tool through places given as shares of the visible slide. */
async function stroke(page: Page, tool: string, places: readonly (readonly [number, number])[]): Promise<void> {
  const box = await page.getByTestId("slide").boundingBox();
  if (box === null) throw new Error("the slide is not on the page");
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  const [first = [0, 0], ...others] = places;
  await page.keyboard.press(tool);
  await page.mouse.move(...at(first as [number, number]));
  await page.mouse.down();
  for (const place of others) await page.mouse.move(...at(place), { steps: 8 });
  await page.mouse.up();
}

async function goTo(page: Page, { roundId, slideId }: Line, key: string): Promise<void> {
  const { app, project } = demo();
  await page.goto(`${app.url}/projects/${project}/slides/${slideId}?round=${roundId}&dispute=${key}`);
  await page.locator(`[data-testid="consensus-panel"][data-dispute="${key}"]`).waitFor();
}

/** The slide with the most to settle. */
async function fullest(): Promise<Line> {
  const { project, people } = demo();
  const { items } = await people.lead.call<Listed<Line>>("GET", `/projects/${project}/consensus`);
  const [line] = items.toSorted((a, b) => b.undecided - a.undecided);
  if (line === undefined) throw new Error("no slide was read");
  return line;
}

async function viewOf({ roundId, slideId }: Line): Promise<View> {
  return demo().people.lead.call<View>("GET", `/rounds/${roundId}/slides/${slideId}/consensus`);
}

async function decisionOn(line: Line, key: string): Promise<Dispute["decision"]> {
  return (await viewOf(line)).disputes.find((dispute) => dispute.key === key)?.decision ?? null;
}

/** Something to settle that the others mark and she does not. */
async function missedByBeatriz() {
  const { project, people } = demo();
  const { items } = await people.lead.call<Listed<Line>>("GET", `/projects/${project}/consensus`);
  for (const line of items) {
    const view = await viewOf(line);
    const read = view.reads.findIndex(({ reader }) => reader?.name.startsWith("Beatriz"));
    const target = view.disputes.find(
      ({ settled, verdict, votes }) =>
        !settled && verdict === "class" && votes.some((vote) => vote.read === read && vote.classId === null),
    );
    const layerId = view.reads[read]?.layerId;
    if (target !== undefined && layerId !== undefined) return { line, target, layerId };
  }
  throw new Error("she has missed nothing");
}

/** A square on the slide around the middle of a box, within it. */
async function drawAt(visitor: Visitor, slideId: string, layerId: string, box: Dispute["bbox"]): Promise<void> {
  const { app, project } = demo();
  const { page } = visitor;
  const [minX, minY, maxX, maxY] = box;
  // So that the box is about a third of the screen.
  const zoom = Math.log2(300 / Math.max(maxX - minX, maxY - minY));
  const place = `#x=${(minX + maxX) / 2}&y=${(minY + maxY) / 2}&z=${zoom.toFixed(3)}`;
  await page.goto(`${app.url}/projects/${project}/slides/${slideId}?layer=${layerId}${place}`);
  await page.getByTestId("annotation-count").waitFor();
  const saved = () => page.getByTestId("save-status").innerText();
  await until(async () => /saved/i.test(await saved()), "the read is open again");
  const before = await page.getByTestId("annotation-count").innerText();
  await drawPolygon(page, SQUARE);
  await until(async () => (await page.getByTestId("annotation-count").innerText()) !== before, "it is drawn");
  await until(async () => /saved/i.test(await saved()), "it is saved");
}

async function idOf(name: string): Promise<string> {
  const { project, people } = demo();
  const { items } = await people.lead.call<Listed<{ id: string; name: string }>>("GET", `/projects/${project}/members`);
  return items.find((member) => member.name.startsWith(name))?.id ?? "";
}
