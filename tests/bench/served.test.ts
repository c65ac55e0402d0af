import { expect, test } from "vitest";
import { servedSection } from "#bench/consensus/served.ts";

test("[BEN16] the server beside its database answers what the reads say at every step, and each step has its turns", async () => {
  const section = await servedSection(20, 3);
  const rows = section.split("\n").filter((line) => /^\| (the|a|its|handed) /.test(line));
  expect(rows.length).toBe(11);
  for (const row of rows.slice(1)) expect(row).toMatch(/^\| [^|]+ \| [\d.-]+ \| [\d.]+ \|$/);
});
