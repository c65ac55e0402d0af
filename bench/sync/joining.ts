import { setTimeout as delay } from "node:timers/promises";
import * as Y from "yjs";
import { quantile } from "#bench/support/statistics.ts";
import { seededRandom } from "#domain/random.ts";
import { LightClient } from "./client.ts";
import { Deliveries } from "./deliveries.ts";
import { preload, stored, until } from "./rooms.ts";
import type { Server } from "./servers.ts";
import { unpacked } from "./wire.ts";
import { contentOf, Editor } from "./workload.ts";

export type JoinLoad = { readonly annotations: number; readonly joiners: number; readonly seed: number };

export type JoinFigures = {
  readonly mb: number | null;
  /** After kill -9: until the whole document had come; the share of it that was not there when the client was told it is synced. */
  readonly reopenMs: number | null;
  readonly absentAtSyncedShare: number | null;
  readonly joinMs: number | null;
  readonly joinCpuMs: number | null;
  readonly joinMb: number | null;
  readonly tenMs: number | null;
  readonly cpuPerJoinMs: number | null;
  readonly cpuWithDatabasePerJoinMs: number | null;
  /** Longest way of somebody else's stroke to another screen while they joined, and before. */
  readonly worstEditMs: number | null;
  readonly usualEditMs: number | null;
};

const STROKE_EVERY_MS = 20;
const NEW_STROKES = 20;
const WHOLE_MS = 60_000;

/** Joining a big room without anything of it at hand: alone, ten at once, and first after a kill. */
export async function measureJoins(server: Server, load: JoinLoad): Promise<JoinFigures> {
  const { doc: base, leave } = await preload(server, 0, load.annotations, load.seed);
  await leave();
  const expected = contentOf(base);
  const whole = Y.encodeStateAsUpdate(base).length;
  // What a kill loses is measured elsewhere.
  await stored(load.annotations);
  await server.killAndStart({ database: false });
  const reopened = await reopen(server, load.annotations, expected);

  const deliveries = new Deliveries();
  const pair = await drawingPair(server, load.seed, deliveries);
  for (let stroke = 0; stroke < NEW_STROKES; stroke++) pair.draw(false);
  await until("the strokes before the join", WHOLE_MS, () => deliveries.missing(1) === 0);
  const alone = await joinTogether(server, 1, whole);
  await alone.leave();

  const stop = pair.drawEvery(STROKE_EVERY_MS);
  await delay(1_000);
  const usualEditMs = quantile(deliveries.delays, 0.5);
  deliveries.delays.length = 0;
  const together = await joinTogether(server, load.joiners, whole);
  await delay(200);
  stop();
  await until("the strokes during the joins", WHOLE_MS, () => deliveries.missing(1) === 0);
  // Not earlier: looking at what came takes this process longer than any stroke.
  await together.leave();
  await pair.close();
  return {
    mb: whole / 1e6,
    ...reopened,
    joinMs: alone.ms,
    joinCpuMs: alone.cpuMs,
    joinMb: alone.bytes / 1e6,
    tenMs: together.ms,
    cpuPerJoinMs: together.cpuMs / load.joiners,
    cpuWithDatabasePerJoinMs:
      together.databaseMs === null ? null : (together.cpuMs + together.databaseMs) / load.joiners,
    worstEditMs: quantile(deliveries.delays, 1),
    usualEditMs,
  };
}

/** The first to come after a start. @throws where the document that comes is not the right one */
async function reopen(
  server: Server,
  annotations: number,
  expected: string,
): Promise<{ readonly reopenMs: number; readonly absentAtSyncedShare: number }> {
  const came: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  let [syncedAfter, applied] = [-1, 0];
  const start = performance.now();
  const client = new LightClient(server.address(0, 0), {
    onDocument: (bytes, step2) => {
      came.push({ at: performance.now(), bytes: Uint8Array.from(bytes) });
      if (step2 && syncedAfter < 0) syncedAfter = came.length;
    },
  });
  await client.joined();
  const doc = new Y.Doc();
  const sizes: number[] = [];
  await until("the whole document after a start", WHOLE_MS, () => {
    for (const { bytes } of came.slice(applied)) {
      Y.applyUpdate(doc, bytes);
      sizes.push(doc.getMap("ann").size);
      applied += 1;
    }
    return (sizes.at(-1) ?? 0) >= annotations;
  });
  await client.close();
  if (contentOf(doc) !== expected) throw new Error("the document after a start is another one");
  const whole = sizes.findIndex((size) => size >= annotations);
  return {
    reopenMs: (came[whole]?.at ?? start) - start,
    absentAtSyncedShare: 1 - (sizes[syncedAfter - 1] ?? 0) / annotations,
  };
}

/** Two people of whom one draws and the other looks. */
async function drawingPair(server: Server, seed: number, deliveries: Deliveries) {
  const editor = new Editor(seededRandom(seed + 1));
  const author = new LightClient(server.address(0, 0), { own: (vector) => Y.encodeStateAsUpdate(editor.doc, vector) });
  const reader = new LightClient(server.address(0, 1), {
    onDocument: (bytes, step2) => {
      if (!step2) deliveries.receive(bytes, 1);
    },
  });
  await Promise.all([author.joined(), reader.joined()]);
  const draw = (timed: boolean): void => {
    const stroke = editor.next();
    deliveries.send(stroke, { room: 0, author: 0, timed });
    author.update(stroke.bytes);
  };
  return {
    draw,
    drawEvery(ms: number): () => void {
      const timer = setInterval(() => draw(true), ms);
      return () => clearInterval(timer);
    },
    async close(): Promise<void> {
      await Promise.all([author.close(), reader.close()]);
    },
  };
}

type Joined = {
  readonly ms: number;
  readonly cpuMs: number;
  readonly databaseMs: number | null;
  readonly bytes: number;
  /** Closes their sockets. @throws where what one of them got is less than the document */
  leave(): Promise<void>;
};

/** So many at once, each until the whole document has come. They keep nothing, so that the load generator stays quick. */
async function joinTogether(server: Server, joiners: number, whole: number): Promise<Joined> {
  const before = await server.usage();
  const start = performance.now();
  const clients = await Promise.all(
    Array.from({ length: joiners }, async (_, index) => {
      let got = 0;
      const packed: Uint8Array[] = [];
      const client = new LightClient(server.address(0, index + 2), {
        onDocument: (bytes) => {
          got += bytes.length;
        },
        // Ten joiners have ten processors to unpack with; here they have one, which also draws and takes the time.
        ...(joiners > 1 && { onPacked: (bytes: Uint8Array) => void packed.push(Uint8Array.from(bytes)) }),
      });
      await client.joined();
      // Whoever calls it synced before is measured until it is; how much was absent then is measured after the kill.
      await until("the whole document of a joiner", WHOLE_MS, () => packed.length > 0 || got >= whole);
      return { client, size: () => packed.reduce((sum, each) => sum + unpacked(each).length, got) };
    }),
  );
  const ms = performance.now() - start;
  const after = await server.usage();
  const bytes = clients.reduce((sum, { client }) => sum + client.bytesIn, 0) / joiners;
  const database =
    after.databaseMs === null || before.databaseMs === null ? null : after.databaseMs - before.databaseMs;
  const leave = async (): Promise<void> => {
    for (const { size } of clients) if (size() < whole) throw new Error(`a joiner got ${size()} of ${whole} bytes`);
    await Promise.all(clients.map(({ client }) => client.close()));
  };
  return { ms, cpuMs: after.cpuMs - before.cpuMs, databaseMs: database, bytes, leave };
}
