import { describe, expect, it } from "vitest";
import { measureKills } from "#bench/sync/kills.ts";
import { startServer } from "#bench/sync/servers.ts";

describe("kill -9", () => {
  it("[FLT2] of the server, and of it and its database, under load loses nothing that anybody was told or has seen", async () => {
    const load = { kills: 2, writers: 6, editsPerSecond: 5, annotations: 50, earliestMs: 400, latestMs: 900, seed: 5 };
    const server = await startServer("concord", { persons: load.writers, rooms: 1 });
    try {
      const { kills, told, seen, lostTold, lostSeen } = await measureKills(server, load);
      expect({ kills, lostTold, lostSeen }).toEqual({ kills: 2, lostTold: 0, lostSeen: 0 });
      expect(told).toBeGreaterThan(5);
      expect(seen).toBeGreaterThan(5);
    } finally {
      await server.close();
    }
  }, 240_000);
});
