import { move, transferableSymbol, valueSymbol } from "piscina";
import { type AgreementBoard, agreementBoard, type BoardSettings, type BoardSlide } from "#domain/agreement-board.ts";
import type { Bbox } from "#domain/annotation.ts";
import type { OffsetSettings, OutlineOffset } from "#domain/boundary.ts";
import { type ConsensusParameters, computeConsensus, Memory, withDecisions, withWaiting } from "#domain/consensus.ts";
import { type TouchingGroup, touchingGroups } from "#domain/dissolve.ts";
import { type PairSettings, pairAreasOf, readOffsets } from "#domain/drift-measures.ts";
import { fieldsWithin } from "#domain/fields-of-view.ts";
import type { ClassId } from "#domain/ids.ts";
import type { History } from "#domain/migration.ts";
import { sharesIn, touchingPairs } from "#domain/pair-shares.ts";
import { type ConsensusParts, packConsensus, unpackShapes } from "./consensus-parts.ts";
import { type PackedDecisions, unpackDecisions } from "./packed-decisions.ts";
import { mergedIn, type PackedPage, type PackedRead, recordsIn, unpackRead } from "./packed-reads.ts";

/** What a consensus is made of: reads as they are stored, and what was decided on top of them. */
export type ConsensusTask = {
  readonly reads: readonly PackedRead[];
  readonly history: History;
  /** Null for the reads as they are. */
  readonly decided: PackedDecisions | null;
  readonly parameters: ConsensusParameters;
};

export type BoardTask = {
  readonly slides: readonly BoardSlide[];
  readonly readerKeys: readonly string[];
  readonly settings: BoardSettings;
};

/** Two reads of one slide, to be laid over each other. */
export type PairTask = {
  readonly reads: readonly [PackedRead, PackedRead];
  /** Up to the later of the two versions. */
  readonly history: History;
  readonly settings: PairSettings;
};

/** Reads of one slide, each to be held against their consensus. */
export type OffsetTask = {
  readonly reads: readonly PackedRead[];
  readonly history: History;
  /** The shapes of their consensus, as they are stored. */
  readonly truth: ConsensusParts["shapes"];
  readonly classIds: readonly ClassId[];
  readonly settings: OffsetSettings;
};

/** Outlines of one layer that a merge may have made alike. */
export type DissolveTask = {
  readonly page: PackedPage;
  readonly history: History;
  readonly gapPx: number;
};

/** Runs in a worker thread, as all of this file; the result is packed here and handed over. */
export function consensus(task: ConsensusTask): object {
  const { reads, history, decided, parameters } = task;
  const unpacked = reads.map((read) => unpackRead(read, history));
  const waiting = unpacked.map(({ readerKey, waiting: outlines }) => ({ readerKey, outlines }));
  const objects = new Set(parameters.rules?.filter((rule) => rule.objects !== null).map((rule) => rule.classId));
  const counted =
    decided === null ? unpacked : withDecisions(unpacked, unpackDecisions(decided), (classId) => objects.has(classId));
  const found = computeConsensus(counted, parameters, memoryOf(task));
  const parts: ConsensusParts = packConsensus({ ...found, disputes: withWaiting(found.disputes, waiting) });
  return handedOver(
    parts,
    Object.values(parts).map(({ buffer }) => buffer),
  );
}

/** Of the slides that were computed last, with the bytes of their outlines. */
const memories = new Map<string, { readonly memory: Memory; readonly bytes: number }>();
const MEMORIES = 2;
/** A memory takes some fifty times the bytes of its outlines; beyond this the last one is kept alone. */
const MOST_BYTES = 16_000_000;

/** What was computed before of the same reads: after one change only its neighbourhood is computed again. */
function memoryOf({ reads, decided }: ConsensusTask): Memory {
  const key = JSON.stringify([reads.map(({ readerKey }) => readerKey).sort(), decided !== null]);
  const memory = memories.get(key)?.memory ?? new Memory();
  const bytes = reads.flatMap(({ pages }) => pages).reduce((sum, { records }) => sum + records.byteLength, 0);
  memories.delete(key);
  memories.set(key, { memory, bytes });
  let held = [...memories.values()].reduce((sum, each) => sum + each.bytes, 0);
  for (const [oldest, each] of memories) {
    if (memories.size === 1 || (memories.size <= MEMORIES && held <= MOST_BYTES)) break;
    memories.delete(oldest);
    held -= each.bytes;
  }
  return memory;
}

/** The value with memory that moves to the asking thread instead of being copied. */
function handedOver(value: object, memory: readonly ArrayBuffer[]): object {
  return move({ [transferableSymbol]: memory, [valueSymbol]: value });
}

export function board({ slides, readerKeys, settings }: BoardTask): AgreementBoard {
  return agreementBoard(slides, readerKeys, settings);
}

export function pairAreas({ reads: [first, again], history, settings }: PairTask): number[][] {
  return pairAreasOf(unpackRead(first, history).outlines, unpackRead(again, history).outlines, settings);
}

/** @returns for each read, the offset of each class */
export async function offsets({ reads, history, truth, classIds, settings }: OffsetTask): Promise<OutlineOffset[][]> {
  const { consensus: known } = await unpackShapes(truth);
  return reads.map((read) => readOffsets(unpackRead(read, history).outlines, known, classIds, settings));
}

/** Boxes of a layer, four numbers each, and which groups of them matter to each other. */
export type TouchingTask = {
  readonly boxes: Float64Array<ArrayBuffer>;
  readonly groups: Uint16Array<ArrayBuffer>;
  /** 1 where the group of the row matters to that of the column. */
  readonly matters: Uint8Array<ArrayBuffer>;
  readonly groupCount: number;
};

/** @returns positions of boxes, two for each pair */
export function touching({ boxes, groups, matters, groupCount }: TouchingTask): Uint32Array {
  const list = Array.from({ length: groups.length }, (_, at): Bbox => {
    const [minX = 0, minY = 0, maxX = 0, maxY = 0] = boxes.subarray(4 * at, 4 * at + 4);
    return { minX, minY, maxX, maxY };
  });
  const matter = (a: number, b: number): boolean => matters[(groups[a] ?? 0) * groupCount + (groups[b] ?? 0)] === 1;
  return Uint32Array.from(touchingPairs(list, matter).flat());
}

/** Outlines as they are stored, and positions among them, two for each pair. */
export type SharesTask = { readonly page: PackedPage; readonly pairs: Uint32Array<ArrayBuffer> };

/** @returns two shares for each pair, as `sharesOf` has them */
export function shares({ page, pairs }: SharesTask): Float64Array {
  return sharesIn(
    recordsIn(page).map(({ geometry }) => geometry),
    pairs,
  );
}

/** Outlines as they are stored; for each the side of a field, level-0 px, and how many are looked for. */
export type FieldsTask = {
  readonly page: PackedPage;
  readonly sidesPx: Float64Array<ArrayBuffer>;
  readonly atMost: Uint32Array<ArrayBuffer>;
};

/** @returns for each outline how many were found */
export function fields({ page, sidesPx, atMost }: FieldsTask): Uint32Array {
  return Uint32Array.from(recordsIn(page), ({ geometry }, at) =>
    fieldsWithin(geometry, sidesPx[at] ?? 0, atMost[at] ?? 0),
  );
}

export function dissolve({ page, history, gapPx }: DissolveTask): readonly TouchingGroup[] {
  return touchingGroups(mergedIn(page, history), gapPx);
}
