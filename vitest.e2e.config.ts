import { defineConfig } from "vitest/config";
import { reporting } from "./tests/support/reporting.ts";

/** Browser tests: the built product in a process of its own, one file after the other because each fills the machine. */
export default defineConfig({
  test: {
    include: ["tests/e2e/**/*.e2e.ts"],
    globalSetup: ["tests/support/browser-setup.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: "forks",
    fileParallelism: false,
    ...reporting("e2e"),
  },
});
