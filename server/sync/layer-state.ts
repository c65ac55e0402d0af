import * as Y from "yjs";
import type { ClientClaim, LayerPlace, LogEnd, LoggedUpdate } from "#db/layers.ts";
import type { AnnotationId, PersonId } from "#domain/ids.ts";
import { type AnnotationChange, LayerDoc } from "#domain/layer-doc.ts";
import { isThere, type OutlineParts } from "#domain/outline-merge.ts";
import { AppError } from "#server/errors.ts";
import { ItemIndex } from "./item-index.ts";
import type { LayerContent } from "./layer-content.ts";
import { MergedOutlines } from "./merged-outlines.ts";
import { updateFrame } from "./protocol.ts";
import { mapUpdate } from "./update-reader.ts";

/** What an update did: its bytes as they go to the log and to the others, and what they changed. */
export type Applied = { readonly bytes: Uint8Array; readonly changes: readonly AnnotationChange[] };

export type Edited<T> = {
  readonly value: T;
  readonly applied: Applied | null;
  readonly newClients: readonly number[];
  /** To be called when it is committed: what it was made on may serve the next one. */
  readonly keep: () => void;
};

/** The log and the state have gone apart: it was rolled over, or put back, or an earlier change was not thrown away. */
export class LogMoved extends Error {
  /** The layer is in a later epoch: nothing is wrong with what was held, it is over. */
  readonly epochOver: boolean;

  constructor(message: string, { epochOver = false } = {}) {
    super(message);
    this.epochOver = epochOver;
  }

  static from(log: LogEnd | null, { seq, place }: Pick<LayerState, "seq" | "place">): LogMoved {
    const [at, epoch] = [log?.lastSeq, log?.epoch];
    const epochOver = epoch !== undefined && epoch > place.epoch;
    return new LogMoved(`log at ${at} of epoch ${epoch}, state at ${seq} of epoch ${place.epoch}`, { epochOver });
  }
}

/** What is held of a layer while it is written to or joined; read again from the database when it was let go. */
type Awake = { readonly content: LayerContent; readonly index: ItemIndex | null };

/** A document of the layer that has everything up to a position of the log. */
type Document = { readonly layerDoc: LayerDoc; readonly seq: number };
/** What is stored of an epoch up to a position of the log; `damaged` where its snapshot is of no use. */
export type StoredContent = {
  readonly content: LayerContent;
  readonly snapshotSeq: number;
  readonly damaged: boolean;
  /** Updates beyond the position asked for, where a newer snapshot of another node holds them. */
  readonly beyond?: readonly LoggedUpdate[];
};

/**
 * A layer as its log says, at position `seq` of its present epoch, without a Yjs document. Who changes it either commits the change or throws
 * the state away. Client ids, clocks and owners are held always; content and index only while they are used.
 */
export class LayerState {
  readonly place: LayerPlace;
  /** The person each Yjs client id of this epoch belongs to. */
  readonly owners = new Map<number, PersonId>();
  /** Client ids of former epochs: nothing under them is taken in this one. */
  readonly retired = new Map<number, { readonly epoch: number; readonly personId: PersonId }>();
  seq: number;
  /** Position of the newest stored snapshot; 0 where that is damaged. */
  snapshotSeq: number;
  /** The stored snapshot is to be replaced. */
  damaged: boolean;
  /** Entries of the document when it was last put together; null before that. */
  weight: { readonly structs: number; readonly living: number } | null = null;
  readonly #clocks: Map<number, number>;
  readonly #read: (seq: number) => Promise<StoredContent>;
  /** Client ids of this process, one for each person whom it edits for. */
  readonly #ownClients = new Map<PersonId, number>();
  #awake: Awake | null;
  #merged = new MergedOutlines();
  /** What the latest edit was made on, as it was before and after; the next one soon after it goes on with it. */
  #document: Document | null = null;
  /** Updates of other nodes that nobody here was told of. */
  #untold: Uint8Array[] = [];

  /** @param read reads the content of this epoch up to a position of the log */
  constructor(
    place: LayerPlace,
    claims: readonly ClientClaim[],
    { snapshotSeq, content, damaged }: StoredContent,
    read: (seq: number) => Promise<StoredContent>,
  ) {
    this.place = place;
    for (const { clientId, personId, epoch } of claims) {
      if (epoch === place.epoch) this.owners.set(clientId, personId);
      else this.retired.set(clientId, { epoch, personId });
    }
    this.seq = place.lastSeq;
    this.snapshotSeq = snapshotSeq;
    this.damaged = damaged;
    this.#read = read;
    this.#awake = { content, index: null };
    this.#clocks = content.clocks();
  }

  /** Yjs state vector of the layer. */
  vector(): Uint8Array {
    return Y.encodeStateVector(this.#clocks);
  }

  /** Bytes held for content and index; 0 while asleep. */
  get bytes(): number {
    return this.#awake === null ? 0 : this.#awake.content.bytes + (this.#awake.index?.bytes ?? 0);
  }

  get asleep(): boolean {
    return this.#awake === null;
  }

  /** Bytes of the document as it is stored. */
  get storedBytes(): number {
    return this.#awake?.content.storedBytes ?? 0;
  }

  /** Entries of the document, dead ones included; the state is awake. */
  get items(): number {
    return this.#index.items;
  }

  get tailBytes(): number {
    return this.#awake?.content.tailBytes ?? 0;
  }

  /** Lets go of what can be read again. */
  sleep(): void {
    this.#awake = null;
    this.#merged = new MergedOutlines();
    this.dropDocument();
  }

  /** Lets go of what the latest edit was made on. */
  dropDocument(): void {
    this.#document?.layerDoc.doc.destroy();
    this.#document = null;
  }

  /** What is sent to who joins. @throws LogMoved */
  async content(): Promise<LayerContent> {
    if (this.#awake) return this.#awake.content;
    const { content, snapshotSeq, damaged, beyond = [] } = await this.#read(this.seq);
    for (const update of beyond) this.takeIn(update);
    this.snapshotSeq = snapshotSeq;
    this.damaged = damaged;
    this.#awake = { content, index: null };
    return content;
  }

  /**
   * What somebody with this state vector lacks; the content is there.
   * @throws AppError `epoch-over` where they hold a document that the layer has left; otherwise for what cannot be read
   */
  framesFor(vector: Uint8Array, unpacks: boolean): ReturnType<LayerContent["framesFor"]> {
    for (const client of this.retired.size > 0 ? Y.decodeStateVector(vector).keys() : []) {
      if (this.retired.has(client)) throw new AppError("epoch-over", { client });
    }
    return this.#held.content.framesFor(vector, unpacks);
  }

  /** The snapshot that joiners get, where it is so large and not packed yet. */
  snapshotToPack(leastBytes: number): Uint8Array | null {
    return this.#awake?.content.snapshotToPack(leastBytes) ?? null;
  }

  /** Keeps the packed form of a snapshot, where joiners still get that one. */
  keepPacked(snapshot: Uint8Array, packed: Uint8Array): void {
    this.#awake?.content.keepPacked(snapshot, packed);
  }

  /**
   * A snapshot of the layer at some position is stored.
   * @param weight null where it is not known
   */
  replaceSnapshot(
    snapshot: { readonly seq: number; readonly bytes: Uint8Array },
    weight: { readonly structs: number; readonly living: number } | null,
  ): void {
    this.weight = weight ?? this.weight;
    // What is held already covers more.
    if (snapshot.seq < this.snapshotSeq) return;
    this.snapshotSeq = snapshot.seq;
    this.damaged = false;
    this.#awake?.content.replace(snapshot);
  }

  /** What updates are checked and resolved against. Linear in the layer where it was asleep. @throws LogMoved */
  async wake(): Promise<ItemIndex> {
    const content = await this.content();
    if (this.#awake?.index) return this.#awake.index;
    const index = new ItemIndex();
    for (const update of content.updates()) index.load(update);
    this.#awake = { content, index };
    return index;
  }

  /** Takes in an update that was checked; the state is awake. It is told and kept for joins by `committed`. */
  apply(bytes: Uint8Array, newClients: readonly number[], author: PersonId): Applied {
    for (const client of newClients) this.owners.set(client, author);
    const before = this.#index.apply(bytes);
    this.#countClocks(bytes);
    return { bytes, changes: [...before].flatMap(([key, old]) => this.#change(key as AnnotationId, old)) };
  }

  /** An applied update is in the log, next after `seq`. @returns its frame */
  committed(bytes: Uint8Array): Uint8Array {
    this.seq += 1;
    return this.#held.content.append(this.seq, bytes);
  }

  /** Takes in the next update of the log, which another node wrote. Its frame waits to be told. */
  takeIn(update: LoggedUpdate): void {
    const { seq, epoch, bytes, authorId } = update;
    if (seq !== this.seq + 1 || epoch > this.place.epoch) throw LogMoved.from({ lastSeq: seq, epoch }, this);
    if (epoch < this.place.epoch) {
      this.passOver(update);
      return;
    }
    const unknown = mapUpdate(bytes).sections.filter(({ client }) => !this.owners.has(client));
    this.seq = seq;
    // Who used a client id first is who it belongs to, on every node.
    for (const { client } of unknown) this.owners.set(client, authorId);
    this.#awake?.index?.load(bytes);
    this.#countClocks(bytes);
    this.#untold.push(this.#awake?.content.append(seq, bytes) ?? updateFrame(bytes));
  }

  /** Frames of what was taken in since the last call, in the order of the log. */
  takeUntold(): Uint8Array[] {
    return this.#untold.splice(0);
  }

  /**
   * Runs a change in the name of a person on a document built for it; the state stays as it is until the result is
   * applied. Linear in the layer, save soon after another edit.
   * @returns what it returned, what it did, and this process's client id for the person where that is new in the log
   */
  async editAs<T>(author: PersonId, change: (layerDoc: LayerDoc) => T): Promise<Edited<T>> {
    const { layerDoc, seq } = await this.#takeDocument();
    const client = this.#ownClients.get(author) ?? this.#freshClient();
    this.#ownClients.set(author, client);
    layerDoc.doc.clientID = client;
    const { value, applied } = edited(layerDoc, change);
    const newClients = applied !== null && !this.owners.has(client) ? [client] : [];
    return { value, applied, newClients, keep: () => this.#keepDocument({ layerDoc, seq }) };
  }

  /** Late work is in the log, next after `seq`: it belongs to another document. */
  passOver({ epoch, authorId, bytes }: Pick<LoggedUpdate, "epoch" | "authorId" | "bytes">): void {
    for (const { client } of mapUpdate(bytes).sections) {
      if (!this.retired.has(client)) this.retired.set(client, { epoch, personId: authorId });
    }
    this.seq += 1;
  }

  /** The state is awake. */
  creatorOf(id: AnnotationId): PersonId | undefined {
    const client = this.#index.creatorClient(id);
    return client === undefined ? undefined : this.owners.get(client);
  }

  get #held(): Awake {
    if (this.#awake === null) throw new Error("a layer that is asleep was changed");
    return this.#awake;
  }

  get #index(): ItemIndex {
    const { index } = this.#held;
    if (index === null) throw new Error("a layer that is asleep was changed");
    return index;
  }

  /** The one who takes it brings it back, or it is gone: an edit that is refused leaves it changed. */
  async #takeDocument(): Promise<Document> {
    const content = await this.content();
    const { layerDoc, seq } = this.#document ?? { layerDoc: new LayerDoc(new Y.Doc()), seq: 0 };
    this.#document = null;
    layerDoc.doc.transact(() => {
      for (const update of content.updates(seq)) Y.applyUpdate(layerDoc.doc, update, "log");
    });
    return { layerDoc, seq: this.seq };
  }

  #keepDocument(document: Document): void {
    this.dropDocument();
    this.#document = document;
  }

  #change(id: AnnotationId, old: OutlineParts): AnnotationChange[] {
    const now = this.#index.raw(id);
    if (!isThere(old) && !isThere(now)) return [];
    return [{ id, before: this.#merged.read(id, old), after: this.#merged.read(id, now) }];
  }

  #countClocks(update: Uint8Array): void {
    for (const { client, end } of mapUpdate(update).sections) this.#clocks.set(client, end);
  }

  #freshClient(): number {
    for (;;) {
      const client = new Y.Doc().clientID;
      if (!this.owners.has(client) && !this.retired.has(client)) return client;
    }
  }
}

/** Runs a change on a document and catches what it did. */
function edited<T>(layerDoc: LayerDoc, change: (layerDoc: LayerDoc) => T): { value: T; applied: Applied | null } {
  const updates: Uint8Array[] = [];
  const changes: AnnotationChange[] = [];
  const onUpdate = (bytes: Uint8Array) => updates.push(bytes);
  const stop = layerDoc.observe((news) => changes.push(...news));
  layerDoc.doc.on("update", onUpdate);
  try {
    const value = layerDoc.transact(() => change(layerDoc), "command");
    const [bytes] = updates;
    return { value, applied: bytes === undefined ? null : { bytes, changes } };
  } finally {
    stop();
    layerDoc.doc.off("update", onUpdate);
  }
}
