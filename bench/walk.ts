import { setTimeout } from "node:timers/promises";
import type { GuidelineContent } from "#domain/guideline.ts";
import { seededRandom } from "#domain/random.ts";
import { demoProject, type Listed, signIn, type Visitor } from "#tests/support/people.ts";
import { buildApp, startApp } from "#tests/support/start-app.ts";
import type { Options, Size } from "./support/options.ts";
import { quantile } from "./support/statistics.ts";
import { table } from "./support/table.ts";

const ITEMS: Readonly<Record<Size, number>> = { tiny: 20, quick: 200, medium: 500, full: 1_000 };
/** Side of an outline and of the slide's middle part that they are strewn over, level-0 px. */
const SIDE = 24;
/** DESIGN: the median time between a key and the next item on screen. */
const AIM_MS = 150;

type Slide = { readonly id: string; readonly width: number; readonly height: number };
type Version = { readonly number: number; readonly content: GuidelineContent };
type Task = {
  readonly id: string;
  readonly kind: string;
  readonly left: number;
  readonly state: string;
  readonly layerId: string;
};

/**
 * A review walk of a thousand items by keyboard: time from the key to the frame in which the next item is in the panel, the
 * camera is on it and all tiles in view are sharp. Measured in the page, by its own clock. @returns the table
 */
export async function benchWalk(options: Options, say: (line: string) => void): Promise<string> {
  const count = ITEMS[options.size];
  await buildApp();
  const app = await startApp({ env: { CONCORD_DEMO_WIDTH: "4096" } });
  const opened: Visitor[] = [];
  try {
    const [lead, reader] = [await signIn(app.url, "lead@demo.concord"), await signIn(app.url, "amir@demo.concord")];
    opened.push(lead, reader);
    const project = await demoProject(lead);
    say(`${count} outlines are drawn and asked about ...`);
    const { slide, task } = await preparedTask({ lead, reader, project, count, seed: options.seed });
    await reader.page.goto(`${app.url}/projects/${project}/slides/${slide.id}?task=${task.id}`);
    await reader.page.getByTestId("task-left").waitFor();
    await until(async () => (await left(reader)) >= count, "every item waits", 60_000);
    const times = await walked(reader, count);
    await until(async () => (await stored(lead, task.id)) <= task.left - count, "every answer is stored", 120_000);
    return reportOf(times, count);
  } finally {
    for (const visitor of opened) await visitor.leave();
    await app.stop();
  }
}

type Preparation = {
  readonly lead: Visitor;
  readonly reader: Visitor;
  readonly project: string;
  readonly count: number;
  readonly seed: number;
};

/** Outlines of one class in a team layer, and a published change that asks about each of them. */
async function preparedTask({ lead, reader, project, count, seed }: Preparation) {
  const { items: slides } = await lead.call<Listed<Slide>>("GET", `/projects/${project}/slides`);
  const [slide] = slides;
  if (slide === undefined) throw new Error("there is no slide");
  const path = `/projects/${project}/guideline`;
  const { versions } = await lead.call<{ versions: readonly Version[] }>("GET", path);
  const newest = versions.at(-1);
  const tumour = newest?.content.classes.find(({ name }) => name === "Tumour");
  if (newest === undefined || tumour === undefined) throw new Error("there is no guideline");
  const layer = await lead.call<{ id: string }>("POST", `/slides/${slide.id}/layers`, {});
  await reader.call("POST", `/layers/${layer.id}/geojson`, outlines(slide, tumour.name, count, seed));
  const classes = newest.content.classes.map((each) => (each.id === tumour.id ? { ...each, exclude: "Less." } : each));
  const declarations = [{ kind: "narrow", classId: tumour.id }];
  await lead.call("PUT", `${path}/draft`, { revision: 0, content: { ...newest.content, classes }, declarations });
  await lead.call("POST", `${path}/publish`, { parent: newest.number });
  const { items: tasks } = await reader.call<Listed<Task>>("GET", `/projects/${project}/tasks`);
  const task = tasks.find((each) => each.kind === "migration" && each.layerId === layer.id && each.state === "open");
  if (task === undefined) throw new Error("the change made no task");
  return { slide, task };
}

function outlines({ width, height }: Slide, className: string, count: number, seed: number): unknown {
  const random = seededRandom(seed);
  const features = Array.from({ length: count }, () => {
    const [x, y] = [Math.floor(random() * (width - SIDE)), Math.floor(random() * (height - SIDE))];
    const ring = [
      [x, y],
      [x + SIDE, y],
      [x + SIDE, y + SIDE],
      [x, y + SIDE],
      [x, y],
    ];
    const properties = { objectType: "annotation", classification: { name: className } };
    return { type: "Feature", geometry: { type: "Polygon", coordinates: [ring] }, properties };
  });
  return { type: "FeatureCollection", features };
}

/** Keeps one item after the other as fast as the page shows them. @returns ms from each key to the next item on screen */
async function walked({ page }: Visitor, count: number): Promise<readonly number[]> {
  return await page.evaluate(async (keys) => {
    const panel = document.querySelector<HTMLElement>("[data-testid=task-panel]");
    const slide = document.querySelector<HTMLElement>("[data-testid=slide]");
    if (panel === null || slide === null) throw new Error("no walk on this page");
    const times: number[] = [];
    for (let key = 0; key < keys; key++) {
      const before = slide.dataset["shown"];
      const last = key === keys - 1;
      const started = performance.now();
      window.dispatchEvent(new KeyboardEvent("keydown", { key: "k", code: "KeyK", bubbles: true, cancelable: true }));
      do await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      while (
        (!last && (slide.dataset["shown"] === before || panel.dataset["item"] !== slide.dataset["shown"])) ||
        slide.dataset["loading"] !== "0"
      );
      times.push(performance.now() - started);
    }
    return times;
  }, count);
}

/** Polls for a fact. @throws Error that names what did not come true in time */
async function until(fact: () => Promise<boolean>, what: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await fact())) {
    if (performance.now() > deadline) throw new Error(`not so after ${timeoutMs} ms: ${what}`);
    await setTimeout(100);
  }
}

async function left({ page }: Visitor): Promise<number> {
  return Number(await page.getByTestId("task-left").getAttribute("data-left"));
}

async function stored(lead: Visitor, taskId: string): Promise<number> {
  return (await lead.call<{ task: Task }>("GET", `/tasks/${taskId}`)).task.left;
}

function reportOf(times: readonly number[], count: number): string {
  const row = [count, ...[0.5, 0.95, 0.99, 1].map((share) => quantile(times, share))];
  const met = quantile(times, 0.5) < AIM_MS ? "met" : "missed";
  return [
    "A keep of each item by keyboard, without a pause between; from the key to the frame in which the next item is shown and every tile in view is sharp, by the page's own clock.",
    table(["items", "p50 ms", "p95 ms", "p99 ms", "longest ms"], [row]),
    `Aim: median below ${AIM_MS} ms: ${met}.`,
  ].join("\n\n");
}
