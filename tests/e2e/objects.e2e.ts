import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { parseView } from "#client/view-link.ts";
import { PROBABILITIES } from "#client/vote-bands.ts";
import { aClass } from "#tests/support/builders.ts";
import { CELL, cellsDrawnBy, cornerOf, DISPUTED, LYMPHOCYTE, MITOSIS, PITCH } from "#tests/support/cell-study.ts";
import { demoFor } from "#tests/support/demo.ts";
import { drawSquares, publishNext, shot } from "#tests/support/demo-study.ts";
import { type Listed, until, type Visitor } from "#tests/support/people.ts";

type Round = {
  readonly id: string;
  readonly reads: readonly { readonly readerId: string; readonly layerId: string }[];
};
type View = {
  readonly objects: { readonly overall: { readonly percentAgreement: { readonly value: number } } };
  readonly disputes: readonly {
    readonly key: string;
    readonly basis: string;
    readonly geometry: { type: string };
    readonly bbox: readonly [number, number, number, number];
  }[];
};

const demo = demoFor(["lead", "dana", "amir", "beatriz", "chen"]);
const READERS = ["amir", "beatriz", "chen"] as const;

let round: string;
let slide: string;

beforeAll(async () => {
  const { project, people } = demo();
  const { lead } = people;
  const byOverlap = { geometry: ["polygon" as const], matching: { by: "iou" as const, min: 0.3 } };
  const byDistance = { geometry: ["point" as const], matching: { by: "distance" as const, maxUm: 7.5 } };
  await publishNext(lead, project, {
    added: [
      aClass("cell", { name: CELL, colour: "#1f77b4", ...byOverlap }),
      aClass("lymphocyte", { name: LYMPHOCYTE, colour: "#2ca02c", ...byOverlap }),
      aClass("mitosis", { name: MITOSIS, colour: "#d62728", ...byDistance }),
    ],
  });
  const { items } = await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`);
  slide = items[0]?.id ?? "";
  const members = await lead.call<Listed<{ id: string; email: string }>>("GET", `/projects/${project}/members`);
  const idOf = (name: string) => members.items.find(({ email }) => email.startsWith(name))?.id ?? "";
  const made = await lead.call<Round>("POST", `/projects/${project}/rounds`, {
    ...{ name: "Cells", mode: "open", slideIds: [slide], readerIds: READERS.map(idOf) },
  });
  round = made.id;
  for (const [place, name] of READERS.entries()) {
    const layer = made.reads.find(({ readerId }) => readerId === idOf(name))?.layerId ?? "";
    await drawSquares(people[name], { project, layer }, cellsDrawnBy(place));
    await people[name].call("POST", `/layers/${layer}/submit`);
  }
});

const viewOf = (visitor: Visitor) => visitor.call<View>("GET", `/rounds/${round}/slides/${slide}/consensus`);

it("[ADJ2] the numbers of areas and of objects stand side by side on a slide's page, and each leads to its queue", async () => {
  const { app, project, people } = demo();
  const { page } = people.lead;
  await page.goto(`${app.url}/projects/${project}/consensus/${round}/${slide}`);
  const overall = page.getByRole("region", { name: "Overall agreement" });
  await overall.getByText("Agreement, by area").waitFor();
  await overall.getByText("Agreement, by object").waitFor();
  expect(await page.getByTestId("confusion").count()).toBe(2);
  await overall.getByRole("link").last().click();
  await page.waitForURL(/consensus\/queue\?/);
  expect(new URL(page.url()).searchParams.get("slide")).toBe(slide);
});

it("[ADJ2] an object that is decided by a key moves the numbers of objects beside it", async () => {
  const { app, project, people } = demo();
  const { page } = people.dana;
  const before = await viewOf(people.dana);
  const target = before.disputes.find(({ basis, geometry }) => basis === "object" && geometry.type !== "point");
  await page.goto(`${app.url}/projects/${project}/slides/${slide}?round=${round}&dispute=${target?.key}`);
  await page.getByTestId("decide-majority").waitFor();
  const numbers = await page.getByTestId("consensus-numbers").innerText();
  await page.keyboard.press("m");
  await until(
    async () =>
      (await viewOf(people.dana)).objects.overall.percentAgreement.value >
      before.objects.overall.percentAgreement.value,
    "the numbers of objects have moved",
  );
  await page.goto(`${app.url}/projects/${project}/slides/${slide}?round=${round}&dispute=${target?.key}`);
  await until(
    async () => ![numbers, ""].includes(await page.getByTestId("consensus-numbers").innerText()),
    "the page says so",
  );
});

it("[CVW9] single objects lie within the lines of how probable STAPLE makes them, and what is beside them does not", async () => {
  const { app, project, people } = demo();
  const { page } = people.dana;
  const { disputes } = await viewOf(people.dana);
  const legend = page.getByTestId("band-legend");
  const levels = () =>
    legend.locator("[data-level]").evaluateAll((all) => all.map((each) => Number(each.getAttribute("data-level"))));
  for (const { what, place, lines } of DISPUTED) {
    const [x, y] = cornerOf(place);
    const dispute = disputes.find(({ bbox: [minX, minY] }) => minY === y && minX >= x && minX < x + READERS.length);
    if (dispute === undefined) throw new Error(`nobody disputes the cell at ${x}, ${y}`);
    await page.goto(`${app.url}/projects/${project}/slides/${slide}?round=${round}&dispute=${dispute.key}`);
    await page.getByLabel("Strength of the disagreement map").fill("0");
    await page.getByRole("radio", { name: "STAPLE" }).click();
    const probability = Number(await legend.getByTestId("staple-probability").innerText());
    expect(PROBABILITIES.filter((level) => probability >= level)).toEqual(lines);
    await until(async () => (await levels()).join() === lines.join(), `the lines of ${probability}: ${what}`);
    await legend
      .getByText(lines.length > 0 ? "An object is voted on as a whole" : "No outline here is of an object as probable")
      .waitFor();
    const [minX, minY, maxX, maxY] = dispute.bbox;
    const [middleX, middleY] = [(minX + maxX) / 2, (minY + maxY) / 2];
    // The dispute itself is marked too, in white.
    await until(async () => (await inkAt(page, middleX, middleY)).alpha > 0, "the object is marked");
    expect((await inkAt(page, middleX, middleY)).isBlue, what).toBe(lines.length > 0);
    for (const besideX of [middleX - PITCH, middleX + PITCH])
      expect((await inkAt(page, besideX, middleY)).alpha).toBe(0);
    await shot(page, `staple-${lines.length}`);
  }
});

/** What is painted of disputes and bands at a place on the slide, level-0 px; cells are blue. */
async function inkAt(page: Page, x: number, y: number) {
  const camera = parseView(new URL(page.url()).hash);
  const [red, , blue, alpha] = await page.evaluate(
    ({ at, from }) => {
      const canvas = document.querySelector<HTMLCanvasElement>(".concord-canvas-agreement");
      if (canvas === null || from === null) return [0, 0, 0, 0];
      const scale = 2 ** from.zoom * devicePixelRatio;
      const [left, top] = [canvas.width / 2 + (at.x - from.x) * scale, canvas.height / 2 + (at.y - from.y) * scale];
      return [...(canvas.getContext("2d")?.getImageData(Math.round(left), Math.round(top), 1, 1).data ?? [0, 0, 0, 0])];
    },
    { at: { x, y }, from: camera },
  );
  return { alpha: alpha ?? 0, isBlue: (blue ?? 0) - (red ?? 0) > 40 };
}

it("[LVE1] the queue shows which dispute another adjudicator is at", async () => {
  const { app, project, people } = demo();
  const { page } = people.lead;
  const at = new URL(people.dana.page.url()).searchParams.get("dispute");
  expect(at).not.toBeNull();
  await page.goto(`${app.url}/projects/${project}/consensus/queue?round=${round}&slide=${slide}&state=all`);
  const mark = page.getByTestId("at-dispute");
  await mark.waitFor();
  expect(await mark.getByRole("img").getAttribute("aria-label")).toBe("Dana Okafor");
  expect(await mark.count()).toBe(1);
});
