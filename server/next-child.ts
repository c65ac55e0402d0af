import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Agent, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "./errors.ts";
import { contentPolicy } from "./headers.ts";
import { type Handler, INTERNAL_HEADER, type Upgrade } from "./http.ts";
import type { Logger } from "./log.ts";
import { freePort } from "./port.ts";

/** The process that renders pages and runs sign-in, behind us on loopback. */
export type NextChild = {
  readonly proxy: Handler;
  readonly upgrade: Upgrade;
  /** Resolves when pages are answered; rejects when that takes longer than `timeoutMs`. */
  ready(timeoutMs: number): Promise<void>;
  isReady(): boolean;
  stop(): Promise<void>;
};

export type NextChildOptions = {
  /** Arguments of node and the folder it runs in. */
  readonly command: { readonly args: readonly string[]; readonly cwd: string };
  readonly env: Readonly<Record<string, string>>;
  /** The public address, which the child must believe it has. */
  readonly url: string;
  readonly dev: boolean;
  readonly log: Logger;
};

type State = { port: number; ready: boolean; stopping: boolean; child: ChildProcess | null };

const IDLE_MS = 30_000;
const PROBE_MS = 100;
/** In development the first answer waits for a compiler. */
const PROBE_TIMEOUT_MS = 60_000;
const STOP_MS = 5_000;
const SHORTEST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** A child that lived this long has earned a quick restart. */
const SETTLED_MS = 30_000;
/** Ends the child, and what it started, when we are gone: a killed server leaves no pages process behind. */
const GUARD_SOURCE = 'process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"))';
/** Without quotes: the development server hands its own options on to its children, and loses them on the way. */
const GUARD = `data:text/javascript;base64,${Buffer.from(GUARD_SOURCE).toString("base64")}`;
/** What no request from outside may tell the child about itself. */
const DROPPED = new Set([
  INTERNAL_HEADER,
  "x-middleware-subrequest",
  "content-security-policy",
  "connection",
  "upgrade",
]);

export function startNextChild(options: NextChildOptions): NextChild {
  // Idle connections are dropped here before the child drops them: a request must not meet a closing one.
  const agent = new Agent({ keepAlive: true, maxSockets: 128, timeout: IDLE_MS });
  const state: State = { port: 0, ready: false, stopping: false, child: null };

  const watch = async (): Promise<void> => {
    let wait = SHORTEST_WAIT_MS;
    while (!state.stopping) {
      const started = Date.now();
      state.port = await freePort(0, "127.0.0.1");
      const child = launch(options, state.port);
      state.child = child;
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      void probe(state, child, options.log);
      await gone;
      state.ready = false;
      if (state.stopping) return;
      wait = Date.now() - started > SETTLED_MS ? SHORTEST_WAIT_MS : Math.min(2 * wait, LONGEST_WAIT_MS);
      options.log.warn("pages.ended", { code: child.exitCode, signal: child.signalCode, restartInMs: wait });
      await delay(wait);
    }
  };
  const watching = watch();

  return {
    isReady: () => state.ready,
    async ready(timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      while (!state.ready) {
        if (Date.now() > deadline) throw new Error(`pages did not start within ${timeoutMs} ms`);
        await delay(PROBE_MS);
      }
    },
    proxy: (req, res) => (state.ready ? forward(req, res, state.port, agent, options) : starting(req, res)),
    upgrade: (req, socket, head) => pipe(req, socket, head, state.port),
    async stop() {
      state.stopping = true;
      state.child?.kill("SIGTERM");
      const kill = setTimeout(() => state.child?.kill("SIGKILL"), STOP_MS);
      await watching;
      clearTimeout(kill);
      agent.destroy();
    },
  };
}

function launch({ command, env, log }: NextChildOptions, port: number): ChildProcess {
  // A group of its own: Ctrl-C in the terminal reaches us alone, and we end the child in its turn.
  const child = spawn(process.execPath, ["--import", GUARD, ...command.args], {
    cwd: command.cwd,
    env: {
      NODE_ENV: "production",
      ...env,
      KEEP_ALIVE_TIMEOUT: String(2 * IDLE_MS),
      PORT: String(port),
      HOSTNAME: "127.0.0.1",
    },
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  child.on("error", (error) => log.error("pages.failed", error));
  child.stdout?.on("data", (text: Buffer) => log.debug("pages.said", { text: text.toString().trim() }));
  child.stderr?.on("data", (text: Buffer) => log.warn("pages.complained", { text: text.toString().trim() }));
  return child;
}

async function probe(state: State, child: ChildProcess, log: Logger): Promise<void> {
  const started = Date.now();
  while (state.child === child && child.exitCode === null && child.signalCode === null) {
    if (await answers(state.port)) {
      state.ready = true;
      log.info("pages.started", { ms: Date.now() - started });
      return;
    }
    await delay(PROBE_MS);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probing = request({ port, host: "127.0.0.1", path: "/api/auth/csrf", method: "HEAD" }, (response) => {
      response.resume();
      resolve(true);
    });
    probing.setTimeout(PROBE_TIMEOUT_MS, () => probing.destroy());
    probing.on("error", () => resolve(false));
    probing.end();
  });
}

async function forward(
  req: IncomingMessage,
  res: ServerResponse,
  port: number,
  agent: Agent,
  { url, dev }: NextChildOptions,
): Promise<void> {
  const policy = contentPolicy(randomBytes(16).toString("base64"), { dev });
  const headers = { ...forwardedHeaders(req, url), "content-security-policy": policy };
  await new Promise<void>((resolve, reject) => {
    const { method, url: path } = req;
    const passing = request({ port, host: "127.0.0.1", method, path, headers, agent }, (answer) => {
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value !== undefined && name !== "connection" && name !== "keep-alive") res.setHeader(name, value);
      }
      res.setHeader("content-security-policy", policy);
      res.writeHead(answer.statusCode ?? 502);
      answer.pipe(res);
      answer.on("error", () => res.destroy());
      res.on("close", resolve);
    });
    passing.on("error", (cause) => reject(new AppError("starting", {}, cause)));
    res.on("close", () => passing.destroy());
    req.pipe(passing);
  });
}

/** Where the request came from is ours to say; what the sender says about it is dropped. */
function forwardedHeaders(req: IncomingMessage, url: string): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined && !DROPPED.has(name) && !name.startsWith("x-forwarded-")) kept[name] = value;
  }
  const { host, protocol } = new URL(url);
  return {
    ...kept,
    "x-forwarded-host": host,
    "x-forwarded-proto": protocol.slice(0, -1),
    "x-forwarded-for": req.socket.remoteAddress ?? "",
  };
}

/** The development reload socket: bytes both ways. */
function pipe(req: IncomingMessage, socket: Duplex, head: Buffer, port: number): void {
  const upstream = connect(port, "127.0.0.1", () => {
    const lines = [`${req.method} ${req.url} HTTP/1.1`];
    for (let index = 0; index < req.rawHeaders.length; index += 2) {
      lines.push(`${req.rawHeaders[index]}: ${req.rawHeaders[index + 1]}`);
    }
    upstream.write(`${lines.join("\r\n")}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on("error", () => socket.destroy());
  socket.on("close", () => upstream.destroy());
}

const STARTING_PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>Concord is starting</title><style>body{font:16px system-ui,sans-serif;display:grid;place-items:center;
min-height:100vh;margin:0;color:#334155;background:#f8fafc}</style><p role="status">Concord is starting…</p></html>`;

/** Until the pages answer: a page that asks again by itself, and a problem for programs. */
function starting(req: IncomingMessage, res: ServerResponse): void {
  if (!(req.headers.accept ?? "").includes("text/html")) throw new AppError("starting");
  res.writeHead(503, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "retry-after": "2",
  });
  res.end(STARTING_PAGE);
}
