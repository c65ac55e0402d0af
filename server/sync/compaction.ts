import { createHash } from "node:crypto";
import * as Y from "yjs";
import { LEAST_PACKED_BYTES, packSnapshot, sealed } from "./packing.ts";

/** A layer up to a position of its log, in pieces. */
export type Pieces = {
  readonly seq: number;
  readonly snapshot: Uint8Array | null;
  readonly updates: readonly Uint8Array[];
};

/** The same in one piece. */
export type Compacted = {
  readonly bytes: Uint8Array;
  readonly checksum: string;
  /** Yjs structs, and entries that live: what the one is more than the other is dead weight in every browser. */
  readonly structs: number;
  readonly living: number;
  /** The document as it goes over the wire to who can unpack it, sealed; null of a small one. */
  readonly packed: Uint8Array | null;
};

/** Puts the pieces of a layer together. In the server it runs in a worker: a large layer takes seconds. */
export type Compact = (pieces: Pieces) => Promise<Compacted>;

export async function compactHere(pieces: Pieces): Promise<Compacted> {
  return compactPieces(pieces);
}

/** Linear in the layer, and needs the heap of its whole Yjs document meanwhile. @throws where something is missing */
export function compactPieces({ snapshot, updates }: Omit<Pieces, "seq">): Compacted {
  const doc = new Y.Doc();
  try {
    doc.transact(() => {
      if (snapshot !== null) Y.applyUpdate(doc, snapshot);
      for (const update of updates) Y.applyUpdate(doc, update);
    });
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) throw new Error("a log with a gap");
    const bytes = Y.encodeStateAsUpdate(doc);
    const structs = [...doc.store.clients.values()].reduce((sum, each) => sum + each.length, 0);
    const living = [...doc.share.keys()].reduce((sum, root) => sum + doc.getMap(root).size, 0);
    const packed = bytes.length < LEAST_PACKED_BYTES ? null : sealed(packSnapshot(bytes));
    return { bytes, checksum: checksumOf(bytes), structs, living, packed };
  } finally {
    doc.destroy();
  }
}

export function checksumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
