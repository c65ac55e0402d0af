import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { AppError } from "#server/errors.ts";
import { createHttp, type Handler, type Http, type HttpParts, INTERNAL_HEADER } from "#server/http.ts";
import { SILENT_LOG } from "#server/log.ts";
import { type NextChild, startNextChild } from "#server/next-child.ts";
import { forgeryExcluded, originAllowed } from "#server/origin.ts";

const URL_HERE = "http://localhost:3000";
const KEY = "the key of this start";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of opened.splice(0).reverse()) await part.close();
});

const saying =
  (text: string): Handler =>
  (_req, res) => {
    res.end(text);
  };

async function listening(parts: Partial<HttpParts> = {}): Promise<{ http: Http; port: number; base: string }> {
  const http = createHttp({
    url: URL_HERE,
    api: saying("api"),
    metrics: saying("metrics"),
    internal: saying("internal"),
    internalKey: KEY,
    tiles: async (_req, res) => {
      res.end("tile");
      return true;
    },
    sync: { upgrade: (_req, socket) => void socket.destroy() },
    next: { proxy: saying("page"), upgrade: (_req, socket) => void socket.destroy() },
    dev: false,
    log: SILENT_LOG,
    ...parts,
  });
  const port = await http.listen(0, "127.0.0.1");
  opened.push({ close: () => http.close(0) });
  return { http, port, base: `http://127.0.0.1:${port}` };
}

/** What the server answers to raw bytes, until it ends the connection. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(bytes);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString();
  });
  await once(socket, "close");
  return text;
}

describe("the listener", () => {
  test("[HTP1] the path decides who answers", async () => {
    const { base } = await listening();
    const said = async (path: string) => await (await fetch(base + path)).text();
    expect(await said("/api/health")).toBe("api");
    expect(await said("/api/v1/projects")).toBe("api");
    expect(await said("/slides/abc/0/1_2")).toBe("tile");
    expect(await said("/api/auth/csrf")).toBe("page");
    expect(await said("/projects?x=/api/v1/")).toBe("page");
  });

  test("[HTP2] a slide address that is no tile's is a page's", async () => {
    const { base } = await listening({ tiles: async () => false });
    expect(await (await fetch(`${base}/slides/x`)).text()).toBe("page");
  });

  test("[HTP3] what is for the pages process answers nobody without the key of this start", async () => {
    const { base } = await listening();
    const ask = (headers: Record<string, string>) => fetch(`${base}/internal/sign-in`, { method: "POST", headers });
    expect((await ask({})).status).toBe(404);
    expect((await ask({ [INTERNAL_HEADER]: "guess" })).status).toBe(404);
    expect(await (await ask({ [INTERNAL_HEADER]: KEY })).text()).toBe("internal");
  });

  test("[HTP4] every answer carries the headers that keep a browser from being used against its person", async () => {
    const { base } = await listening();
    for (const path of ["/api/health", "/projects", "/internal/x"]) {
      const { headers } = await fetch(base + path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("same-origin");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("strict-transport-security")).toBeNull();
    }
    const secure = await listening({ url: "https://example.org" });
    expect((await fetch(secure.base)).headers.get("strict-transport-security")).toBe("max-age=31536000");
  });

  test("[HTP5] TRACE, CONNECT, absolute addresses and broken requests are refused, and others are served on", async () => {
    const { port, base } = await listening();
    expect(await raw(port, "TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1.1 405/);
    expect(await raw(port, "CONNECT a:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1.1 405/);
    expect(await raw(port, "GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1.1 400/,
    );
    expect(await raw(port, "GET //evil.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1.1 400/,
    );
    expect(await raw(port, "nonsense\r\n\r\n")).toMatch(/^HTTP\/1.1 400/);
    expect(await (await fetch(`${base}/api/health`)).text()).toBe("api");
  });

  test("[HTP6] a fault of ours is a problem without internals, and the next request is answered", async () => {
    const { base } = await listening({
      api: async (req) => {
        if (req.url === "/api/health") throw new Error("secret of the inside");
        throw new AppError("not-allowed", { role: "viewer" });
      },
    });
    const fault = await fetch(`${base}/api/health`);
    expect(fault.status).toBe(500);
    expect(await fault.text()).not.toContain("secret");
    const refused = await fetch(`${base}/api/v1/x`);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(await refused.json()).toMatchObject({ status: 403, code: "not-allowed", detail: { role: "viewer" } });
  });
});

describe("requests from elsewhere", () => {
  test("[HTP7] only the configured address is an origin of ours; this machine has three spellings", () => {
    const allowed = (origin: string, url = URL_HERE) => originAllowed({ origin }, url);
    expect(allowed("http://localhost:3000")).toBe(true);
    expect(allowed("http://127.0.0.1:3000")).toBe(true);
    expect(allowed("http://[::1]:3000")).toBe(true);
    for (const origin of ["null", "http://localhost:3001", "https://localhost:3000", "http://evil.example", "x", ""]) {
      expect(allowed(origin), origin).toBe(false);
    }
    expect(allowed("https://example.org", "https://example.org")).toBe(true);
    expect(allowed("https://example.org.evil.example", "https://example.org")).toBe(false);
    expect(allowed("http://localhost:3000", "https://example.org")).toBe(false);
    expect(originAllowed({}, URL_HERE)).toBe(false);
    expect(originAllowed({ "sec-fetch-site": "same-origin" }, URL_HERE)).toBe(true);
    expect(originAllowed({ "sec-fetch-site": "same-site" }, URL_HERE)).toBe(false);
  });

  test("[HTP8] a cookie changes something only from our own pages; a token and reading are free of that", async () => {
    const cookie = "next-auth.session-token=x";
    expect(forgeryExcluded("POST", { cookie, origin: "http://evil.example" }, URL_HERE)).toBe(false);
    expect(forgeryExcluded("POST", { cookie }, URL_HERE)).toBe(false);
    expect(forgeryExcluded("POST", { cookie, origin: URL_HERE }, URL_HERE)).toBe(true);
    expect(forgeryExcluded("DELETE", { cookie, authorization: "Bearer x" }, URL_HERE)).toBe(true);
    expect(forgeryExcluded("GET", { cookie, origin: "http://evil.example" }, URL_HERE)).toBe(true);
    const { base } = await listening();
    const forged = await fetch(`${base}/api/v1/projects`, { method: "POST", headers: { cookie, origin: "null" } });
    expect(await forged.json()).toMatchObject({ status: 403, code: "origin-refused" });
  });
});

describe("sockets", () => {
  test("[HTP9] only addresses below /sync/ are upgraded; any other upgrade ends with an answer", async () => {
    const server = new WebSocketServer({ noServer: true });
    const { port } = await listening({
      sync: {
        upgrade: (req, socket, head) => server.handleUpgrade(req, socket, head, (client) => client.send("hello")),
      },
    });
    const client = new WebSocket(`ws://127.0.0.1:${port}/sync/abc`);
    const [message] = await once(client, "message");
    expect(String(message)).toBe("hello");
    client.terminate();
    for (const path of ["/", "/_next/hmr", "/api/v1/x", "/syncx"]) {
      const other = new WebSocket(`ws://127.0.0.1:${port}${path}`);
      const [, response] = await once(other, "unexpected-response");
      expect(response.statusCode, path).toBe(404);
    }
  });

  test("[HTP10] an upgrade that fails on our side, or whose line breaks, ends that socket and nothing else", async () => {
    const { port, base } = await listening({
      sync: {
        upgrade: async () => {
          throw new Error("inside");
        },
      },
    });
    const client = new WebSocket(`ws://127.0.0.1:${port}/sync/abc`);
    const [, response] = await once(client, "unexpected-response");
    expect(response.statusCode).toBe(500);
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /sync/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.resetAndDestroy();
    expect(await (await fetch(`${base}/api/health`)).text()).toBe("api");
  });

  test("[HTP11] closing waits for answers under way and cuts what stays open", async () => {
    let asked: (finish: () => void) => void = () => undefined;
    const finishing = new Promise<() => void>((resolve) => {
      asked = resolve;
    });
    const { http, base, port } = await listening({
      api: (_req, res) => asked(() => res.end("late")),
      sync: { upgrade: (_req, socket) => void socket.write("HTTP/1.1 101 x\r\n\r\n") },
    });
    const answer = fetch(`${base}/api/health`);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("GET /sync/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await once(socket, "data");
    const finish = await finishing;
    const closed = http.close(2_000);
    finish();
    expect(await (await answer).text()).toBe("late");
    await closed;
    await expect(fetch(`${base}/api/health`)).rejects.toThrow();
    socket.destroy();
  });
});

describe("the pages process", () => {
  const ECHO = `
    const { createServer } = require("node:http");
    createServer((req, res) => {
      if (req.url === "/die") process.exit(3);
      res.setHeader("content-type", "application/json");
      res.setHeader("content-security-policy", "default-src *");
      req.on("data", () => {});
      req.on("end", () => res.end(JSON.stringify({ url: req.url, method: req.method, headers: req.headers, env: process.env.GIVEN })));
    }).listen(process.env.PORT, process.env.HOSTNAME);`;

  async function withChild(script = ECHO): Promise<{ next: NextChild; base: string }> {
    const next = startNextChild({
      command: { args: ["-e", script], cwd: "/" },
      env: { GIVEN: "value" },
      url: "https://example.org",
      dev: false,
      log: SILENT_LOG,
    });
    opened.push({ close: () => next.stop() });
    const { base } = await listening({ next });
    return { next, base };
  }

  test("[HTP12] it is told where a request came from by us, and nothing that the sender claims", async () => {
    const { next, base } = await withChild();
    await next.ready(60_000);
    const headers = {
      "x-forwarded-for": "6.6.6.6",
      "x-forwarded-host": "evil.example",
      "x-middleware-subrequest": "middleware",
      [INTERNAL_HEADER]: KEY,
      "content-security-policy": "script-src 'nonce-evil'",
      cookie: "a=b",
    };
    const answer = await fetch(`${base}/projects?x=1`, { method: "POST", headers, body: "hello" });
    const seen = await answer.json();
    expect(seen).toMatchObject({ url: "/projects?x=1", method: "POST", env: "value" });
    expect(seen.headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": "example.org",
      "x-forwarded-proto": "https",
      cookie: "a=b",
    });
    expect(seen.headers[INTERNAL_HEADER]).toBeUndefined();
    expect(seen.headers["x-middleware-subrequest"]).toBeUndefined();
    expect(seen.headers["content-security-policy"]).not.toContain("evil");
  });

  test("[HTP13] pages run only scripts that carry a number made for that answer", async () => {
    const { next, base } = await withChild();
    await next.ready(60_000);
    const nonces = new Set<string>();
    for (let index = 0; index < 3; index++) {
      const answer = await fetch(base);
      const policy = answer.headers.get("content-security-policy") ?? "";
      const nonce = /script-src 'self' 'nonce-([^']+)';/.exec(policy)?.[1] ?? "";
      expect((await answer.json()).headers["content-security-policy"]).toContain(nonce);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });

  test("[HTP14] until it answers a browser gets a page that asks again, and a program a problem", async () => {
    const { base } = await withChild("setTimeout(() => undefined, 60_000)");
    const page = await fetch(base, { headers: { accept: "text/html" } });
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('http-equiv="refresh"');
    const problem = await fetch(`${base}/api/auth/session`);
    expect(await problem.json()).toMatchObject({ status: 503, code: "starting" });
    expect(await (await fetch(`${base}/api/health`)).text()).toBe("api");
  });

  test("[HTP15] when it ends by itself it is started again", async () => {
    const { next, base } = await withChild();
    await next.ready(60_000);
    expect((await fetch(`${base}/die`)).status).toBe(503);
    await expect.poll(() => next.isReady(), { timeout: 60_000 }).toBe(true);
    await expect.poll(async () => (await fetch(base)).status, { timeout: 60_000 }).toBe(200);
  });
});
