import type { Db } from "#db/client.ts";
import { dropOldFields, type FieldRow, storedFields, writeFields } from "#db/fields.ts";
import { pairRecords } from "#db/pairs.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import { fieldsWithin } from "#domain/fields-of-view.ts";
import type { LayerId } from "#domain/ids.ts";

/** Measures whose outlines are read at once. */
const ROWS_PER_PAGE = 500;

/**
 * Measures of a layer that say room for another number of fields than their outlines have, as they should be. One whose
 * outline has changed since says nothing, and is no fault.
 */
export async function wrongFields(
  db: Db,
  layerId: LayerId,
): Promise<{ readonly seen: number; readonly wrong: readonly FieldRow[] }> {
  const stored = await storedFields(db, layerId);
  const wrong: FieldRow[] = [];
  for (let from = 0; from < stored.length; from += ROWS_PER_PAGE) {
    const page = stored.slice(from, from + ROWS_PER_PAGE);
    const records = await pairRecords(db, layerId, [...new Set(page.map(({ annotationId }) => annotationId))]);
    const byContent = new Map(records.map(({ id, contentHash, record }) => [`${id} ${contentHash}`, record]));
    for (const row of page) {
      const record = byContent.get(`${row.annotationId} ${row.contentHash}`);
      if (record === undefined) continue;
      const fields = fieldsWithin(decodeRecord(record).geometry, row.sidePx, row.atMost);
      if (fields !== row.fields) wrong.push({ ...row, fields });
    }
  }
  return { seen: stored.length, wrong };
}

/** Puts right what was measured of a layer, and takes out what says nothing any more. @returns how many were wrong */
export async function mendFields(tx: Db, layerId: LayerId): Promise<number> {
  const { wrong } = await wrongFields(tx, layerId);
  await writeFields(tx, wrong);
  await dropOldFields(tx, layerId);
  return wrong.length;
}
