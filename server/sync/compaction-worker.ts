import { type Compacted, compactPieces, type Pieces } from "./compaction.ts";
import { packSnapshot } from "./packing.ts";
import { type Renewable, type Renewed, renewDocument } from "./renewal.ts";

/** Runs in a worker thread; the result is copied to the asking thread. */
export function compact(pieces: Pieces): Compacted {
  return compactPieces(pieces);
}

/** The same for a document that is begun anew. */
export function renew(renewable: Renewable): Renewed {
  return renewDocument(renewable);
}

/** A snapshot as it goes over the wire. */
export function pack(snapshot: Uint8Array): Uint8Array {
  return packSnapshot(snapshot);
}
