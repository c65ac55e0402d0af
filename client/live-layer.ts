import * as Y from "yjs";
import type { Point } from "#domain/annotation.ts";
import { ByteReader, ByteWriter } from "#domain/bytes.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { type Journal, journalOrNone, openJournal } from "./journal.ts";
import { type LineState, pauseBefore, watchLine } from "./line-watch.ts";
import { type DocumentOptions, LiveDocument } from "./live-document.ts";
import { isSignedOut, JOINING, type LiveStatus } from "./live-status.ts";
import { peerOf, type Viewport } from "./peer.ts";
import type { Peer } from "./presence.ts";
import { UnsavedChanges } from "./unsaved.ts";

export type JoinOptions = DocumentOptions & {
  /** Where unsaved changes are kept; the browser's store unless another is given. */
  readonly journal?: Promise<Journal>;
};

const MARK = 101;
const STANDING = 102;
const EPOCH = 103;
const LATE = 104;
/** Why a socket is ended whose document the layer has left. */
const EPOCH_OVER = "epoch-over";
/** Whole: timers cut fractions off. */
const CURSOR_INTERVAL_MS = Math.ceil(1_000 / 15);
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
  readonly #options: DocumentOptions;
  /** What is shown and drawn in. */
  #now: LiveDocument;
  /** On its way after the layer began anew; in the place of the other one as soon as it is whole. */
  #next: LiveDocument | null = null;
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
  #status: LiveStatus = JOINING;

  constructor({ journal, ...options }: JoinOptions) {
    this.#options = options;
    const { user, layerId } = options;
    this.#now = new LiveDocument(options, { user, cursor: null, viewport: null });
    this.#listen(this.#now);
    const [lost, wake] = [() => this.#reconnect(), () => this.#wake()];
    this.#stopWatching = watchLine(() => this.#line(), lost, wake);
    this.#ready = this.#start(journal ?? openJournal(user.id, layerId));
  }

  /** Another one after the layer began anew: `status.renewed` counts that. */
  get layerDoc(): LayerDoc {
    return this.#now.layerDoc;
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
    for (const [id, state] of this.#now.awareness.getStates()) {
      if (id === this.#now.doc.clientID) continue;
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
    return this.#now.undo.undoStack.length > 0;
  }

  get canRedo(): boolean {
    return this.#now.undo.redoStack.length > 0;
  }

  undo(): void {
    this.#now.undo.undo();
  }

  redo(): void {
    this.#now.undo.redo();
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
    this.#active.awareness.setLocalState(null);
    this.#listeners.clear();
    this.#peerListeners.clear();
    this.#active.provider.shouldConnect = false;
    if (this.#caughtUp && this.#unsaved !== null && this.#unsaved.waiting > 0) {
      this.#lingering = setTimeout(() => this.#end(), LINGER_MS);
    } else this.#end();
  }

  #end(): void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#lingering = null;
    this.#now.destroy();
    this.#next?.destroy();
    this.#journal?.close();
  }

  /** The document whose line is made. */
  get #active(): LiveDocument {
    return this.#next ?? this.#now;
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
    for (const bytes of this.#early.splice(0)) unsaved.add(bytes, this.#active.epoch);
    this.#change({ waiting: unsaved.waiting });
    this.#active.provider.connect();
  }

  /** Merges what pages that are gone left unsent. On an open line it is sent by being merged. */
  async #recover(unsaved: UnsavedChanges): Promise<void> {
    let count = 0;
    try {
      count = await unsaved.recover(() => this.#merge(unsaved));
    } catch {
      this.#change({ kept: false });
    }
    if (count === 0 || this.#closed) return;
    this.#change({ recovered: this.#status.recovered + count, waiting: unsaved.waiting });
    if (this.#caughtUp) this.#sendMark();
  }

  /** Brings what is unsaved into the document that it was made on; what was made on another one is sent as it is. */
  #merge(unsaved: UnsavedChanges): void {
    if (this.#closed) return;
    const { doc } = this.#active;
    // Before anything was heard: the server says if that one is over.
    const first = this.#next === null && this.#status.renewed === 0;
    if (first && this.#now.epoch === 0 && unsaved.newestEpoch > 0) this.#now.epoch = unsaved.newestEpoch;
    for (const bytes of unsaved.into(this.#active.epoch)) Y.applyUpdate(doc, bytes, "journal");
    if (this.#caughtUp) this.#sendLate();
  }

  #listen(document: LiveDocument): void {
    this.#listenToProvider(document);
    this.#listenToChanges(document);
    document.awareness.on("change", () => {
      for (const listener of this.#peerListeners) listener();
    });
  }

  #listenToProvider(document: LiveDocument): void {
    const { provider } = document;
    provider.on("status", ({ status }) => {
      if (document === this.#active) this.#onLine(status);
    });
    provider.on("sync", (synced) => {
      this.#syncedAt = synced ? Date.now() : this.#syncedAt;
      if (synced && document === this.#next) this.#renewed();
      this.#change(synced ? { synced, connection: "live" } : { synced });
    });
    provider.on("connection-close", (event) => {
      if (event?.reason !== EPOCH_OVER) this.#onLost();
    });
    provider.on("closed", ({ reason, code }) => {
      if (reason === EPOCH_OVER) this.#renew();
      else this.#change({ connection: "refused", code: reason === "" ? String(code) : reason, detail: null });
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
      const { write, code, detail = null } = JSON.parse(new ByteReader(decoder.arr.subarray(decoder.pos)).text(1_024));
      this.#change({ write: write === true, code: typeof code === "string" ? code : null, detail });
    };
    provider.messageHandlers[EPOCH] = (_encoder, decoder) => {
      document.epoch = new ByteReader(decoder.arr.subarray(decoder.pos)).uint();
      if (this.#unsaved) this.#merge(this.#unsaved);
    };
  }

  /** The layer began anew: its fresh document is fetched, while the old one is shown and drawn in. */
  #renew(): void {
    if (this.#closed) return;
    const document = new LiveDocument(this.#options, this.#active.awareness.getLocalState());
    this.#next?.destroy();
    this.#next = document;
    this.#listen(document);
    this.#change({ connection: "connecting", code: null, detail: null });
    document.provider.connect();
  }

  #renewed(): void {
    const [before, now] = [this.#now, this.#next];
    if (now === null) return;
    this.#now = now;
    this.#next = null;
    before.destroy();
    this.#change({ renewed: this.#status.renewed + 1, canUndo: this.canUndo, canRedo: this.canRedo });
  }

  #listenToChanges(document: LiveDocument): void {
    // After the provider's own listener, so that a change is sent before it is counted.
    document.doc.on("update", (bytes: Uint8Array, origin: unknown) => {
      if (origin === document.provider || origin === "journal") return;
      if (this.#unsaved) this.#unsaved.add(bytes, document.epoch);
      else this.#early.push(bytes);
      if (this.#caughtUp) this.#sendMark();
      this.#change({ waiting: this.#unsaved?.waiting ?? this.#early.length });
    });
    const onStack = () => this.#change({ canUndo: this.canUndo, canRedo: this.canRedo });
    for (const event of ["stack-item-added", "stack-item-popped", "stack-cleared"] as const)
      document.undo.on(event, onStack);
  }

  #onLine(status: "connected" | "connecting" | "disconnected"): void {
    this.#caughtUp = false;
    this.#phaseSince = Date.now();
    if (status === "connecting" && this.#status.connection === "refused") {
      this.#change({ connection: "connecting", code: null });
    }
    // Others take a state they have seen before for old: a fresh clock shows this person again after a lost line.
    const { awareness } = this.#active;
    if (status === "connected") awareness.setLocalState(awareness.getLocalState());
  }

  #onCaughtUp(): void {
    this.#caughtUp = true;
    this.#sendLate();
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
    const { provider } = this.#active;
    provider.wsUnsuccessfulReconnects = this.#failures;
    provider.maxBackoffTime = pauseBefore(this.#failures);
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
    this.#active.send(writer.bytes());
  }

  /** Work on documents that the layer has left: all of it, since what was sent before may not have arrived. */
  #sendLate(): void {
    for (const { epoch, bytes } of this.#unsaved?.late(this.#active.epoch) ?? []) {
      const writer = new ByteWriter();
      writer.uint(LATE);
      writer.uint(epoch);
      writer.block(bytes);
      this.#active.send(writer.bytes());
    }
  }

  #show(news: Partial<Record<"cursor" | "viewport", unknown>>): void {
    this.#shown = { ...this.#shown, ...news };
    if (this.#showTimer !== null) return;
    const pause = Math.max(0, this.#shownAt + CURSOR_INTERVAL_MS - Date.now());
    this.#showTimer = setTimeout(() => {
      this.#showTimer = null;
      this.#shownAt = Date.now();
      const { awareness } = this.#active;
      awareness.setLocalState({ ...awareness.getLocalState(), ...this.#shown });
    }, pause);
  }

  #reconnect(): void {
    if (this.#closed || this.#unsaved === null) return;
    this.#active.provider.disconnect();
    this.#active.provider.connect();
  }

  /** Somebody may have signed in again in another tab; every other refusal stands until it is asked about. */
  #wake(): void {
    const { connection, code } = this.#status;
    if (connection !== "refused" || isSignedOut(code)) this.#reconnect();
    if (this.#caughtUp && this.#unsaved) void this.#recover(this.#unsaved);
  }

  #line(): LineState {
    const { wsconnected, wsconnecting, wsLastMessageReceived } = this.#active.provider;
    return {
      phase: wsconnected ? "open" : wsconnecting ? "connecting" : "closed",
      since: this.#phaseSince,
      heardAt: wsLastMessageReceived,
      synced: this.#status.synced && this.#next === null,
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
