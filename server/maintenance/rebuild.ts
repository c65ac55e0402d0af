import type { Db } from "#db/client.ts";
import { layerPlace } from "#db/layers.ts";
import { allLayerIds, logFaults } from "#db/recovery.ts";
import { type LayerId, layerId } from "#domain/ids.ts";
import { counted, counter, type Desk, requireDatabase, requireSchema, withOwnDatabase } from "./desk.ts";
import { isEmpty, type Mended, rebuildLayer } from "./layer-check.ts";
import { sayDifference, sayLogFault } from "./verify.ts";

/**
 * Makes rows and snapshots of every layer, or of one, from the log anew, and says what it mended.
 * @returns false where a log is not whole, so that its layer was left as it is
 */
export async function rebuild(desk: Desk, only: string | undefined): Promise<boolean> {
  requireDatabase(desk.env);
  return withOwnDatabase(desk, async (database) => {
    await requireSchema(database, { olderToo: false });
    return rebuildLayers(desk, database.db, await chosen(database.db, only));
  });
}

async function chosen(db: Db, only: string | undefined): Promise<LayerId[]> {
  if (only === undefined) return allLayerIds(db);
  const parsed = layerId.safeParse(only);
  if (!parsed.success || (await layerPlace(db, parsed.data)) === null) throw new Error(`There is no layer "${only}".`);
  return [parsed.data];
}

/** The same on a database that is held already. */
export async function rebuildLayers(desk: Desk, db: Db, ids: readonly LayerId[]): Promise<boolean> {
  const faults = new Map((await logFaults(db)).map((fault) => [fault.layerId, fault]));
  const done = counter(desk, "layers", ids.length);
  let [mended, left] = [0, 0];
  for (const id of ids) {
    const fault = faults.get(id);
    if (fault === undefined) {
      const line = sayMended(await rebuildOne(db, id));
      if (line !== null) desk.say(`mended layer ${id}: ${line}`);
      if (line !== null) mended++;
    } else {
      desk.say(`left   ${sayLogFault(fault)}`);
      left++;
    }
    done();
  }
  desk.say(
    `Rebuilt ${counted(ids.length - left, "layer")}: ${mended} mended, ${left} left because their log is not whole.`,
  );
  return left === 0;
}

async function rebuildOne(db: Db, id: LayerId): Promise<Mended> {
  return db.transaction(async (tx) => {
    const place = await layerPlace(tx, id);
    if (place === null) throw new Error(`layer ${id} is gone`);
    return rebuildLayer(tx, place);
  });
}

function sayMended({ rows, snapshots, pairs, fields }: Mended): string | null {
  const parts = [
    ...(isEmpty(rows) ? [] : [`rows: ${sayDifference(rows)}`]),
    ...snapshots.map((fault) => `snapshot: ${fault}`),
    ...(pairs === 0 ? [] : [`pairs: ${pairs} different`]),
    ...(fields === 0 ? [] : [`fields: ${fields} different`]),
  ];
  return parts.length === 0 ? null : parts.join("; ");
}
