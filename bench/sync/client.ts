import { WebSocket } from "ws";
import * as Y from "yjs";
import { firstPresence, type Incoming, unpacked, type Wire } from "./wire.ts";

export type Address = { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly wire: Wire };

const JOIN_MS = 60_000;
/** What a client without a document knows. */
const NOTHING: Uint8Array = Uint8Array.of(0);
const NO_CHANGE: Uint8Array = Uint8Array.of(0, 0);

export type ClientOptions = {
  /** Sends received presence back, as y-websocket's own client does. */
  readonly echo?: boolean;
  /** Presence under this id is one's own and not sent back. */
  readonly clientId?: number;
  /** What the client has when the server asks for it. */
  readonly own?: (vector: Uint8Array) => Uint8Array;
  /** Told every message with document content, and when it is called synced. */
  readonly onDocument?: (bytes: Uint8Array, step2: boolean) => void;
  /** Takes a packed document as it came; otherwise it is unpacked at once. */
  readonly onPacked?: (packed: Uint8Array) => void;
  readonly onTold?: (upTo: number | null) => void;
};

/** One socket that speaks the protocol and keeps no document: joins, sends, and hands on what comes. */
export class LightClient {
  readonly #ws: WebSocket;
  readonly #wire: Wire;
  readonly #options: ClientOptions;
  readonly #joined: Promise<void>;
  #onJoined: () => void = () => undefined;
  #onFailed: (error: Error) => void = () => undefined;
  #synced = false;
  #asked = false;
  #marks = 0;
  presences = 0;
  #closing = false;
  /** Why the server ended the socket; null while it is open or was closed by us. */
  ended: string | null = null;

  constructor({ url, headers, wire }: Address, options: ClientOptions = {}) {
    this.#wire = wire;
    this.#options = options;
    this.#ws = new WebSocket(url, { headers: { ...headers }, perMessageDeflate: false, maxPayload: 2 ** 30 });
    this.#joined = new Promise((resolve, reject) => {
      this.#onJoined = resolve;
      this.#onFailed = reject;
    });
    // Whoever waits for it is told; nobody has to wait.
    this.#joined.catch(() => undefined);
    this.#ws.on("open", () => this.#send(wire.hello ?? wire.step1(NOTHING)));
    this.#ws.on("message", (data: Buffer) => this.#take(wire.read(data)));
    this.#ws.on("error", (error) => this.#fail(error));
    this.#ws.on("close", (code, reason) => {
      if (!this.#closing) this.#fail(new Error(`the server closed a socket: ${code} ${reason.toString("utf8")}`));
    });
  }

  /** Resolves when the server calls the client synced, and has asked for what the client had before. */
  async joined(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      late = setTimeout(() => reject(new Error(`nobody was synced within ${JOIN_MS} ms`)), JOIN_MS);
    });
    await Promise.race([this.#joined, timeout]).finally(() => clearTimeout(late));
  }

  get bytesIn(): number {
    return socketOf(this.#ws)?.bytesRead ?? 0;
  }

  get bytesOut(): number {
    return socketOf(this.#ws)?.bytesWritten ?? 0;
  }

  /** Sends a change, and asks to be told when it is in where the server knows that question. @returns its number */
  update(bytes: Uint8Array): number {
    this.#marks += 1;
    this.#send(this.#wire.update(bytes));
    const mark = this.#wire.mark(this.#marks);
    if (mark) this.#send(mark);
    return this.#marks;
  }

  presence(update: Uint8Array): void {
    this.#send(this.#wire.presence(update));
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#ws.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      this.#ws.once("close", () => resolve());
      this.#ws.close();
      setTimeout(() => this.#ws.terminate(), 1_000).unref();
    });
  }

  /** Goes without a word. */
  drop(): void {
    this.#closing = true;
    this.#ws.terminate();
  }

  #send(frame: Uint8Array): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(frame);
  }

  #take(message: Incoming): void {
    switch (message.kind) {
      case "admitted":
        this.#send(this.#wire.step1(NOTHING));
        break;
      case "step-1":
        this.#send(this.#wire.step2(this.#options.own?.(message.vector) ?? NO_CHANGE));
        this.#asked = true;
        if (this.#synced) this.#onJoined();
        break;
      case "document":
        this.#options.onDocument?.(message.bytes, message.step2);
        this.#synced ||= message.step2;
        if (this.#synced && this.#asked) this.#onJoined();
        break;
      case "packed":
        if (this.#options.onPacked) this.#options.onPacked(message.bytes);
        else this.#options.onDocument?.(unpacked(message.bytes), false);
        break;
      case "presence":
        this.#takePresence(message.bytes);
        break;
      case "told":
        this.#options.onTold?.(message.upTo);
        break;
      case "other":
        break;
      default:
        message satisfies never;
    }
  }

  #takePresence(bytes: Uint8Array): void {
    const first = firstPresence(bytes);
    if (first === null || first.clientId === this.#options.clientId) return;
    this.presences += 1;
    if (this.#options.echo) this.presence(bytes);
  }

  #fail(error: Error): void {
    if (!this.#closing) this.ended ??= error.message;
    this.#onFailed(error);
  }
}

function socketOf(ws: WebSocket): { readonly bytesRead: number; readonly bytesWritten: number } | null {
  const socket: unknown = Reflect.get(ws, "_socket");
  if (typeof socket !== "object" || socket === null || !("bytesRead" in socket && "bytesWritten" in socket))
    return null;
  return { bytesRead: Number(socket.bytesRead), bytesWritten: Number(socket.bytesWritten) };
}

/** A client with a document of its own, to look at what the server gives. */
export class FullClient {
  readonly doc = new Y.Doc();
  readonly #light: LightClient;
  #latest = performance.now();

  constructor(address: Address) {
    this.#light = new LightClient(address, {
      onDocument: (bytes) => {
        this.#latest = performance.now();
        Y.applyUpdate(this.doc, bytes);
      },
    });
  }

  get size(): number {
    return this.doc.getMap("ann").size;
  }

  /** When the last content came, on the clock of `performance`. */
  get latest(): number {
    return this.#latest;
  }

  joined(): Promise<void> {
    return this.#light.joined();
  }

  async close(): Promise<void> {
    await this.#light.close();
    this.doc.destroy();
  }
}
