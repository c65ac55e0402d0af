import { beforeAll, expect, it } from "vitest";
import { attributeSchema } from "#domain/guideline/attribute.ts";
import { blankClass, type ClassDefinition, type GuidelineContent } from "#domain/guideline.ts";
import { classId } from "#domain/ids.ts";
import { demoFor } from "#tests/support/demo.ts";
import { classNamed, type Drawn, drawSquares, newestVersion, publishNext, shots } from "#tests/support/demo-study.ts";
import { type Listed, typeIntoFocus, until } from "#tests/support/people.ts";

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

const demo = demoFor(["lead", "amir"], { width: 1_024 });
let slide: string;
let layer: string;
let classes: GuidelineContent["classes"];

beforeAll(async () => {
  const { project, people } = demo();
  const { lead } = people;
  slide = (await lead.call<Listed<{ id: string }>>("GET", `/projects/${project}/slides`)).items[0]?.id ?? "";
  layer = (await lead.call<{ id: string }>("POST", `/slides/${slide}/layers`, {})).id;
  const { content } = await newestVersion(lead, project);
  classes = content.classes;
  await drawOutlines();
  await publish();
});

it("[WLK35] a choice is filled in with its reason and taken by Enter; what a class requires is said in the same step", async () => {
  const { app, project, people } = demo();
  const { amir } = people;
  const { page } = demo().people.amir;
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
  const { page } = demo().people.amir;
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
  const stroma = stored.filter(({ classId: id }) => id === classOf("Stroma").id);
  expect(stroma.map(({ attributes }) => attributes["density0"]).sort()).toEqual(["densefibres", "sparsefibres"]);
});

it("[DSV16] each group is listed with what and where it is, joined and taken back there, and one key goes to it", async () => {
  const { app, project, people } = demo();
  const { page } = people.amir;
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
});

it("[DSV15] touching outlines of merged classes are offered, previewed, joined, taken back and left from the keyboard", async () => {
  const { app, project, people } = demo();
  const { page } = people.amir;
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
});

it("[WLK50] the arrows move, D deletes, R draws anew and Enter hands the shape over, and Z takes either back, from the keyboard", async () => {
  const { app, project, people } = demo();
  const { lead, amir } = people;
  const { page } = demo().people.amir;
  await publishNext(lead, project, {
    classes: { Benign: { definition: "Glands." } },
    declarations: [{ kind: "narrow", classId: BENIGN }],
  });
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
});

const classOf = (name: string) => classNamed({ classes }, name);

/** Down the slide: what is asked comes in this order. */
async function drawOutlines(): Promise<void> {
  const { project, people } = demo();
  const growth = growthOf(classOf("Tumour"));
  const drawn: Omit<Drawn, "id" | "side">[] = [
    { className: "Stroma", x: 300, y: 100 },
    { className: "Tumour", x: 300, y: 160, attributes: { [growth]: "demosolid" } },
    { className: "Tumour", x: 300, y: 220, attributes: { [growth]: "demoglandular" } },
    { className: "Tumour", x: 300, y: 280 },
    { className: "Tumour", x: 300, y: 340, attributes: { [growth]: "demoglandular" } },
    { className: "Tumour", x: 300, y: 400, attributes: { [growth]: "demoglandular" } },
    { className: "Stroma", x: 300, y: 460 },
    { className: "Gland", x: 500, y: 300 },
    { className: "Adipose", x: 540, y: 310 },
    { className: "Gland", x: 700, y: 300 },
    { className: "Gland", x: 500, y: 400 },
    { className: "Adipose", x: 540, y: 410 },
  ];
  const squares = drawn.map((each, index) => ({ ...each, id: `outline${String(index).padStart(5, "0")}`, side: 40 }));
  await drawSquares(people.amir, { project, layer }, squares);
}

const growthOf = ({ attributes }: ClassDefinition) => attributes.find(({ name }) => name === "Growth")?.id ?? "";

/** Version 3: Tumour is split by its growth, two classes are merged, Stroma requires an attribute. */
async function publish(): Promise<void> {
  const { project, people } = demo();
  const [tumour, gland, adipose, stroma] = ["Tumour", "Gland", "Adipose", "Stroma"].map(classOf);
  if (tumour === undefined || stroma === undefined) throw new Error("the demo has no such classes");
  const hint = (value: string, id: unknown) => ({
    from: "attribute",
    attributeId: growthOf(tumour),
    value,
    classId: id,
  });
  const ended = { retired: true, hotkey: null };
  await publishNext(people.lead, project, {
    classes: {
      Stroma: { attributes: [...stroma.attributes, density] },
      ...{ Tumour: ended, Gland: ended, Adipose: ended },
    },
    added: [
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
    ],
    declarations: [
      {
        kind: "split",
        classId: tumour.id,
        into: [SOLID, GLANDULAR],
        fallback: null,
        guide: "By its growth.",
        hints: [hint("demosolid", SOLID), hint("demoglandular", GLANDULAR)],
      },
      { kind: "merge", from: [gland?.id, adipose?.id], into: BENIGN },
    ],
  });
}

async function left(): Promise<number> {
  return Number(await demo().people.amir.page.getByTestId("task-left").getAttribute("data-left"));
}

async function groupsLeft(): Promise<number> {
  const text = await demo().people.amir.page.getByTestId("dissolve-left").getAttribute("data-left");
  return text === null ? -1 : Number(text);
}

async function rows(): Promise<readonly Row[]> {
  return (await demo().people.amir.call<Listed<Row>>("GET", `/layers/${layer}/annotations`)).items;
}
