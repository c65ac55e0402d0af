import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { type Binaries, findBinaries } from "./postgres-binaries.ts";
import { type PostgresUser, postgresUser, type RunAs, runAs } from "./postgres-user.ts";

/** An event in the past tense and its numbers. */
export type EmbeddedLog = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

/** A running database of our own. `stop` ends it, also where it was found running. */
export type Embedded = { readonly url: string; readonly reused: boolean; readonly pid: number; stop(): Promise<void> };

const MAJOR = "18";
const DATABASE = "concord";
/** sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero. */
const MAX_SOCKET_PATH = 103;
const SOCKET_NAME = ".s.PGSQL.5432";
const READY_MS = 60_000;
const STOP_MS = 30_000;
const WATCH_MS = 500;
const LOG_LIMIT = 10 * 1024 * 1024;

/** Everything that does not change while one embedded database runs. */
type Setup = {
  readonly cluster: string;
  readonly socketDir: string;
  readonly logFile: string;
  readonly user: PostgresUser | undefined;
  readonly binaries: Binaries;
  readonly run: RunAs;
  readonly log: EmbeddedLog;
};

/**
 * Starts the Postgres of the data folder, or takes over the one that a killed Concord left running there.
 * It listens on a unix socket in a folder only we may enter, and on no network. It keeps running when we are killed,
 * and is started again when it is killed. Whether another Concord owns it is the business of claim.ts.
 * @param dataDir made where absent
 * @throws with a sentence for the operator where it cannot run here
 */
export async function startEmbedded({ dataDir, log }: { dataDir: string; log: EmbeddedLog }): Promise<Embedded> {
  const setup = prepare(path.resolve(dataDir), log);
  await ensureCluster(setup);
  const found = await reachable(setup);
  if (!found) await startServer(setup);
  await ensureDatabase(setup);
  const pid = postmasterPid(setup);
  log(found ? "database.reused" : "database.started", { pid });
  const guard = watch(setup, pid);
  return {
    url: urlOf(setup, DATABASE),
    reused: found,
    pid,
    async stop() {
      const last = await guard.end();
      await stopServer(setup, last);
      log("database.stopped", { pid: last });
    },
  };
}

/** The address of the data folder's database where it runs, for looking at it; null where it does not. Starts nothing. */
export async function findEmbedded(dataDir: string): Promise<string | null> {
  const place = { socketDir: socketFolder(path.resolve(dataDir)) };
  return (await reachable(place)) ? urlOf(place, DATABASE) : null;
}

/** Whether the data folder holds a database, running or not. */
export function hasEmbedded(dataDir: string): boolean {
  return existsSync(path.join(path.resolve(dataDir), "postgres", "PG_VERSION"));
}

function prepare(dataDir: string, log: EmbeddedLog): Setup {
  if (process.platform === "win32") {
    throw new Error("The embedded Postgres needs unix sockets; on Windows set DATABASE_URL.");
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const cluster = path.join(dataDir, "postgres");
  const user = postgresUser(cluster);
  // The database's user must pass through the data folder (never list it) to reach its own folder inside.
  if (user !== undefined && statSync(dataDir).uid === 0) chmodSync(dataDir, statSync(dataDir).mode | 0o011);
  const binaries = findBinaries(dataDir, user);
  const socketDir = socketFolder(dataDir);
  ownFolder(socketDir, user);
  const run = runAs(user, [dataDir, socketDir, path.dirname(binaries.postgres)]);
  return { cluster, socketDir, logFile: path.join(dataDir, "postgres.log"), user, binaries, run, log };
}

/** Inside the data folder; under a long path a short folder of the system instead, always the same for the same data. */
function socketFolder(dataDir: string): string {
  const inside = path.join(dataDir, "run");
  if (Buffer.byteLength(path.join(inside, SOCKET_NAME)) <= MAX_SOCKET_PATH) return inside;
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  return path.join(os.tmpdir(), `concord-${name}`);
}

/** Makes a folder that nobody else may enter; refuses one that somebody else made under its name. */
function ownFolder(folder: string, user: PostgresUser | undefined): void {
  const owner = user?.uid ?? process.getuid?.();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(folder);
  const ours = lstatSync(folder).isDirectory() && (uid === owner || uid === process.getuid?.());
  if (!ours) throw new Error(`${folder} belongs to somebody else; the database's socket cannot be put there.`);
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
}

/** Makes the cluster beside its place and moves it there complete, so that a half made one is never opened. */
async function ensureCluster(setup: Setup): Promise<void> {
  const version = path.join(setup.cluster, "PG_VERSION");
  if (existsSync(version)) {
    const major = readFileSync(version, "utf8").trim();
    if (major === MAJOR) return;
    throw new Error(`The database in ${setup.cluster} is of Postgres ${major}, and this Concord brings ${MAJOR}.`);
  }
  sweepUnfinished(setup.cluster);
  const unfinished = `${setup.cluster}.new-${process.pid}-${randomBytes(4).toString("hex")}`;
  ownFolder(unfinished, setup.user);
  const options = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
  await execute(setup, setup.binaries.initdb, ["-D", unfinished, "-U", "postgres", "-A", "trust", ...options]);
  try {
    renameSync(unfinished, setup.cluster);
    setup.log("database.created", {});
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // A second start was faster; its cluster is as good.
    if (!existsSync(version)) throw error;
  }
}

function sweepUnfinished(cluster: string): void {
  const start = `${path.basename(cluster)}.new-`;
  for (const name of readdirSync(path.dirname(cluster))) {
    if (name.startsWith(start) && !isRunning(Number.parseInt(name.slice(start.length), 10))) {
      rmSync(path.join(path.dirname(cluster), name), { recursive: true, force: true });
    }
  }
}

async function execute(setup: Setup, program: string, args: readonly string[]): Promise<void> {
  const [file = program, ...rest] = [...setup.run.prefix, program, ...args];
  try {
    await promisify(execFile)(file, rest, { ...setup.run.spawn, cwd: "/", env: cleanEnvironment() });
  } catch (cause) {
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
    throw new Error(`${path.basename(program)} failed: ${said}`, { cause });
  }
}

/** PG* variables of whoever started us must not reach the server. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return { LC_ALL: "C", NODE_ENV: "production" };
}

async function startServer(setup: Setup): Promise<void> {
  const deadline = Date.now() + READY_MS;
  let server = spawnServer(setup);
  for (;;) {
    if (await reachable(setup)) return;
    if (Date.now() > deadline) throw new Error(`Postgres did not become ready: ${tailOf(setup.logFile)}`);
    if (server.exitCode !== null || server.signalCode !== null) {
      // Another start may hold the folder, or processes of a killed server may not have noticed yet.
      if (Date.now() > deadline - READY_MS + 10_000)
        throw new Error(`Postgres did not start: ${tailOf(setup.logFile)}`);
      await delay(200);
      if (await reachable(setup)) return;
      server = spawnServer(setup);
    }
    await delay(30);
  }
}

function spawnServer({ cluster, socketDir, logFile, binaries, run }: Setup): ChildProcess {
  dropForeignPid(cluster);
  if (existsSync(logFile) && statSync(logFile).size > LOG_LIMIT) renameSync(logFile, `${logFile}.1`);
  const output = openSync(logFile, "a", 0o600);
  const settings = [
    "listen_addresses=",
    `unix_socket_directories=${socketDir}`,
    "unix_socket_permissions=0700",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_connections=100",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
  ];
  const args = ["-D", cluster, ...settings.flatMap((setting) => ["-c", setting])];
  const [file = binaries.postgres, ...rest] = [...run.prefix, binaries.postgres, ...args];
  // A group of its own: Ctrl-C in the terminal must reach us alone, since the database is stopped last.
  const options = { ...run.spawn, cwd: "/", detached: true, env: cleanEnvironment() };
  const server = spawn(file, rest, { ...options, stdio: ["ignore", output, output] });
  closeSync(output);
  server.on("error", () => server.unref());
  server.unref();
  return server;
}

/**
 * A lock file that outlived its server may name a process that is something else by now (after a restart of a
 * container numbers repeat), and Postgres would refuse to start because that process is alive.
 */
function dropForeignPid(cluster: string): void {
  const file = path.join(cluster, "postmaster.pid");
  if (!existsSync(file)) return;
  const commandLine = `/proc/${Number(readFileSync(file, "utf8").split("\n")[0])}/cmdline`;
  if (existsSync(commandLine) && !readFileSync(commandLine, "utf8").includes(cluster)) rmSync(file, { force: true });
}

/** True when it answers; false when nothing listens or it is not ready yet. */
async function reachable(setup: Pick<Setup, "socketDir">): Promise<boolean> {
  if (!existsSync(path.join(setup.socketDir, SOCKET_NAME))) return false;
  const client = new pg.Client({ connectionString: urlOf(setup, "postgres"), connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function ensureDatabase(setup: Setup): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(setup, "postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } catch (error) {
    // 42P04: a second start made it in between; 23505: it was making it at the same moment.
    if (!(error instanceof pg.DatabaseError && ["42P04", "23505"].includes(error.code ?? ""))) throw error;
  } finally {
    await client.end();
  }
}

/** Starts the server again when it ends without having been told to; `end` gives the pid of the last one. */
function watch(setup: Setup, firstPid: number): { end(): Promise<number> } {
  let pid = firstPid;
  let ended = false;
  const loop = async (): Promise<void> => {
    while (!ended) {
      await delay(WATCH_MS, undefined, { ref: false });
      if (ended || isRunning(pid)) continue;
      setup.log("database.lost", { pid });
      await startServer(setup).then(
        () => {
          pid = postmasterPid(setup);
          setup.log("database.restarted", { pid });
        },
        (error: unknown) => setup.log("database.restart-failed", { error: String(error) }),
      );
    }
  };
  const looping = loop();
  return {
    async end() {
      ended = true;
      await Promise.race([looping, delay(2 * WATCH_MS)]);
      return pid;
    },
  };
}

/** Fast shutdown: sessions end, everything is on disk. After half a minute the immediate one, which recovers at the next start. */
async function stopServer(setup: Setup, pid: number): Promise<void> {
  signal(pid, "SIGINT");
  const deadline = Date.now() + STOP_MS;
  while (isRunning(pid) && Date.now() < deadline) await delay(20);
  if (isRunning(pid)) {
    setup.log("database.stop-forced", { pid });
    signal(pid, "SIGQUIT");
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  if (isRunning(pid)) process.kill(pid, name);
}

/** Whether a process is there and not merely waiting for its parent to notice its end. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    return line.slice(line.lastIndexOf(")") + 2, line.lastIndexOf(")") + 3) !== "Z";
  } catch {
    // No /proc on this system; the signal was deliverable.
    return true;
  }
}

function postmasterPid({ cluster }: Setup): number {
  return Number(readFileSync(path.join(cluster, "postmaster.pid"), "utf8").split("\n")[0]);
}

function urlOf({ socketDir }: Pick<Setup, "socketDir">, database: string): string {
  return `postgres://postgres@localhost/${database}?host=${encodeURIComponent(socketDir)}`;
}

function tailOf(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").slice(-5).join(" | ");
}
