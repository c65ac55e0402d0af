import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type App, buildApp, startApp, startRefused } from "#tests/support/start-app.ts";

const LONG = 240_000;

let dataDir: string;
const running: App[] = [];

beforeAll(async () => {
  await buildApp();
  dataDir = mkdtempSync(join(tmpdir(), "concord-start-"));
}, LONG);
afterEach(async () => {
  for (const app of running.splice(0)) await app.stop();
});
afterAll(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(options: Parameters<typeof startApp>[0] = { dataDir }): Promise<App> {
  const app = await startApp(options);
  running.push(app);
  return app;
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("one command", () => {
  test("[STA1] on an empty folder the product starts by itself and greets with its address", {
    timeout: LONG,
  }, async () => {
    const app = await start();
    const health = await (await fetch(`${app.url}/api/health`)).json();
    expect(health).toMatchObject({ status: "ok", version: "0.1.0" });
    expect(health.lagMs).toBeGreaterThanOrEqual(0);
    expect(health.rssMiB).toBeGreaterThan(10);
    const page = await fetch(`${app.url}/sign-in`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Sign in");
    expect(app.output()).toContain(`Concord is running at ${app.url}`);
  });

  test("[STA2] SIGTERM and SIGINT stop everything it started, and it exits with 0", { timeout: LONG }, async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const app = await start();
      expect(await app.kill(signal)).toBe(0);
      expect(app.output()).toContain('"event":"database.stopped"');
      expect(await isRunning(app.pid)).toBe(false);
      await expect(fetch(`${app.url}/api/health`)).rejects.toThrow();
    }
  });

  test("[STA3] a second start on the same folder is refused with a sentence and disturbs nobody", {
    timeout: LONG,
  }, async () => {
    const app = await start();
    const second = await startRefused({ dataDir });
    expect(second.code).toBe(1);
    expect(second.output).toContain("Another Concord is running on this data folder");
    expect((await fetch(`${app.url}/api/health`)).status).toBe(200);
  });

  test("[STA4] a start after kill -9 takes over and works", { timeout: LONG }, async () => {
    const app = await start();
    expect(await app.kill("SIGKILL")).toBeNull();
    const next = await start();
    expect(next.output()).toContain('"event":"database.reused"');
    expect((await fetch(`${next.url}/sign-in`)).status).toBe(200);
  });

  test("[STA5] a port in use and a faulty configuration are told in sentences", { timeout: LONG }, async () => {
    const app = await start();
    const other = await startRefused({ port: app.port });
    expect(other).toMatchObject({ code: 1 });
    expect(other.output).toContain(`Port ${app.port} is in use`);
    const faulty = await startRefused({ env: { CONCORD_MODE: "production", LOG_LEVEL: "loud" } });
    expect(faulty.code).toBe(1);
    expect(faulty.output).toContain("LOG_LEVEL");
  });

  test("[STA6] production refuses a database with demo accounts", { timeout: LONG }, async () => {
    const production = { CONCORD_MODE: "production", CONCORD_SECRET: "s".repeat(40) };
    const demo = await start();
    const { rows } = await ask(demo, "select count(*)::int as demo from people where demo");
    expect(rows[0].demo).toBeGreaterThan(0);
    await demo.kill("SIGTERM");
    const refused = await startRefused({ dataDir, env: production });
    expect(refused.code).toBe(1);
    expect(refused.output).toContain("demo accounts");
  });

  test("[STA10] when nobody reads its output any more it goes on, and ends with its database as asked", {
    timeout: LONG,
  }, async () => {
    const app = await start();
    app.turnAway();
    // A database that goes away is told about, more than once, to nobody.
    process.kill(postmasterPid(), "SIGQUIT");
    await expect.poll(async () => (await fetch(`${app.url}/api/health`)).status, { timeout: 60_000 }).toBe(503);
    expect((await fetch(`${app.url}/sign-in`)).status).toBe(200);
    await app.kill("SIGTERM");
    expect(await isRunning(app.pid)).toBe(false);
  });
});

describe("npm start", () => {
  const root = join(import.meta.dirname, "..", "..");

  /** `npm start` in a group of its own, as a terminal makes one. @returns its pid when the product answers */
  async function npmStart(): Promise<number> {
    const npm = spawn("npm", ["start"], {
      cwd: root,
      detached: true,
      env: {
        ...process.env,
        PORT: "0",
        HOST: "127.0.0.1",
        CONCORD_DATA: dataDir,
        CONCORD_DEMO_WIDTH: "1024",
        CONCORD_DEMO_HISTORY: "off",
      },
    });
    let output = "";
    npm.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    await expect.poll(() => output, { timeout: LONG / 2, interval: 100 }).toContain("Concord is running");
    return npm.pid ?? 0;
  }

  const databaseRuns = () => existsSync(join(dataDir, "postgres", "postmaster.pid"));

  test("[STA7] Ctrl-C in the terminal, and SIGTERM to npm alone, stop the product and its database", {
    timeout: LONG,
  }, async () => {
    const terminal = await npmStart();
    expect(databaseRuns()).toBe(true);
    process.kill(-terminal, "SIGINT");
    await expect.poll(databaseRuns, { timeout: 60_000 }).toBe(false);
    process.kill(await npmStart(), "SIGTERM");
    await expect.poll(databaseRuns, { timeout: 60_000 }).toBe(false);
  });
});

/** Process id of the embedded database's server. */
function postmasterPid(): number {
  return Number(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
}

/** A look into the embedded database of a running product. */
async function ask({ dataDir: folder }: App, query: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ host: join(folder, "run"), user: "postgres", database: "concord" });
  await client.connect();
  try {
    return await client.query(query);
  } finally {
    await client.end();
  }
}
