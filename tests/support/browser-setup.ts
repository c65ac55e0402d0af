import { browserPath } from "./browser.ts";

/** Unpacks the browser once, before workers would race for it, and stops with one line where there is none. */
export async function setup(): Promise<void> {
  process.env["CHROME_PATH"] = await browserPath();
}
