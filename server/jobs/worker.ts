import { type Consensus, type ConsensusParameters, computeConsensus, type Read } from "#domain/consensus.ts";

/** Runs in a worker thread; the result is copied to the asking thread. */
export function consensus(task: {
  readonly reads: readonly Read[];
  readonly parameters: ConsensusParameters;
}): Consensus {
  return computeConsensus(task.reads, task.parameters);
}
