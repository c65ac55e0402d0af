import { setTimeout as delay } from "node:timers/promises";
import * as Y from "yjs";
import { seededRandom } from "#domain/random.ts";
import { FullClient, LightClient } from "./client.ts";
import type { Server } from "./servers.ts";
import { Editor } from "./workload.ts";

/** So many annotations go into one message of a preload: below every server's limit of a frame. */
const CHUNK = 2_500;

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
  const client = new LightClient(server.address(room, 0), {
    own: (vector) => Y.encodeStateAsUpdate(loader.doc, vector),
  });
  await client.joined();
  for (let made = 0; made < annotations; made += CHUNK) {
    client.update(loader.createMany(Math.min(CHUNK, annotations - made)));
  }
  await complete(server, room, annotations);
  return { doc: loader.doc, leave: () => client.close() };
}

/** Waits until a client that joins now gets so many annotations. */
export async function complete(server: Server, room: number, annotations: number): Promise<void> {
  const reader = new FullClient(server.address(room, 0));
  await reader.joined();
  await until(`${annotations} annotations in room ${room}`, 120_000, () => reader.size >= annotations);
  await reader.close();
}
