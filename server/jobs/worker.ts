import { type AgreementBoard, agreementBoard, type BoardSettings, type BoardSlide } from "#domain/agreement-board.ts";
import type { OffsetSettings, OutlineOffset } from "#domain/boundary.ts";
import {
  type Consensus,
  type ConsensusParameters,
  computeConsensus,
  type Decided,
  type Read,
  withDecisions,
} from "#domain/consensus.ts";
import { type TouchingGroup, touchingGroups } from "#domain/dissolve.ts";
import { type PairSettings, pairAreasOf, readOffsets } from "#domain/drift-measures.ts";
import type { ClassId } from "#domain/ids.ts";
import type { History } from "#domain/migration.ts";
import { mergedIn, type PackedPage, type PackedRead, unpackRead } from "./packed-reads.ts";

/** What a consensus is made of: reads as they are stored, and what was decided on top of them. */
export type ConsensusTask = {
  readonly reads: readonly PackedRead[];
  readonly history: History;
  readonly decided: readonly Decided[];
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
  readonly truth: Consensus["consensus"];
  readonly classIds: readonly ClassId[];
  readonly settings: OffsetSettings;
};

/** Outlines of one layer that a merge may have made alike. */
export type DissolveTask = {
  readonly page: PackedPage;
  readonly history: History;
  readonly gapPx: number;
};

/** Runs in a worker thread, as all of this file; the result is copied to the asking thread. */
export function consensus({ reads, history, decided, parameters }: ConsensusTask): Consensus {
  const unpacked = reads.map((read): Read => unpackRead(read, history));
  const objects = new Set(parameters.rules?.filter((rule) => rule.objects !== null).map((rule) => rule.classId));
  const counted = decided.length === 0 ? unpacked : withDecisions(unpacked, decided, (classId) => objects.has(classId));
  return computeConsensus(counted, parameters);
}

export function board({ slides, readerKeys, settings }: BoardTask): AgreementBoard {
  return agreementBoard(slides, readerKeys, settings);
}

export function pairAreas({ reads: [first, again], history, settings }: PairTask): number[][] {
  return pairAreasOf(unpackRead(first, history).outlines, unpackRead(again, history).outlines, settings);
}

/** @returns for each read, the offset of each class */
export function offsets({ reads, history, truth, classIds, settings }: OffsetTask): OutlineOffset[][] {
  return reads.map((read) => readOffsets(unpackRead(read, history).outlines, truth, classIds, settings));
}

export function dissolve({ page, history, gapPx }: DissolveTask): readonly TouchingGroup[] {
  return touchingGroups(mergedIn(page, history), gapPx);
}
