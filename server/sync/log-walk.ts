import * as Y from "yjs";
import type { Db } from "#db/client.ts";
import { type EpochStart, epochStart, epochStarts } from "#db/epochs.ts";
import type { LoggedUpdate } from "#db/layers.ts";
import type { LayerId } from "#domain/ids.ts";
import { type AnnotationChange, LayerDoc } from "#domain/layer-doc.ts";
import { eachUpdate, replay } from "./layer-reader.ts";

export type LogVisitor = {
  /** An update, and what it changed. Late work is not told: what it came to is an update of its own. */
  readonly update?: (update: LoggedUpdate, changes: readonly AnnotationChange[], doc: Y.Doc) => void;
  /** An epoch begins with `next`; `ended` is the document of the one before. */
  readonly epoch?: (start: EpochStart, ended: LayerDoc, next: LayerDoc) => void;
};

/**
 * Goes through a layer's whole log, each epoch with a Yjs document of its own.
 * @returns the document of the last epoch, which the caller destroys
 * @throws where the log is not whole, or cannot be read
 */
export async function walkLog(db: Db, layerId: LayerId, visitor: LogVisitor): Promise<Y.Doc> {
  const walk = new LogWalk(visitor);
  const starts = await epochStarts(db, layerId);
  let from = 0;
  for (const { epoch, afterSeq } of starts) {
    await walkTo(db, layerId, walk, { from, upTo: afterSeq });
    const start = await epochStart(db, layerId, epoch);
    if (start !== null) walk.begin(start);
    from = afterSeq;
  }
  await walkTo(db, layerId, walk, { from });
  return walk.doc;
}

async function walkTo(
  db: Db,
  layerId: LayerId,
  walk: LogWalk,
  range: { readonly from: number; readonly upTo?: number },
): Promise<void> {
  const end = await replay(db, layerId, range, (update) => walk.update(update));
  if (range.upTo !== undefined && end !== range.upTo) throw new Error(`the log of layer ${layerId} ends at ${end}`);
}

/** The document of one epoch at a position of the log, which the caller destroys. @throws where it cannot be read */
export async function documentAt(
  db: Db,
  layerId: LayerId,
  { epoch, seq }: { readonly epoch: number; readonly seq: number },
): Promise<Y.Doc> {
  const doc = new Y.Doc();
  const start = await epochStart(db, layerId, epoch);
  if (start !== null) Y.applyUpdate(doc, start.bytes);
  await eachUpdate(db, { layerId, epoch }, { from: 0, upTo: seq }, (bytes) => Y.applyUpdate(doc, bytes));
  return doc;
}

class LogWalk {
  readonly #visitor: LogVisitor;
  #epoch = 1;
  #layerDoc = new LayerDoc(new Y.Doc());
  #stop: () => void;
  #changes: readonly AnnotationChange[] = [];

  constructor(visitor: LogVisitor) {
    this.#visitor = visitor;
    this.#stop = this.#listen();
  }

  get doc(): Y.Doc {
    return this.#layerDoc.doc;
  }

  begin(start: EpochStart): void {
    const [ended, next] = [this.#layerDoc, new LayerDoc(new Y.Doc())];
    Y.applyUpdate(next.doc, start.bytes, "log");
    this.#visitor.epoch?.(start, ended, next);
    this.#stop();
    ended.doc.destroy();
    this.#epoch = start.epoch;
    this.#layerDoc = next;
    this.#stop = this.#listen();
  }

  update(update: LoggedUpdate): void {
    if (update.epoch !== this.#epoch) return;
    this.#changes = [];
    Y.applyUpdate(this.doc, update.bytes, "log");
    this.#visitor.update?.(update, this.#changes, this.doc);
  }

  #listen(): () => void {
    return this.#layerDoc.observe((news) => {
      this.#changes = news;
    });
  }
}
