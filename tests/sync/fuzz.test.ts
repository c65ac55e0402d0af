import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "#tests/support/database.ts";
import { type Done, FuzzRun } from "#tests/support/fuzz-run.ts";
import { fuzzSeeds } from "#tests/support/fuzz-seeds.ts";
import { type SyncWorld, syncWorld } from "#tests/support/sync-world.ts";

let database: TestDatabase;
let world: SyncWorld;

beforeAll(async () => {
  database = await testDatabase();
  world = await syncWorld(database.db, ["ada", "bea", "cem", "dan"]);
});
afterAll(() => database.close());

/** What only happens where there are several nodes. */
const AMONG_NODES: readonly (keyof Done)[] = ["cut", "moved", "elsewhere"];

const seeds = fuzzSeeds([1, 3, 6, 7]);

async function play(seed: number, nodes: number, totals: Map<string, number>): Promise<void> {
  const run = new FuzzRun(database.db, world, { seed, layerId: await world.layer(), nodes });
  await run.play();
  await run.compare();
  for (const [what, times] of Object.entries(run.done)) totals.set(what, (totals.get(what) ?? 0) + times);
}

describe("sync fuzz", () => {
  const totals = new Map<string, number>();

  for (const seed of seeds) {
    it(`[SNC30] readers, drops and restarts end in equal documents and rows (FUZZ_SEED=${seed})`, () =>
      play(seed, 1, totals));
  }

  it("[SNC30] did of everything something", () => {
    for (const [what, times] of totals)
      if (!AMONG_NODES.some((each) => each === what)) expect(times, what).toBeGreaterThan(0);
    expect(totals.get("put") ?? 0).toBeGreaterThan(10);
  });
});

describe("sync fuzz of two nodes", () => {
  const totals = new Map<string, number>();

  for (const seed of seeds) {
    it(`[NOD1] two nodes on a line that loses, doubles and delays end in equal documents and rows (FUZZ_SEED=${seed})`, () =>
      play(seed, 2, totals));
  }

  it("[NOD1] did of everything something", () => {
    for (const [what, times] of totals) expect(times, what).toBeGreaterThan(0);
    expect(totals.get("elsewhere") ?? 0).toBeGreaterThan(10);
  });
});
