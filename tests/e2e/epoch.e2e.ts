import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { memoryJournal } from "#client/journal.ts";
import { joinLayer } from "#client/live-layer.ts";
import { annotationId, layerId, personId } from "#domain/ids.ts";
import { newPerson, type Person } from "#tests/support/browser.ts";
import {
  DEMO_PASSWORD,
  demoProject,
  drawPolygon,
  type Listed,
  outlineCount,
  signIn,
  until,
  type Visitor,
  waitForSaved,
} from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";
import { socketWith } from "#tests/support/sync-server.ts";

const AMIR = "amir@demo.concord";
/** Beyond the measured rule: every annotation of the program dies again and again. */
const [PROGRAM_OUTLINES, ROUNDS] = [400, 55];

let app: App;
let lead: Visitor;
let amir: Person;
let page: Page;
let address: string;
let layer: string;
let token: string;
const gate: { way: "open" | "away"; cut: (() => Promise<void>)[] } = { way: "open", cut: [] };

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  const project = await demoProject(lead);
  const slides = await lead.call<Listed<{ id: string; name: string }>>("GET", `/projects/${project}/slides`);
  const slide = slides.items.find((each) => each.name === "Demo 2");
  layer = (await lead.call<{ id: string }>("POST", `/slides/${slide?.id}/layers`)).id;
  token = (await lead.call<{ secret: string }>("POST", "/me/tokens", { name: "program", scope: "write", days: 1 }))
    .secret;
  address = `${app.url}/projects/${project}/slides/${slide?.id}?layer=${layer}`;
  amir = await newPerson({ width: 1440, height: 900 });
  page = await amir.newPage();
  // Lets the line to the rooms be cut, and lets this page pass for one of an older version.
  await page.addInitScript(() => {
    const Own = window.WebSocket;
    window.WebSocket = class extends Own {
      constructor(url: string | URL, protocols?: string | string[]) {
        const old = (window as { asOld?: boolean }).asOld === true;
        super(old ? String(url).replace(/layout=\d+/, "layout=0") : url, protocols);
      }
    };
  });
  await page.routeWebSocket(/\/sync\//, (line) => {
    if (gate.way === "away") {
      void line.close();
      return;
    }
    const server = line.connectToServer();
    gate.cut.push(async () => {
      await line.close();
      await server.close();
    });
  });
  await page.goto(`${app.url}/sign-in`);
  await page.getByLabel("E-mail").fill(AMIR);
  await page.getByLabel("Password").fill(DEMO_PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/projects/);
});

afterAll(async () => {
  await lead?.leave();
  await amir?.leave();
  await app?.stop();
});

it("[EPO15] a reader who was offline while the layer began anew comes back, is told in plain words, and loses nothing", async () => {
  await open();
  await draw(0);
  await waitForSaved(page);
  await away();
  await draw(1);
  await until(async () => (await status()) === "Offline · 1 change waiting", "a change waits");
  await beginAnew();
  gate.way = "open";
  const told = page.getByText("This layer was tidied up on the server and loaded anew.");
  await told.waitFor();
  expect(await told.innerText()).toContain("Your change that was not sent yet is kept and is being sent now.");
  expect(await told.innerText()).toContain("Earlier steps can no longer be undone.");
  await picture("epoch-told");
  await waitForSaved(page);
  await until(async () => (await outlineCount(page)) === PROGRAM_OUTLINES + 2, "all outlines are there");
  expect(await rows()).toBe(PROGRAM_OUTLINES + 2);
  await draw(2);
  await waitForSaved(page);
  expect(await rows()).toBe(PROGRAM_OUTLINES + 3);
  await page.keyboard.press("Control+z");
  await until(async () => (await outlineCount(page)) === PROGRAM_OUTLINES + 2, "the new step is undone");
  await waitForSaved(page);
});

it("[HSK3] a page of another version says so, draws no more, keeps what it has, and sends it after a reload", async () => {
  await away();
  await draw(3);
  await until(async () => (await status()) === "Offline · 1 change waiting", "a change waits");
  await page.evaluate(() => {
    (window as { asOld?: boolean }).asOld = true;
  });
  gate.way = "open";
  await until(async () => (await status()) === "Reload to go on · 1 change kept", "it says so");
  const before = await rows();
  await page.getByTestId("save-status").click();
  const details = page.getByTestId("save-details");
  await details.getByText("1 change is kept on this computer and will be sent after that.").waitFor();
  expect(await details.getByRole("button", { name: "Give up…" }).count()).toBe(0);
  await picture("page-outdated");
  expect(await rows()).toBe(before);
  await details.getByRole("button", { name: "Reload" }).click();
  await page.getByText("1 change of an earlier visit was not saved").waitFor();
  await waitForSaved(page);
  expect(await rows()).toBe(before + 1);
});

async function open(): Promise<void> {
  await page.goto(address);
  await until(() => page.getByTestId("annotation-count").isVisible(), "the viewer is ready");
  await waitForSaved(page);
}

async function away(): Promise<void> {
  gate.way = "away";
  for (const cut of gate.cut.splice(0)) await cut();
  await until(async () => (await status()).startsWith("Offline"), "the page is offline");
}

/** A program draws and redraws until old edits outweigh what is there; then the server begins the layer anew by itself. */
async function beginAnew(): Promise<void> {
  const me = await lead.call<{ id: string }>("GET", "/me");
  const link = joinLayer({
    url: `${app.url.replace("http", "ws")}/sync`,
    layerId: layerId.parse(layer),
    user: { id: personId.parse(me.id), name: "program", colour: "#0072b2" },
    WebSocketPolyfill: socketWith({ authorization: `Bearer ${token}` }),
    journal: memoryJournal(),
  });
  try {
    await until(() => link.status.connection === "live" && link.status.write === true, "the program is here");
    const [sample] = [...link.layerDoc.all()];
    if (sample === undefined) throw new Error("nothing is drawn");
    const drawn = Array.from({ length: PROGRAM_OUTLINES }, (_, at) => ({
      ...sample,
      id: annotationId.parse(`program${String(at).padStart(9, "0")}`),
      geometry: { type: "point" as const, at: [10 + (at % 20) * 5, 10 + Math.floor(at / 20) * 5] as const },
    }));
    for (let round = 0; round < ROUNDS; round++) {
      link.layerDoc.transact(() => {
        for (const each of drawn) link.layerDoc.put({ ...each, note: `round ${round}` });
      });
      await until(() => link.status.waiting === 0, "the program is saved");
    }
    await until(() => link.status.renewed === 1, "the layer begins anew", 120_000);
    expect(link.layerDoc.size).toBe(PROGRAM_OUTLINES + 1);
  } finally {
    link.close();
  }
}

async function draw(place: number): Promise<void> {
  const before = await outlineCount(page);
  const x = 0.3 + 0.1 * place;
  await drawPolygon(page, [
    [x, 0.4],
    [x + 0.06, 0.4],
    [x + 0.06, 0.5],
    [x, 0.5],
  ]);
  await until(async () => (await outlineCount(page)) === before + 1, "the outline is drawn");
}

async function status(): Promise<string> {
  return (await page.getByTestId("save-status").innerText()).trim();
}

async function rows(): Promise<number> {
  let [count, cursor] = [0, ""];
  for (;;) {
    const query = cursor === "" ? "?limit=200" : `?limit=200&cursor=${cursor}`;
    const { items, nextCursor } = await lead.call<{ items: unknown[]; nextCursor: string | null }>(
      "GET",
      `/layers/${layer}/annotations${query}`,
    );
    count += items.length;
    if (nextCursor === null) return count;
    cursor = nextCursor;
  }
}

/** For eyes: only where a folder for it is named. */
async function picture(name: string): Promise<void> {
  const folder = process.env["CONCORD_PICTURES"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
