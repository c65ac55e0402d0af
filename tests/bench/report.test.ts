import { describe, expect, it } from "vitest";
import { readOptions } from "#bench/support/options.ts";
import { withSection } from "#bench/support/results.ts";
import { show, table, times } from "#bench/support/table.ts";
import { aimsOf } from "#bench/sync/aims.ts";
import { report } from "#bench/sync/report.ts";
import { scenariosOf } from "#bench/sync/scenarios.ts";

describe("what the bench reports", () => {
  it("[BEN5] figures have three digits and a missing one is a dash", () => {
    expect([0.012345, 1.5, 12.345, 1234.5, 0, null, Number.NaN].map(show)).toEqual([
      "0.0123",
      "1.5",
      "12.3",
      "1235",
      "0",
      "-",
      "-",
    ]);
    expect(times(30, 60)).toBe("0.5x");
    expect([times(null, 1), times(1, 0)]).toEqual(["-", "-"]);
    expect(table(["a", "b"], [[1, "x"]])).toBe("| a | b |\n| --- | --- |\n| 1 | x |");
  });

  it("[BEN6] a run replaces its own section and leaves the others as they are", () => {
    const once = withSection(withSection("# Results\n", "sync full", "first"), "tiles full", "tiles");
    const twice = withSection(once, "sync full", "second");
    expect(twice).toBe(once.replace("first", "second"));
    expect(withSection(twice, "sync full", "second")).toBe(twice);
  });

  it("[BEN7] options that are not understood are named", () => {
    expect(readOptions(["sync", "--quick", "--seed", "7", "--servers", "concord, hocuspocus"])).toMatchObject({
      benches: ["sync"],
      size: "quick",
      seed: 7,
      servers: ["concord", "hocuspocus"],
    });
    expect(readOptions([]).size).toBe("full");
    expect(() => readOptions(["overlays"])).toThrow('no bench "overlays"');
    expect(() => readOptions(["--seed", "x"])).toThrow("--seed");
  });

  it("[BEN8] a target is compared with the better peer of the same scenario, and one that is missed says no", () => {
    const [scenario] = scenariosOf("full").filter((each) => each.kind === "rooms" && each.load.people === 100);
    if (scenario?.kind !== "rooms") throw new Error("no room of a hundred");
    const figures = (cpuPerThousand: number, p99: number) =>
      ({ cpuPerThousand, p99, savedP99: p99 }) as Parameters<typeof report>[0][number]["repeats"][number];
    const text = report([
      { scenario, server: "concord", repeats: [figures(40, 30), figures(50, 20), figures(60, 10)], failures: [] },
      { scenario, server: "hocuspocus", repeats: [figures(92, 8)], failures: [] },
      { scenario, server: "y-websocket", repeats: [figures(119, 14)], failures: ["Error: too slow"] },
    ]);
    expect(text).toContain("| CPU: at most half | 50 | 92 | 0.543x | no |");
    expect(text).toContain("| stroke to screen: p99 at most 25 ms | 20 | 8 | 2.5x | yes |");
    expect(text).toContain("| author told: p99 at most 50 ms | 20 | - | - | yes |");
    expect(text).toContain("y-websocket: Error: too slow");
  });

  it("[BEN15] two nodes are compared with two of the peer, and the way across is a figure of its own", () => {
    const [scenario] = scenariosOf("full").filter((each) => each.kind === "nodes" && each.load.people === 100);
    if (scenario?.kind !== "nodes") throw new Error("no hundred people at two nodes");
    expect(scenario.servers).toEqual(["concord one node", "concord two nodes", "hocuspocus", "hocuspocus two nodes"]);
    const figures = (cpuPerThousand: number, acrossP99: number) =>
      ({ cpuPerThousand, acrossP99, savedP99: acrossP99 }) as Parameters<typeof report>[0][number]["repeats"][number];
    const text = report([
      { scenario, server: "concord one node", repeats: [figures(20, 0)], failures: [] },
      { scenario, server: "concord two nodes", repeats: [figures(40, 30)], failures: [] },
      { scenario, server: "hocuspocus", repeats: [figures(30, 0)], failures: [] },
      { scenario, server: "hocuspocus two nodes", repeats: [figures(90, 12)], failures: [] },
    ]);
    expect(text).toContain("| CPU of both nodes: at most half | 40 | 90 | 0.444x | yes |");
    expect(text).toContain("| stroke to a screen at the other node: p99 at most 25 ms | 30 | 12 | 2.5x | no |");
  });

  it("[BEN8] every scenario of the full size has a target", () => {
    for (const scenario of scenariosOf("full")) expect(aimsOf(scenario).length).toBeGreaterThan(0);
  });
});
