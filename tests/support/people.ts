import type { Page } from "playwright-core";
import { expect } from "vitest";
import { newPerson, type Person } from "./browser.ts";

export const DEMO_PASSWORD = "concord-demo";

/** Somebody signed in, in a browser of their own, with the API as that person. */
export type Visitor = {
  readonly person: Person;
  readonly page: Page;
  /** A call of the API with this person's session. @throws with the answer where it is not 2xx */
  call<Answer>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<Answer>;
  /** The same, but answers the status and the body whatever they are. */
  ask(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Errors that the page itself reported. */
  readonly faults: readonly string[];
  leave(): Promise<void>;
};

/** Signs in through the page, as a person would. */
export async function signIn(url: string, email: string, password = DEMO_PASSWORD): Promise<Visitor> {
  const person = await newPerson();
  const page = person.pages()[0] ?? (await person.newPage());
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/projects/);
  const ask: Visitor["ask"] = async (method, path, body) => {
    const answer = await person.request.fetch(`${url}/api/v1${path}`, {
      method,
      headers: { origin: url },
      ...(body === undefined ? {} : { data: body }),
    });
    const text = await answer.text();
    const json = answer.headers()["content-type"]?.includes("json") === true;
    return { status: answer.status(), body: json ? JSON.parse(text) : text };
  };
  return {
    person,
    page,
    ask,
    async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
      const answer = await ask(method, path, body);
      if (answer.status < 200 || answer.status > 299) {
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      return answer.body as Answer;
    },
    faults,
    leave: () => person.leave(),
  };
}

/** Polls for a fact instead of sleeping. */
export async function until(fact: () => Promise<boolean> | boolean, what: string, timeoutMs = 60_000): Promise<void> {
  await expect.poll(fact, { timeout: timeoutMs, interval: 100, message: what }).toBe(true);
}

export type Listed<Item> = { readonly items: readonly Item[] };

export async function demoProject(visitor: Visitor): Promise<string> {
  const { items } = await visitor.call<Listed<{ id: string }>>("GET", "/projects");
  const [project] = items;
  if (project === undefined) throw new Error("there is no demo project");
  return project.id;
}

/** Draws a closed polygon with clicks, at places given as shares of the visible slide. */
export async function drawPolygon(page: Page, corners: readonly (readonly [number, number])[]): Promise<void> {
  const slide = page.getByTestId("slide");
  const box = await slide.boundingBox();
  if (box === null) throw new Error("the slide is not on the page");
  await page.keyboard.press("p");
  for (const [x, y] of corners) await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  await page.keyboard.press("Enter");
}

/** Types into the field that the page has put the focus into, once it has. */
export async function typeIntoFocus(page: Page, text: string): Promise<void> {
  await page.waitForFunction(() => document.activeElement?.matches("input, textarea") === true);
  await page.keyboard.type(text);
}

/**
 * A clock in a page, ms, that goes while the page gets its turn, and notes when something is first seen there. What a page
 * shows within a time is measured by it: what else a busy machine does is nobody's fault.
 */
export async function pageClock(page: Page, selector: string) {
  await page.evaluate((sought) => {
    const [tickMs, mostMs] = [5, 10];
    let last = performance.now();
    const clock = { ms: 0, seenAt: null as number | null };
    Object.assign(window, { clock });
    setInterval(() => {
      const now = performance.now();
      clock.ms += Math.min(now - last, mostMs);
      last = now;
      if (clock.seenAt === null && document.querySelector(sought) !== null) clock.seenAt = clock.ms;
    }, tickMs);
  }, selector);
  const read = (field: "ms" | "seenAt") =>
    page.evaluate((key) => Reflect.get(Reflect.get(window, "clock"), key), field);
  return {
    now: async (): Promise<number> => read("ms"),
    /** Waits until it is seen. */
    async seenAt(): Promise<number> {
      await page.waitForFunction(() => Reflect.get(Reflect.get(window, "clock"), "seenAt") !== null);
      return read("seenAt");
    },
  };
}

/** The number of outlines that the page counts in the layer that is drawn in. */
export async function outlineCount(page: Page): Promise<number> {
  return Number((await page.getByTestId("annotation-count").innerText()).trim());
}

export async function waitForSaved(page: Page): Promise<void> {
  await until(async () => /saved/i.test(await page.getByTestId("save-status").innerText()), "everything is saved");
}
