// A process that holds one layer and says what that costs: `holder.ts page|room <file of updates>`.
import { createHash } from "node:crypto";
import * as Y from "yjs";
import { held } from "#bench/support/heap-child.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { ItemIndex } from "#server/sync/item-index.ts";
import { LayerContent } from "#server/sync/layer-content.ts";
import { readUpdates } from "./updates-file.ts";

/** A browser's engine: the document, ready to be drawn in. */
function page(path: string) {
  const { value, cpuMs, bytes } = held(() => {
    const layer = new LayerDoc(new Y.Doc());
    layer.doc.transact(() => {
      for (const update of readUpdates(path)) Y.applyUpdate(layer.doc, update);
    });
    return layer;
  });
  const structs = [...value.doc.store.clients.values()].reduce((sum, each) => sum + each.length, 0);
  return { cpuMs, bytes, structs, annotations: value.size, hash: contentHash(value) };
}

/** The server's room, awake: what is sent to who joins, and what updates are resolved against. */
function room(path: string) {
  const { value, cpuMs, bytes } = held(() => {
    const updates = [...readUpdates(path)];
    const [first] = updates;
    const whole = updates.length === 1 && first !== undefined;
    const content = new LayerContent(whole ? { seq: 1, bytes: first } : null);
    const index = new ItemIndex();
    for (const [at, update] of updates.entries()) {
      if (!whole) content.append(at + 1, update);
      index.load(update);
    }
    return { content, index };
  });
  return { cpuMs, bytes, structs: value.index.items };
}

/** The same exactly if the annotations are. */
function contentHash(layer: LayerDoc): string {
  const lines = [...layer.all()].map((each) => JSON.stringify(each)).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

const [, , kind, path = ""] = process.argv;
process.stdout.write(JSON.stringify(kind === "page" ? page(path) : room(path)));
