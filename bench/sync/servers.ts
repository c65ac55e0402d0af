import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Usage } from "#bench/support/child.ts";
import { NODE_SERVERS, type NodeServer, type ServerName, type SingleServer } from "#bench/support/options.ts";
import { killPostgres, postgresCpuMs, postgresProcesses } from "#bench/support/postgres.ts";
import type { Address } from "./client.ts";
import { LAUNCHES, type ServerSize } from "./launches.ts";
import { startNodes } from "./node-servers.ts";

export type ServerUsage = Usage & {
  /** Processor time of the database beside the server; 0 where it is inside, null where it cannot be told. */
  readonly databaseMs: number | null;
};

/** A server under measurement, with a data folder of its own. */
export type Server = {
  readonly name: ServerName;
  /** Its own client sends received presence back. */
  readonly echo: boolean;
  address(room: number, person: number): Address;
  /** The process that a person is at. */
  nodeOf(person: number): number;
  usage(collect?: boolean): Promise<ServerUsage>;
  /** kill -9 of the server, and of its database where asked, and a new start on what is left. */
  killAndStart(options: { readonly database: boolean }): Promise<void>;
  /** An orderly stop and a new start. */
  restart(): Promise<void>;
  /** The process of the server, and those of its database where that is not inside. */
  processes(): { readonly server: number; readonly database: readonly number[] };
  /** Ends it and removes its data. */
  close(): Promise<void>;
};

export async function startServer(name: ServerName, size: ServerSize): Promise<Server> {
  return isOfNodes(name) ? startNodes(name, size) : startSingle(name, size);
}

function isOfNodes(name: ServerName): name is NodeServer {
  return NODE_SERVERS.some((each) => each === name);
}

async function startSingle(name: SingleServer, size: ServerSize): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "concord-bench-"));
  const launch = LAUNCHES[name];
  let child = await launch.start(folder, size);
  return {
    name,
    echo: launch.echo,
    address: (room, person) => launch.address(child.port, room, person),
    nodeOf: () => 0,
    async usage(collect) {
      const used = await child.usage(collect);
      return { ...used, databaseMs: name === "concord" ? postgresCpuMs(folder) : 0 };
    },
    async killAndStart({ database }) {
      await child.kill();
      if (database) await killPostgres(folder);
      child = await launch.start(folder, size);
    },
    async restart() {
      await child.stop();
      child = await launch.start(folder, size);
    },
    processes: () => ({ server: child.pid, database: name === "concord" ? postgresProcesses(folder) : [] }),
    async close() {
      await child.stop();
      await killPostgres(folder);
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
