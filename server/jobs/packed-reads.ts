import type { Geometry } from "#domain/annotation.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import type { Outline, Read } from "#domain/consensus.ts";
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
  return reads.flatMap(({ pages }) => pages.flatMap(({ lengths, records }) => [lengths.buffer, records.buffer]));
}

/** The outlines with the class that counts now; what was archived is left out. */
export function unpackRead({ readerKey, pages }: PackedRead, history: History): Read {
  return { readerKey, outlines: pages.flatMap((page) => outlinesIn(page, history)) };
}

function outlinesIn({ ids, lengths, records }: PackedPage, history: History): Outline[] {
  if (lengths.length === 0) return [];
  let end = 0;
  return ids.split("\n").flatMap((id, place): Outline[] => {
    const start = end;
    end += lengths[place] ?? 0;
    const { geometry, classId, under } = decodeRecord(records.subarray(start, end));
    const standing = resolve(classId, under, history);
    if (standing.state === "archived") return [];
    return [{ annotationId: annotationId.parse(id), classId: standing.classId, geometry }];
  });
}

/** The outlines of a page in its order. */
export function unpackGeometries({ lengths, records }: PackedPage): Geometry[] {
  let end = 0;
  return Array.from(lengths, (length) => {
    const start = end;
    end += length;
    return decodeRecord(records.subarray(start, end)).geometry;
  });
}
