import { setTimeout as delay } from "node:timers/promises";
import * as Y from "yjs";
import { quantile } from "#bench/support/statistics.ts";
import { type Random, seededRandom } from "#domain/random.ts";
import { FullClient, LightClient } from "./client.ts";
import { Deliveries, type Sent } from "./deliveries.ts";
import { type Preloaded, preload, until } from "./rooms.ts";
import type { Server } from "./servers.ts";
import { presenceUpdate } from "./wire.ts";
import { contentOf, Editor } from "./workload.ts";

export type RoomLoad = {
  readonly rooms: number;
  /** People in each room; all of them draw. */
  readonly people: number;
  /** Moving cursors in each room. */
  readonly cursors: number;
  readonly editsPerSecond: number;
  readonly annotations: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly seed: number;
};

export type RoomFigures = {
  readonly cpuPerThousand: number | null;
  readonly cpuWithDatabasePerThousand: number | null;
  readonly cpuShare: number | null;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly worst: number | null;
  /** The same between people at two nodes; null where there is one. */
  readonly acrossP50: number | null;
  readonly acrossP99: number | null;
  readonly savedP50: number | null;
  readonly savedP99: number | null;
  readonly deliveriesPerSecond: number | null;
  readonly presencesPerSecond: number | null;
  readonly mbInPerSecond: number | null;
  readonly mbOutPerSecond: number | null;
  readonly bytesPerDelivery: number | null;
  /** Strokes that were not on every screen 30 s after the window. */
  readonly undelivered: number | null;
  /** How late the load generator itself was, p99 ms: with more than a few ms the delays are its own. */
  readonly generatorLateP99: number | null;
};

const CURSORS_PER_SECOND = 10;
const ALL_DELIVERED_MS = 30_000;

type Member = {
  readonly client: LightClient;
  readonly editor: Editor;
  readonly room: number;
  readonly index: number;
  readonly awaiting: { readonly mark: number; readonly sent: Sent }[];
  clock: number;
};

/** Rooms full of people who draw and move; the answers are checked before anything is timed, and again afterwards. */
export async function measureRooms(server: Server, load: RoomLoad): Promise<RoomFigures> {
  const loaded: Preloaded[] = [];
  for (let room = 0; room < load.rooms; room++) loaded.push(await preload(server, room, load.annotations, load.seed));
  const nodeOf = (index: number) => server.nodeOf(index % load.people);
  const deliveries = new Deliveries((author, reader) => nodeOf(author) !== nodeOf(reader));
  const members = await joinAll(server, load, deliveries);
  // Not earlier: a room that is left by everybody and joined again at once is another scenario.
  await Promise.all(loaded.map((room) => room.leave()));
  const base = loaded.map((room) => room.doc);
  await checkAnswers(server, load, members, deliveries, base);
  const figures = await timeWindow(server, load, members, deliveries);
  await Promise.all(members.map((member) => member.client.close()));
  return figures;
}

async function joinAll(server: Server, load: RoomLoad, deliveries: Deliveries): Promise<Member[]> {
  const members: Member[] = [];
  const random = seededRandom(load.seed);
  for (let room = 0; room < load.rooms; room++) {
    for (let person = 0; person < load.people; person++) {
      members.push(memberOf(server, { room, person, index: members.length }, random, deliveries));
      if (members.length % 20 === 0) await Promise.all(members.map((member) => member.client.joined()));
    }
  }
  await Promise.all(members.map((member) => member.client.joined()));
  for (const member of members) move(member, random);
  return members;
}

function memberOf(
  server: Server,
  { room, person, index }: { readonly room: number; readonly person: number; readonly index: number },
  random: Random,
  deliveries: Deliveries,
): Member {
  const editor = new Editor(seededRandom(Math.floor(random() * 2 ** 31)));
  const awaiting: Member["awaiting"] = [];
  const client = new LightClient(server.address(room, person), {
    echo: server.echo,
    clientId: editor.clientId,
    own: (vector) => Y.encodeStateAsUpdate(editor.doc, vector),
    onDocument: (bytes, step2) => {
      if (!step2) deliveries.receive(bytes, index);
    },
    onTold: (upTo) => {
      const count = upTo === null ? 1 : awaiting.filter(({ mark }) => mark <= upTo).length;
      for (const { sent } of awaiting.splice(0, count)) deliveries.tell(sent);
    },
  });
  return { client, editor, room, index, awaiting, clock: 0 };
}

function draw(member: Member, deliveries: Deliveries, timed: boolean): void {
  const stroke = member.editor.next();
  const sent = deliveries.send(stroke, { room: member.room, author: member.index, timed });
  member.awaiting.push({ mark: member.client.update(stroke.bytes), sent });
}

function move(member: Member, random: Random): void {
  member.clock += 1;
  const user = { id: `person${member.index}`, name: `Reader ${member.index}`, colour: "#0072b2" };
  const cursor = [Math.round(random() * 60_000), Math.round(random() * 60_000)];
  member.client.presence(presenceUpdate(member.editor.clientId, member.clock, { user, cursor, viewport: null }));
}

/** Every stroke is on every screen, and a document there before and one that comes after say the same, and the right thing. */
async function checkAnswers(
  server: Server,
  load: RoomLoad,
  members: readonly Member[],
  deliveries: Deliveries,
  base: readonly Y.Doc[],
): Promise<void> {
  const early = new FullClient(server.address(0, 0));
  await early.joined();
  for (let round = 0; round < 3; round++) {
    for (const member of members) draw(member, deliveries, false);
    await delay(100);
  }
  await until("every stroke on every screen", ALL_DELIVERED_MS, () => deliveries.missing(load.people - 1) === 0);
  refuseEnded(members);
  const expected = contentOf(mergedOf(base[0], members));
  await until("the document of who was there is right", ALL_DELIVERED_MS, () => contentOf(early.doc) === expected);
  await early.close();
  // At every node.
  for (const person of [0, 1]) {
    const late = new FullClient(server.address(0, person));
    await late.joined();
    await until("the document of who comes later is right", ALL_DELIVERED_MS, () => contentOf(late.doc) === expected);
    await late.close();
  }
}

/** What room 0 must hold: its preload and what each of its people made. */
function mergedOf(base: Y.Doc | undefined, members: readonly Member[]): Y.Doc {
  const merged = new Y.Doc();
  if (base) Y.applyUpdate(merged, Y.encodeStateAsUpdate(base));
  for (const { room, editor } of members) if (room === 0) Y.applyUpdate(merged, Y.encodeStateAsUpdate(editor.doc));
  return merged;
}

function refuseEnded(members: readonly Member[]): void {
  const ended = members.find((member) => member.client.ended !== null);
  if (ended) throw new Error(`a client was cut off: ${ended.client.ended}`);
}

async function timeWindow(
  server: Server,
  load: RoomLoad,
  members: readonly Member[],
  deliveries: Deliveries,
): Promise<RoomFigures> {
  const lateness: number[] = [];
  await run(load, members, deliveries, load.warmUpMs, null);
  const before = await takeStock(server, members, deliveries);
  await run(load, members, deliveries, load.windowMs, lateness);
  const after = await takeStock(server, members, deliveries);
  const end = performance.now() + ALL_DELIVERED_MS;
  while (deliveries.missing(load.people - 1) > 0 && performance.now() < end) await delay(50);
  refuseEnded(members);
  return figuresOf(before, after, deliveries, { undelivered: deliveries.missing(load.people - 1), lateness });
}

type Stock = {
  readonly at: number;
  readonly cpuMs: number;
  readonly databaseMs: number | null;
  readonly delivered: number;
  readonly presences: number;
  /** Bytes that the clients got, and that they sent. */
  readonly bytesIn: number;
  readonly bytesOut: number;
};

async function takeStock(server: Server, members: readonly Member[], deliveries: Deliveries): Promise<Stock> {
  const { cpuMs, databaseMs } = await server.usage();
  const sum = (of: (client: LightClient) => number) => members.reduce((total, { client }) => total + of(client), 0);
  return {
    at: performance.now(),
    cpuMs,
    databaseMs,
    delivered: deliveries.delivered,
    presences: sum((client) => client.presences),
    bytesIn: sum((client) => client.bytesIn),
    bytesOut: sum((client) => client.bytesOut),
  };
}

function figuresOf(
  before: Stock,
  after: Stock,
  { delays, told, across }: Deliveries,
  { undelivered, lateness }: { readonly undelivered: number; readonly lateness: readonly number[] },
): RoomFigures {
  const seconds = (after.at - before.at) / 1_000;
  const delivered = after.delivered - before.delivered;
  const cpuMs = after.cpuMs - before.cpuMs;
  const database =
    after.databaseMs === null || before.databaseMs === null ? null : after.databaseMs - before.databaseMs;
  return {
    cpuPerThousand: (cpuMs / delivered) * 1_000,
    cpuWithDatabasePerThousand: database === null ? null : ((cpuMs + database) / delivered) * 1_000,
    cpuShare: cpuMs / (seconds * 1_000),
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
    worst: quantile(delays, 1),
    acrossP50: across.length === 0 ? null : quantile(across, 0.5),
    acrossP99: across.length === 0 ? null : quantile(across, 0.99),
    savedP50: told.length === 0 ? null : quantile(told, 0.5),
    savedP99: told.length === 0 ? null : quantile(told, 0.99),
    deliveriesPerSecond: delivered / seconds,
    presencesPerSecond: (after.presences - before.presences) / seconds,
    mbInPerSecond: (after.bytesOut - before.bytesOut) / seconds / 1e6,
    mbOutPerSecond: (after.bytesIn - before.bytesIn) / seconds / 1e6,
    bytesPerDelivery: (after.bytesIn - before.bytesIn) / delivered,
    undelivered,
    generatorLateP99: quantile(lateness, 0.99),
  };
}

type Happening = { readonly at: number; readonly member: Member; readonly kind: "stroke" | "cursor" };

/** Plays strokes and cursors for so long. @param lateness null during the warm-up, whose strokes are not timed */
async function run(
  load: RoomLoad,
  members: readonly Member[],
  deliveries: Deliveries,
  forMs: number,
  lateness: number[] | null,
): Promise<void> {
  const random = seededRandom(load.seed + Math.round(forMs));
  const plan = planOf(load, members, forMs, random);
  const start = performance.now();
  let next = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      for (let due = plan[next]; due !== undefined; due = plan[next]) {
        const late = performance.now() - start - due.at;
        if (late < 0) break;
        lateness?.push(late);
        if (due.kind === "stroke") draw(due.member, deliveries, lateness !== null);
        else move(due.member, random);
        next += 1;
      }
      if (performance.now() - start < forMs) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
}

/** Strokes at random moments of each person's pace, cursors at theirs, in order of time. */
function planOf(load: RoomLoad, members: readonly Member[], forMs: number, random: Random): readonly Happening[] {
  const plan: Happening[] = [];
  const pauses: readonly [Happening["kind"], number][] = [
    ["stroke", 1_000 / load.editsPerSecond],
    ["cursor", 1_000 / CURSORS_PER_SECOND],
  ];
  for (const member of members) {
    for (const [kind, pause] of pauses) {
      if (kind === "cursor" && member.index % load.people >= load.cursors) continue;
      for (let at = random() * pause; at < forMs; at += pause * (0.5 + random())) plan.push({ at, member, kind });
    }
  }
  return plan.sort((a, b) => a.at - b.at);
}
