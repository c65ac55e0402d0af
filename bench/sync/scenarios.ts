import type { ServerName, Size } from "#bench/support/options.ts";
import type { IdleRooms } from "./idle-rooms.ts";
import type { JoinLoad } from "./joining.ts";
import type { KillLoad } from "./kills.ts";
import type { RoomLoad } from "./room-load.ts";

type Work =
  | { readonly kind: "nodes"; readonly load: Omit<RoomLoad, "seed"> }
  | { readonly kind: "rooms"; readonly load: Omit<RoomLoad, "seed"> }
  | { readonly kind: "idle"; readonly load: Omit<IdleRooms, "seed"> }
  | { readonly kind: "join"; readonly load: Omit<JoinLoad, "seed"> }
  | { readonly kind: "kill"; readonly load: Omit<KillLoad, "seed"> };

export type Scenario = Work & {
  readonly name: string;
  readonly repeats: number;
  readonly servers: readonly ServerName[];
};

/** What is measured: the same for every server, smaller where there is less time. */
export function scenariosOf(size: Size): readonly Scenario[] {
  return SCENARIOS[size];
}

const ALL: readonly ServerName[] = ["concord", "hocuspocus", "y-websocket", "y-websocket without echo"];
/** Echo matters only where there is presence. */
const PRODUCTS: readonly ServerName[] = ["concord", "hocuspocus", "y-websocket"];

/** What is measured with people at two nodes, beside the same with all at one. */
const NODES: readonly ServerName[] = ["concord one node", "concord two nodes", "hocuspocus", "hocuspocus two nodes"];

type Crowd = Pick<RoomLoad, "rooms" | "people" | "cursors" | "editsPerSecond">;

/** Rooms as they are found: the more people, the fewer strokes of each; at most twenty cursors move. */
const CROWDS: readonly Crowd[] = [
  { rooms: 20, people: 5, cursors: 5, editsPerSecond: 1 },
  { rooms: 1, people: 25, cursors: 20, editsPerSecond: 1 },
  { rooms: 1, people: 100, cursors: 20, editsPerSecond: 0.5 },
  { rooms: 1, people: 300, cursors: 20, editsPerSecond: 0.2 },
];

function crowded(
  crowd: Crowd,
  {
    annotations = 1_000,
    warmUpMs,
    windowMs,
    repeats,
  }: Pick<RoomLoad, "warmUpMs" | "windowMs"> & {
    readonly annotations?: number;
    readonly repeats: number;
  },
): Scenario & { readonly kind: "rooms" } {
  const { rooms, people } = crowd;
  const name = `${rooms > 1 ? `${rooms} x ` : ""}${people} people, ${thousands(annotations)}`;
  return { kind: "rooms", name, repeats, servers: ALL, load: { ...crowd, annotations, warmUpMs, windowMs } };
}

/** The same with half of the people at another node. */
function apart(crowd: Crowd, times: Parameters<typeof crowded>[1]): Scenario {
  const { load, name, repeats } = crowded(crowd, times);
  return { kind: "nodes", name: `two nodes: ${name}`, repeats, servers: NODES, load };
}

function joining(annotations: number, repeats: number, joiners = 10): Scenario {
  const name = `join ${thousands(annotations)}`;
  return { kind: "join", name, repeats, servers: PRODUCTS, load: { annotations, joiners } };
}

function idle(few: number, many: number, annotations = 1_000): Scenario {
  return { kind: "idle", name: "idle rooms", repeats: 1, servers: PRODUCTS, load: { few, many, annotations } };
}

/** Work under which a server is killed again and again. */
export function killing(load: Pick<KillLoad, "kills" | "earliestMs" | "latestMs"> & Partial<KillLoad>): Scenario {
  const all = { writers: 20, editsPerSecond: 5, annotations: 1_000, ...load };
  return { kind: "kill", name: "kill -9", repeats: 1, servers: PRODUCTS, load: all };
}

function thousands(count: number): string {
  return count >= 1_000 ? `${count / 1_000}k` : String(count);
}

const TINY = { annotations: 50, warmUpMs: 200, windowMs: 800, repeats: 1 };
/** Until then a good part of every server's time is its compiler's, which a server that has run for a while does not pay. */
const WARM_UP_MS = 20_000;
const QUICK = { warmUpMs: WARM_UP_MS, windowMs: 6_000, repeats: 1 };
const MEDIUM = { warmUpMs: WARM_UP_MS, windowMs: 6_000, repeats: 3 };
const FULL = { warmUpMs: WARM_UP_MS, windowMs: 8_000, repeats: 3 };

const SCENARIOS: Readonly<Record<Size, readonly Scenario[]>> = {
  tiny: [
    crowded({ rooms: 2, people: 3, cursors: 2, editsPerSecond: 3 }, TINY),
    apart({ rooms: 1, people: 4, cursors: 2, editsPerSecond: 3 }, TINY),
    joining(300, 1, 3),
    idle(2, 4, 100),
    killing({ kills: 2, earliestMs: 500, latestMs: 900, writers: 3, annotations: 50 }),
  ],
  quick: [
    ...CROWDS.slice(1, 3).map((crowd) => ({ ...crowded(crowd, QUICK), servers: PRODUCTS })),
    ...CROWDS.slice(2, 3).map((crowd) => apart(crowd, QUICK)),
    joining(10_000, 1),
    killing({ kills: 2, earliestMs: 1_500, latestMs: 2_500 }),
  ],
  medium: [
    ...CROWDS.map((crowd) => ({ ...crowded(crowd, MEDIUM), servers: PRODUCTS })),
    ...CROWDS.slice(1, 3).map((crowd) => apart(crowd, MEDIUM)),
    joining(10_000, 1),
    joining(100_000, 1),
    idle(20, 60),
    killing({ kills: 4, earliestMs: 1_000, latestMs: 2_500 }),
  ],
  full: [
    ...CROWDS.map((crowd) => crowded(crowd, FULL)),
    ...CROWDS.slice(1, 3).map((crowd) => crowded(crowd, { ...FULL, annotations: 10_000 })),
    ...CROWDS.slice(1, 2).map((crowd) => crowded(crowd, { ...FULL, annotations: 100_000, repeats: 1 })),
    ...CROWDS.slice(1).map((crowd) => apart(crowd, FULL)),
    joining(10_000, 3),
    joining(100_000, 3),
    idle(50, 200),
    killing({ kills: 10, earliestMs: 2_000, latestMs: 6_000 }),
  ],
};
