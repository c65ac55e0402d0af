import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Consensus, ConsensusParameters, Read } from "#domain/consensus.ts";
import type { Logger } from "#server/log.ts";

/** Heavy functions of the domain, off the event loop: a stroke never waits for a consensus. */
export type Computation = {
  consensus(reads: readonly Read[], parameters: ConsensusParameters): Promise<Consensus>;
  close(): Promise<void>;
};

const WORKER_HEAP_MB = 1_024;

/** One worker, started with the first computation; results are in order of asking. */
export function startComputation(log: Pick<Logger, "error">): Computation {
  const pool = new Piscina({
    ...workerFile(),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 60_000,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
  pool.on("error", (error: unknown) => log.error("worker.failed", error));
  return {
    consensus: (reads, parameters) => pool.run({ reads, parameters }, { name: "consensus" }),
    close: () => pool.close(),
  };
}

/** In the built server a bundle beside the server's; from sources a .ts file, whose loader a thread does not inherit. */
function workerFile(): { readonly filename: string; readonly execArgv: string[] } {
  if (!import.meta.url.endsWith(".ts")) {
    return { filename: fileURLToPath(new URL("./worker.mjs", import.meta.url)), execArgv: [] };
  }
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const source = `import { register } from ${loader}; register();`;
  return {
    filename: fileURLToPath(new URL("./worker.ts", import.meta.url)),
    execArgv: ["--import", `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`],
  };
}
