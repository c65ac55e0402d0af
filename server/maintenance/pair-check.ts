import type { Db } from "#db/client.ts";
import { dropOldPairs, type PairRow, pairRecords, storedPairs, writePairs } from "#db/pairs.ts";
import { decodeRecord } from "#domain/annotation-record.ts";
import type { LayerId } from "#domain/ids.ts";
import { sharesOf } from "#domain/pair-shares.ts";

/** Pairs whose outlines are read at once. */
const PAIRS_PER_PAGE = 500;

/**
 * Pairs of a layer that say something else than their outlines, as they should be. A pair of which an outline has changed
 * since says nothing, and is no fault.
 */
export async function wrongPairs(
  db: Db,
  layerId: LayerId,
): Promise<{ readonly seen: number; readonly wrong: readonly PairRow[] }> {
  const stored = await storedPairs(db, layerId);
  const wrong: PairRow[] = [];
  for (let from = 0; from < stored.length; from += PAIRS_PER_PAGE) {
    const page = stored.slice(from, from + PAIRS_PER_PAGE);
    const records = await pairRecords(db, layerId, [...new Set(page.flatMap(({ a, b }) => [a, b]))]);
    const geometries = new Map(
      records.map(({ id, contentHash, record }) => [`${id} ${contentHash}`, decodeRecord(record).geometry]),
    );
    for (const row of page) {
      const [a, b] = [geometries.get(`${row.a} ${row.aHash}`), geometries.get(`${row.b} ${row.bHash}`)];
      if (a === undefined || b === undefined) continue;
      const [aShare, bShare] = row.a === row.b ? [1, 1] : sharesOf(a, b);
      if (aShare !== row.aShare || bShare !== row.bShare) wrong.push({ ...row, aShare, bShare });
    }
  }
  return { seen: stored.length, wrong };
}

/** Puts right what pairs of a layer say, and takes out those that say nothing any more. @returns how many were wrong */
export async function mendPairs(tx: Db, layerId: LayerId): Promise<number> {
  const { wrong } = await wrongPairs(tx, layerId);
  await writePairs(tx, layerId, wrong);
  await dropOldPairs(tx, layerId);
  return wrong.length;
}
