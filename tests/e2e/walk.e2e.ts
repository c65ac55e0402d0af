import { afterAll, beforeAll, expect, it } from "vitest";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import { blankClass } from "#domain/guideline.ts";
import { classId } from "#domain/ids.ts";
import { shots } from "#tests/support/demo-study.ts";
import { demoProject, type Listed, signIn, typeIntoFocus, until, type Visitor } from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

type Version = { readonly number: number; readonly content: GuidelineContent };
type Task = { readonly id: string; readonly kind: string; readonly layerId: string; readonly state: string };
type Row = {
  readonly id: string;
  readonly classId: string;
  readonly areaPx: number;
  readonly attributes: Readonly<Record<string, string>>;
};

const [SOLID, GLANDULAR, BENIGN] = ["solidcarcinoma", "glandularcarcinoma", "benignglands"].map((id) =>
  classId.parse(id),
);
const margin = attributeSchema.parse({ id: "margin00", name: "Margin", kind: "number", unit: "mm", required: true });
const density = attributeSchema.parse({
  id: "density0",
  name: "Density",
  kind: "choice",
  required: true,
  help: "Of the fibres.",
  values: [
    { id: "sparsefibres", name: "sparse" },
    { id: "densefibres", name: "dense" },
  ],
});

let app: App;
let lead: Visitor;
let amir: Visitor;
let project: string;
let slide: string;
let layer: string;
let classes: ReadonlyMap<string, ClassDefinition>;

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  amir = await signIn(app.url, "amir@demo.concord");
  project = await demoProject(lead);
  slide = (await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`)).items[0]?.id ?? "";
  layer = (await lead.call<{ id: string }>("POST", `/slides/${slide}/layers`, {})).id;
  const content = await newest();
  classes = new Map(content.classes.map((each) => [each.name, each]));
  await drawOutlines();
  await publish(content);
});

afterAll(async () => {
  for (const visitor of [lead, amir]) await visitor?.leave();
  await app?.stop();
});

it("[WLK35] a choice is filled in with its reason and taken by Enter; what a class requires is said in the same step", async () => {
  const { page } = amir;
  const task = (await amir.call<Listed<Task>>("GET", `/projects/${project}/tasks`)).items.find(
    (each) => each.kind === "migration" && each.layerId === layer && each.state === "open",
  );
  await page.goto(`${app.url}/projects/${project}/slides/${slide}?task=${task?.id}`);
  await until(async () => (await left()) === 7, "every item waits");
  await page.getByTestId("attribute-step").waitFor();
  await page.keyboard.press("2");
  await until(async () => (await left()) === 6, "one digit says the attribute");
  expect(await page.getByTestId("suggestion").innerText()).toMatch(/because Growth = solid/);
  await page.keyboard.press("Enter");
  await page.getByTestId("attribute-step").waitFor();
  expect(await left()).toBe(6);
  await typeIntoFocus(page, "wide");
  await page.keyboard.press("Enter");
  await page.getByText("A number is needed").waitFor();
  for (let letter = 0; letter < 4; letter++) await page.keyboard.press("Backspace");
  await page.keyboard.type("2.5");
  await page.keyboard.press("Enter");
  await until(async () => (await left()) === 5, "the class is given with its attribute");
  await page.keyboard.press("Enter");
  await until(async () => (await left()) === 4, "a class that needs nothing more is given at once");
  expect(await page.getByTestId("suggestion").count()).toBe(0);
  await page.keyboard.press("Enter");
  expect(await left()).toBe(4);
  await page.keyboard.press("2");
  await until(async () => (await left()) === 3, "where nothing speaks for a choice a digit chooses");
});

it("[WLK36] alike items take their suggestions together from the keyboard, and one undo takes them back", async () => {
  const { page } = amir;
  const take = async () => {
    await page.keyboard.press("b");
    await page.getByTestId("alike-suggested").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("2 Glandular carcinoma").waitFor();
    await page.keyboard.press("Enter");
    await until(async () => (await left()) === 1, "both are answered");
  };
  await take();
  await page.keyboard.press("z");
  await until(async () => (await left()) === 3, "one undo takes both back");
  await take();
  await page.keyboard.press("1");
  await until(async () => (await left()) === 0, "the last one is said");
  await page.getByTestId("task-submit").click();
  await until(async () => (await rows()).filter(({ classId: id }) => id === GLANDULAR).length === 4, "all are stored");
  const stored = await rows();
  expect(stored.filter(({ classId: id }) => id === SOLID).map(({ attributes }) => attributes["margin00"])).toEqual([
    "2.5",
  ]);
  const stroma = stored.filter(({ classId: id }) => id === classes.get("Stroma")?.id);
  expect(stroma.map(({ attributes }) => attributes["density0"]).sort()).toEqual(["densefibres", "sparsefibres"]);
  expect(amir.faults).toEqual([]);
});

it("[DSV16] each group is listed with what and where it is, joined and taken back there, and one key goes to it", async () => {
  const { page, faults } = amir;
  const listed = page.getByTestId("dissolve-row");
  const before = (await rows()).length;
  await page.goto(`${app.url}/projects/${project}/tasks?view=inbox`);
  await until(async () => (await listed.count()) === 2, "both groups are listed");
  expect(await listed.first().innerText()).toMatch(
    /Gland[\s\S]*Adipose[\s\S]*Benign[\s\S]*2 outlines[\s\S]*at 0\.27, 0\.16 mm/,
  );
  await page.waitForLoadState("networkidle");
  await shots(page, "dissolve-list");
  await listed.first().getByRole("button", { name: "Join" }).click();
  await until(async () => (await rows()).length === before - 1, "they are one");
  await page.getByRole("button", { name: "Take back" }).click();
  await until(async () => (await rows()).length === before, "they are two again");
  await until(async () => (await listed.count()) === 2, "both are listed again");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await until(async () => (await groupsLeft()) === 2, "it is looked at on the slide");
  await page.getByText("Group 2 of 2").waitFor();
  expect(faults).toEqual([]);
});

it("[DSV15] touching outlines of merged classes are offered, previewed, joined, taken back and left from the keyboard", async () => {
  const { page } = amir;
  await page.goto(`${app.url}/projects/${project}/tasks?view=inbox`);
  const offer = page.getByTestId("dissolve-offers").getByRole("listitem").filter({ hasText: "Team" });
  await offer.getByRole("link", { name: "On the slide" }).click();
  await until(async () => (await groupsLeft()) === 2, "two groups touch");
  expect(await page.getByTestId("dissolve-group").innerText()).toMatch(/Gland[\s\S]*Adipose[\s\S]*Benign/);
  const before = (await rows()).length;
  await page.keyboard.press("Enter");
  await until(async () => (await groupsLeft()) === 1, "it is joined");
  await until(async () => (await rows()).length === before - 1, "two are one");
  expect((await rows()).filter(({ classId: id }) => id === BENIGN)).toHaveLength(1);
  await page.keyboard.press("z");
  await until(async () => (await groupsLeft()) === 2, "one undo brings both back");
  await until(async () => (await rows()).length === before, "they are two again");
  await page.keyboard.press("s");
  await until(async () => (await groupsLeft()) === 1, "it is left");
  await page.keyboard.press("s");
  await until(async () => (await groupsLeft()) === 0, "both are left");
  await page.reload();
  await until(async () => (await groupsLeft()) === 0, "what was left is not offered again");
  expect((await rows()).length).toBe(before);
  expect(amir.faults).toEqual([]);
});

it("[WLK50] the arrows move, D deletes, R draws anew and Enter hands the shape over, and Z takes either back, from the keyboard", async () => {
  const { page } = amir;
  const content = await newest();
  const narrowed = content.classes.map((each) => (each.id === BENIGN ? { ...each, definition: "Glands." } : each));
  const draft = { revision: 0, content: { ...content, classes: narrowed } };
  const declarations = [{ kind: "narrow", classId: BENIGN }];
  await lead.call("PUT", `/projects/${project}/guideline/draft`, { ...draft, declarations });
  await lead.call("POST", `/projects/${project}/guideline/publish`, { parent: 3 });
  const task = (await amir.call<Listed<Task>>("GET", `/projects/${project}/tasks`)).items.find(
    (each) => each.kind === "migration" && each.layerId === layer && each.state === "open",
  );
  await page.goto(`${app.url}/projects/${project}/slides/${slide}?task=${task?.id}`);
  await page.getByTestId("task-left").waitFor();
  const all = await left();
  expect(all).toBeGreaterThan(2);
  const item = () => page.getByTestId("task-panel").getAttribute("data-item");
  const first = await item();
  await page.keyboard.press("ArrowRight");
  await until(async () => (await item()) !== first, "the next item");
  await page.keyboard.press("ArrowLeft");
  await until(async () => (await item()) === first, "the item before");

  const there = async (id: string | null) => (await rows()).some((row) => row.id === id);
  await page.keyboard.press("d");
  await until(async () => (await left()) === all - 1 && !(await there(first)), "it is deleted");
  await page.keyboard.press("z");
  await until(async () => (await left()) === all && (await there(first)), "it is back");

  const areaOf = async () => (await rows()).find((row) => row.id === first)?.areaPx ?? 0;
  const before = await areaOf();
  await page.keyboard.press("r");
  await page.getByTestId("redraw-bar").waitFor();
  await page.keyboard.press("b");
  const box = await page.getByTestId("slide").boundingBox();
  if (box === null) throw new Error("the slide is not on the page");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 150, y, { steps: 5 });
  await page.mouse.up();
  expect(await areaOf()).toBe(before);
  await page.keyboard.press("Enter");
  await until(async () => (await left()) === all - 1 && (await areaOf()) > before, "the new shape is the answer");
  await page.keyboard.press("z");
  await until(async () => (await left()) === all && (await areaOf()) === before, "the former shape is back");
  expect(amir.faults).toEqual([]);
});

async function newest(): Promise<GuidelineContent> {
  const { versions } = await lead.call<{ versions: readonly Version[] }>("GET", `/projects/${project}/guideline`);
  const version = versions.at(-1);
  if (version === undefined) throw new Error("there is no guideline");
  return version.content;
}

/** Down the slide: what is asked comes in this order. */
async function drawOutlines(): Promise<void> {
  const growth = classes.get("Tumour")?.attributes.find(({ name }) => name === "Growth")?.id ?? "";
  const grown = (value: string) => ({ [growth]: value });
  const drawn: [name: string, x: number, y: number, attributes: Record<string, string>][] = [
    ["Stroma", 300, 100, {}],
    ["Tumour", 300, 160, grown("demosolid")],
    ["Tumour", 300, 220, grown("demoglandular")],
    ["Tumour", 300, 280, {}],
    ["Tumour", 300, 340, grown("demoglandular")],
    ["Tumour", 300, 400, grown("demoglandular")],
    ["Stroma", 300, 460, {}],
    ["Gland", 500, 300, {}],
    ["Adipose", 540, 310, {}],
    ["Gland", 700, 300, {}],
    ["Gland", 500, 400, {}],
    ["Adipose", 540, 410, {}],
  ];
  const features = drawn.map(([name, x, y, attributes], index) => ({
    type: "Feature",
    geometry: {
      type: "Polygon",
      coordinates: [
        [
          [x, y],
          [x + 40, y],
          [x + 40, y + 40],
          [x, y + 40],
          [x, y],
        ],
      ],
    },
    properties: {
      objectType: "annotation",
      classification: { name },
      concord: { id: `outline${String(index).padStart(5, "0")}`, classId: classes.get(name)?.id, under: 2, attributes },
    },
  }));
  await amir.call("POST", `/layers/${layer}/geojson`, { type: "FeatureCollection", features });
}

/** Version 3: Tumour is split by its growth, two classes are merged, Stroma requires an attribute. */
async function publish(content: GuidelineContent): Promise<void> {
  const idOf = (name: string) => classes.get(name)?.id;
  const ended = new Set(["Tumour", "Gland", "Adipose"]);
  const growth = classes.get("Tumour")?.attributes.find(({ name }) => name === "Growth")?.id;
  const hint = (value: string, id: unknown) => ({ from: "attribute", attributeId: growth, value, classId: id });
  const changed = content.classes.map((each) => {
    if (each.name === "Stroma") return { ...each, attributes: [...each.attributes, density] };
    return ended.has(each.name) ? { ...each, retired: true, hotkey: null } : each;
  });
  const added = [
    {
      ...blankClass({ id: SOLID!, name: "Solid carcinoma", colour: "#b4235a" }),
      definition: "Sheets without lumina.",
      attributes: [margin],
    },
    {
      ...blankClass({ id: GLANDULAR!, name: "Glandular carcinoma", colour: "#2f7bd9" }),
      definition: "Lumina lined by tumour.",
    },
    { ...blankClass({ id: BENIGN!, name: "Benign", colour: "#2e9e6b" }), definition: "Glands and fat." },
  ];
  const hints = [hint("demosolid", SOLID), hint("demoglandular", GLANDULAR)];
  await lead.call("PUT", `/projects/${project}/guideline/draft`, {
    revision: 0,
    content: { ...content, classes: [...changed, ...added] },
    declarations: [
      {
        kind: "split",
        classId: idOf("Tumour"),
        into: [SOLID, GLANDULAR],
        fallback: null,
        guide: "By its growth.",
        hints,
      },
      { kind: "merge", from: [idOf("Gland"), idOf("Adipose")], into: BENIGN },
    ],
  });
  await lead.call("POST", `/projects/${project}/guideline/publish`, { parent: 2 });
}

async function left(): Promise<number> {
  return Number(await amir.page.getByTestId("task-left").getAttribute("data-left"));
}

async function groupsLeft(): Promise<number> {
  const text = await amir.page.getByTestId("dissolve-left").getAttribute("data-left");
  return text === null ? -1 : Number(text);
}

async function rows(): Promise<readonly Row[]> {
  return (await amir.call<Listed<Row>>("GET", `/layers/${layer}/annotations`)).items;
}
