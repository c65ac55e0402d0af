import { AppError, type ErrorCode, faultOf } from "#server/errors.ts";
import type { Caller, LayerAccess } from "./access.ts";
import type { SyncCounters } from "./counters.ts";
import { Packet } from "./packet.ts";
import { type ClientMessage, MAX_FRAME_BYTES, readMessage, type Standing, standingFrame } from "./protocol.ts";
import { Ration } from "./ration.ts";

/** The wire under a connection: a WebSocket, or a test's stand-in. */
export type Transport = {
  /** Bytes handed over and not sent yet. */
  readonly bufferedAmount: number;
  send(packet: Packet): void;
  close(code: number, reason: string): void;
};

/** What a connection asks of its room; every call is made in the order in which frames came. */
export type RoomSide = {
  receive(connection: Connection, message: QueuedMessage): void;
  presence(connection: Connection, bytes: Uint8Array): void;
  presenceQuery(connection: Connection): void;
  left(connection: Connection): void;
  /** Something failed that has no code: our own fault. */
  report(error: unknown): void;
  /** Something that the socket sent is not taken, for a fault of its own; it is ended. */
  refused(connection: Connection, code: ErrorCode): void;
  readonly counters: SyncCounters;
};

export type QueuedMessage = Extract<ClientMessage, { type: "step-1" | "update" | "mark" | "late" }>;

const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** Presence is left out for a socket that has this much waiting: it will be out of date when it arrives. */
const MAX_BUFFERED_PRESENCE_BYTES = 256 * 1024;
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const MAX_HELD_BYTES = 1024 * 1024;

/** One socket in a room. Never throws: whatever is wrong with a frame ends this socket with its code, and nothing else. */
export class Connection {
  readonly caller: Caller;
  #access: LayerAccess;
  /** How often permissions have been asked for this socket, and which of these answers it goes by. */
  #asked = 0;
  #answered = 0;
  /** The other side has asked for the document, and is told from then on what changes. */
  joined = false;
  /** The other side has sent what the server lacked; a gap after this stays one. */
  filled = false;
  /** The other side counts its changes: it knows our messages, and is told where it stands. */
  ours = false;
  /** Something of this socket was not stored: its marks are not answered any more. */
  dropped = false;
  /** Why it may not write, whatever its person may. */
  #blocked: (Pick<Standing, "detail"> & { readonly code: ErrorCode }) | null = null;
  /** The other side can unpack a packed document. */
  unpacks = false;
  /** Messages that wait for step 2, in order. */
  held: QueuedMessage[] = [];
  /** Bytes that wait for the room. */
  waiting = 0;
  readonly #transport: Transport;
  readonly #room: RoomSide;
  readonly #rations: Readonly<Record<"step1" | "edits" | "marks" | "presence", Ration>>;
  #open = true;
  #failed = false;
  #allowance = MAX_BUFFERED_BYTES;
  #standing = "";
  /** Frames that wait for the end of a turn. */
  #corked: Uint8Array[] | null = null;
  /** Some presence was left out: what is there now is to be sent when the line is free again. */
  missedPresence = false;

  constructor(room: RoomSide, transport: Transport, caller: Caller, access: LayerAccess, now: () => number) {
    this.#room = room;
    this.#transport = transport;
    this.caller = caller;
    this.#access = access;
    this.#rations = {
      // Four bytes ask for the whole document, so this ration is the smallest.
      step1: new Ration(20, 1, now),
      edits: new Ration(400, 200, now),
      marks: new Ration(400, 200, now),
      presence: new Ration(60, 60, now),
    };
  }

  get open(): boolean {
    return this.#open;
  }

  /** Ended for a fault: what waits of it is not stored. What a socket sent before it simply went away is. */
  get failed(): boolean {
    return this.#failed;
  }

  get mayWrite(): boolean {
    return this.allows(this.#access);
  }

  /** Whether something of this socket is stored with these rights. */
  allows({ write, locked }: LayerAccess): boolean {
    return this.#blocked === null && write && !locked && this.caller.scope === "write";
  }

  /** Permissions are about to be asked. @returns the number of the question */
  asking(): number {
    this.#asked += 1;
    return this.#asked;
  }

  /** Takes an answer, unless a later question was answered before: what was asked last is what holds. */
  learn(access: LayerAccess, question: number): void {
    if (question < this.#answered) return;
    this.#answered = question;
    this.#access = access;
  }

  /** Nothing of this socket is stored any more, whatever its person may do. @param detail the value that it is about */
  block(code: ErrorCode, detail: Readonly<Record<string, number>> = {}): void {
    this.#blocked = { code, detail };
  }

  isBlocked(code: ErrorCode): boolean {
    return this.#blocked?.code === code;
  }

  /** What the person may do here now, and why not more. */
  get standing(): Standing {
    if (this.mayWrite) return { write: true, code: null };
    if (this.#blocked !== null) return { write: false, ...this.#blocked };
    if (this.#access.locked) return { write: false, code: "layer-locked" };
    return { write: false, code: this.caller.scope === "read" ? "read-only-token" : "not-allowed" };
  }

  /** Takes a frame from the wire, of which nothing is kept but copies. */
  receive(frame: Uint8Array): void {
    if (!this.#open) return;
    try {
      if (frame.length > MAX_FRAME_BYTES) throw new AppError("frame-too-large", { bytes: frame.length });
      this.#dispatch(readMessage(frame));
    } catch (error) {
      this.fail(error);
    }
  }

  send(frame: Uint8Array): void {
    if (this.#corked) this.#corked.push(frame);
    else this.sendPacket(new Packet([frame]));
  }

  /** Sends what goes to many: framed once for all of them. */
  sendPacket(packet: Packet): void {
    if (!this.#open) return;
    const { bufferedAmount } = this.#transport;
    if (bufferedAmount < MAX_BUFFERED_BYTES) this.#allowance = MAX_BUFFERED_BYTES;
    if (bufferedAmount > this.#allowance) {
      this.#room.counters.add("slow_closed");
      this.close("too-slow");
      return;
    }
    this.#transport.send(packet);
    this.#room.counters.add("writes");
    this.#room.counters.add("frames", packet.frames.length);
    this.#room.counters.add("bytes_out", packet.bytes);
  }

  /** Sends the document: it may be larger than what otherwise may wait. */
  sendDocument(frames: readonly Uint8Array[]): void {
    const packet = new Packet(frames);
    const corked = this.#corked?.splice(0) ?? [];
    if (corked.length > 0) this.sendPacket(new Packet(corked));
    this.sendPacket(packet);
    this.#allowance += packet.bytes;
  }

  /** Collects what `work` sends, and writes it at once. */
  together(work: () => void): void {
    const frames: Uint8Array[] = [];
    this.#corked = frames;
    try {
      work();
    } finally {
      this.#corked = null;
    }
    if (frames.length > 0) this.sendPacket(new Packet(frames));
  }

  /** Whether presence goes to this socket like to all others. */
  get takesPresence(): boolean {
    return !this.missedPresence && this.#transport.bufferedAmount <= MAX_BUFFERED_PRESENCE_BYTES;
  }

  /** @returns false where it is left out: it would be out of date when it arrives */
  sendPresence(packet: Packet): boolean {
    this.missedPresence = this.#open && this.#transport.bufferedAmount > MAX_BUFFERED_PRESENCE_BYTES;
    if (this.missedPresence) this.#room.counters.add("presence_skipped");
    else if (this.#corked) this.#corked.push(...packet.frames);
    else this.sendPacket(packet);
    return !this.missedPresence;
  }

  /** Says what the person may do here now, where that is news. */
  tell(standing: Standing): void {
    const text = JSON.stringify(standing);
    if (text === this.#standing) return;
    this.#standing = text;
    this.send(standingFrame(standing));
  }

  /** Keeps a message until step 2 has come. @throws AppError where more waits than may */
  hold(message: QueuedMessage): void {
    this.held.push(message);
    const bytes = this.held.reduce((sum, each) => sum + sizeOf(each), 0);
    if (bytes > MAX_HELD_BYTES) throw new AppError("update-gap", { held: bytes });
  }

  /** Ends the socket for what is wrong with it; an error that has no code is our own. */
  fail(error: unknown): void {
    if (!(error instanceof AppError)) this.#room.report(error);
    else if (this.#open) this.#room.refused(this, error.code);
    this.close(error instanceof AppError ? error.code : "internal");
  }

  close(code: ErrorCode): void {
    this.#failed ||= this.#open;
    if (this.#open) this.#room.counters.refusals.add(code);
    this.closeWith(faultOf(code).close, code);
  }

  closeWith(code: number, reason: string): void {
    if (!this.#open) return;
    this.#transport.close(code, reason);
    this.leave();
  }

  /** The wire is gone. */
  leave(): void {
    if (!this.#open) return;
    this.#open = false;
    this.held = [];
    this.#room.left(this);
  }

  #dispatch(message: ClientMessage): void {
    switch (message.type) {
      case "step-1":
        this.#ration("step1");
        this.#queue(message);
        break;
      case "update":
      case "late":
        this.#ration("edits");
        this.#queue(message);
        break;
      case "mark":
        this.#ration("marks");
        this.#queue(message);
        break;
      case "presence":
        // Left out, not refused: a stock client sends back what it received, in a full room more than its own ration.
        if (this.#rations.presence.take()) this.#room.presence(this, message.bytes);
        else this.#room.counters.add("presence_rationed");
        break;
      case "presence-query":
        if (this.#rations.presence.take()) this.#room.presenceQuery(this);
        break;
      case "ignored":
        break;
      default:
        message satisfies never;
    }
  }

  #ration(kind: "step1" | "edits" | "marks"): void {
    if (!this.#rations[kind].take()) throw new AppError("rate-limited", { kind });
  }

  #queue(message: QueuedMessage): void {
    this.waiting += sizeOf(message);
    if (this.waiting > MAX_WAITING_BYTES) throw new AppError("rate-limited", { waiting: this.waiting });
    this.#room.receive(this, message);
  }
}

/** Bytes that a message takes while it waits. */
export function sizeOf(message: QueuedMessage): number {
  if (message.type === "update" || message.type === "late") return message.bytes.length + 64;
  return message.type === "step-1" ? message.vector.length + 64 : 64;
}
