import { Piscina } from "piscina";
import { workerFile } from "#server/jobs/worker-file.ts";
import type { Logger } from "#server/log.ts";
import type { Compact } from "./compaction.ts";
import type { Pack } from "./packing.ts";
import type { Renew } from "./renewal.ts";

/** Compaction off the event loop: whoever draws meanwhile does not wait for it. */
export type CompactionPool = {
  readonly compact: Compact;
  readonly renew: Renew;
  readonly pack: Pack;
  close(): Promise<void>;
};

/** A layer of a million annotations needs about so much. */
const WORKER_HEAP_MB = 2_048;

/** One worker, started with the first snapshot. One that dies takes its task with it; the next task starts another. */
export function startCompaction(log: Pick<Logger, "error">): CompactionPool {
  const pool = new Piscina({
    ...workerFile(import.meta.url, "compaction-worker"),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 60_000,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
  pool.on("error", (error: unknown) => log.error("worker.failed", error));
  return {
    compact: (pieces) => pool.run(pieces, { name: "compact" }),
    pack: (snapshot) => pool.run(snapshot, { name: "pack" }),
    renew: (renewable) => pool.run(renewable, { name: "renew" }),
    close: () => pool.close(),
  };
}
