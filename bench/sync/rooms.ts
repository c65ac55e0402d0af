import { setTimeout as delay } from "node:timers/promises";
import * as Y from "yjs";
import { seededRandom } from "#domain/random.ts";
import { FullClient, LightClient } from "./client.ts";
import type { Server } from "./servers.ts";
import { Editor } from "./workload.ts";

/** So many annotations go into one message of a preload: below every server's limit of a frame. */
const CHUNK = 2_500;
const LATEST_STORE_MS = 10_000;
const FILLED_MS = 240_000;

/** Waits until something is so. @throws Error naming it, after `withinMs` */
export async function until(what: string, withinMs: number, check: () => boolean): Promise<void> {
  const end = performance.now() + withinMs;
  while (!check()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(20);
  }
}

export type Preloaded = {
  /** The document as it then is. */
  readonly doc: Y.Doc;
  /** Until then the one who filled the room is in it. */
  leave(): Promise<void>;
};

/** Fills a room with annotations and waits until a newcomer gets them all. */
export async function preload(server: Server, room: number, annotations: number, seed: number): Promise<Preloaded> {
  const loader = new Editor(seededRandom(seed + room * 7_919));
  const address = server.address(room, 0);
  const tells = address.wire.mark(0) !== null;
  let told = 0;
  const client = new LightClient(address, {
    own: (vector) => Y.encodeStateAsUpdate(loader.doc, vector),
    onTold: (upTo) => {
      told = upTo ?? told;
    },
  });
  await client.joined();
  for (let made = 0; made < annotations; made += CHUNK) {
    const mark = client.update(loader.createMany(Math.min(CHUNK, annotations - made)));
    // More than a server lets wait would be refused; one that does not tell lets everything wait.
    if (tells) await until(`${made} annotations are stored`, FILLED_MS, () => told >= mark || client.ended !== null);
  }
  await complete(server, room, annotations, () => {
    if (client.ended !== null) throw new Error(`who filled a room was cut off: ${client.ended}`);
  });
  return { doc: loader.doc, leave: () => client.close() };
}

/** Waits until a preload is in every store: some write after ten seconds at the latest, big rooms for seconds. */
export async function stored(annotations: number): Promise<void> {
  await delay(LATEST_STORE_MS + annotations / 20);
}

/** Waits until a client that joins now has got so many annotations. */
async function complete(server: Server, room: number, annotations: number, check: () => void): Promise<void> {
  const reader = new FullClient(server.address(room, 0));
  await reader.joined();
  await until(`${annotations} annotations in room ${room}`, FILLED_MS, () => {
    check();
    return reader.size >= annotations;
  });
  await reader.close();
}
