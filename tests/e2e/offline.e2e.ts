import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newPerson, type Person } from "#tests/support/browser.ts";
import {
  DEMO_PASSWORD,
  demoProject,
  drawPolygon,
  type Listed,
  outlineCount,
  pageClock,
  signIn,
  until,
  type Visitor,
  waitForSaved,
} from "#tests/support/people.ts";
import { type App, buildApp, startApp } from "#tests/support/start-app.ts";

const AMIR = "amir@demo.concord";
const CHEN = "chen@demo.concord";
const RECOVERED = /of an earlier visit (was|were) not saved/;

let app: App;
let lead: Visitor;
/** One browser on one computer, which Amir and Chen share. */
let shared: Person;
let page: Page;
let address: string;
let project: string;
let layer: string;
/** Outlines that the server has. */
let drawn = 0;

beforeAll(async () => {
  await buildApp();
  app = await startApp();
  lead = await signIn(app.url, "lead@demo.concord");
  project = await demoProject(lead);
  const slides = await lead.call<Listed<{ id: string; name: string }>>("GET", `/projects/${project}/slides`);
  const slide = slides.items.find((each) => each.name === "Demo 2");
  layer = (await lead.call<{ id: string }>("POST", `/slides/${slide?.id}/layers`)).id;
  address = `${app.url}/projects/${project}/slides/${slide?.id}?layer=${layer}`;
  shared = await newPerson();
  page = await shared.newPage();
  await signInOn(page, AMIR);
});

afterAll(async () => {
  await lead?.leave();
  await shared?.leave();
  await app?.stop();
});

it("[OFF1] a captive portal is offline, not refused, and is tried again with pauses, at once when somebody is back", async () => {
  await open(page);
  await draw(page);
  await waitForSaved(page);
  drawn = 1;
  await app.kill("SIGKILL");
  const portal = await captivePortal(app.port);
  await until(() => saysState(page, "offline"), "it says offline");
  await draw(page);
  await until(async () => (await status(page)) === "Offline · 1 change waiting", "a change waits");
  await until(() => portal.attempts().length >= 5, "it tries again");
  expect(await state(page)).toBe("offline");
  const times = portal.attempts();
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(Math.max(...pauses)).toBeLessThan(5_500);
  expect(pauses.at(-1)).toBeGreaterThan(700);
  for (const event of ["visibilitychange", "online"]) {
    const [before, at] = [portal.attempts().length, Date.now()];
    await page.evaluate((name) => (name === "online" ? window : document).dispatchEvent(new Event(name)), event);
    await until(() => portal.attempts().length > before, `${event} makes it try`);
    // By now it pauses for two and a half seconds at least.
    expect((portal.attempts()[before] ?? 0) - at, event).toBeLessThan(2_000);
    await until(() => saysState(page, "offline"), "it says offline");
  }
  await portal.close();
});

it("[OFF2] what was not sent when the tab crashed is there in the next one, which says so and sends it", async () => {
  const devtools = await shared.newCDPSession(page);
  const crashed = new Promise((resolve) => page.once("crash", resolve));
  devtools.send("Page.crash").catch(() => undefined);
  await crashed;
  await page.close();
  app = await startApp({ port: app.port, dataDir: app.dataDir });
  page = await shared.newPage();
  await open(page);
  await page.getByText("1 change of an earlier visit was not saved").waitFor();
  await waitForSaved(page);
  drawn += 1;
  expect(await outlineCount(page)).toBe(drawn);
  expect(await rows()).toBe(drawn);
});

it("[OFF3] a server that hangs shows as offline within 10 s, and work goes on and is saved when it goes on", async () => {
  const clock = await pageClock(page, "[data-testid=save-status][data-state=offline]");
  const stopped = await clock.now();
  process.kill(app.pid, "SIGSTOP");
  try {
    expect((await clock.seenAt()) - stopped).toBeLessThan(10_000);
    await draw(page);
    await until(async () => (await status(page)) === "Offline · 1 change waiting", "a change waits");
  } finally {
    process.kill(app.pid, "SIGCONT");
  }
  await waitForSaved(page);
  drawn += 1;
  expect(await rows()).toBe(drawn);
});

it("[OFF8] a page that slept over a good line does not take it for a dead one when it wakes", async () => {
  await page.evaluate(() => {
    const shown = document.querySelector("[data-testid=save-status]");
    const states: string[] = [];
    const note = () => states.push(shown?.getAttribute("data-state") ?? "gone");
    if (shown !== null) new MutationObserver(note).observe(shown, { attributes: true });
    Object.assign(window, { states });
  });
  const renderers = await renderersOf(shared);
  expect(renderers.length).toBeGreaterThan(0);
  for (const pid of renderers) process.kill(pid, "SIGSTOP");
  await delay(6_000);
  for (const pid of renderers) process.kill(pid, "SIGCONT");
  await delay(1_000);
  expect(await page.evaluate(() => Reflect.get(window, "states"))).toEqual([]);
  await draw(page);
  await waitForSaved(page);
  drawn += 1;
});

it("[OFF4] two tabs of one person are both live, recover nothing of each other, and show the person once", async () => {
  const chen = await signIn(app.url, CHEN);
  await open(chen.page);
  const { tab, gate } = await gatedTab();
  await draw(tab);
  await until(async () => (await outlineCount(page)) === drawn + 1, "the first tab sees it");
  await draw(page);
  drawn += 2;
  for (const each of [tab, page, chen.page]) {
    await until(async () => (await outlineCount(each)) === drawn, "both outlines are seen everywhere");
    await waitForSaved(each);
  }
  expect(await chen.page.getByTestId("presence-Amir Rahimi").count()).toBe(1);
  expect(await page.getByTestId("presence-Amir Rahimi").count()).toBe(0);
  expect(await page.getByTestId("presence-Chen Wei").count()).toBe(1);
  await gate.set("away");
  await draw(tab);
  await until(async () => (await status(tab)) === "Offline · 1 change waiting", "the change waits in its tab");
  const third = await shared.newPage();
  await open(third);
  await waitForSaved(third);
  expect(await outlineCount(third)).toBe(drawn);
  expect(await third.getByText(RECOVERED).count()).toBe(0);
  await gate.set("open");
  drawn += 1;
  for (const each of [tab, page, third, chen.page]) {
    await until(async () => (await outlineCount(each)) === drawn, "the late outline is seen everywhere");
    await waitForSaved(each);
  }
  expect(await rows()).toBe(drawn);
  await tab.close();
  await third.close();
  await chen.leave();
});

it("[OFF5] signing out asks about work that waits, and the next person in this browser sees and sends none of it", async () => {
  const [stale, closed] = [await gatedTab(), await gatedTab()];
  for (const { tab, gate } of [stale, closed]) {
    await gate.set("away");
    await draw(tab);
    await until(async () => (await status(tab)) === "Offline · 1 change waiting", "a change waits");
  }
  await closed.tab.close();
  await page.goto(`${app.url}/projects`);
  await signOut(page);
  const question = page.getByRole("dialog", { name: "2 changes not sent to the server yet" });
  await question.getByRole("button", { name: "Stay signed in" }).click();
  expect((await shared.request.get(`${app.url}/api/v1/me`)).status()).toBe(200);
  await signOut(page);
  await question.getByRole("button", { name: "Sign out and keep them for me" }).click();
  await page.waitForURL(/\/sign-in/);

  await signInOn(page, CHEN);
  await stale.gate.set("open");
  await stale.tab.getByTestId("signed-out").waitFor();
  await open(page);
  await waitForSaved(page);
  expect(await outlineCount(page)).toBe(drawn);
  expect(await page.getByText(RECOVERED).count()).toBe(0);
  expect(await rows()).toBe(drawn);
  await page.goto(`${app.url}/projects`);
  await signOut(page);
  await page.waitForURL(/\/sign-in/);

  await signInOn(page, AMIR);
  await open(page);
  await page.getByText("1 change of an earlier visit was not saved").waitFor();
  await stale.tab.getByRole("button", { name: "Look on" }).click();
  await stale.tab.getByTestId("save-status").click();
  await stale.tab.getByRole("button", { name: "Try again now" }).click();
  drawn += 2;
  for (const each of [page, stale.tab]) {
    await waitForSaved(each);
    await until(async () => (await outlineCount(each)) === drawn, "both outlines are back");
  }
  expect(await creators()).toEqual(["Amir Rahimi"]);
  await stale.tab.close();
  await page.goto(`${app.url}/projects`);
  await signOut(page);
  await page.waitForURL(/\/sign-in/);
  expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([]);
  await signInOn(page, AMIR);
});

it("[OFF6] changes that the server will not take are named and can be given up", async () => {
  const { tab, gate } = await gatedTab();
  const members = await lead.call<Listed<{ id: string; email: string }>>("GET", `/projects/${project}/members`);
  const amir = members.items.find(({ email }) => email === AMIR)?.id;
  await gate.set("mute");
  await draw(tab);
  await until(async () => (await status(tab)) === "Saving 1 change", "a change waits");
  await lead.call("PATCH", `/projects/${project}/members/${amir}`, { role: "engineer" });
  await until(async () => (await status(tab)) === "1 change not taken", "it says that it is not taken");
  await gate.set("open");
  await tab.getByTestId("save-status").click();
  const details = tab.getByTestId("save-details");
  expect(await details.innerText()).toContain("Your role does not let you draw in this layer.");
  await details.getByRole("button", { name: "Give up…" }).click();
  await tab.getByRole("dialog", { name: "Give up 1 change?" }).getByRole("button", { name: "Give up" }).click();
  await until(async () => (await status(tab)) === "View only", "nothing waits");
  expect(await outlineCount(tab)).toBe(drawn);
  expect(await keptInBrowser(tab)).toBe(0);
  await lead.call("PATCH", `/projects/${project}/members/${amir}`, { role: "annotator" });
  await tab.close();
});

it("[OFF7] a password changed elsewhere shows sign-in within 2 s, and what waits is sent after it", async () => {
  const { tab, gate } = await gatedTab();
  const elsewhere = await signIn(app.url, AMIR);
  await gate.set("mute");
  await draw(tab);
  await until(async () => (await status(tab)) === "Saving 1 change", "a change waits");
  const clock = await pageClock(tab, "[data-testid=signed-out]");
  await elsewhere.call("POST", "/me/password", { current: DEMO_PASSWORD, next: "another-password" });
  const changed = await clock.now();
  expect((await clock.seenAt()) - changed).toBeLessThan(2_000);
  expect(await keptInBrowser(tab)).toBe(1);
  await gate.set("open");
  await tab.getByRole("link", { name: "Sign in" }).click();
  await signInOn(tab, AMIR, "another-password", /\/slides\//);
  await tab.getByText("1 change of an earlier visit was not saved").waitFor();
  await waitForSaved(tab);
  drawn += 1;
  expect(await rows()).toBe(drawn);
  await elsewhere.leave();
});

async function signInOn(tab: Page, email: string, password = DEMO_PASSWORD, next = /\/projects/): Promise<void> {
  if (!tab.url().includes("/sign-in")) await tab.goto(`${app.url}/sign-in`);
  await tab.getByLabel("E-mail").fill(email);
  await tab.getByLabel("Password").fill(password);
  await tab.getByRole("button", { name: "Sign in" }).click();
  await tab.waitForURL((url) => next.test(url.pathname));
}

async function signOut(tab: Page): Promise<void> {
  await tab.getByRole("button", { name: /profile, theme, sign out/ }).click();
  await tab.getByRole("menuitem", { name: "Sign out" }).click();
}

async function open(tab: Page): Promise<void> {
  await tab.goto(address);
  await until(() => tab.getByTestId("annotation-count").isVisible(), "the viewer is ready");
  await waitForSaved(tab);
}

let places = 0;

/** Draws an outline in a place of its own. */
async function draw(tab: Page): Promise<void> {
  const [x, y] = [0.2 + 0.1 * (places % 6), 0.2 + 0.12 * Math.floor(places / 6)];
  places += 1;
  const before = await outlineCount(tab);
  await drawPolygon(tab, [
    [x, y],
    [x + 0.06, y],
    [x + 0.06, y + 0.08],
    [x, y + 0.08],
  ]);
  await until(async () => (await outlineCount(tab)) === before + 1, "the outline is drawn");
}

/** The processes that run this browser's pages. */
async function renderersOf(person: Person): Promise<readonly number[]> {
  const browser = person.browser();
  if (browser === null) throw new Error("the browser does not tell its processes");
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  await devtools.detach();
  return processInfo.flatMap(({ type, id }) => (type === "renderer" ? [id] : []));
}

async function status(tab: Page): Promise<string> {
  return (await tab.getByTestId("save-status").innerText()).trim();
}

async function state(tab: Page): Promise<string | null> {
  return await tab.getByTestId("save-status").getAttribute("data-state");
}

async function saysState(tab: Page, wanted: string): Promise<boolean> {
  return (await state(tab)) === wanted;
}

async function rows(): Promise<number> {
  return (await lead.call<Listed<unknown>>("GET", `/layers/${layer}/annotations`)).items.length;
}

async function creators(): Promise<readonly string[]> {
  const { items } = await lead.call<Listed<{ createdBy: { name: string } }>>("GET", `/layers/${layer}/annotations`);
  return [...new Set(items.map(({ createdBy }) => createdBy.name))];
}

/** Changes of everybody that this browser keeps. */
async function keptInBrowser(tab: Page): Promise<number> {
  return await tab.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("concord-journal");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const count = opening.result.transaction("changes").objectStore("changes").count();
          count.onsuccess = () => {
            opening.result.close();
            resolve(count.result);
          };
        };
      }),
  );
}

type Gate = {
  /** `away`: no line to the rooms; `mute`: the server hears nothing of what this page says. The API answers in both. */
  set(way: "open" | "away" | "mute"): Promise<void>;
};

/** A further tab in the shared browser, whose line to the rooms can be taken away while everything else works. */
async function gatedTab(): Promise<{ readonly tab: Page; readonly gate: Gate }> {
  const tab = await shared.newPage();
  let way: "open" | "away" | "mute" = "open";
  const lines = new Set<() => Promise<void>>();
  await tab.routeWebSocket(/\/sync\//, (line) => {
    if (way === "away") {
      void line.close();
      return;
    }
    const server = line.connectToServer();
    line.onMessage((message) => {
      if (way !== "mute") server.send(message);
    });
    lines.add(async () => {
      await line.close();
      await server.close();
    });
  });
  await open(tab);
  const set = async (next: typeof way) => {
    way = next;
    if (next !== "away") return;
    const cuts = [...lines];
    lines.clear();
    for (const cut of cuts) await cut();
    await until(() => saysState(tab, "offline"), "the tab is offline");
  };
  return { tab, gate: { set } };
}

/** What a hotel's network does: it answers every request with a page of its own. */
async function captivePortal(
  port: number,
): Promise<{ readonly attempts: () => readonly number[]; readonly close: () => Promise<void> }> {
  const attempts: number[] = [];
  const server = createServer((req, res) => {
    if (req.url?.startsWith(`/sync/${layer}`)) attempts.push(Date.now());
    res.setHeader("content-type", "text/html").end("<h1>Welcome to the hotel</h1>");
  });
  for (let waited = 0; !server.listening && waited < 5_000; waited += 100) {
    server.once("error", () => undefined);
    server.listen(port, "127.0.0.1");
    await delay(100);
  }
  return {
    attempts: () => attempts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
