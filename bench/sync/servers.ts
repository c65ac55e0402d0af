import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startChild, type Usage } from "#bench/support/child.ts";
import type { ServerName } from "#bench/support/options.ts";
import { killPostgres, postgresCpuMs, postgresProcesses } from "#bench/support/postgres.ts";
import type { Address } from "./client.ts";
import { concordLayer, concordToken } from "./concord-names.ts";
import { namedWire, plainWire } from "./wire.ts";

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

export type ServerSize = { readonly persons: number; readonly rooms: number };

const HERE = import.meta.dirname;
const PEERS = join(HERE, "..", "peers");

export async function startServer(name: ServerName, size: ServerSize): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "concord-bench-"));
  const launch = LAUNCHES[name];
  let child = await launch.start(folder, size);
  return {
    name,
    echo: launch.echo,
    address: (room, person) => launch.address(child.port, room, person),
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

type Launch = {
  readonly echo: boolean;
  start(folder: string, size: ServerSize): Promise<Child>;
  address(port: number, room: number, person: number): Address;
};

const PLAIN = plainWire({ marks: false });
const MARKED = plainWire({ marks: true });

function yWebsocket(echo: boolean): Launch {
  return {
    echo,
    start: (folder) => startChild(join(PEERS, "y-websocket.mjs"), [folder]),
    address: (port, room) => ({ url: `ws://127.0.0.1:${port}/room${room}`, headers: {}, wire: PLAIN }),
  };
}

const LAUNCHES: Readonly<Record<ServerName, Launch>> = {
  concord: {
    echo: false,
    start: (folder, { persons, rooms }) =>
      startChild(join(HERE, "concord.ts"), [folder, String(persons), String(rooms)], { node: ["--import", "tsx"] }),
    address: (port, room, person) => ({
      url: `ws://127.0.0.1:${port}/sync/${concordLayer(room)}?packed=1`,
      headers: { authorization: `Bearer ${concordToken(person)}` },
      wire: MARKED,
    }),
  },
  hocuspocus: {
    echo: false,
    start: (folder) => startChild(join(PEERS, "hocuspocus.mjs"), [folder]),
    address: (port, room) => ({ url: `ws://127.0.0.1:${port}`, headers: {}, wire: namedWire(`room${room}`) }),
  },
  "y-websocket": yWebsocket(true),
  "y-websocket without echo": yWebsocket(false),
};
