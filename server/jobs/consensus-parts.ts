import { promisify } from "node:util";
import { createGunzip, gunzip, gzipSync } from "node:zlib";
import type { Consensus, Dispute } from "#domain/consensus.ts";
import { readLines } from "#server/slices.ts";

/**
 * A consensus as it is stored: in parts, each packed, because hardly anybody needs all of it. The worker packs them; the
 * thread that serves people moves these bytes as they are and reads only what it is asked for.
 */
export type ConsensusParts = {
  /** All numbers. */
  readonly summary: Uint8Array<ArrayBuffer>;
  /** A line each. */
  readonly disputes: Uint8Array<ArrayBuffer>;
  /** What the record outlines: a line each. */
  readonly shapes: Uint8Array<ArrayBuffer>;
  /** The cells of the raster. */
  readonly entropy: Uint8Array<ArrayBuffer>;
};

export type ConsensusShapes = Pick<Consensus, "consensus" | "objects">;
export type ConsensusSummary = Omit<Consensus, "disputes" | "raster" | keyof ConsensusShapes> & {
  readonly raster: Omit<Consensus["raster"], "entropy">;
};

/** Fast rather than small: a second packing level costs as much as all else. */
const LEVEL = 1;

export function packConsensus({ disputes, consensus, objects, raster, ...numbers }: Consensus): ConsensusParts {
  const { entropy, ...grid } = raster;
  const summary: ConsensusSummary = { ...numbers, raster: grid };
  const areas = consensus.flatMap(({ classId, polygons }) => [
    { classId },
    ...polygons.map((polygon) => ({ polygon })),
  ]);
  return {
    summary: pack(JSON.stringify(summary)),
    disputes: packLines(disputes),
    shapes: packLines([...areas, ...objects.map((object) => ({ object }))]),
    entropy: pack(entropy),
  };
}

export async function unpackSummary(packed: Uint8Array): Promise<ConsensusSummary> {
  return JSON.parse((await unpack(packed)).toString());
}

export async function unpackDisputes(packed: Uint8Array): Promise<readonly Dispute[]> {
  // Only ever written by `packConsensus`.
  return (await readLines(unpackedPieces(packed))) as Dispute[];
}

type ClassArea = Consensus["consensus"][number];
/** A class, then its polygons one by one; at last the objects. */
type ShapeLine = {
  readonly classId?: ClassArea["classId"];
  readonly polygon?: ClassArea["polygons"][number];
  readonly object?: Consensus["objects"][number];
};

export async function unpackShapes(packed: Uint8Array): Promise<ConsensusShapes> {
  const lines = (await readLines(unpackedPieces(packed))) as ShapeLine[];
  const consensus: { classId: ClassArea["classId"]; polygons: ClassArea["polygons"][number][] }[] = [];
  for (const { classId, polygon } of lines) {
    if (classId !== undefined) consensus.push({ classId, polygons: [] });
    if (polygon !== undefined) consensus.at(-1)?.polygons.push(polygon);
  }
  return { consensus, objects: lines.flatMap(({ object }) => object ?? []) };
}

export async function unpackEntropy(packed: Uint8Array): Promise<Buffer> {
  return unpack(packed);
}

/** For the small parts. */
const unpack = promisify<Uint8Array, Buffer>(gunzip);

/** So much is unpacked before others get their turn. */
const PIECE = 1 << 16;

/** The large parts, of which there is never the whole text: piece by piece, unpacked beside the event loop. */
function unpackedPieces(packed: Uint8Array): AsyncIterable<Uint8Array> {
  const unpacking = createGunzip({ chunkSize: PIECE });
  unpacking.end(packed);
  return unpacking;
}

function packLines(items: readonly unknown[]): Uint8Array<ArrayBuffer> {
  return pack(items.map((item) => JSON.stringify(item)).join("\n"));
}

/** Memory of its own, so that it can be handed over. */
function pack(content: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(gzipSync(content, { level: LEVEL }));
}
