import { browserPath } from "./browser.ts";
import { buildApp } from "./start-app.ts";

/** Unpacks the browser once, before workers would race for it, and builds what the tests start. */
export async function setup(): Promise<void> {
  process.env["CHROME_PATH"] = await browserPath();
  await buildApp();
}
