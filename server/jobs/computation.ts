import { Piscina } from "piscina";
import type { Consensus, ConsensusParameters, Read } from "#domain/consensus.ts";
import type { Logger } from "#server/log.ts";
import { workerFile } from "./worker-file.ts";

/** Heavy functions of the domain, off the event loop: a stroke never waits for a consensus. */
export type Computation = {
  consensus(reads: readonly Read[], parameters: ConsensusParameters): Promise<Consensus>;
  close(): Promise<void>;
};

const WORKER_HEAP_MB = 1_024;

/** One worker, started with the first computation; results are in order of asking. */
export function startComputation(log: Pick<Logger, "error">): Computation {
  const pool = new Piscina({
    ...workerFile(import.meta.url, "worker"),
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
