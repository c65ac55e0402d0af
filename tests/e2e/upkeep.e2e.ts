import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { blankClass } from "#domain/guideline.ts";
import { classId } from "#domain/ids.ts";
import { demoFor } from "#tests/support/demo.ts";
import {
  classNamed,
  type Drawn,
  drawSquares,
  newestVersion,
  publishNext,
  saveNext,
  shot,
  shots,
} from "#tests/support/demo-study.ts";
import { type Listed, until } from "#tests/support/people.ts";

type Named = { readonly id: string; readonly name: string };
type Round = {
  readonly id: string;
  readonly reads: readonly { readonly layerId: string; readonly readerId: string }[];
};
type Task = { readonly id: string; readonly kind: string; readonly layerId: string };
type Detail = { readonly items: readonly { readonly annotationId: string; readonly contentHash: string }[] };

const demo = demoFor(["lead", "dana", "amir", "beatriz"], { width: 1_024 });
const of = (rest: string) => `/projects/${demo().project}${rest}`;
const url = (rest: string) => `${demo().app.url}${of(rest)}`;
const REASON = "The block is lost; nobody can look again.";

let slide: string;
beforeAll(async () => {
  const { lead, dana } = demo().people;
  const { items } = await lead.call<Listed<Named>>("GET", of("/slides"));
  slide = items.find(({ name }) => name === "Demo 1")?.id ?? "";
  const { id } = await dana.call<Named>("GET", "/me");
  await lead.call("PATCH", of(`/members/${id}`), { role: "lead" });
});

const square = (id: string, className: string, x: number): Drawn => ({ id, className, x, y: 100, side: 80 });
const until2099 = "2099-01-01T00:00:00Z";

it("[WAI22] a waived outline is marked as waived with until when and why, and is work again once that is taken back, on an open page", async () => {
  const { lead, amir } = demo().people;
  const { project } = demo();
  const { page } = amir;
  const layer = (await lead.call<Named>("POST", `/slides/${slide}/layers`, {})).id;
  const [first, second] = ["waivedoutline001", "waivedoutline002"] as const;
  await drawSquares(amir, { project, layer }, [square(first, "Stroma", 100), square(second, "Stroma", 300)]);
  const { id: stroma } = classNamed((await newestVersion(lead, project)).content, "Stroma");
  await publishNext(lead, project, {
    classes: { Stroma: { exclude: "Scars." } },
    declarations: [{ kind: "narrow", classId: stroma }],
  });
  await page.goto(url(`/slides/${slide}?layer=${layer}`));
  const list = page.getByRole("listbox", { name: "Outlines of this layer" });
  const marks = async () => [await list.getByText("look again").count(), await list.getByTestId("waived").count()];
  await until(async () => `${await marks()}` === "2,0", "both are work");
  const scope = { kind: "annotations", ids: [first] };
  const waiver = await lead.call<Named>("POST", of("/waivers"), { scope, reason: REASON, expiresAt: until2099 });
  await until(async () => `${await marks()}` === "1,1", "one is waived");
  await list.getByTestId("waived").click();
  expect(await page.getByTestId("exception").innerText()).toBe(`Waived until 1 Jan 2099: ${REASON}`);
  await shots(page, "waived-outline");
  await lead.call("DELETE", of(`/waivers/${waiver.id}`));
  await until(async () => `${await marks()}` === "2,0", "both are work again");
});

it("[GED28] an open draft that another lead publishes becomes that version, and asks for nothing that is gone", async () => {
  const { lead, dana } = demo().people;
  const { project } = demo();
  const { page } = dana;
  const parent = await saveNext(lead, project, { classes: { Stroma: { whenUnsure: "Ask." } } });
  const failed: string[] = [];
  page.on("response", (answer) => {
    if (answer.status() >= 400) failed.push(`${answer.status()} ${answer.url()}`);
  });
  await page.goto(url("/guideline/draft"));
  const said = page.waitForResponse((answer) => answer.url().endsWith("/draft/editing"));
  await page.getByText(`follows version ${parent}`).waitFor();
  await said;
  await lead.call("POST", of("/guideline/publish"), { parent, note: "Asked for by two readers." });
  const published = page.getByTestId("draft-published");
  await published.waitFor();
  expect(await published.innerText()).toMatch(new RegExp(`Published as version ${parent + 1} by `));
  await shots(page, "draft-published");
  await published.getByRole("link", { name: `Read version ${parent + 1}` }).click();
  await page.waitForURL(/guideline$/);
  await page.goto(url("/guideline/draft"));
  await page.getByText(`follows version ${parent + 1}`).waitFor();
  expect(failed).toEqual([]);
});

it("[CNS79] in queue and dispute panel a read whose outline waits for its class says so and cannot be accepted", async () => {
  const { lead, amir, beatriz } = demo().people;
  const { project } = demo();
  const readers = [await amir.call<Named>("GET", "/me"), await beatriz.call<Named>("GET", "/me")];
  const readerIds = readers.map(({ id }) => id);
  const asked = { name: "Before the split", mode: "open", slideIds: [slide], readerIds };
  const round = await lead.call<Round>("POST", of("/rounds"), asked);
  const layerOf = (index: number) => round.reads.find(({ readerId }) => readerId === readerIds[index])?.layerId ?? "";
  for (const [index, reader] of [amir, beatriz].entries()) {
    const drawn = { ...square(`splitoutline000${index}`, "Necrosis", 500), side: 240 };
    await drawSquares(reader, { project, layer: layerOf(index) }, [drawn]);
    await reader.call("POST", `/layers/${layerOf(index)}/submit`);
  }
  const { id } = classNamed((await newestVersion(lead, project)).content, "Necrosis");
  const [ghost, debris] = ["ghostcells000000", "debris0000000000"].map((each) => classId.parse(each));
  if (ghost === undefined || debris === undefined) throw new Error("there are no classes");
  await publishNext(lead, project, {
    classes: { Necrosis: { retired: true } },
    added: [
      blankClass({ id: ghost, name: "Ghost cells", colour: "#7048e8" }),
      blankClass({ id: debris, name: "Debris", colour: "#e8590c" }),
    ],
    declarations: [
      { kind: "split", classId: id, into: [ghost, debris], fallback: null, guide: "Look at the outlines." },
    ],
  });
  const tasks = (await beatriz.call<Listed<Task>>("GET", of("/tasks?limit=200"))).items;
  const task = tasks.find(({ kind, layerId }) => kind === "migration" && layerId === layerOf(1));
  for (const { annotationId, contentHash } of (await beatriz.call<Detail>("GET", `/tasks/${task?.id}`)).items) {
    const answer = { verdict: "choose", classId: ghost };
    await beatriz.call("POST", `/tasks/${task?.id}/resolve`, { annotationId, contentHash, answer });
  }
  const { page } = lead;
  await page.goto(url(`/consensus/queue?round=${round.id}`));
  await page.getByRole("row").getByTestId("waits").waitFor();
  await shots(page, "waits-queue");
  await page.getByRole("link", { name: /Begin with the worst/ }).click();
  const panel = page.getByTestId("consensus-panel");
  const line = panel.getByRole("row").filter({ has: page.getByTestId("waits") });
  expect(await line.innerText()).toMatch(/waits for its class/);
  const place = await panel.getByRole("row").allInnerTexts();
  const waiting = place.filter((text) => !text.startsWith("Read\t")).findIndex((text) => text.includes("waits"));
  expect(await page.getByTestId(`decide-read-${waiting + 1}`).isDisabled()).toBe(true);
  expect(await page.getByTestId(`decide-read-${2 - waiting}`).isDisabled()).toBe(false);
  await shots(page, "waits-panel");
});

it("[PLS1] what can be done with a row is in sight and can be clicked on a narrow screen, in every table of a lead", async () => {
  const { lead } = demo().people;
  const { page } = lead;
  const scope = { kind: "slide", slideId: slide };
  await lead.call("POST", of("/waivers"), { scope, reason: REASON, expiresAt: until2099 });
  await lead.call("POST", of("/invitations"), { role: "annotator" });
  const pages = ["/guideline/waivers", "/members", "/slides", "/consensus", "/consensus/queue"].map(url);
  for (const address of [...pages, `${demo().app.url}/profile`]) {
    await page.goto(address);
    await page.getByRole("main").first().waitFor();
    for (const width of [820, 600]) {
      await page.setViewportSize({ width, height: 900 });
      // A toast is in front of everything for a moment.
      await expect.poll(() => hiddenActions(page), { timeout: 20_000, message: `${address} at ${width}` }).toEqual([]);
      await shot(page, `table-${width}-${new URL(address).pathname.split("/").slice(3).join("-") || "profile"}`);
    }
  }
  await page.setViewportSize({ width: 1_280, height: 800 });
});

/** Buttons and links in the last column of tables that something covers or that are out of sight at the side. */
async function hiddenActions(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found = [...document.querySelectorAll<HTMLElement>("tbody tr > td:last-child :is(button, a)")];
    return found.flatMap((each) => {
      each.scrollIntoView({ block: "center" });
      const { left, right, top, bottom } = each.getBoundingClientRect();
      const onTop = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      const isThere = left >= 0 && right <= window.innerWidth && each.contains(onTop);
      return isThere ? [] : [each.innerText || (each.getAttribute("aria-label") ?? each.tagName)];
    });
  });
}
