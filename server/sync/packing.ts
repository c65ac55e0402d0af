import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { ANNOTATIONS_ROOT } from "#domain/layer-doc.ts";
import { type PointRun, packUpdate, unpackUpdate } from "#domain/packed-update.ts";
import { pointRuns } from "#domain/point-runs.ts";
import { mapUpdate, StructReader } from "./update-reader.ts";

/** A snapshot in the form in which it goes over the wire to who can unpack it. In the server it is made in a worker. */
export type Pack = (snapshot: Uint8Array) => Promise<Uint8Array>;

/** Below this a few round trips cost more than the bytes. */
export const LEAST_PACKED_BYTES = 64 * 1024;
const SEAL_BYTES = 32;

export async function packHere(snapshot: Uint8Array): Promise<Uint8Array> {
  return packSnapshot(snapshot);
}

/** Linear in the snapshot: about a second for a million annotations. */
export function packSnapshot(snapshot: Uint8Array): Uint8Array {
  const packed = packUpdate(snapshot, runsIn(snapshot));
  // Everybody would get a wrong document, and nobody would notice.
  if (Buffer.compare(unpackUpdate(packed), snapshot) !== 0)
    throw new Error("a snapshot that does not unpack to itself");
  return deflateRawSync(packed);
}

/** Where the points of all outlines lie. A key without an origin is written out; what comes after it in a chain is not looked at. */
function runsIn(update: Uint8Array): PointRun[] {
  const runs: PointRun[] = [];
  for (const { at, clock, count } of mapUpdate(update).sections) {
    const reader = new StructReader(update, { at, clock });
    for (let struct = 0; struct < count; struct++) {
      reader.next();
      const { valueAt, valueLength, hasOrigin, root } = reader;
      if (valueAt >= 0 && (hasOrigin || root === ANNOTATIONS_ROOT))
        runs.push(...pointRuns(update, valueAt, valueLength));
    }
  }
  return runs;
}

/** With its SHA-256 in front, for the store. */
export function sealed(packed: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([sealOf(packed), packed]));
}

/** @returns null where it is not what was sealed */
export function unsealed(stored: Uint8Array): Uint8Array | null {
  const packed = stored.slice(SEAL_BYTES);
  return sealOf(packed).equals(stored.subarray(0, SEAL_BYTES)) ? packed : null;
}

function sealOf(packed: Uint8Array): Buffer {
  return createHash("sha256").update(packed).digest();
}
