import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const SYSTEM_BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** For what never comes; a busy machine may take long for a page. */
const PATIENCE_MS = 60_000;

/**
 * The browser to test with: CHROME_PATH, one of the system's, or the Chromium that `npm ci` brought. The last unpacks
 * its own libraries and fonts only where this variable is set before it is imported.
 */
export async function browserPath(): Promise<string> {
  const wanted = process.env["CHROME_PATH"];
  if (wanted !== undefined && wanted !== "") return wanted;
  const system = SYSTEM_BROWSERS.find((path) => existsSync(path));
  if (system !== undefined) return system;
  process.env["AWS_LAMBDA_JS_RUNTIME"] = "nodejs20.x";
  const { default: bundled } = await import("@sparticuz/chromium");
  const path = await bundled.executablePath();
  if (!existsSync(path)) throw new Error(`no browser to test with: ${path} is not there; set CHROME_PATH`);
  return path;
}

export type Person = BrowserContext & { readonly leave: () => Promise<void> };

/** A person's own browser with a fresh profile; `leave` ends it. */
export async function newPerson({ width = 1280, height = 800 } = {}): Promise<Person> {
  const profile = await mkdtemp(join(tmpdir(), "concord-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: await browserPath(),
    headless: true,
    args: FLAGS,
    env: { ...process.env } as Record<string, string>,
    viewport: { width, height },
  });
  context.setDefaultTimeout(PATIENCE_MS);
  return Object.assign(context, {
    leave: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  });
}
