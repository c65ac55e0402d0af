import type { Db } from "#db/client.ts";
import { type FieldRow, storedFields, writeFields } from "#db/fields.ts";
import { type LayerToMeasure, type PairBox, pairRecords } from "#db/pairs.ts";
import { fieldSidePx } from "#domain/fields-of-view.ts";
import type { LayerId } from "#domain/ids.ts";
import type { FieldRules } from "#domain/migration/fields.ts";
import type { Computation } from "#server/jobs/computation.ts";
import { packPage } from "#server/jobs/packed-reads.ts";

type Work = { readonly db: Db; readonly computation: Pick<Computation, "fields"> };

/** Outlines that are read at once: a page moves to the worker in one piece. */
const OUTLINES_PER_PAGE = 1_000;

/** An outline with the fields that are looked for in it. */
type Wanted = { readonly box: PairBox; readonly sidePx: number; readonly atMost: number };

/**
 * Measures for how many fields of view the outlines of a layer have room, as far as that may be asked and is not known.
 * What is smaller than its fields together is decided by its area, and without a scale nothing is.
 * @param boxes every outline of the layer
 * @returns the number of outlines that were measured
 */
export async function measureFields(
  { db, computation }: Work,
  { layerId, mpp }: Pick<LayerToMeasure, "layerId" | "mpp">,
  boxes: readonly PairBox[],
  rules: FieldRules,
): Promise<number> {
  if (mpp === null || !rules.isAsking) return 0;
  const wanted = boxes.flatMap((box): Wanted[] => {
    const rule = rules.asked(box);
    if (rule === null || box.areaPx * mpp * mpp < rule.count * rule.sideUm ** 2) return [];
    return [{ box, sidePx: fieldSidePx(rule.sideUm, mpp), atMost: rule.count }];
  });
  if (wanted.length === 0) return 0;
  const known = new Map((await storedFields(db, layerId)).map((row) => [`${row.annotationId} ${row.sidePx}`, row]));
  const missing = wanted.filter(({ box, sidePx, atMost }) => {
    const row = known.get(`${box.id} ${sidePx}`);
    const isWhole = row !== undefined && (row.fields < row.atMost || row.atMost >= atMost);
    return !isWhole || row.contentHash !== box.contentHash;
  });
  for (let from = 0; from < missing.length; from += OUTLINES_PER_PAGE) {
    await measurePage({ db, computation }, layerId, missing.slice(from, from + OUTLINES_PER_PAGE));
  }
  return missing.length;
}

async function measurePage({ db, computation }: Work, layerId: LayerId, wanted: readonly Wanted[]): Promise<void> {
  const records = await pairRecords(
    db,
    layerId,
    wanted.map(({ box }) => box.id),
  );
  const sought = new Map(wanted.map((each) => [`${each.box.id} ${each.box.contentHash}`, each]));
  // What was changed since the boxes were read has another position of the log, and is measured then.
  const present = records.flatMap((record) => {
    const found = sought.get(`${record.id} ${record.contentHash}`);
    return found === undefined ? [] : [{ ...found, record }];
  });
  if (present.length === 0) return;
  const found = await computation.fields({
    page: packPage(present.map(({ record }) => record)),
    sidesPx: Float64Array.from(present, ({ sidePx }) => sidePx),
    atMost: Uint32Array.from(present, ({ atMost }) => atMost),
  });
  const rows = present.map(({ box: { id: annotationId, contentHash }, sidePx, atMost }, at): FieldRow => {
    return { layerId, annotationId, contentHash, sidePx, atMost, fields: found[at] ?? 0 };
  });
  await writeFields(db, rows);
}
