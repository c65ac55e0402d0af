import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const TESTS = dirname(fileURLToPath(import.meta.url));

function idsIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}

const rules = idsIn(readFileSync(join(TESTS, "..", "docs", "SPEC.md"), "utf8"), /^- \*\*([A-Z]{3}\d+)\*\*/gm);
const proofs = readdirSync(TESTS, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(test|e2e)\.ts$/.test(path) || path.endsWith("contract.ts"))
  .flatMap((path) => idsIn(readFileSync(join(TESTS, path), "utf8"), /["'`]\[([A-Z]{3}\d+)\] /g));

it("[SPE1] every rule of the specification has an id of its own and a test that carries it", () => {
  expect(rules.length).toBeGreaterThan(100);
  expect(rules.filter((id, index) => rules.indexOf(id) !== index)).toEqual([]);
  const proved = new Set(proofs);
  expect(rules.filter((id) => !proved.has(id))).toEqual([]);
});

it("[SPE2] every id that a test carries is a rule of the specification", () => {
  const known = new Set(rules);
  expect([...new Set(proofs)].filter((id) => !known.has(id))).toEqual([]);
});
