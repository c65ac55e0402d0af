import type { Annotation } from "#domain/annotation.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import type { Outline, Read } from "#domain/consensus.ts";
import { type MergedOutline, mergedClassOf } from "#domain/dissolve.ts";
import { type AnnotationId, annotationId } from "#domain/ids.ts";
import { type History, resolve } from "#domain/migration.ts";

/**
 * Outlines of one read as they are stored, in a few large pieces: what is handed to a worker is copied, and a hundred
 * thousand small values would hold up every stroke meanwhile. Decoding is the worker's work too.
 */
export type PackedPage = {
  /** One after another, a line each. */
  readonly ids: string;
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly records: Uint8Array<ArrayBuffer>;
};
export type PackedRead = { readonly readerKey: string; readonly pages: readonly PackedPage[] };

export function packPage(rows: readonly { readonly id: AnnotationId; readonly record: Uint8Array }[]): PackedPage {
  const lengths = Uint32Array.from(rows, ({ record }) => record.length);
  const records = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let end = 0;
  for (const { record } of rows) {
    records.set(record, end);
    end += record.length;
  }
  return { ids: rows.map(({ id }) => id).join("\n"), lengths, records };
}

/** The memory that moves to the worker instead of being copied. */
export function transfersOf(reads: readonly PackedRead[]): ArrayBuffer[] {
  return reads.flatMap(({ pages }) => pageTransfers(pages));
}

export function pageTransfers(pages: readonly PackedPage[]): ArrayBuffer[] {
  return pages.flatMap(({ lengths, records }) => [lengths.buffer, records.buffer]);
}

/** A read, and those of its outlines whose class is still to be chosen. */
export type UnpackedRead = Read & { readonly waiting: readonly Outline[] };

/** The outlines with the class that counts now; what was archived is left out. */
export function unpackRead({ readerKey, pages }: PackedRead, history: History): UnpackedRead {
  const found = pages.flatMap((page) => outlinesIn(page, history));
  return {
    readerKey,
    outlines: found.map(({ outline }) => outline),
    waiting: found.filter(({ waits }) => waits).map(({ outline }) => outline),
  };
}

/** Outlines whose class a merge made, each with the class that it is stored with. */
export function mergedIn(page: PackedPage, history: History): MergedOutline[] {
  return recordsIn(page).flatMap(({ id, geometry, classId: former, under }): MergedOutline[] => {
    const classId = mergedClassOf({ classId: former, under }, history);
    return classId === null ? [] : [{ id, former, classId, geometry }];
  });
}

type Standing = { readonly outline: Outline; readonly waits: boolean };

function outlinesIn(page: PackedPage, history: History): Standing[] {
  return recordsIn(page).flatMap(({ id, geometry, classId, under }): Standing[] => {
    const { state, classId: now, questions } = resolve(classId, under, history);
    if (state === "archived") return [];
    const outline = { annotationId: id, classId: now, geometry };
    return [{ outline, waits: questions.some(({ kind }) => kind === "choose") }];
  });
}

/** The annotations of a page in its order. */
export function recordsIn({ ids, lengths, records }: PackedPage): Annotation[] {
  if (lengths.length === 0) return [];
  let end = 0;
  return ids.split("\n").map((id, place): Annotation => {
    const start = end;
    end += lengths[place] ?? 0;
    return { id: annotationId.parse(id), ...decodeRecord(records.subarray(start, end)) };
  });
}
