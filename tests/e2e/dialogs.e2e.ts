import { beforeAll, expect, it } from "vitest";
import { demoFor } from "#tests/support/demo.ts";
import {
  classNamed,
  type Drawn,
  drawSquares,
  guidelineOf,
  newestVersion,
  publishNext,
  saveNext,
  shots,
} from "#tests/support/demo-study.ts";
import { type Listed, until } from "#tests/support/people.ts";

type Named = { readonly id: string; readonly name: string };
type Task = { readonly id: string; readonly kind: string; readonly assignee: Named; readonly title: string };
type Waiver = { readonly id: string; readonly state: string; readonly covers: number };
type Round = { readonly id: string; readonly name: string; readonly reads: readonly { readonly layerId: string }[] };
type Overview = { readonly progress: { readonly waived: number; readonly stale: number } };

const demo = demoFor(["lead", "dana", "amir"], { width: 1_024 });
const of = (rest: string) => `/projects/${demo().project}${rest}`;
const url = (rest: string) => `${demo().app.url}${of(rest)}`;
const REASON = "The block is lost; nobody can look again.";

let slides: readonly Named[];
beforeAll(async () => {
  slides = (await demo().people.lead.call<Listed<Named>>("GET", of("/slides"))).items;
});
const slide = () => slides.find(({ name }) => name === "Demo 1")?.id ?? "";

it("[ADJ11] the adjudicator whom the guideline names is chosen when disputes are given, and when their task is assigned", async () => {
  const { lead, dana } = demo().people;
  const { id } = await dana.call<Named>("GET", "/me");
  await publishNext(lead, demo().project, { rules: { method: "single", adjudicatorId: id as never } });
  const { items } = await lead.call<Listed<{ roundId: string }>>("GET", of("/consensus"));
  const { page } = lead;
  await page.goto(url(`/consensus/${items[0]?.roundId}/${slide()}`));
  await page.getByRole("button", { name: "Give to an adjudicator" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Named by the guideline.").waitFor();
  expect(await dialog.getByLabel("For").innerText()).toBe("Dana Okafor");
  await shots(page, "give-away");
  await dialog.getByRole("button", { name: "Make the task" }).click();
  const task = await found(async () =>
    (await lead.call<Listed<Task>>("GET", of("/tasks?kind=adjudication"))).items.find(
      ({ assignee }) => assignee.id === id,
    ),
  );

  await page.goto(url("/tasks?view=table&kind=adjudication"));
  await page
    .getByRole("checkbox", { name: `Choose ${task.title}` })
    .first()
    .click();
  await page.getByRole("button", { name: "Assign…" }).click();
  await dialog.getByText("Named by the guideline.").waitFor();
  expect(await dialog.getByLabel("Person").innerText()).toContain("Dana Okafor");
  await shots(page, "assign");
  await page.keyboard.press("Escape");
});

it("[RBS9] a lead who publishes late is refused, chooses between two texts, and publishes on the new version", async () => {
  const { lead, dana } = demo().people;
  const { project } = demo();
  const { id } = await dana.call<Named>("GET", "/me");
  await lead.call("PATCH", of(`/members/${id}`), { role: "lead" });
  const { content } = await newestVersion(lead, project);
  const reword = (name: string) => ({ kind: "reword", classId: classNamed(content, name).id });
  const parent = await saveNext(lead, project, {
    classes: { Tumour: { definition: "Nests and cords." }, Necrosis: { definition: "Ghost cells." } },
    declarations: [reword("Tumour"), reword("Necrosis")],
  });
  const { page } = lead;
  await page.goto(url("/guideline/preview"));
  await page.getByRole("button", { name: `Publish version ${parent + 1}` }).click();
  await publishNext(dana, project, {
    classes: { Tumour: { definition: "Nests, cords and single cells." } },
    declarations: [reword("Tumour")],
  });
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Publish", exact: true }).click();
  await dialog.getByText("Another version was published meanwhile.").waitFor();
  await shots(page, "late");
  await dialog.getByRole("button", { name: "Put it on the new version" }).click();
  const rebase = dialog.filter({ hasText: `Put the draft on version ${parent + 1}` });
  const clash = rebase.getByRole("region", { name: /Tumour/ });
  await clash.getByText("Nests, cords and single cells.").waitFor();
  await clash.getByText("Nests and cords.").waitFor();
  expect(await rebase.getByRole("button", { name: "Put it there" }).isDisabled()).toBe(true);
  await clash.getByRole("button", { name: "Take mine" }).click();
  await shots(page, "rebase");
  await rebase.getByRole("button", { name: "Put it there" }).click();
  await rebase.getByText(`Your draft follows version ${parent + 1} now.`).waitFor();
  await shots(page, "rebased");
  await rebase.getByRole("button", { name: "Go on writing" }).click();

  await page.waitForURL(/guideline\/draft/);
  await page.getByText(`follows version ${parent + 1}`).waitFor();
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("button", { name: `Publish version ${parent + 2}` }).click();
  await dialog.getByRole("button", { name: "Publish", exact: true }).click();
  await until(async () => (await newestVersion(lead, project)).number === parent + 2, "it is published");
  const now = (await newestVersion(lead, project)).content;
  expect(classNamed(now, "Tumour").definition).toBe("Nests and cords.");
  expect(classNamed(now, "Necrosis").definition).toBe("Ghost cells.");
  expect((await guidelineOf(lead, project)).draft).toBeNull();
});

it("[WAI9] outlines that are chosen on a slide are waived, counted apart, and are work again once that is taken back or over", async () => {
  const { lead, amir } = demo().people;
  const { project } = demo();
  const { page } = lead;
  const layer = (await lead.call<Named>("POST", `/slides/${slide()}/layers`, {})).id;
  await drawSquares(amir, { project, layer }, row("waived", 3, 60));
  const { content } = await newestVersion(lead, project);
  const stroma = classNamed(content, "Stroma");
  await publishNext(lead, project, {
    classes: { Stroma: { exclude: "Scars." } },
    declarations: [{ kind: "narrow", classId: stroma.id }],
  });
  const stale = (await overview()).stale;

  await page.goto(url(`/slides/${slide()}?layer=${layer}`));
  await page.getByRole("button", { name: "Select all 3 shown" }).click();
  const panel = page.getByTestId("selection");
  await panel.getByText("3 outlines").waitFor();
  await shots(page, "waive-selection");
  await panel.getByTestId("waive").click();
  const dialog = page.getByRole("dialog");
  expect(await dialog.getByRole("button", { name: "Approve" }).isDisabled()).toBe(true);
  await dialog.getByLabel("Why").fill(REASON);
  await shots(page, "waive-dialog");
  await dialog.getByRole("button", { name: "Approve" }).click();
  await page.getByText("The waiver holds; it excuses 3 outlines now.").waitFor();
  expect(await overview()).toMatchObject({ waived: 3, stale: stale - 3 });

  await page.goto(url(""));
  await page.getByText("Waived", { exact: true }).waitFor();
  await page.goto(url("/guideline/waivers"));
  await page.getByRole("link", { name: "3 chosen outlines" }).waitFor();
  const line = page.getByRole("row").filter({ hasText: REASON });
  await line.getByText("excused now").waitFor();
  await line.getByText("on Demo 1").waitFor();
  await shots(page, "waivers");
  await line.getByRole("button", { name: "Take back" }).click();
  await dialog.getByText("3 outlines that it excuses become work at once.").waitFor();
  await dialog.getByRole("button", { name: "Take it back" }).click();
  await line.getByText("taken back").waitFor();
  await line.getByText("work again").waitFor();
  expect(await overview()).toMatchObject({ waived: 0, stale });

  const ids = row("waived", 2, 60).map((each) => each.id);
  const soon = new Date(Date.now() + 8_000).toISOString();
  const brief = { scope: { kind: "annotations", ids }, reason: "For a moment.", expiresAt: soon };
  expect(await lead.call<Waiver>("POST", of("/waivers"), brief)).toMatchObject({ state: "holds", covers: 2 });
  const over = page.getByRole("row").filter({ hasText: "For a moment." });
  await until(async () => {
    await page.reload();
    return (await over.getByText("expired").count()) === 1 && (await over.getByText("work again").count()) === 1;
  }, "it has expired into work");
  await shots(page, "waivers-ended");
  expect(await overview()).toMatchObject({ waived: 0, stale });
});

it("[FND5] who hands in a read that breaks a rule which blocks sees which outlines do, and is led to each", async () => {
  const { lead, amir } = demo().people;
  const { project } = demo();
  const { page } = amir;
  const { id: reader } = await amir.call<Named>("GET", "/me");
  const { content } = await newestVersion(lead, project);
  const { rules } = classNamed(content, "Stroma");
  await publishNext(lead, project, {
    classes: { Stroma: { minAreaUm2: 5_000, rules: { ...rules, severity: "block" } } },
  });
  // Whoever has words of the guideline still to read does not draw on.
  const { number } = await newestVersion(lead, project);
  await amir.call("POST", of("/guideline/acknowledgement"), { version: number });
  const round = await lead.call<Round>("POST", of("/rounds"), {
    name: "Open round",
    mode: "open",
    slideIds: [slide()],
    readerIds: [reader],
  });
  const layer = round.reads[0]?.layerId ?? "";
  await drawSquares(amir, { project, layer }, [...row("small", 3, 40), ...row("large", 1, 200, 500)]);

  await page.goto(url(`/slides/${slide()}?layer=${layer}`));
  await until(async () => (await page.getByTestId("annotation-count").innerText()).trim() === "4", "all are there");
  const dialog = page.getByRole("dialog");
  const stops = dialog.getByRole("list", { name: "What stops it" }).getByRole("button");
  for (let left = 3; left > 0; left--) {
    await page.getByTestId("submit-read").click();
    await until(async () => (await stops.count()) === left, `${left} stop it`);
    if (left === 3) {
      await page.getByTestId("confirm-submit").click();
      await dialog.getByText("Some outlines break a rule that must be met").waitFor();
      await shots(page, "submit-blocked");
    }
    await stops.last().click();
    const selected = page.getByTestId("selection");
    await selected.getByText(/the guideline asks for at least/).waitFor();
    if (left === 3) await shots(page, "submit-led-to");
    await page.keyboard.press("Delete");
    await until(async () => (await selected.count()) === 0, "it is gone");
  }
  await page.getByTestId("submit-read").click();
  expect(await stops.count()).toBe(0);
  await page.getByTestId("confirm-submit").click();
  await page.getByText("Your read is submitted.").waitFor();
});

/** Squares of stroma beside each other. */
function row(name: string, count: number, side: number, y = 200): Drawn[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ id: `${name}outline${index}`, className: "Stroma" },
    ...{ x: 150 + index * (side + 60), y, side },
  }));
}

async function overview(): Promise<Overview["progress"]> {
  return (await demo().people.lead.call<Overview>("GET", of("/overview"))).progress;
}

/** Polls for something that is made elsewhere. */
async function found<Thing>(look: () => Promise<Thing | undefined>): Promise<Thing> {
  let seen: Thing | undefined;
  await until(async () => {
    seen = await look();
    return seen !== undefined;
  }, "it is there");
  return seen as Thing;
}
