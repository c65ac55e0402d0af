import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { ID_PATTERN, type LayerId, type PersonId } from "#domain/ids.ts";
import { AppError, type ErrorCode, faultOf } from "#server/errors.ts";
import type { Logger } from "#server/log.ts";
import type { AskAccess, Caller, LayerAccess } from "./access.ts";
import type { Connection, Transport } from "./connection.ts";
import type { SyncCounters } from "./counters.ts";
import { type ClientVersion, clientVersion } from "./handshake.ts";
import type { Packet } from "./packet.ts";
import { HEARTBEAT_FRAME, MAX_FRAME_BYTES } from "./protocol.ts";
import type { Rooms } from "./rooms.ts";

export type SyncListenerOptions = {
  readonly rooms: Pick<Rooms, "join" | "counters" | "rechecks">;
  /** Null for nobody, and for a session or token that is not good any more. */
  readonly authenticate: (req: IncomingMessage) => Promise<Caller | null>;
  readonly access: AskAccess;
  /** Whether a page of this origin may open sockets in a person's name. */
  readonly origins: (origin: string | undefined, req: IncomingMessage) => boolean;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly heartbeatMs?: number;
  /** Milliseconds of the wall clock. */
  readonly now?: () => number;
};

export type SyncListener = {
  /** Answers an upgrade of `/sync/<layerId>`; the socket is the listener's from then on. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Ends the sockets of a person, or of everybody, whose session or token is not good any more. Rights are asked again by
   * the rooms.
   */
  recheck(personId?: PersonId): Promise<void>;
  /** Takes no more sockets and ends those that are open (1001). Rooms are closed by their owner, before or after. */
  close(): Promise<void>;
};

/** A client may be told nothing for so long; a stock one gives up after 30 s without a message. */
const HEARTBEAT_MS = 2_500;
/** A line on which nothing came for so many heartbeats is dead. */
const MISSED_HEARTBEATS = 5;
const ADMISSION_LIMIT_MS = 10_000;
/** A person has a few pages open, and a program or two. */
const MAX_LINES_PER_PERSON = 250;
/** A session or token that has run out ends its sockets after this at the latest, and a moment. */
const LOOK_FOR_EXPIRED_MS = 1_000;

type Admitted = {
  readonly layerId: LayerId;
  readonly caller: Caller;
  readonly access: LayerAccess;
  /** How often rights had been asked again by the time that these were asked. */
  readonly rechecks: number;
  readonly version: ClientVersion;
};

/** The one way in to rooms: who is asking, from which page, and for which layer is settled before a room hears of it. */
export function createSyncListener(options: SyncListenerOptions): SyncListener {
  // Above our own limit, so that a frame slightly too large is answered with our code; ws itself ends what is larger.
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 2 * MAX_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const lines = new Set<Line>();
  const timer = setInterval(() => {
    for (const line of lines) line.beat();
  }, options.heartbeatMs ?? HEARTBEAT_MS);
  const { now = Date.now } = options;
  const expiry = setInterval(() => {
    for (const line of lines) if ((line.credential?.expiresAt ?? Infinity) <= now()) line.expire("session-ended");
  }, LOOK_FOR_EXPIRED_MS);
  for (const each of [timer, expiry]) each.unref();
  let closing = false;
  const perPerson = new Map<PersonId, number>();
  const enter = (line: Line, req: IncomingMessage, admitted: Admitted): Admitted | ErrorCode => {
    const { personId } = admitted.caller;
    const count = perPerson.get(personId) ?? 0;
    if (count >= MAX_LINES_PER_PERSON) return "rate-limited";
    perPerson.set(personId, count + 1);
    line.credential = { req, ...admitted.caller };
    return admitted;
  };
  const leave = (line: Line): void => {
    lines.delete(line);
    const personId = line.credential?.personId;
    if (personId === undefined) return;
    const left = (perPerson.get(personId) ?? 1) - 1;
    if (left > 0) perPerson.set(personId, left);
    else perPerson.delete(personId);
  };

  return {
    upgrade(req, socket, head) {
      const onError = () => socket.destroy();
      socket.on("error", onError);
      admit(options, req, closing).then(
        (verdict) => {
          if (socket.destroyed) return;
          server.handleUpgrade(req, socket, head, (ws) => {
            socket.off("error", onError);
            const line = new Line(ws, socket, options.rooms.counters, () => leave(line));
            lines.add(line);
            serve(options, line, typeof verdict === "string" ? verdict : enter(line, req, verdict));
          });
        },
        (error: unknown) => {
          options.log.error("sync.upgrade-failed", error);
          socket.destroy();
        },
      );
    },
    async recheck(personId) {
      const own = [...lines].filter((line) => personId === undefined || line.credential?.personId === personId);
      for (const line of own) {
        const { req = null } = line.credential ?? {};
        if (req !== null && (await options.authenticate(req)) === null) line.expire("not-signed-in");
      }
    },
    async close() {
      closing = true;
      clearInterval(timer);
      clearInterval(expiry);
      await Promise.all([...lines].map((line) => line.end(1001, "going away")));
    },
  };
}

/** @returns who comes in, or the code of the refusal; a refused browser learns it from the close code of an open socket */
async function admit(
  options: SyncListenerOptions,
  req: IncomingMessage,
  closing: boolean,
): Promise<Admitted | ErrorCode> {
  if (closing) return "starting";
  const layerId = layerOf(req.url ?? "");
  const limit = AbortSignal.timeout(ADMISSION_LIMIT_MS);
  const late = new Promise<ErrorCode>((resolve) => {
    limit.addEventListener("abort", () => resolve("starting"), { once: true });
  });
  return Promise.race([check(options, req, layerId), late]);
}

async function check(
  { rooms, authenticate, access, origins, log }: SyncListenerOptions,
  req: IncomingMessage,
  layerId: LayerId | null,
): Promise<Admitted | ErrorCode> {
  try {
    const caller = await authenticate(req);
    if (caller === null) return "not-signed-in";
    // A page brings its person's cookie along by itself; a token is brought on purpose.
    if (caller.via === "cookie" && !origins(req.headers.origin, req)) return "origin-refused";
    if (layerId === null) return "not-found";
    const { rechecks } = rooms;
    const granted = await access(caller, layerId);
    if (granted === null) return "not-found";
    return { layerId, caller, access: granted, rechecks, version: clientVersion(req.url ?? "") };
  } catch (error) {
    log.error("sync.admission-failed", error);
    return "not-saved";
  }
}

/** The layer an address names: `/sync/<id>`. */
function layerOf(url: string): LayerId | null {
  const match = /^\/sync\/([^/?#]+)(?:[?#]|$)/.exec(url);
  const id = match?.[1] ?? "";
  return ID_PATTERN.test(id) ? (id as LayerId) : null;
}

function serve({ rooms, log }: SyncListenerOptions, line: Line, verdict: Admitted | ErrorCode): void {
  if (typeof verdict === "string") {
    line.refuse(verdict);
    return;
  }
  const { layerId, caller, access, version, rechecks } = verdict;
  rooms.join(layerId, line, caller, access, version, rechecks).then(
    (connection) => line.connect(connection),
    (error: unknown) => {
      if (!(error instanceof AppError)) log.error("sync.join-failed", error);
      line.refuse(error instanceof AppError ? error.code : "internal");
    },
  );
}

/** One WebSocket. It reads nothing until its room is there, and is ended when nothing comes any more. */
class Line implements Transport {
  /** What it was admitted by. */
  credential: (Pick<Caller, "personId" | "expiresAt"> & { readonly req: IncomingMessage }) | null = null;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #counters: SyncCounters;
  #connection: Connection | null = null;
  #silentBeats = 0;

  constructor(ws: WebSocket, socket: Duplex, counters: SyncCounters, onClosed: () => void) {
    this.#ws = ws;
    this.#socket = socket;
    this.#counters = counters;
    ws.pause();
    ws.on("error", () => ws.terminate());
    ws.on("pong", () => this.#heard());
    ws.on("message", (data: RawData, isBinary: boolean) => this.#receive(data, isBinary));
    ws.on("close", () => {
      onClosed();
      this.#connection?.leave();
    });
  }

  /** Next to nothing waits in ws itself, past which everything large is sent. */
  get bufferedAmount(): number {
    return this.#socket.writableLength;
  }

  connect(connection: Connection): void {
    this.#connection = connection;
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.resume();
    else connection.leave();
  }

  /** Past ws, which would frame every message anew for every socket. It compresses nothing here, and so holds nothing back. */
  send(packet: Packet): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    const [first, ...more] = packet.wire;
    if (more.length > 0) this.#socket.cork();
    if (first) this.#socket.write(first);
    for (const part of more) this.#socket.write(part);
    if (more.length > 0) this.#socket.uncork();
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
    // A paused socket would never see the other side's answer.
    this.#ws.resume();
  }

  /** Ends it before a room has heard of it. */
  refuse(code: ErrorCode): void {
    this.#counters.refusals.add(code);
    this.close(faultOf(code).close, code);
  }

  /** Who was signed in no longer is; what they sent before is not stored any more. */
  expire(code: ErrorCode): void {
    if (this.#connection) this.#connection.close(code);
    else this.refuse(code);
  }

  /** Closes in good order, or at once where the other side does not answer. */
  async end(code: number, reason: string): Promise<void> {
    if (this.#ws.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => this.#ws.once("close", () => resolve()));
    this.close(code, reason);
    const timer = setTimeout(() => this.#ws.terminate(), 1_000);
    await closed;
    clearTimeout(timer);
  }

  beat(): void {
    this.#silentBeats += 1;
    if (this.#silentBeats === MISSED_HEARTBEATS + 1) this.#counters.add("lines_dead");
    if (this.#silentBeats > MISSED_HEARTBEATS) this.#ws.terminate();
    else if (this.#ws.readyState === WebSocket.OPEN) {
      this.#ws.ping();
      if (this.#ws.bufferedAmount === 0) this.#ws.send(HEARTBEAT_FRAME);
    }
  }

  #heard(): void {
    this.#silentBeats = 0;
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#heard();
    if (!isBinary || !(data instanceof Buffer)) {
      if (this.#connection) this.#connection.close("frame-malformed");
      else this.refuse("frame-malformed");
      return;
    }
    // The same bytes, for readers that take no Buffer; what is kept of them is copied when it is read.
    this.#connection?.receive(new Uint8Array(data.buffer, data.byteOffset, data.length));
  }
}
