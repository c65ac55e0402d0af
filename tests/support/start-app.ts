import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const ROOT = join(import.meta.dirname, "..", "..");
const START_MS = 120_000;

/** The built product in a process of its own, with pages, on a port and a data folder of its own. */
export type App = {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly pid: number;
  /** What it printed so far: greeting and log. */
  output(): string;
  /** Nobody reads any more what it prints: both pipes are broken. */
  turnAway(): void;
  /** Sends a signal. @returns the exit code, or null where the signal ended it */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Ends it, and a database that a killed one left, and removes the data folder unless it was given. */
  stop(): Promise<number | null>;
};

export type AppOptions = {
  /** Kept after `stop`; for a second start on the same data. */
  readonly dataDir?: string;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
};

/** Builds the product where its sources changed; seconds when they did not. */
export async function buildApp(): Promise<void> {
  const builder = spawn(process.execPath, ["--import", "tsx", "server/build.ts", "--if-stale"], { cwd: ROOT });
  const output = collect(builder);
  const code = await exitOf(builder);
  if (code !== 0) throw new Error(`the build ended with ${code}: ${output()}`);
}

/** Starts the built product and waits until its health and its pages answer. @throws with its output where it ends */
export async function startApp(options: AppOptions = {}): Promise<App> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "concord-app-"));
  const started = launch(dataDir, options);
  const url = await addressOf(started);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    started.process.kill(signal);
    return await started.exit;
  };
  return {
    url,
    port: Number(new URL(url).port),
    dataDir,
    pid: started.process.pid ?? 0,
    output: started.output,
    turnAway: () => {
      for (const pipe of [started.process.stdout, started.process.stderr]) pipe?.destroy();
    },
    kill: end,
    async stop() {
      const running = started.process.exitCode === null && started.process.signalCode === null;
      const code = running ? await end("SIGTERM") : started.process.exitCode;
      await stopLeftDatabase(dataDir);
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

/** Starts the product where it is expected to refuse. @returns its exit code and what it printed */
export async function startRefused(
  options: AppOptions,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "concord-app-"));
  const started = launch(dataDir, options);
  const code = await started.exit;
  if (options.dataDir === undefined) {
    await stopLeftDatabase(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  }
  return { code, output: started.output() };
}

type Started = {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
};

function launch(dataDir: string, { port = 0, env = {} }: AppOptions): Started {
  const child = spawn(process.execPath, ["--enable-source-maps", "dist/main.mjs"], {
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      NODE_ENV: "production",
      PORT: String(port),
      HOST: "127.0.0.1",
      CONCORD_DATA: dataDir,
      CONCORD_DEMO_WIDTH: "1024",
      CONCORD_DEMO_HISTORY: "off",
      LOG_LEVEL: "info",
      ...env,
    },
  });
  return { process: child, output: collect(child), exit: exitOf(child) };
}

function collect(child: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", (code) => resolve(code)));
}

/** The address that the greeting names; it is printed when pages answer. */
async function addressOf({ process: child, output }: Started): Promise<string> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    const url = /running at (http:\/\/localhost:\d+)/.exec(output())?.[1];
    if (url !== undefined && (await fetch(`${url}/api/health`)).ok) return url;
    if (child.exitCode !== null) throw new Error(`the product ended with ${child.exitCode}: ${output()}`);
    await delay(50);
  }
  child.kill("SIGKILL");
  throw new Error(`the product did not start: ${output()}`);
}

async function stopLeftDatabase(dataDir: string): Promise<void> {
  const file = join(dataDir, "postgres", "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  try {
    process.kill(pid, "SIGINT");
  } catch (error) {
    // It was killed together with the product.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
  for (let waited = 0; existsSync(file) && waited < 60_000; waited += 50) await delay(50);
}
