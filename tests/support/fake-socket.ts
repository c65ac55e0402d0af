import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import type { Annotation } from "#domain/annotation.ts";
import type { LayerId } from "#domain/ids.ts";
import { LayerDoc } from "#domain/layer-doc.ts";
import type { Caller, LayerAccess } from "#server/sync/access.ts";
import type { Transport } from "#server/sync/connection.ts";
import { type ClientVersion, STOCK_CLIENT } from "#server/sync/handshake.ts";
import type { Packet } from "#server/sync/packet.ts";
import { lateFrame, markFrame, step1Frame, step2Frame, updateFrame } from "#server/sync/protocol.ts";
import type { Rooms } from "#server/sync/rooms.ts";

/** The server's end of a wire without a wire: keeps what it is given, and hands it on when it is pumped. */
export class FakeSocket implements Transport {
  bufferedAmount = 0;
  closed: { readonly code: number; readonly reason: string } | null = null;
  readonly frames: Uint8Array[] = [];
  /** How often something was handed over, whatever number of frames. */
  writes = 0;
  onFrame: (frame: Uint8Array) => void = () => undefined;
  onClose: () => void = () => undefined;

  send(packet: Packet): void {
    this.writes += 1;
    for (const frame of packet.frames) {
      this.frames.push(frame);
      this.onFrame(frame);
    }
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
    this.onClose();
  }
}

/** What a line does to messages on their way to the server: how long each is held back, and how often it comes. */
export type Mischief = { readonly heldMs: () => number; readonly times: () => number };

/** A change that is not acknowledged, and the epoch of the document that it was made on. */
export type Unsent = { readonly epoch: number; readonly bytes: Uint8Array };

/** The way to the server: a connection of its room, or a real line. */
type Wire = { receive(frame: Uint8Array): unknown; leave(): void };

/**
 * A reader with a real Y.Doc who speaks the y-websocket protocol as the stock client does, and counts its changes
 * (message 101) as ours does. Frames pass in order, one per turn of the event loop, in both directions.
 */
export class FakeReader {
  readonly caller: Caller;
  readonly layer: LayerDoc;
  synced = false;
  /** Changes of this document that the server has not called durable. */
  made = 0;
  acknowledged = 0;
  standing: { write: boolean; code: string | null; detail?: Record<string, number> } | null = null;
  /** Of the document that is held; 0 until the server has said it, which it says to those who know of it. */
  epoch = 0;
  /** On this socket everything older than the next change has been sent: only then a mark may speak for it. */
  #caughtUp = false;
  #unsent: (Unsent & { readonly change: number })[] = [];
  closes: { readonly code: number; readonly reason: string }[] = [];
  #connection: Wire | null = null;
  #socket: FakeSocket | null = null;
  /** Everything that was sent before has been handed over: messages do not overtake each other. */
  #way: Promise<unknown> = Promise.resolve();
  mischief: Mischief | null = null;

  /** @param inherited changes made on documents that are over, to be sent as late work */
  constructor(caller: Caller, doc = new Y.Doc(), inherited: readonly Unsent[] = []) {
    this.caller = caller;
    this.layer = new LayerDoc(doc);
    for (const each of inherited) this.#count(each);
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === this) return;
      this.#count({ epoch: this.epoch, bytes: update });
      this.#out(updateFrame(update));
      if (this.#caughtUp) this.#out(markFrame(this.made));
    });
  }

  get doc(): Y.Doc {
    return this.layer.doc;
  }

  get connected(): boolean {
    return this.#connection !== null;
  }

  get socket(): FakeSocket | null {
    return this.#socket;
  }

  /** What the server has not called durable. */
  get unsent(): readonly Unsent[] {
    return this.#unsent;
  }

  /** The same person's page with a fresh document, as ours makes one when its document is over. */
  rolledOver(): FakeReader {
    return new FakeReader(this.caller, new Y.Doc(), this.#unsent);
  }

  async connect(
    rooms: Rooms,
    layerId: LayerId,
    access: LayerAccess = { see: true, write: true, locked: false },
    version: ClientVersion = STOCK_CLIENT,
    rechecks = rooms.rechecks,
  ) {
    const socket = new FakeSocket();
    this.#attach(socket, await rooms.join(layerId, socket, this.caller, access, version, rechecks));
  }

  /** Joins over a real line to a server process. @throws where nobody answers there */
  async dial(address: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const socket = new FakeSocket();
    const ws = new WebSocket(address, { headers: { ...headers } });
    ws.on("message", (data: Buffer) => socket.onFrame(new Uint8Array(data)));
    ws.on("close", (code, reason) => socket.close(code, reason.toString()));
    await new Promise<void>((resolve, reject) => {
      ws.once("open", resolve);
      ws.on("error", reject);
    });
    this.#attach(socket, {
      receive: (frame) => ws.readyState === WebSocket.OPEN && ws.send(frame),
      leave: () => ws.terminate(),
    });
  }

  #attach(socket: FakeSocket, wire: Wire): void {
    this.#socket = socket;
    this.#connection = wire;
    socket.onFrame = (frame) => setImmediate(() => this.#socket === socket && this.#in(frame));
    socket.onClose = () => setImmediate(() => this.#lost(socket));
    for (const frame of socket.frames) setImmediate(() => this.#socket === socket && this.#in(frame));
    if (socket.closed) socket.onClose();
    this.#caughtUp = false;
    this.#out(step1Frame(Y.encodeStateVector(this.doc)));
  }

  /** The line breaks: what is on its way in either direction is lost. */
  drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#socket = null;
    this.synced = false;
    connection?.leave();
  }

  sendRaw(frame: Uint8Array): void {
    this.#connection?.receive(frame);
  }

  annotations(): Annotation[] {
    return [...this.layer.all()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #count({ epoch, bytes }: Unsent): void {
    this.made += 1;
    this.#unsent.push({ epoch, bytes, change: this.made });
  }

  /** What was made on this document by a page that is gone comes into it; what was made on none is of it from now on. */
  #hear(epoch: number): void {
    this.epoch = epoch;
    this.#unsent = this.#unsent.map((each) => (each.epoch === 0 ? { ...each, epoch } : each));
    for (const each of this.#unsent) if (each.epoch === epoch) Y.applyUpdate(this.doc, each.bytes, this);
  }

  #saved(change: number): void {
    this.acknowledged = Math.max(this.acknowledged, change);
    this.#unsent = this.#unsent.filter((each) => each.change > this.acknowledged);
  }

  #out(frame: Uint8Array): void {
    const connection = this.#connection;
    if (connection === null) return;
    const arrive = () => connection === this.#connection && connection.receive(frame);
    if (this.mischief === null) {
      setImmediate(arrive);
      return;
    }
    const [heldMs, times] = [this.mischief.heldMs(), this.mischief.times()];
    this.#way = this.#way.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, heldMs));
      for (let time = 0; time < times; time++) arrive();
    });
  }

  #lost(socket: FakeSocket): void {
    if (socket.closed) this.closes.push(socket.closed);
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#connection = null;
    this.synced = false;
  }

  #in(frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame);
    const type = decoding.readVarUint(decoder);
    if (type === 0) this.#sync(decoder);
    else if (type === 101) this.#saved(decoding.readVarUint(decoder));
    else if (type === 103) this.#hear(decoding.readVarUint(decoder));
    else if (type === 102) this.standing = JSON.parse(decoding.readVarString(decoder));
  }

  #sync(decoder: decoding.Decoder): void {
    const step = decoding.readVarUint(decoder);
    const payload = decoding.readVarUint8Array(decoder);
    if (step === 0) {
      for (const each of this.#unsent) if (each.epoch < this.epoch) this.#out(lateFrame(each));
      this.#out(step2Frame(Y.encodeStateAsUpdate(this.doc, payload)));
      this.#out(markFrame(this.made));
      this.#caughtUp = true;
      return;
    }
    Y.applyUpdate(this.doc, payload, this);
    if (step === 1) this.synced = true;
  }
}

/** Waits until a fact holds. The limit is for what never comes: how long it takes says nothing. @throws where it does not in time */
export async function until(
  fact: () => boolean | Promise<boolean>,
  what = "the fact",
  limitMs = 60_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await fact())) {
    if (Date.now() > end) throw new Error(`${what} did not become true in ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A presence message as a browser would send it. */
export function presenceOf(states: readonly { id: number; clock: number; state: unknown }[]): Uint8Array {
  const inner = encoding.createEncoder();
  encoding.writeVarUint(inner, states.length);
  for (const { id, clock, state } of states) {
    encoding.writeVarUint(inner, id);
    encoding.writeVarUint(inner, clock);
    encoding.writeVarString(inner, JSON.stringify(state));
  }
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(inner));
  return encoding.toUint8Array(encoder);
}
