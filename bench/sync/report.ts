import { medians } from "#bench/support/statistics.ts";
import { type Cell, table, times } from "#bench/support/table.ts";
import { type Aim, aimsOf } from "./aims.ts";
import type { Figures } from "./block.ts";
import type { Scenario } from "./scenarios.ts";

type Outcome = {
  readonly scenario: Scenario;
  readonly server: string;
  readonly repeats: readonly Figures[];
  readonly failures: readonly string[];
};

type Column = { readonly title: string; readonly figure: string };
type Kind = Scenario["kind"];

const column = (title: string, figure: string): Column => ({ title, figure });

const COLUMNS: Readonly<Record<Kind, readonly Column[]>> = {
  nodes: [
    column("CPU ms / 1,000", "cpuPerThousand"),
    column("with database", "cpuWithDatabasePerThousand"),
    column("p50 ms", "p50"),
    column("p99 ms", "p99"),
    column("across p50 ms", "acrossP50"),
    column("across p99 ms", "acrossP99"),
    column("told p50 ms", "savedP50"),
    column("told p99 ms", "savedP99"),
    column("deliveries/s", "deliveriesPerSecond"),
    column("presence frames/s", "presencesPerSecond"),
    column("undelivered", "undelivered"),
    column("generator late p99 ms", "generatorLateP99"),
  ],
  rooms: [
    column("CPU ms / 1,000", "cpuPerThousand"),
    column("with database", "cpuWithDatabasePerThousand"),
    column("CPU of a core", "cpuShare"),
    column("p50 ms", "p50"),
    column("p99 ms", "p99"),
    column("worst ms", "worst"),
    column("told p50 ms", "savedP50"),
    column("told p99 ms", "savedP99"),
    column("deliveries/s", "deliveriesPerSecond"),
    column("presence frames/s", "presencesPerSecond"),
    column("MB/s in", "mbInPerSecond"),
    column("MB/s out", "mbOutPerSecond"),
    column("bytes / delivery", "bytesPerDelivery"),
    column("undelivered", "undelivered"),
    column("generator late p99 ms", "generatorLateP99"),
  ],
  idle: [column("in use KB / room", "heldKbPerRoom"), column("resident KB / room", "rssKbPerRoom")],
  join: [
    column("MB", "mb"),
    column("reopen after kill -9 ms", "reopenMs"),
    column("absent when synced", "absentAtSyncedShare"),
    column("join ms", "joinMs"),
    column("its CPU ms", "joinCpuMs"),
    column("MB on the wire", "joinMb"),
    column("ten at once ms", "tenMs"),
    column("CPU ms each", "cpuPerJoinMs"),
    column("with database", "cpuWithDatabasePerJoinMs"),
    column("worst edit meanwhile ms", "worstEditMs"),
    column("edit before ms", "usualEditMs"),
  ],
  kill: [
    column("kills", "kills"),
    column("seen by others", "seen"),
    column("told their author", "told"),
    column("lost though seen", "lostSeen"),
    column("lost though told", "lostTold"),
  ],
};

const TITLES: Readonly<Record<Kind, string>> = {
  nodes: "The same with half of the people at a second node",
  rooms: "Rooms full of people",
  idle: "An open, silent room of 1,000 annotations",
  join: "Joining",
  kill: "kill -9",
};

/** Tables of every kind of scenario, and what stands where against the better peer. */
export function report(outcomes: readonly Outcome[]): string {
  const kinds = [...new Set(outcomes.map(({ scenario }) => scenario.kind))];
  return kinds
    .map((kind) =>
      section(
        kind,
        outcomes.filter(({ scenario }) => scenario.kind === kind),
      ),
    )
    .join("\n\n");
}

function section(kind: Kind, outcomes: readonly Outcome[]): string {
  const columns = COLUMNS[kind];
  const head = ["scenario", "server", "n", ...columns.map(({ title }) => title)];
  const rows = outcomes.map(({ scenario, server, repeats }): Cell[] => {
    const middle = figuresOf(repeats, columns);
    return [scenario.name, server, repeats.length, ...columns.map(({ figure }) => middle[figure] ?? null)];
  });
  const failed = outcomes.flatMap(({ scenario, server, failures }) =>
    failures.map((failure) => `- ${scenario.name}, ${server}: ${failure}`),
  );
  const parts = [`### ${TITLES[kind]}`, table(head, rows), comparison(outcomes)];
  if (failed.length > 0) parts.push(`No figures from:\n${failed.join("\n")}`);
  return parts.filter((part) => part !== "").join("\n\n");
}

function figuresOf(repeats: readonly Figures[], columns: readonly { readonly figure: string }[]) {
  const names = columns.map(({ figure }) => figure);
  const plain = repeats.map((each): Record<string, number | null> => {
    const values: Readonly<Record<string, number | null>> = { ...each };
    return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
  });
  return medians(plain, names);
}

/** Concord beside the better peer of each scenario; empty where one of the two was not measured. */
function comparison(outcomes: readonly Outcome[]): string {
  const names = [...new Set(outcomes.map(({ scenario }) => scenario.name))];
  const rows = names.flatMap((name) => {
    const here = outcomes.filter(({ scenario }) => scenario.name === name);
    const [first] = here;
    return first === undefined ? [] : aimsOf(first.scenario).flatMap((aim) => comparisonRow(name, aim, here));
  });
  return rows.length === 0 ? "" : table(["scenario", "aim", "Concord", "better peer", "ratio", "met"], rows);
}

const NAMES = {
  one: ["concord", (server: string) => server !== "concord"],
  two: ["concord two nodes", (server: string) => server === "hocuspocus two nodes"],
} as const;

function comparisonRow(name: string, aim: Aim, here: readonly Outcome[]): Cell[][] {
  const value = ({ repeats }: Outcome) => figuresOf(repeats, [aim])[aim.figure] ?? null;
  // Two nodes beside two nodes.
  const [ourName, isPeer] = NAMES[here[0]?.scenario.kind === "nodes" ? "two" : "one"];
  const own = here.find(({ server }) => server === ourName);
  const ours = own === undefined ? null : value(own);
  if (ours === null) return [];
  const peers = here.filter(({ server }) => isPeer(server)).flatMap((each) => value(each) ?? []);
  const best = peers.length === 0 || aim.alone ? null : Math.min(...peers);
  return [[name, aim.text, ours, best, times(ours, best), verdict(aim, ours, best)]];
}

function verdict(aim: Aim, ours: number, best: number | null): string {
  if (aim.limit !== undefined) return ours <= aim.limit ? "yes" : "no";
  if (best === null) return "-";
  return ours <= best * aim.share ? "yes" : "no";
}
