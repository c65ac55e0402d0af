import { join } from "node:path";
import { type Child, startChild } from "#bench/support/child.ts";
import type { SingleServer } from "#bench/support/options.ts";
import type { Address } from "./client.ts";
import { concordLayer, concordToken } from "./concord-names.ts";
import { namedWire, plainWire } from "./wire.ts";

export type ServerSize = { readonly persons: number; readonly rooms: number };

/** What nodes of Concord share. */
export type SharedStores = { readonly databaseUrl: string; readonly redisUrl: string };

const HERE = import.meta.dirname;
export const PEERS = join(HERE, "..", "peers");

/** How a server is started, and where its people go. */
export type Launch = {
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

/** Concord on its embedded Postgres, or on another and as one of several nodes. */
export function startConcord(
  folder: string,
  { persons, rooms }: ServerSize,
  shared: SharedStores | null = null,
): Promise<Child> {
  const args = [folder, String(persons), String(rooms), ...(shared ? [shared.databaseUrl, shared.redisUrl] : [])];
  return startChild(join(HERE, "concord.ts"), args, { node: ["--import", "tsx"] });
}

export const LAUNCHES: Readonly<Record<SingleServer, Launch>> = {
  concord: {
    echo: false,
    start: (folder, size) => startConcord(folder, size),
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
