import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { postgresUser } from "#db/postgres-user.ts";

const DEBIAN = "/usr/lib/postgresql";

/** Folder with initdb and postgres of the machine's own Postgres, or null where there is none. */
export function systemPostgres(): string | null {
  if (!existsSync(DEBIAN)) return null;
  const bins = readdirSync(DEBIAN).map((version) => join(DEBIAN, version, "bin"));
  return bins.find((bin) => existsSync(join(bin, "initdb")) && existsSync(join(bin, "postgres"))) ?? null;
}

export type SystemPostgres = {
  readonly url: string;
  readonly pid: number;
  /** Ends as in a crash, stays away until `meanwhile` is done, and recovers. */
  crash(meanwhile: () => Promise<void>): Promise<void>;
  /** Ends and removes it. */
  stop(): Promise<void>;
};

/** A folder for a cluster and its socket, which the user may write under whom Postgres runs. */
export type PostgresPlace = {
  readonly folder: string;
  readonly cluster: string;
  /** How programs of Postgres are run on it. */
  readonly as: { readonly uid?: number; readonly gid?: number; readonly cwd: string };
};

export function postgresPlace(): PostgresPlace {
  const folder = mkdtempSync(join(tmpdir(), "concord-system-"));
  const cluster = join(folder, "cluster");
  const user = postgresUser(cluster);
  mkdirSync(cluster, { mode: 0o700 });
  if (user !== undefined) {
    chmodSync(folder, 0o711);
    for (const path of [folder, cluster]) chownSync(path, user.uid, user.gid);
  }
  return { folder, cluster, as: { ...user, cwd: "/" } };
}

/** Makes an empty cluster. */
export function initCluster(bin: string, { cluster, as }: PostgresPlace): void {
  execFileSync(join(bin, "initdb"), ["-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"], as);
}

/** Starts a server on a cluster, on a socket in its folder only. */
export function launchPostgres(bin: string, { folder, cluster, as }: PostgresPlace): ChildProcess {
  const settings = ["-c", "listen_addresses=", "-c", `unix_socket_directories=${folder}`];
  return spawn(join(bin, "postgres"), ["-D", cluster, ...settings], { ...as, stdio: "ignore" });
}

/** Sends a signal, and waits for the end of the server. */
export async function endPostgres(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill(signal);
  await gone;
}

export const socketUrl = ({ folder }: PostgresPlace): string =>
  `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`;

/** A server of the machine's own Postgres in a folder of its own. */
export async function startSystemPostgres(bin: string): Promise<SystemPostgres> {
  const place = postgresPlace();
  initCluster(bin, place);
  let server = launchPostgres(bin, place);
  const url = socketUrl(place);
  await answering(url);
  return {
    url,
    get pid() {
      return server.pid ?? 0;
    },
    async crash(meanwhile) {
      await endPostgres(server, "SIGQUIT");
      await meanwhile();
      server = launchPostgres(bin, place);
      await answering(url);
    },
    async stop() {
      await endPostgres(server, "SIGINT");
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}

/** Asks until the server answers. @throws what it said last, after 30 s */
export async function answering(url: string): Promise<void> {
  for (let left = 600; ; left--) {
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
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.end();
}
