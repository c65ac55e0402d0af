import { setTimeout as delay } from "node:timers/promises";
import { slope } from "#bench/support/statistics.ts";
import { LightClient } from "./client.ts";
import { preload, until } from "./rooms.ts";
import type { Server } from "./servers.ts";

export type IdleRooms = {
  /** Rooms that are open at the first measurement, and at the second. */
  readonly few: number;
  readonly many: number;
  readonly annotations: number;
  readonly seed: number;
};

export type IdleFigures = {
  /** Bytes in use for each room, after garbage collection. */
  readonly heldKbPerRoom: number | null;
  readonly rssKbPerRoom: number | null;
};

/** A store that waits before it writes has written by then, and garbage is gone. */
const SETTLE_MS = 4_000;

/** Memory of an open, silent room with one client: the rise between few and many rooms, read from the store after a start. */
export async function measureIdleRooms(server: Server, load: IdleRooms): Promise<IdleFigures> {
  for (let room = 0; room < load.many; room++) {
    const loaded = await preload(server, room, load.annotations, load.seed);
    await loaded.leave();
    loaded.doc.destroy();
  }
  await delay(SETTLE_MS);
  await server.restart();
  // Opened once and for all before the first measurement: what a first room brings up is not the price of a room.
  const clients = await openRooms(server, 0, load.few, load.annotations);
  const first = await settled(server);
  clients.push(...(await openRooms(server, load.few, load.many, load.annotations)));
  const second = await settled(server);
  await Promise.all(clients.map((client) => client.close()));
  const perRoom = (of: "held" | "rss") =>
    slope([
      { x: load.few, y: first[of] },
      { x: load.many, y: second[of] },
    ]) / 1_024;
  return { heldKbPerRoom: perRoom("held"), rssKbPerRoom: perRoom("rss") };
}

async function settled(server: Server) {
  await delay(SETTLE_MS);
  return server.usage(true);
}

/** One silent client in each room, which has got the whole document. */
async function openRooms(server: Server, from: number, to: number, annotations: number): Promise<LightClient[]> {
  const clients: LightClient[] = [];
  for (let room = from; room < to; room++) {
    let got = 0;
    const client = new LightClient(server.address(room, 0), {
      onDocument: (bytes) => {
        got += bytes.length;
      },
    });
    await client.joined();
    // An outline of this workload takes more than eighty bytes: whoever has less has an empty or half a document.
    await until(`the document of room ${room}`, 60_000, () => got > annotations * 80);
    clients.push(client);
  }
  return clients;
}
