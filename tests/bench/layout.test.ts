import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readUpdates, UpdatesFile } from "#bench/growth/updates-file.ts";
import { mergings } from "#bench/layout/merging.ts";

describe("the benches of the document", () => {
  it("[BEN14] what becomes of two changes at once is found out for each layout, not stated", () => {
    const answers = new Map(mergings().map(([what, ...each]) => [what, each]));
    expect(answers.get("class changed / shape changed")?.[0]).toBe("both stay");
    expect(answers.get("two strokes over the same vertices")).toEqual(["both stay", "a broken outline", "one is lost"]);
    expect(answers.get("deleted / shape changed")?.[0]).toBe("the change stays");
  });

  it("[BEN14] updates are read from a file as they were written", () => {
    const folder = mkdtempSync(join(tmpdir(), "concord-bench-"));
    const path = join(folder, "updates");
    const updates = [Uint8Array.of(), Uint8Array.of(1, 2, 3), new Uint8Array(5_000_000).fill(7)];
    const file = new UpdatesFile(path);
    for (const each of updates) file.add(each);
    file.close();
    expect([...readUpdates(path)].map((each, at) => Buffer.compare(each, updates[at] ?? each))).toEqual([0, 0, 0]);
    expect([file.count, file.bytes]).toEqual([3, 5_000_003]);
    rmSync(folder, { recursive: true });
  });
});
