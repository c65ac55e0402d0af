import type { Db } from "#db/client.ts";
import { aloneWithLayer } from "#db/nodes.ts";
import type { LayerId } from "#domain/ids.ts";

/**
 * Runs what rewrites a layer as a whole, its snapshot or its next epoch, unless another node is doing that.
 * @returns whether it was run
 */
export type Rewriting = (layerId: LayerId, work: () => Promise<void>) => Promise<boolean>;

/** Where there are no other nodes. */
export const rewriteHere: Rewriting = async (_layerId, work) => {
  await work();
  return true;
};

/**
 * Among nodes a lock in the database decides who does it; a node that dies lets go at once. Of one node's layers one at a
 * time, so that this takes one connection however many wait: the worker behind it has one thread anyway.
 */
export function rewriteAmongNodes(db: Db): Rewriting {
  let latest: Promise<unknown> = Promise.resolve();
  return (layerId, work) => {
    const mine = latest.then(() => aloneWithLayer(db, layerId, work));
    latest = mine.catch(() => undefined);
    return mine;
  };
}
