import { execFileSync, spawn } from "node:child_process";
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
  /** Ends as in a crash, stays away for a moment, and recovers. */
  crash(awayMs: number): Promise<void>;
  /** Ends and removes it. */
  stop(): Promise<void>;
};

/** A server of the machine's own Postgres in a folder of its own. */
export async function startSystemPostgres(bin: string): Promise<SystemPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "concord-system-"));
  const cluster = join(folder, "cluster");
  const user = postgresUser(cluster);
  mkdirSync(cluster, { mode: 0o700 });
  if (user !== undefined) {
    chmodSync(folder, 0o711);
    for (const path of [folder, cluster]) chownSync(path, user.uid, user.gid);
  }
  const as = { ...user, cwd: "/" };
  execFileSync(join(bin, "initdb"), ["-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"], as);
  const settings = ["-c", "listen_addresses=", "-c", `unix_socket_directories=${folder}`];
  const launch = () => spawn(join(bin, "postgres"), ["-D", cluster, ...settings], { ...as, stdio: "ignore" });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill(signal);
    await gone;
  };
  let server = launch();
  const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`;
  await answering(url);
  return {
    url,
    async crash(awayMs) {
      await end("SIGQUIT");
      await delay(awayMs);
      server = launch();
      await answering(url);
    },
    async stop() {
      await end("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks until the server answers. @throws what it said last, after 30 s */
async function answering(url: string): Promise<void> {
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
