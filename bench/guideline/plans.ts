import { type Database, openDatabase } from "#db/client.ts";

/** A statement with its plan as it was run: https://www.postgresql.org/docs/current/auto-explain.html */
export type Plan = { readonly statement: string; readonly root: PlanNode };
/** What happened in one node; rows are those of one loop, on average. */
export type PlanNode = {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Shared Hit Blocks"?: number;
  readonly "Shared Read Blocks"?: number;
  readonly Plans?: readonly PlanNode[];
};

/** A second way to a database, on which the plan of every statement is kept. The server's user must be its owner. */
export function recorded(url: string): { readonly database: Database; take(): Plan[] } {
  const explaining = new URL(url);
  explaining.searchParams.set("options", EXPLAINING.map((setting) => `-c ${setting}`).join(" "));
  const database = openDatabase(explaining.href, { maxConnections: 4, pipeline: false });
  const plans: Plan[] = [];
  database.pool.on("connect", (client) => {
    client.on("notice", ({ message = "" }) => {
      if (message.includes("plan:")) plans.push(planOf(JSON.parse(message.slice(message.indexOf("{")))));
    });
  });
  return { database, take: () => plans.splice(0) };
}

const EXPLAINING = [
  "session_preload_libraries=auto_explain",
  "auto_explain.log_min_duration=0",
  "auto_explain.log_analyze=on",
  "auto_explain.log_buffers=on",
  "auto_explain.log_timing=off",
  "auto_explain.log_format=json",
  "client_min_messages=log",
];

function planOf(told: { readonly "Query Text": string; readonly Plan: PlanNode }): Plan {
  return { statement: told["Query Text"], root: told.Plan };
}

/** Every node of a plan with how deep it lies. */
export function* nodesOf(node: PlanNode, depth = 0): Generator<{ readonly node: PlanNode; readonly depth: number }> {
  yield { node, depth };
  for (const part of node.Plans ?? []) yield* nodesOf(part, depth + 1);
}

/** Rows that a node looked at, those that it passed over too. */
export function rowsRead(node: PlanNode): number {
  return Math.round((node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"]);
}

/** A plan in lines: what is read, how often, how many rows and blocks. */
export function sayPlan({ statement, root }: Plan): string {
  const lines = [...nodesOf(root)].map(({ node, depth }) => {
    const place = [node["Relation Name"], node["Index Name"]].filter((name) => name !== undefined).join(", ");
    const blocks = (node["Shared Hit Blocks"] ?? 0) + (node["Shared Read Blocks"] ?? 0);
    const done = `rows ${rowsRead(node)}, loops ${node["Actual Loops"]}, blocks ${blocks}`;
    return `${"  ".repeat(depth + 1)}${node["Node Type"]}${place === "" ? "" : ` on ${place}`}: ${done}`;
  });
  return [statement.replaceAll(/\s+/g, " ").trim().slice(0, 150), ...lines].join("\n");
}
