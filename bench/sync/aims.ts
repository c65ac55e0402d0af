import type { Scenario } from "./scenarios.ts";

/** What Concord is to reach in a figure of which less is better: a limit of its own, or a share of the better peer's. */
export type Aim = {
  readonly text: string;
  readonly figure: string;
  /** No peer promises the same, so that none is shown beside it. */
  readonly alone?: boolean;
} & ({ readonly limit: number; readonly share?: undefined } | { readonly share: number; readonly limit?: undefined });

/** The aims of the sync engine that a scenario can speak about. */
export function aimsOf(scenario: Scenario): readonly Aim[] {
  switch (scenario.kind) {
    case "nodes":
      return [
        { text: "CPU of both nodes: at most half", figure: "cpuPerThousand", share: 0.5 },
        { text: "the same, database and Redis included", figure: "cpuWithDatabasePerThousand", share: 0.5 },
        ...(scenario.load.people === 100 ? [ACROSS] : []),
        SAVED,
      ];
    case "rooms":
      return [...crowdAims(scenario.load.people), SAVED];
    case "idle":
      return [{ text: "memory of a room: at most a tenth", figure: "heldKbPerRoom", share: 0.1 }];
    case "join":
      return [...joinAims(), ...(scenario.load.annotations >= 100_000 ? [JOIN_CPU] : [])];
    case "kill":
      return [
        { text: "nothing lost that an author was told of", figure: "lostTold", limit: 0 },
        { text: "nothing lost that others have seen", figure: "lostSeen", limit: 0 },
      ];
    default:
      return scenario satisfies never;
  }
}

const SAVED: Aim = { text: "author told: p99 at most 50 ms", figure: "savedP99", limit: 50, alone: true };
const ACROSS: Aim = { text: "stroke to a screen at the other node: p99 at most 25 ms", figure: "acrossP99", limit: 25 };
const JOIN_CPU: Aim = { text: "CPU of a join: at most a tenth", figure: "cpuPerJoinMs", share: 0.1 };

function crowdAims(people: number): readonly Aim[] {
  const share = people < 25 ? 1 : 0.5;
  const text = people < 25 ? "CPU: no more" : "CPU: at most half";
  const aims: Aim[] = [
    { text, figure: "cpuPerThousand", share },
    { text: `${text}, database included`, figure: "cpuWithDatabasePerThousand", share },
  ];
  if (people === 100) aims.push({ text: "stroke to screen: p99 at most 25 ms", figure: "p99", limit: 25 });
  if (people >= 300) aims.push({ text: "stroke to screen: p99 no worse", figure: "p99", share: 1 });
  return aims;
}

function joinAims(): readonly Aim[] {
  return [
    { text: "somebody's edit while ten join: at most 100 ms", figure: "worstEditMs", limit: 100 },
    { text: "until a joiner has it all: at most half", figure: "joinMs", share: 0.5 },
    { text: "bytes on the wire: at most two thirds", figure: "joinMb", share: 2 / 3 },
    { text: "first one after kill -9: within 5 s", figure: "reopenMs", limit: 5_000 },
    { text: "absent when called synced: nothing", figure: "absentAtSyncedShare", limit: 0 },
  ];
}
