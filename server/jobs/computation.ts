import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Consensus, ConsensusParameters, Read } from "#domain/consensus.ts";

/** Heavy functions of the domain, off the event loop: a stroke never waits for a consensus. */
export type Computation = {
  consensus(reads: readonly Read[], parameters: ConsensusParameters): Promise<Consensus>;
  close(): Promise<void>;
};

const WORKER_HEAP_MB = 1_024;

/** One worker, started with the first computation; results are in order of asking. */
export function startComputation(): Computation {
  const pool = new Piscina({
    filename: workerFile(),
    execArgv: import.meta.url.endsWith(".ts") ? ["--import", import.meta.resolve("tsx")] : [],
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 60_000,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
  return {
    consensus: (reads, parameters) => pool.run({ reads, parameters }, { name: "consensus" }),
    close: () => pool.close(),
  };
}

/** From sources a .ts file beside this one; in the built server a bundle beside the server's. */
function workerFile(): string {
  const fromSources = fileURLToPath(new URL("./worker.ts", import.meta.url));
  return existsSync(fromSources) ? fromSources : fileURLToPath(new URL("./worker.mjs", import.meta.url));
}
