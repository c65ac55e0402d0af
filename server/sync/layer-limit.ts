import type { LayerState } from "./layer-state.ts";
import { mapUpdate } from "./update-reader.ts";

/** How much a layer may hold: bytes of its document as it is stored, and entries, dead ones included. */
export type LayerLimit = { readonly bytes: number; readonly items: number };

/** A million annotations: their document takes 107 MB, and a browser about 600 MB of heap to hold it. Source: bench. */
export const LAYER_LIMIT: LayerLimit = { bytes: 128 * 1024 * 1024, items: 2_500_000 };

/** What is too much, and how much may be. */
export type Excess = Readonly<Record<string, number>>;

/**
 * Whether an update would make a layer hold more than it may; one that only deletes never does. The state is awake.
 * @param pending bytes of the updates that are not committed yet
 */
export function excessOf(state: LayerState, limit: LayerLimit, update: Uint8Array, pending: number): Excess | null {
  if (mapUpdate(update).sections.length === 0) return null;
  const bytes = state.storedBytes + pending + update.length;
  if (bytes > limit.bytes) return { bytes, mostBytes: limit.bytes };
  const { items } = state;
  return items > limit.items ? { items, mostItems: limit.items } : null;
}
