import { beforeAll, expect, it } from "vitest";
import { aClass } from "#tests/support/builders.ts";
import { demoFor } from "#tests/support/demo.ts";
import { type Drawn, drawSquares, publishNext } from "#tests/support/demo-study.ts";
import { type Listed, until, type Visitor } from "#tests/support/people.ts";

/** On the slide glands are areas, cells and lymphocytes are outlines of their own, and mitoses are points. */
const [CELL, LYMPHOCYTE, MITOSIS] = ["Cell", "Lymphocyte", "Mitosis"] as const;

type Round = {
  readonly id: string;
  readonly reads: readonly { readonly readerId: string; readonly layerId: string }[];
};
type View = {
  readonly objects: { readonly overall: { readonly percentAgreement: { readonly value: number } } };
  readonly disputes: readonly { readonly key: string; readonly basis: string; readonly geometry: { type: string } }[];
};

/** Nine cells, of which each reader misses one and calls one something else; two mitoses, one of them seen by one alone. */
function drawnBy(reader: number): Drawn[] {
  const drawn = [
    { className: "Gland", x: 300 + 20 * reader, y: 300, side: 300 },
    ...Array.from({ length: 9 }, (_, place) => {
      const className = place === 3 + reader ? LYMPHOCYTE : CELL;
      return { className, x: 900 + 60 * (place % 3) + reader, y: 400 + 60 * Math.floor(place / 3), side: 30 };
    }).filter((_, place) => place !== reader),
    { className: MITOSIS, x: 1_000 + 4 * reader, y: 800, side: 0 },
    ...(reader === 0 ? [{ className: MITOSIS, x: 1_150, y: 820, side: 0 }] : []),
  ];
  return drawn.map((each, place) => ({ ...each, id: `objects${reader}x${String(place).padStart(4, "0")}` }));
}

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
    await drawSquares(people[name], { project, layer }, drawnBy(place));
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

it("[CVW9] single objects lie within the lines of how probable STAPLE makes them", async () => {
  const { page } = demo().people.dana;
  await page.getByRole("radio", { name: "STAPLE" }).click();
  const legend = page.getByTestId("band-legend");
  const probability = Number(await legend.getByTestId("staple-probability").innerText());
  // Three reads of so few objects may make the one who stands alone the one who is believed: then there are no lines.
  const reached = [0.5, 0.8, 0.95].filter((level) => probability >= level).length;
  await until(async () => (await legend.locator("[data-level]").count()) === reached, `the lines of ${probability}`);
  const sentence =
    reached > 0 ? "An object is voted on as a whole" : "No outline here is of an object as probable as 0.5";
  await legend.getByText(sentence).waitFor();
});

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
