import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { LAYOUT_VERSION } from "#domain/annotation-record.ts";
import { ByteWriter } from "#domain/bytes.ts";
import type { LayerId, PersonId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { canUnpack, unpackingSocket } from "./unpacking-socket.ts";

export type DocumentOptions = {
  /** Address of the rooms, as `wss://example.org/sync`. */
  readonly url: string;
  readonly layerId: LayerId;
  /** Whose work this is. The server takes it from nobody else, even if somebody else has signed in meanwhile. */
  readonly user: { readonly id: PersonId; readonly name: string; readonly colour: string };
  readonly WebSocketPolyfill?: typeof WebSocket;
};

const PRESENCE = 1;

/** A layer's document of one epoch in one browser, with the line to its room. A layer that begins anew gets another one. */
export class LiveDocument {
  readonly doc = new Y.Doc();
  readonly layerDoc: LayerDoc;
  readonly awareness: Awareness;
  readonly provider: WebsocketProvider;
  readonly undo: Y.UndoManager;
  /** What the server is told in the address: whose work this is, and what this code writes. */
  readonly #params: Record<string, string>;
  #epoch = 0;

  /** @param shown what others are shown of this person */
  constructor(
    { url, layerId, user, WebSocketPolyfill }: DocumentOptions,
    shown: Readonly<Record<string, unknown>> | null,
  ) {
    this.layerDoc = new LayerDoc(this.doc);
    this.awareness = new Awareness(this.doc);
    this.awareness.setLocalState(shown);
    this.undo = this.layerDoc.undoManager();
    const unpacks = canUnpack();
    const Socket = WebSocketPolyfill ?? WebSocket;
    this.#params = { as: user.id, layout: String(LAYOUT_VERSION), ...(unpacks ? { packed: "1" } : {}) };
    this.provider = new WebsocketProvider(url, layerId, this.doc, {
      connect: false,
      awareness: this.awareness,
      disableBc: true,
      params: this.#params,
      WebSocketPolyfill: unpacks ? unpackingSocket(Socket) : Socket,
    });
    // The provider sends everybody's state back to the server; only one's own is news there.
    this.awareness.off("update", this.provider._awarenessUpdateHandler);
    this.awareness.on("update", ({ added, updated, removed }: Record<"added" | "updated" | "removed", number[]>) => {
      if ([...added, ...updated, ...removed].includes(this.doc.clientID)) this.#sendPresence();
    });
  }

  /** The epoch that the document is of; 0 until that is known. */
  get epoch(): number {
    return this.#epoch;
  }

  /** From now on the server is told which document this is when the line is made. */
  set epoch(epoch: number) {
    this.#epoch = epoch;
    this.#params["epoch"] = String(epoch);
  }

  send(frame: Uint8Array): void {
    const { ws, wsconnected } = this.provider;
    if (wsconnected && ws !== null && ws.readyState === ws.OPEN) ws.send(new Uint8Array(frame));
  }

  destroy(): void {
    this.undo.destroy();
    this.provider.destroy();
    this.awareness.destroy();
    this.doc.destroy();
  }

  #sendPresence(): void {
    const writer = new ByteWriter();
    writer.uint(PRESENCE);
    writer.block(encodeAwarenessUpdate(this.awareness, [this.doc.clientID]));
    this.send(writer.bytes());
  }
}
