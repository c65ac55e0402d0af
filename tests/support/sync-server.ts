import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocket } from "ws";
import type { PersonId } from "#domain/ids.ts";
import { SILENT_LOG } from "#server/log.ts";
import type { Caller } from "#server/sync/access.ts";
import type { Rooms } from "#server/sync/rooms.ts";
import { createSyncListener } from "#server/sync/socket.ts";
import type { SyncWorld } from "./sync-world.ts";

export type SyncServer = {
  /** `ws://127.0.0.1:<port>/sync` */
  readonly url: string;
  readonly port: number;
  /** Signs a person out everywhere. */
  revoke(personId: PersonId): Promise<void>;
  /** Ends every line without a word, as kill -9 does, also those that are just being opened, and stops listening. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

export const ORIGIN = "http://concord.test";

/**
 * The sync listener on a port of its own. A caller is named by person id: as a bearer token for a program
 * (`read:<id>` for a token that may only read), as the cookie `person` for a browser.
 * Sessions and tokens end `lifeMs` after the start of the listener, on the clock that is given.
 */
export async function startSync(
  rooms: Rooms,
  world: SyncWorld,
  { port = 0, heartbeatMs = 100, now = Date.now, lifeMs = Number.POSITIVE_INFINITY } = {},
): Promise<SyncServer> {
  const revoked = new Set<PersonId>();
  const began = now();
  const listener = createSyncListener({
    rooms,
    authenticate: async (req) => {
      const caller = callerOf(req, world);
      if (caller === null || revoked.has(caller.personId)) return null;
      return Number.isFinite(lifeMs) ? { ...caller, expiresAt: began + lifeMs } : caller;
    },
    access: world.ask,
    origins: (origin) => origin === ORIGIN,
    log: SILENT_LOG,
    heartbeatMs,
    now,
  });
  const server = createServer((_req, res) => res.writeHead(404).end());
  server.on("upgrade", (req, socket, head) => listener.upgrade(req, socket, head));
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: chosen } = server.address() as AddressInfo;
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return {
    url: `ws://127.0.0.1:${chosen}/sync`,
    port: chosen,
    async revoke(personId) {
      revoked.add(personId);
      await listener.recheck(personId);
      revoked.delete(personId);
    },
    async kill() {
      for (const socket of sockets) socket.destroy();
      await stop();
    },
    async close() {
      await listener.close();
      await stop();
    },
  };
}

function callerOf(req: IncomingMessage, world: SyncWorld): Caller | null {
  const token = /^Bearer (read:)?(\w+)$/.exec(req.headers.authorization ?? "");
  const cookie = /person=(\w+)/.exec(req.headers.cookie ?? "");
  const id = token?.[2] ?? cookie?.[1];
  const person = world.people.find((each) => each.personId === id);
  if (person === undefined) return null;
  return { ...person, scope: token?.[1] === undefined ? "write" : "read", via: token === null ? "cookie" : "token" };
}

/** A WebSocket class for `WebSocketPolyfill` that brings these headers. */
export function socketWith(headers: Readonly<Record<string, string>>): typeof globalThis.WebSocket {
  const Socket = class extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols ?? [], { headers: { ...headers } });
    }
  };
  return Socket as unknown as typeof globalThis.WebSocket;
}

export const asProgram = (caller: Caller) => socketWith({ authorization: `Bearer ${caller.personId}` });
export const asBrowser = (caller: Caller) => socketWith({ cookie: `person=${caller.personId}`, origin: ORIGIN });
