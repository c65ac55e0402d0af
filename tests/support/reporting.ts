import { join } from "node:path";

/** Reporters of a test run; with CONCORD_TEST_RESULTS set also a JSON report `<name>.json` in that folder. */
export function reporting(name: string) {
  const folder = process.env["CONCORD_TEST_RESULTS"];
  if (folder === undefined) return {};
  return { reporters: ["default", "json"], outputFile: { json: join(folder, `${name}.json`) } };
}
