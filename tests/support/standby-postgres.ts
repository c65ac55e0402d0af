import { type ChildProcess, execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { vi } from "vitest";
import { childrenOf } from "#bench/support/process-tree.ts";
import { portOf } from "#server/port.ts";
import {
  answering,
  endPostgres,
  initCluster,
  launchPostgres,
  type PostgresPlace,
  postgresPlace,
  socketUrl,
  systemPostgres,
} from "./system-postgres.ts";

const run = promisify(execFile);
const STANDBY = "standby";

/** Folder with all that a standby needs, or null where the machine has no Postgres of its own. */
export function replicatingPostgres(): string | null {
  const bin = systemPostgres();
  return bin !== null && existsSync(join(bin, "pg_basebackup")) ? bin : null;
}

/** A primary that commits nothing that its standby has not on disk, behind an address that follows the primary. */
export type Replicated = {
  /** Of the address. */
  readonly url: string;
  /**
   * The primary is killed in the middle of whatever it does, and the standby takes over; another standby is made of it.
   * @param addressFirst the address leads to the standby before that has been promoted, which answers questions and
   * refuses to write; otherwise it leads nowhere meanwhile
   * @param meanwhile is waited for before the standby takes over
   */
  failOver(options: { readonly addressFirst: boolean; readonly meanwhile: () => Promise<void> }): Promise<void>;
  stop(): Promise<void>;
};

type Running = { readonly place: PostgresPlace; readonly server: ChildProcess };

export async function startReplicated(bin: string): Promise<Replicated> {
  const place = postgresPlace();
  initCluster(bin, place);
  let primary: Running = { place, server: launchPostgres(bin, place) };
  await answering(socketUrl(place));
  let standby = await addStandby(bin, primary.place);
  const address = await followingAddress(socketOf(primary.place));
  return {
    url: `postgres://postgres@127.0.0.1:${address.port}/postgres`,
    async failOver({ addressFirst, meanwhile }) {
      await killAll(primary.server);
      address.lead(addressFirst ? socketOf(standby.place) : null);
      await meanwhile();
      await run(join(bin, "pg_ctl"), ["promote", "--wait", "-D", standby.place.cluster], standby.place.as);
      address.lead(socketOf(standby.place));
      rmSync(primary.place.folder, { recursive: true, force: true });
      primary = standby;
      standby = await addStandby(bin, primary.place);
    },
    async stop() {
      await address.close();
      for (const each of [standby, primary]) {
        await endPostgres(each.server, "SIGQUIT");
        rmSync(each.place.folder, { recursive: true, force: true });
      }
    },
  };
}

/** A standby that follows a primary, which from then on waits for it at every commit. */
async function addStandby(bin: string, primary: PostgresPlace): Promise<Running> {
  const place = postgresPlace();
  const source = `host=${primary.folder} user=postgres application_name=${STANDBY}`;
  await run(
    join(bin, "pg_basebackup"),
    ["-d", source, "-D", place.cluster, "--write-recovery-conf", "--checkpoint=fast"],
    place.as,
  );
  const server = launchPostgres(bin, place);
  await answering(socketUrl(place));
  await onServer(primary, async (client) => {
    await client.query(`alter system set synchronous_standby_names = '${STANDBY}'`);
    await client.query("select pg_reload_conf()");
    await vi.waitFor(
      async () => {
        const { rows } = await client.query<{ state: string }>("select sync_state as state from pg_stat_replication");
        if (rows[0]?.state !== "sync") throw new Error(`the standby is ${rows[0]?.state}`);
      },
      { timeout: 60_000, interval: 50 },
    );
  });
  return { place, server };
}

async function onServer(place: PostgresPlace, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: socketUrl(place) });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Without a word, the server and all that it has started. */
async function killAll(server: ChildProcess): Promise<void> {
  const processes = [...(process.platform === "linux" ? childrenOf(server.pid ?? 0) : [])];
  const gone = endPostgres(server, "SIGKILL");
  for (const each of processes) {
    try {
      process.kill(each, "SIGKILL");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
  await gone;
}

const socketOf = ({ folder }: PostgresPlace): string => join(folder, ".s.PGSQL.5432");

/** One address that leads to one server, as the virtual address of a cluster does; lines to a former one are cut. */
async function followingAddress(first: string) {
  let target: string | null = first;
  const open = new Set<Socket>();
  const server = createServer((line) => {
    if (target === null) {
      line.resetAndDestroy();
      return;
    }
    const there = connect(target);
    for (const [from, to] of [
      [line, there],
      [there, line],
    ] as const) {
      open.add(from);
      from.on("error", () => from.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: portOf(server),
    lead(to: string | null): void {
      if (to === target) return;
      target = to;
      cut();
    },
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
