import * as Y from "yjs";
import type { Random } from "#domain/random.ts";

/** The updates in an order in which each finds what it builds on, otherwise any. */
export function anyOrder(updates: readonly Uint8Array[], random: Random): Uint8Array[] {
  const doc = new Y.Doc();
  const ordered: Uint8Array[] = [];
  let waiting = updates.map((update) => ({ update, rank: random() })).sort((a, b) => a.rank - b.rank);
  while (waiting.length > 0) {
    const found = waiting.findIndex(({ update }) => fits(doc, update));
    if (found === -1) throw new Error("no order");
    const [next] = waiting.splice(found, 1);
    if (next === undefined) break;
    Y.applyUpdate(doc, next.update);
    ordered.push(next.update);
    // Those that came later in time may come earlier here.
    if (random() < 0.3) waiting = [...waiting].reverse();
  }
  return ordered;
}

function fits(doc: Y.Doc, update: Uint8Array): boolean {
  const trial = new Y.Doc();
  Y.applyUpdate(trial, Y.encodeStateAsUpdate(doc));
  Y.applyUpdate(trial, update);
  return trial.store.pendingStructs === null && trial.store.pendingDs === null;
}
