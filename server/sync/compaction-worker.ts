import { type Compacted, compactPieces, type Pieces } from "./compaction.ts";

/** Runs in a worker thread; the result is copied to the asking thread. */
export function compact(pieces: Pieces): Compacted {
  return compactPieces(pieces);
}
