import { RECORD_FORMAT } from "./annotation-record.ts";
import { ByteReader, LayerDocError } from "./bytes.ts";
import type { PointRun } from "./packed-update.ts";

const POLYGON = 0;
const MULTIPOLYGON = 1;
const LINE = 3;
const MAX_CLASS_BYTES = 32;

/**
 * Where in some bytes the points of a record lie. None where it is no record that this code knows: it may be anything.
 * @param at, length the record
 */
export function pointRuns(bytes: Uint8Array, at: number, length: number): PointRun[] {
  const reader = new ByteReader(bytes.subarray(at, at + length));
  try {
    if (reader.byte() !== RECORD_FORMAT) return [];
    reader.text(MAX_CLASS_BYTES);
    reader.uint();
    const runs: PointRun[] = [];
    const readRun = (): void => {
      const count = reader.uint();
      if (count * 2 > reader.left) throw new LayerDocError("outline-malformed", { count });
      runs.push({ at: at + length - reader.left, count });
      for (let number = 0; number < count * 2; number++) reader.uint();
    };
    const kind = reader.byte();
    if (kind === LINE) readRun();
    const polygons = kind === MULTIPOLYGON ? reader.uint() : kind === POLYGON ? 1 : 0;
    for (let polygon = 0; polygon < polygons; polygon++) {
      for (let rings = reader.uint(); rings > 0; rings--) readRun();
    }
    return runs;
  } catch (error) {
    if (error instanceof LayerDocError) return [];
    throw error;
  }
}
