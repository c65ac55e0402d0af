import { defineConfig } from "vitest/config";
import { reporting } from "./tests/support/reporting.ts";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/support/global-setup.ts"],
    setupFiles: ["tests/support/property-seed.ts"],
    // For what hangs: a busy machine may take ten times as long for what comes.
    testTimeout: 120_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    pool: "forks",
    maxWorkers: 2,
    ...reporting("unit"),
  },
});
