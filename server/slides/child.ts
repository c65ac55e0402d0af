import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A program of its own: as a source beside this file, and as a bundle beside the built server. */
export type ChildEntry = { readonly source: `./${string}.ts`; readonly bundle: `./${string}.mjs` };

const HEAP_MB = 512;

/** Starts a process that speaks by messages and has none of the server's environment. Whoever starts it ends it. */
export function startChild(entry: ChildEntry): ChildProcess {
  const fromSources = import.meta.url.endsWith(".ts");
  const path = new URL(fromSources ? entry.source : entry.bundle, import.meta.url);
  const loader = fromSources ? ["--import", import.meta.resolve("tsx")] : [];
  return fork(fileURLToPath(path), [], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, ...loader],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
    // A decoder needs no secret of the server.
    env: { NODE_ENV: "production" },
  });
}
