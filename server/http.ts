import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { AppError, type ErrorCode, faultOf, problemOf } from "./errors.ts";
import { secureHeaders } from "./headers.ts";
import type { Logger } from "./log.ts";
import { forgeryExcluded } from "./origin.ts";
import { portOf } from "./port.ts";

export type Handler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;
export type Upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => void | Promise<void>;

export type HttpParts = {
  /** The public address; requests from other origins change nothing. */
  readonly url: string;
  /** /api/v1 and /api/health. */
  readonly api: Handler;
  /** /api/metrics. */
  readonly metrics: Handler;
  /** /internal/: for the process that renders pages, which knows the key of this start. */
  readonly internal: Handler;
  readonly internalKey: string;
  /** /slides/; false where the path is not a tile's. */
  readonly tiles: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;
  readonly sync: { readonly upgrade: Upgrade };
  /** Everything else: the pages. Null where there are none. */
  readonly next: { readonly proxy: Handler; readonly upgrade: Upgrade } | null;
  /** Development: the page framework's reload socket is passed on. */
  readonly dev: boolean;
  readonly log: Logger;
};

export type Http = {
  listen(port: number, host: string): Promise<number>;
  /** Takes no new connections and waits for the answers under way, at most `graceMs`; then cuts what is left. */
  close(graceMs?: number): Promise<void>;
};

export const INTERNAL_HEADER = "x-concord-internal";
/** A big slide over a slow line takes hours; a silent line is cut after `SILENT_MS`. */
const LONGEST_REQUEST_MS = 6 * 3_600_000;
const SILENT_MS = 120_000;
/** Head of a request: whoever takes longer sends it slowly on purpose. */
const HEADERS_MS = 10_000;
const LOOK_FOR_SLOW_MS = 2_000;
const KEEP_ALIVE_MS = 65_000;
const GRACE_MS = 5_000;
const SWEEP_MS = 50;
/** Of Turbopack, and of webpack. */
const RELOAD_SOCKETS: ReadonlySet<string> = new Set(["/_next/hmr", "/_next/webpack-hmr"]);

/** The one listener: it decides by path who answers, and what nobody gets past. */
export function createHttp(parts: HttpParts): Http {
  const server = createServer({ connectionsCheckingInterval: LOOK_FOR_SLOW_MS }, (req, res) => {
    void answer(parts, req, res);
  });
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = LONGEST_REQUEST_MS;
  server.timeout = SILENT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (req, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    void passUpgrade(parts, req, socket, head);
  });
  server.on("connect", (_req, socket) => refuseUpgrade(socket, "method-not-allowed"));
  server.on("clientError", (_error, socket) => refuseUpgrade(socket, "bad-request"));
  return {
    listen: (port, host) => listen(server, port, host),
    close: (graceMs = GRACE_MS) => close(server, upgraded, graceMs),
  };
}

async function answer(parts: HttpParts, req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.on("error", () => res.destroy());
  try {
    for (const [name, value] of secureHeaders(parts.url)) res.setHeader(name, value);
    await route(parts, req, res);
  } catch (error) {
    fail(parts.log, res, error);
  }
}

async function route(parts: HttpParts, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = pathOf(req);
  const method = req.method ?? "";
  if (method === "TRACE" || method === "CONNECT") throw new AppError("method-not-allowed");
  if (path === "/api/health" || path.startsWith("/api/v1/")) {
    if (!forgeryExcluded(method, req.headers, parts.url)) throw new AppError("origin-refused");
    return await parts.api(req, res);
  }
  if (path === "/api/metrics") return await parts.metrics(req, res);
  if (path.startsWith("/internal/")) {
    if (!holdsKey(req, parts.internalKey)) throw new AppError("not-found");
    return await parts.internal(req, res);
  }
  if (path.startsWith("/slides/") && (await parts.tiles(req, res))) return;
  if (parts.next === null) throw new AppError("not-found");
  await parts.next.proxy(req, res);
}

/** The path as sent, without its query. An absolute address ("GET http://elsewhere/") is not for us to fetch. */
function pathOf(req: IncomingMessage): string {
  const target = req.url ?? "";
  if (!target.startsWith("/") || target.startsWith("//") || target.includes("\\")) throw new AppError("bad-request");
  return target.split(/[?#]/, 1)[0] ?? "/";
}

function holdsKey(req: IncomingMessage, key: string): boolean {
  const given = req.headers[INTERNAL_HEADER];
  if (typeof given !== "string") return false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(key));
}

function fail(log: Logger, res: ServerResponse, error: unknown): void {
  const code = error instanceof AppError ? error.code : "internal";
  if (code === "internal") log.error("request.failed", error);
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  const body = problemOf(code, error instanceof AppError ? error.detail : {});
  res.writeHead(body.status, { "content-type": "application/problem+json", "cache-control": "no-store" });
  res.end(JSON.stringify(body));
}

async function passUpgrade(parts: HttpParts, req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  // A socket without a listener for errors ends the process with the first broken line.
  socket.on("error", () => socket.destroy());
  if ("setTimeout" in socket && typeof socket.setTimeout === "function") socket.setTimeout(0);
  try {
    const path = pathOf(req);
    if (path.startsWith("/sync/")) return await parts.sync.upgrade(req, socket, head);
    if (parts.dev && parts.next !== null && RELOAD_SOCKETS.has(path))
      return await parts.next.upgrade(req, socket, head);
    refuseUpgrade(socket, "not-found");
  } catch (error) {
    const code = error instanceof AppError ? error.code : "internal";
    if (code === "internal") parts.log.error("upgrade.failed", error);
    refuseUpgrade(socket, code);
  }
}

/** Ends a connection that was not upgraded, with an answer that a browser's network tab can show. */
export function refuseUpgrade(socket: Duplex, code: ErrorCode): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(problemOf(code));
  const head = [
    `HTTP/1.1 ${faultOf(code).status} Refused`,
    "connection: close",
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return portOf(server);
}

async function close(server: Server, upgraded: ReadonlySet<Duplex>, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A line whose answer ends only now stays open for the client's next request, which will not be taken.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => {
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(cut);
  clearInterval(sweep);
}
