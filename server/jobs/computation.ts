import { Piscina } from "piscina";
import type { AgreementBoard } from "#domain/agreement-board.ts";
import type { OutlineOffset } from "#domain/boundary.ts";
import type { TouchingGroup } from "#domain/dissolve.ts";
import type { Logger } from "#server/log.ts";
import type { ConsensusParts } from "./consensus-parts.ts";
import { pageTransfers, transfersOf } from "./packed-reads.ts";
import type {
  BoardTask,
  ConsensusTask,
  DissolveTask,
  FieldsTask,
  OffsetTask,
  PairTask,
  SharesTask,
  TouchingTask,
} from "./worker.ts";
import { workerFile } from "./worker-file.ts";

/** Heavy functions of the domain, off the event loop: a stroke never waits for a consensus. */
export type Computation = {
  /** The memory of packed reads and decisions is handed over: they are empty afterwards. What comes back is packed too. */
  consensus(task: ConsensusTask): Promise<ConsensusParts>;
  board(task: BoardTask): Promise<AgreementBoard>;
  /** The memory of the packed reads is handed over, as above. */
  pairAreas(task: PairTask): Promise<number[][]>;
  offsets(task: OffsetTask): Promise<OutlineOffset[][]>;
  /** Which boxes of a layer meet, and what outlines share; the memory is handed over, as above. */
  touching(task: TouchingTask): Promise<Uint32Array>;
  shares(task: SharesTask): Promise<Float64Array>;
  /** For how many fields of view outlines have room; the memory is handed over, as above. */
  fields(task: FieldsTask): Promise<Uint32Array>;
  /** The memory of the packed outlines is handed over, as above. */
  dissolve(task: DissolveTask): Promise<readonly TouchingGroup[]>;
  close(): Promise<void>;
};

const WORKER_HEAP_MB = 1_024;
const WORKER_NICE = 10;

/** One worker, started with the first computation; results are in order of asking. */
export function startComputation(log: Pick<Logger, "error">): Computation {
  const pool = new Piscina({
    ...workerFile(import.meta.url, "worker"),
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: 60_000,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    // Where cores are few the thread that serves people goes first; Linux alone knows priorities of threads.
    niceIncrement: WORKER_NICE,
  });
  pool.on("error", (error: unknown) => log.error("worker.failed", error));
  return {
    consensus: (task) =>
      pool.run(task, {
        name: "consensus",
        transferList: [...transfersOf(task.reads), ...(task.decided === null ? [] : [task.decided.buffer])],
      }),
    board: (task) => pool.run(task, { name: "board" }),
    pairAreas: (task) => pool.run(task, { name: "pairAreas", transferList: transfersOf(task.reads) }),
    offsets: (task) => pool.run(task, { name: "offsets", transferList: transfersOf(task.reads) }),
    touching: (task) => pool.run(task, { name: "touching", transferList: [task.boxes.buffer, task.groups.buffer] }),
    shares: (task) =>
      pool.run(task, { name: "shares", transferList: [...pageTransfers([task.page]), task.pairs.buffer] }),
    fields: (task) =>
      pool.run(task, {
        name: "fields",
        transferList: [...pageTransfers([task.page]), task.sidesPx.buffer, task.atMost.buffer],
      }),
    dissolve: (task) => pool.run(task, { name: "dissolve", transferList: pageTransfers([task.page]) }),
    close: () => pool.close(),
  };
}
