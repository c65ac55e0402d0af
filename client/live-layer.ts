import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import type { Point } from "#domain/annotation.ts";
import { ByteReader, ByteWriter } from "#domain/bytes.ts";
import type { LayerId, PersonId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { type Journal, journalOrNone, openJournal } from "./journal.ts";
import { type LineState, pauseBefore, watchLine } from "./line-watch.ts";
import { peerOf, type Viewport } from "./peer.ts";
import type { Peer } from "./presence.ts";
import { UnsavedChanges } from "./unsaved.ts";

/** How a layer stands. A new object for every change, so that it can be compared by identity. */
export type LiveStatus = {
  /** `refused`: the server does not want this socket as it is; `code` says why, `retry` tries again. */
  readonly connection: "connecting" | "live" | "offline" | "refused";
  /** The whole stored document is here. */
  readonly synced: boolean;
  /** One's own changes that the server has not called durable. */
  readonly waiting: number;
  /** Changes of an earlier tab, found in the journal and merged. */
  readonly recovered: number;
  /** Whether the browser keeps unsaved changes over a crash of the tab. */
  readonly kept: boolean;
  /** What the server lets this person do; null until it has said so. */
  readonly write: boolean | null;
  /** Why the connection is refused, or why nothing may be written: a code of the table of errors. */
  readonly code: string | null;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
};

export type JoinOptions = {
  /** Address of the rooms, as `wss://example.org/sync`. */
  readonly url: string;
  readonly layerId: LayerId;
  /** Whose work this is. The server takes it from nobody else, even if somebody else has signed in meanwhile. */
  readonly user: { readonly id: PersonId; readonly name: string; readonly colour: string };
  readonly WebSocketPolyfill?: typeof WebSocket;
  /** Where unsaved changes are kept; the browser's store unless another is given. */
  readonly journal?: Promise<Journal>;
};

const MARK = 101;
const STANDING = 102;
const PRESENCE = 1;
const CURSOR_INTERVAL_MS = 1_000 / 15;
/** A line that held for so long was a good one: what ends it is no failed attempt. */
const GOOD_LINE_MS = 5_000;
/** A closed page waits at most this long for the last acknowledgement. */
const LINGER_MS = 2_000;

/** Joins a layer. Connects by itself, comes back by itself, and keeps unsaved changes until the server has them. */
export function joinLayer(options: JoinOptions): LiveLayer {
  return new LiveLayer(options);
}

/** One layer in one browser: its document, the line to its room, who else is there, and what is not saved yet. */
export class LiveLayer {
  readonly layerDoc: LayerDoc;
  readonly #doc = new Y.Doc();
  readonly #awareness: Awareness;
  readonly #provider: WebsocketProvider;
  readonly #undo: Y.UndoManager;
  readonly #listeners = new Set<() => void>();
  readonly #peerListeners = new Set<() => void>();
  readonly #stopWatching: () => void;
  readonly #ready: Promise<void>;
  #journal: Journal | null = null;
  #unsaved: UnsavedChanges | null = null;
  #early: Uint8Array[] = [];
  #phaseSince = Date.now();
  #syncedAt: number | null = null;
  #failures = 0;
  /** On this socket everything older than the next change has been sent; only then may changes be counted to the server. */
  #caughtUp = false;
  #shown: Partial<Record<"cursor" | "viewport", unknown>> = {};
  #shownAt = 0;
  #showTimer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;
  #lingering: ReturnType<typeof setTimeout> | null = null;
  #status: LiveStatus = {
    connection: "connecting",
    synced: false,
    waiting: 0,
    recovered: 0,
    kept: true,
    write: null,
    code: null,
    canUndo: false,
    canRedo: false,
  };

  constructor({ url, layerId, user, WebSocketPolyfill, journal }: JoinOptions) {
    this.layerDoc = new LayerDoc(this.#doc);
    this.#awareness = new Awareness(this.#doc);
    this.#awareness.setLocalState({ user, cursor: null, viewport: null });
    this.#undo = this.layerDoc.undoManager();
    this.#provider = new WebsocketProvider(url, layerId, this.#doc, {
      connect: false,
      awareness: this.#awareness,
      disableBc: true,
      params: { as: user.id },
      ...(WebSocketPolyfill === undefined ? {} : { WebSocketPolyfill }),
    });
    this.#listenToProvider();
    this.#listenToPresence();
    this.#listenToChanges();
    const [lost, wake] = [() => this.#reconnect(), () => this.#wake()];
    this.#stopWatching = watchLine(() => this.#line(), lost, wake);
    this.#ready = this.#start(journal ?? openJournal(user.id, layerId));
  }

  get status(): LiveStatus {
    return this.#status;
  }

  /** @returns ends the subscription */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Called when somebody came, went or moved. @returns ends the subscription */
  subscribePeers(listener: () => void): () => void {
    this.#peerListeners.add(listener);
    return () => {
      this.#peerListeners.delete(listener);
    };
  }

  /** Everybody else in the room, one for each open page. */
  others(): readonly Peer[] {
    const peers: Peer[] = [];
    for (const [id, state] of this.#awareness.getStates()) {
      if (id === this.#doc.clientID) continue;
      const peer = peerOf(id, state);
      if (peer) peers.push(peer);
    }
    return peers;
  }

  /** Where one's own pointer is, level-0 px; null where it has left the slide. Sent at most 15 times a second. */
  setCursor(at: Point | null): void {
    this.#show({ cursor: at });
  }

  /** What one sees, level-0 px. Sent at most 15 times a second. */
  setViewport(viewport: Viewport | null): void {
    this.#show({ viewport });
  }

  get canUndo(): boolean {
    return this.#undo.undoStack.length > 0;
  }

  get canRedo(): boolean {
    return this.#undo.redoStack.length > 0;
  }

  undo(): void {
    this.#undo.undo();
  }

  redo(): void {
    this.#undo.redo();
  }

  /** Tries again now: after a refusal, as after a new sign-in, or while offline. */
  retry(): void {
    if (this.#status.connection !== "live") this.#reconnect();
  }

  /** Gives up what is not saved and the document with it; the caller closes this layer and joins anew. */
  async discardUnsaved(): Promise<void> {
    await this.#ready;
    await this.#unsaved?.discard();
    this.#change({ waiting: 0 });
  }

  /** What was sent and not yet called durable is waited for a moment, so that the next visit need not recover it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWatching();
    if (this.#showTimer !== null) clearTimeout(this.#showTimer);
    this.#undo.destroy();
    this.#awareness.setLocalState(null);
    this.#listeners.clear();
    this.#peerListeners.clear();
    this.#provider.shouldConnect = false;
    if (this.#caughtUp && this.#unsaved !== null && this.#unsaved.waiting > 0) {
      this.#lingering = setTimeout(() => this.#end(), LINGER_MS);
    } else this.#end();
  }

  #end(): void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#lingering = null;
    this.#provider.destroy();
    this.#awareness.destroy();
    this.#doc.destroy();
    this.#journal?.close();
  }

  async #start(given: Promise<Journal>): Promise<void> {
    const { journal, kept } = await journalOrNone(given);
    if (this.#closed) {
      journal.close();
      return;
    }
    this.#journal = journal;
    const unsaved = new UnsavedChanges(journal, (now) => this.#change({ kept: now && kept }));
    this.#change({ kept });
    await this.#recover(unsaved);
    if (this.#closed) return;
    this.#unsaved = unsaved;
    for (const bytes of this.#early.splice(0)) unsaved.add(bytes);
    this.#change({ waiting: unsaved.waiting });
    this.#provider.connect();
  }

  /** Merges what pages that are gone left unsent. On an open line it is sent by being merged. */
  async #recover(unsaved: UnsavedChanges): Promise<void> {
    let count = 0;
    try {
      count = await unsaved.recover((bytes) => {
        if (!this.#closed) Y.applyUpdate(this.#doc, bytes, "journal");
      });
    } catch {
      this.#change({ kept: false });
    }
    if (count === 0 || this.#closed) return;
    this.#change({ recovered: this.#status.recovered + count, waiting: unsaved.waiting });
    if (this.#caughtUp) this.#sendMark();
  }

  #listenToProvider(): void {
    const provider = this.#provider;
    provider.on("status", ({ status }) => this.#onLine(status));
    provider.on("sync", (synced) => {
      this.#syncedAt = synced ? Date.now() : this.#syncedAt;
      this.#change(synced ? { synced, connection: "live" } : { synced });
    });
    provider.on("connection-close", () => this.#onLost());
    provider.on("closed", ({ reason, code }) => {
      this.#change({ connection: "refused", code: reason === "" ? String(code) : reason });
    });
    const readSync = provider.messageHandlers[0];
    provider.messageHandlers[0] = (encoder, decoder, from, emitSynced, type) => {
      const asksForOurs = decoder.arr[decoder.pos] === 0;
      readSync?.(encoder, decoder, from, emitSynced, type);
      // The answer, with everything made offline, goes out when this handler returns.
      if (asksForOurs) queueMicrotask(() => this.#onCaughtUp());
    };
    provider.messageHandlers[MARK] = (_encoder, decoder) => {
      void this.#onSaved(new ByteReader(decoder.arr.subarray(decoder.pos)).uint());
    };
    provider.messageHandlers[STANDING] = (_encoder, decoder) => {
      const { write, code } = JSON.parse(new ByteReader(decoder.arr.subarray(decoder.pos)).text(1_024));
      this.#change({ write: write === true, code: typeof code === "string" ? code : null });
    };
  }

  #listenToPresence(): void {
    // The provider sends everybody's state back to the server; only one's own is news there.
    this.#awareness.off("update", this.#provider._awarenessUpdateHandler);
    this.#awareness.on("update", ({ added, updated, removed }: Record<"added" | "updated" | "removed", number[]>) => {
      if ([...added, ...updated, ...removed].includes(this.#doc.clientID)) this.#sendPresence();
    });
    this.#awareness.on("change", () => {
      for (const listener of this.#peerListeners) listener();
    });
  }

  #listenToChanges(): void {
    // After the provider's own listener, so that a change is sent before it is counted.
    this.#doc.on("update", (bytes: Uint8Array, origin: unknown) => {
      if (origin === this.#provider || origin === "journal") return;
      if (this.#unsaved) this.#unsaved.add(bytes);
      else this.#early.push(bytes);
      if (this.#caughtUp) this.#sendMark();
      this.#change({ waiting: this.#unsaved?.waiting ?? this.#early.length });
    });
    const onStack = () => this.#change({ canUndo: this.canUndo, canRedo: this.canRedo });
    for (const event of ["stack-item-added", "stack-item-popped", "stack-cleared"] as const)
      this.#undo.on(event, onStack);
  }

  #onLine(status: "connected" | "connecting" | "disconnected"): void {
    this.#caughtUp = false;
    this.#phaseSince = Date.now();
    if (status === "connecting" && this.#status.connection === "refused") {
      this.#change({ connection: "connecting", code: null });
    }
    // Others take a state they have seen before for old: a fresh clock shows this person again after a lost line.
    if (status === "connected") this.#awareness.setLocalState(this.#awareness.getLocalState());
  }

  #onCaughtUp(): void {
    this.#caughtUp = true;
    // Also where nothing waits: the server answers the first one with what may be done here.
    this.#sendMark();
    // Another tab of this person may have crashed meanwhile.
    if (this.#unsaved) void this.#recover(this.#unsaved);
  }

  #onLost(): void {
    const held = this.#syncedAt !== null && Date.now() - this.#syncedAt > GOOD_LINE_MS;
    this.#failures = held ? 0 : this.#failures + 1;
    this.#syncedAt = null;
    this.#phaseSince = Date.now();
    // The provider waits by its own count, and at most for this long; it forgets the count with every line that syncs.
    this.#provider.wsUnsuccessfulReconnects = this.#failures;
    this.#provider.maxBackoffTime = pauseBefore(this.#failures);
    this.#change({ connection: "offline", synced: false });
  }

  async #onSaved(change: number): Promise<void> {
    const removed = this.#unsaved?.saved(change);
    this.#change({ waiting: this.#unsaved?.waiting ?? 0 });
    try {
      await removed;
    } catch {
      // What stays in the journal is merged once more by the next tab, which changes nothing.
      this.#change({ kept: false });
    }
    if (this.#lingering !== null && this.#unsaved?.waiting === 0) this.#end();
  }

  #sendMark(): void {
    const writer = new ByteWriter();
    writer.uint(MARK);
    writer.uint(this.#unsaved?.made ?? 0);
    this.#send(writer.bytes());
  }

  #sendPresence(): void {
    const writer = new ByteWriter();
    writer.uint(PRESENCE);
    writer.block(encodeAwarenessUpdate(this.#awareness, [this.#doc.clientID]));
    this.#send(writer.bytes());
  }

  #send(frame: Uint8Array): void {
    const { ws, wsconnected } = this.#provider;
    if (wsconnected && ws !== null && ws.readyState === ws.OPEN) ws.send(new Uint8Array(frame));
  }

  #show(news: Partial<Record<"cursor" | "viewport", unknown>>): void {
    this.#shown = { ...this.#shown, ...news };
    if (this.#showTimer !== null) return;
    const pause = Math.max(0, this.#shownAt + CURSOR_INTERVAL_MS - Date.now());
    this.#showTimer = setTimeout(() => {
      this.#showTimer = null;
      this.#shownAt = Date.now();
      this.#awareness.setLocalState({ ...this.#awareness.getLocalState(), ...this.#shown });
    }, pause);
  }

  #reconnect(): void {
    if (this.#closed || this.#unsaved === null) return;
    this.#provider.disconnect();
    this.#provider.connect();
  }

  /** Somebody may have signed in again in another tab; every other refusal stands until it is asked about. */
  #wake(): void {
    const { connection, code } = this.#status;
    if (connection !== "refused" || isSignedOut(code)) this.#reconnect();
    if (this.#caughtUp && this.#unsaved) void this.#recover(this.#unsaved);
  }

  #line(): LineState {
    const { wsconnected, wsconnecting, wsLastMessageReceived } = this.#provider;
    return {
      phase: wsconnected ? "open" : wsconnecting ? "connecting" : "closed",
      since: this.#phaseSince,
      heardAt: wsLastMessageReceived,
      synced: this.#status.synced,
    };
  }

  #change(change: Partial<LiveStatus>): void {
    const next = { ...this.#status, ...change };
    const same = (Object.keys(next) as (keyof LiveStatus)[]).every((key) => next[key] === this.#status[key]);
    if (same || this.#closed) return;
    this.#status = next;
    for (const listener of this.#listeners) listener();
  }
}

/** Whether a refusal means that nobody is signed in, or somebody else. */
export function isSignedOut(code: string | null): boolean {
  return code === "not-signed-in" || code === "4401";
}
