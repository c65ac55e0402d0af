import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe } from "vitest";

/**
 * The folder of real slides and reference values that lies beside the repository, or where CONCORD_SHARED_DATA says.
 * @param name a file or folder inside it, such as "slides" or "reference-metrics/regions.json"
 * @returns its path, or null where it is not there
 */
export function sharedData(name: string): string | null {
  const root = process.env["CONCORD_SHARED_DATA"] ?? resolve(import.meta.dirname, "../../../shared/data");
  const path = join(root, name);
  return existsSync(path) ? path : null;
}

/**
 * A group of tests over shared data. Without the data it is skipped and its title says so; where CI=true it fails
 * instead, because a silent skip there would pass for a proof.
 */
export function describeWithData(title: string, name: string, body: (path: string) => void): void {
  const path = sharedData(name);
  if (path !== null) describe(title, () => body(path));
  else if (process.env["CI"] === "true") {
    throw new Error(`${title}: ${name} is missing; set CONCORD_SHARED_DATA to the folder that holds it`);
  } else describe.skip(`${title} (skipped: no ${name} under CONCORD_SHARED_DATA)`, () => body(""));
}
