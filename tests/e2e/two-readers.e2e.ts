import { afterAll, beforeAll, expect, it } from "vitest";
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
import { describeWithData } from "#tests/support/slides.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

let app: App;
let visitors: Visitor[] = [];

beforeAll(async () => {
  await buildApp();
  app = await startApp();
});

afterAll(async () => {
  for (const visitor of visitors) await visitor.leave();
  await app?.stop();
});

type Slide = { readonly id: string; readonly name: string; readonly mpp: number | null };
type Layer = { readonly id: string; readonly kind: string; readonly name: string };

describeWithData("several pathologists on one real slide", "slides/cmu-1-small-region.svs", (svs) => {
  let project: string;
  let slide: Slide;
  let team: Layer;

  it("[BRW1] a lead uploads a real SVS in the browser and it opens with its scale", async () => {
    const lead = await signIn(app.url, "lead@demo.concord");
    visitors = [lead];
    project = await demoProject(lead);
    await lead.page.goto(`${app.url}/projects/${project}/slides`);
    await lead.page.getByRole("button", { name: "Upload slides" }).click();
    const dialog = lead.page.getByRole("dialog");
    await dialog.getByLabel("Slide files").setInputFiles(svs);
    await dialog.getByLabel(/case/i).fill("Case CMU");
    await dialog.getByRole("button", { name: "Upload", exact: true }).click();
    await until(
      async () => (await slidesOf(lead, project)).some((each) => each.mpp === 0.499),
      "the slide is registered",
    );
    const found = (await slidesOf(lead, project)).find((each) => each.mpp === 0.499);
    expect(found).toBeDefined();
    slide = found as Slide;
    team = await lead.call<Layer>("POST", `/slides/${slide.id}/layers`);
  });

  it("[BRW2] three people draw at once and each sees what the others drew, and who is there", async () => {
    const amir = await signIn(app.url, "amir@demo.concord");
    const chen = await signIn(app.url, "chen@demo.concord");
    visitors.push(amir, chen);
    for (const { page } of visitors) {
      await page.goto(`${app.url}/projects/${project}/slides/${slide.id}?layer=${team.id}`);
      await page.getByTestId("slide").waitFor();
      await until(() => page.getByTestId("annotation-count").isVisible(), "the viewer is ready");
      await waitForSaved(page);
    }
    const places = [0.25, 0.45, 0.65];
    await Promise.all(
      visitors.map(({ page }, index) => {
        const x = places[index] ?? 0.5;
        return drawPolygon(page, [
          [x, 0.3],
          [x + 0.1, 0.3],
          [x + 0.1, 0.45],
          [x, 0.45],
        ]);
      }),
    );
    for (const { page } of visitors)
      await until(async () => (await outlineCount(page)) === 3, "all three outlines are seen");
    for (const { page } of visitors) await waitForSaved(page);
    const rows = await visitors[0]?.call<Listed<{ createdBy: { name: string } }>>(
      "GET",
      `/layers/${team.id}/annotations`,
    );
    expect(rows?.items.map((row) => row.createdBy.name).sort()).toEqual(["Amir Rahimi", "Chen Wei", "Lena Hartmann"]);
    await until(() => visitors[0]?.page.getByTestId("presence-Amir Rahimi").isVisible() ?? false, "the lead sees Amir");
  });

  it("[BRW3] undo takes back one's own stroke and leaves those of the others", async () => {
    const [lead, amir] = visitors;
    if (lead === undefined || amir === undefined) throw new Error("nobody is here");
    await amir.page.keyboard.press("Control+z");
    for (const { page } of visitors)
      await until(async () => (await outlineCount(page)) === 2, "Amir's outline is gone");
    await amir.page.keyboard.press("Control+Shift+z");
    for (const { page } of visitors)
      await until(async () => (await outlineCount(page)) === 3, "Amir's outline is back");
    const rows = await lead.call<Listed<unknown>>("GET", `/layers/${team.id}/annotations`);
    expect(rows.items).toHaveLength(3);
  });

  it("[BRW4] kill -9 of the server loses nothing that was shown as saved, and what was drawn meanwhile arrives", async () => {
    const [lead, amir] = visitors;
    if (lead === undefined || amir === undefined) throw new Error("nobody is here");
    const { port, dataDir } = app;
    await app.kill("SIGKILL");
    await until(
      async () => !/saved/i.test(await amir.page.getByTestId("save-status").innerText()),
      "the page says it is offline",
      30_000,
    );
    await drawPolygon(amir.page, [
      [0.3, 0.6],
      [0.4, 0.6],
      [0.4, 0.7],
      [0.3, 0.7],
    ]);
    await until(async () => (await outlineCount(amir.page)) === 4, "the offline stroke is on the page");
    app = await startApp({ port, dataDir });
    for (const { page } of visitors)
      await until(async () => (await outlineCount(page)) === 4, "the offline stroke reached everybody", 60_000);
    await waitForSaved(amir.page);
    const rows = await lead.call<Listed<unknown>>("GET", `/layers/${team.id}/annotations`);
    expect(rows.items).toHaveLength(4);
    expect(visitors.flatMap((visitor) => visitor.faults)).toEqual([]);
  });
});

async function slidesOf(visitor: Visitor, project: string): Promise<readonly Slide[]> {
  return (await visitor.call<Listed<Slide>>("GET", `/projects/${project}/slides`)).items;
}
