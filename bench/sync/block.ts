// One scenario against one server, in a process of its own: the load generator. Argument: a BlockOrder. Prints figures.
import type { ServerName } from "#bench/support/options.ts";
import { type IdleFigures, measureIdleRooms } from "./idle-rooms.ts";
import { type JoinFigures, measureJoins } from "./joining.ts";
import { type KillFigures, measureKills } from "./kills.ts";
import type { ServerSize } from "./launches.ts";
import { measureRooms, type RoomFigures } from "./room-load.ts";
import type { Scenario } from "./scenarios.ts";
import { type Server, startServer } from "./servers.ts";

export type BlockOrder = { readonly server: ServerName; readonly scenario: Scenario; readonly seed: number };
export type Figures = RoomFigures | IdleFigures | JoinFigures | KillFigures;

const order: BlockOrder = JSON.parse(process.argv[2] ?? "");
const server = await startServer(order.server, sizeOf(order.scenario));
// A database of its own outlives a server that is only killed.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void server.close().finally(() => process.exit(1)));
}
try {
  const figures = await measure(server, order);
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  await server.close();
}
process.exit(0);

function measure(under: Server, { scenario, seed }: BlockOrder): Promise<Figures> {
  switch (scenario.kind) {
    case "rooms":
    case "nodes":
      return measureRooms(under, { ...scenario.load, seed });
    case "idle":
      return measureIdleRooms(under, { ...scenario.load, seed });
    case "join":
      return measureJoins(under, { ...scenario.load, seed });
    case "kill":
      return measureKills(under, { ...scenario.load, seed });
    default:
      return scenario satisfies never;
  }
}

function sizeOf(scenario: Scenario): ServerSize {
  switch (scenario.kind) {
    case "rooms":
    case "nodes":
      return { persons: scenario.load.people, rooms: scenario.load.rooms };
    case "idle":
      return { persons: 1, rooms: scenario.load.many };
    case "join":
      return { persons: scenario.load.joiners + 2, rooms: 1 };
    case "kill":
      return { persons: scenario.load.writers, rooms: 1 };
    default:
      return scenario satisfies never;
  }
}
