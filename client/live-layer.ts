import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import type { Point } from "#domain/annotation.ts";
import { ByteReader, ByteWriter } from "#domain/bytes.ts";
import type { LayerId, PersonId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import { type Journal, memoryJournal, openJournal } from "./journal.ts";
import type { Peer } from "./presence.ts";
import { UnsavedChanges } from "./unsaved.ts";

export type Viewport = NonNullable<Peer["viewport"]>;

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
  /** What others see until the server puts the signed-in person in its place. */
  readonly user: { readonly id: PersonId; readonly name: string; readonly colour: string };
  readonly WebSocketPolyfill?: typeof WebSocket;
  /** Where unsaved changes are kept; the browser's store unless another is given. */
  readonly journal?: Journal;
};

const MARK = 101;
const STANDING = 102;
const PRESENCE = 1;
const CURSOR_INTERVAL_MS = 1_000 / 15;
const WATCH_EVERY_MS = 1_000;
/** The server sends something every 2.5 s. */
const SILENCE_LIMIT_MS = 8_000;
const HANDSHAKE_LIMIT_MS = 10_000;

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
  readonly #watch: ReturnType<typeof setInterval>;
  readonly #ready: Promise<void>;
  readonly #onOnline = () => this.#reconnect();
  #journal: Journal | null = null;
  #unsaved: UnsavedChanges | null = null;
  #early: Uint8Array[] = [];
  #connectingSince: number | null = null;
  /** On this socket everything older than the next change has been sent; only then may changes be counted to the server. */
  #caughtUp = false;
  #shown: Partial<Record<"cursor" | "viewport", unknown>> = {};
  #shownAt = 0;
  #showTimer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;
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
      // Pauses grow to a length of each tab's own, so that not all come back in the same moment.
      maxBackoffTime: 1_500 + Math.random() * 2_500,
      ...(WebSocketPolyfill === undefined ? {} : { WebSocketPolyfill }),
    });
    this.#listenToProvider();
    this.#listenToPresence();
    this.#listenToChanges();
    this.#watch = setInterval(() => this.#checkLine(), WATCH_EVERY_MS);
    if (typeof window !== "undefined") window.addEventListener("online", this.#onOnline);
    this.#ready = this.#start(journal === undefined ? openJournal(user.id, layerId) : Promise.resolve(journal));
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

  /** Tries again after a refusal, as after a new sign-in. */
  retry(): void {
    if (this.#status.connection === "refused") this.#reconnect();
  }

  /** Gives up what is not saved and the document with it; the caller closes this layer and joins anew. */
  async discardUnsaved(): Promise<void> {
    await this.#ready;
    await this.#unsaved?.discard();
    this.#change({ waiting: 0 });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    if (this.#showTimer !== null) clearTimeout(this.#showTimer);
    if (typeof window !== "undefined") window.removeEventListener("online", this.#onOnline);
    this.#undo.destroy();
    this.#awareness.setLocalState(null);
    this.#provider.destroy();
    this.#awareness.destroy();
    this.#doc.destroy();
    this.#journal?.close();
    this.#listeners.clear();
    this.#peerListeners.clear();
  }

  async #start(given: Promise<Journal>): Promise<void> {
    const { journal, unsaved, recovered, kept } = await openUnsaved(given, (now) => this.#change({ kept: now }));
    if (this.#closed) {
      journal.close();
      return;
    }
    this.#journal = journal;
    this.#unsaved = unsaved;
    for (const bytes of recovered) Y.applyUpdate(this.#doc, bytes, "journal");
    for (const bytes of this.#early.splice(0)) unsaved.add(bytes);
    this.#change({ kept, recovered: recovered.length, waiting: unsaved.waiting });
    this.#connect();
  }

  #listenToProvider(): void {
    const provider = this.#provider;
    provider.on("status", ({ status }) => this.#onLine(status));
    provider.on("sync", (synced) => this.#change(synced ? { synced, connection: "live" } : { synced }));
    provider.on("connection-close", () => this.#change({ connection: "offline", synced: false }));
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
    this.#connectingSince = status === "connecting" ? Date.now() : null;
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

  #connect(): void {
    this.#connectingSince = Date.now();
    this.#provider.connect();
  }

  #reconnect(): void {
    if (this.#closed || this.#unsaved === null) return;
    this.#provider.disconnect();
    this.#connect();
  }

  /** A dead line is not always told: neither one that has gone silent, nor a handshake that nobody answers. */
  #checkLine(): void {
    const { wsconnected, wsconnecting, wsLastMessageReceived } = this.#provider;
    const silent = wsconnected && Date.now() - wsLastMessageReceived > SILENCE_LIMIT_MS;
    const stuck =
      wsconnecting && this.#connectingSince !== null && Date.now() - this.#connectingSince > HANDSHAKE_LIMIT_MS;
    if (silent || stuck) this.#reconnect();
  }

  #change(change: Partial<LiveStatus>): void {
    const next = { ...this.#status, ...change };
    const same = (Object.keys(next) as (keyof LiveStatus)[]).every((key) => next[key] === this.#status[key]);
    if (same || this.#closed) return;
    this.#status = next;
    for (const listener of this.#listeners) listener();
  }
}

type Opened = {
  readonly journal: Journal;
  readonly unsaved: UnsavedChanges;
  readonly recovered: readonly Uint8Array[];
  readonly kept: boolean;
};

/** Where the browser's store does not work, changes live as long as the page, and the page says so. */
async function openUnsaved(given: Promise<Journal>, onKept: (kept: boolean) => void): Promise<Opened> {
  try {
    const journal = await given;
    const unsaved = new UnsavedChanges(journal, onKept);
    return { journal, unsaved, recovered: await unsaved.recover(), kept: true };
  } catch {
    const journal = memoryJournal();
    return { journal, unsaved: new UnsavedChanges(journal, () => undefined), recovered: [], kept: false };
  }
}

/** Another page's state as far as it makes sense: the server vouches for the person, not for the rest. */
function peerOf(id: number, state: Record<string, unknown>): Peer | null {
  const { user, cursor, viewport } = state;
  if (!isRecord(user) || typeof user["id"] !== "string" || typeof user["name"] !== "string") return null;
  const colour = typeof user["colour"] === "string" ? user["colour"] : "#808080";
  return {
    key: String(id),
    person: { id: user["id"], name: user["name"], colour },
    cursor: isPoint(cursor) ? cursor : null,
    viewport: isViewport(viewport) ? viewport : null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length === 2 && value.every((each) => Number.isFinite(each));
}

function isViewport(value: unknown): value is Viewport {
  return isRecord(value) && ["x", "y", "width", "height"].every((key) => Number.isFinite(value[key]));
}
