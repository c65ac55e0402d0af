import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@redis/client";
import { freePort } from "#server/port.ts";

const PROGRAMS = ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server"];

/** The machine's Redis; null where there is none, which a checking machine may not be without. */
export function redisProgram(): string | null {
  const found = PROGRAMS.find((path) => existsSync(path)) ?? null;
  if (found === null && process.env["CI"] !== undefined)
    throw new Error("install redis-server: tests of several nodes need it");
  return found;
}

export const WITHOUT_REDIS = "needs redis-server on this machine (Debian: apt-get install redis-server)";

export type Redis = {
  readonly url: string;
  readonly pid: number;
  /** Ends it as a crash does; whatever is sent meanwhile is lost. */
  kill(): Promise<void>;
  /** On the same port again, empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** A Redis of its own that keeps nothing. */
export async function startRedis(program: string): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), "concord-redis-"));
  const port = await freePort(0, "127.0.0.1");
  const url = `redis://127.0.0.1:${port}`;
  let server = await launch(program, { port, folder, url });
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  };
  return {
    url,
    get pid() {
      return server.pid ?? 0;
    },
    kill,
    async restart() {
      await kill();
      server = await launch(program, { port, folder, url });
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(
  program: string,
  { port, folder, url }: { readonly port: number; readonly folder: string; readonly url: string },
): Promise<ChildProcess> {
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const server = spawn(program, args, { stdio: "ignore", cwd: folder });
  await answering(url);
  return server;
}

/** Asks until the server answers. @throws what it said last, after 20 s */
async function answering(url: string): Promise<void> {
  for (let left = 400; ; left--) {
    try {
      await ping(url);
      return;
    } catch (error) {
      if (left === 0) throw error;
      await delay(50);
    }
  }
}

async function ping(url: string): Promise<void> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on("error", () => undefined);
  await client.connect();
  await client.close();
}
