import { setTimeout as delay } from "node:timers/promises";
import * as Y from "yjs";
import { seededRandom } from "#domain/random.ts";
import { FullClient, LightClient } from "./client.ts";
import { Deliveries, type Sent } from "./deliveries.ts";
import { preload, stored } from "./rooms.ts";
import type { Server } from "./servers.ts";
import { Editor, holds } from "./workload.ts";

export type KillLoad = {
  readonly kills: number;
  readonly writers: number;
  readonly editsPerSecond: number;
  readonly annotations: number;
  /** A kill comes after so many ms of work, at random. */
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly seed: number;
};

export type KillFigures = {
  readonly kills: number | null;
  readonly seen: number | null;
  readonly told: number | null;
  /** Of what others had on their screens, or authors were told is in, so much was gone after the start. */
  readonly lostSeen: number | null;
  readonly lostTold: number | null;
};

/** A server may fill a document after it has called the client synced: this long nothing may come before it is judged. */
const QUIET_MS = 1_500;

/** Work, kill -9 at a random moment, a start, and a count of what is gone; every second kill takes the database along. */
export async function measureKills(server: Server, load: KillLoad): Promise<KillFigures> {
  const { doc: base, leave } = await preload(server, 0, load.annotations, load.seed);
  await leave();
  base.destroy();
  await stored(load.annotations);
  const random = seededRandom(load.seed);
  const totals = { kills: 0, seen: 0, told: 0, lostSeen: 0, lostTold: 0 };
  for (let kill = 0; kill < load.kills; kill++) {
    const workMs = load.earliestMs + random() * (load.latestMs - load.earliestMs);
    const sent = await workUntilKill(server, load, { workMs, seed: load.seed + 1_000 * (kill + 1), kill });
    const kept = await keptOf(server, sent);
    totals.kills += 1;
    for (const each of sent) {
      const lost = kept.has(each) ? 0 : 1;
      if (each.received > 0) {
        totals.seen += 1;
        totals.lostSeen += lost;
      }
      if (each.toldAt !== null) {
        totals.told += 1;
        totals.lostTold += lost;
      }
    }
  }
  if (totals.seen === 0) throw new Error("nobody saw anything before the kills");
  return totals;
}

async function workUntilKill(
  server: Server,
  load: KillLoad,
  { workMs, seed, kill }: { readonly workMs: number; readonly seed: number; readonly kill: number },
): Promise<readonly Sent[]> {
  const deliveries = new Deliveries();
  const writers = await Promise.all(
    Array.from({ length: load.writers }, (_, index) => writerOf(server, index, seed, deliveries)),
  );
  const timer = setInterval(() => {
    for (const write of writers) write.draw();
  }, 1_000 / load.editsPerSecond);
  await delay(workMs);
  clearInterval(timer);
  // Right after strokes that are still on their way.
  for (const write of writers) write.draw();
  await delay(3);
  await server.killAndStart({ database: kill % 2 === 1 });
  for (const { client } of writers) client.drop();
  return deliveries.sent;
}

async function writerOf(server: Server, index: number, seed: number, deliveries: Deliveries) {
  const editor = new Editor(seededRandom(seed + index));
  const awaiting: { readonly mark: number; readonly sent: Sent }[] = [];
  const client = new LightClient(server.address(0, index), {
    own: (vector) => Y.encodeStateAsUpdate(editor.doc, vector),
    onDocument: (bytes, step2) => {
      if (!step2) deliveries.receive(bytes, index);
    },
    onTold: (upTo) => {
      const count = upTo === null ? 1 : awaiting.filter(({ mark }) => mark <= upTo).length;
      for (const { sent } of awaiting.splice(0, count)) deliveries.tell(sent);
    },
  });
  await client.joined();
  const draw = (): void => {
    const stroke = editor.next();
    const sent = deliveries.send(stroke, { room: 0, author: index, timed: true });
    awaiting.push({ mark: client.update(stroke.bytes), sent });
  };
  return { client, draw };
}

/** Which strokes a stranger finds in the document when nothing more comes. */
async function keptOf(server: Server, sent: readonly Sent[]): Promise<ReadonlySet<Sent>> {
  const reader = new FullClient(server.address(0, 0));
  await reader.joined();
  while (performance.now() - reader.latest < QUIET_MS) await delay(50);
  const { ds } = Y.snapshot(reader.doc);
  const kept = new Set(sent.filter((each) => holds(reader.doc, ds, each.key)));
  await reader.close();
  return kept;
}
