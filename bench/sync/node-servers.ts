import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startChild, type Usage } from "#bench/support/child.ts";
import type { NodeServer } from "#bench/support/options.ts";
import { childrenOf, treeCpuMs } from "#bench/support/process-tree.ts";
import { redisProgram, startRedis, WITHOUT_REDIS } from "#tests/support/redis.ts";
import { startSystemPostgres, systemPostgres } from "#tests/support/system-postgres.ts";
import { LAUNCHES, PEERS, type ServerSize, startConcord } from "./launches.ts";

/** What processes share that are one server to people, and one of them more. */
type Cluster = {
  readonly peer: "concord" | "hocuspocus";
  readonly count: number;
  start(folder: string, size: ServerSize): Promise<Child>;
  /** Processes beside the nodes: database and Redis. */
  readonly beside: readonly number[];
  end(): Promise<void>;
};

const CLUSTERS: Readonly<Record<NodeServer, () => Promise<Cluster>>> = {
  "concord one node": () => concordCluster(1),
  "concord two nodes": () => concordCluster(2),
  "hocuspocus two nodes": hocuspocusCluster,
};

/** Processes of one server with a store in common; people of even number are at the first of them. */
export async function startNodes(name: NodeServer, size: ServerSize) {
  const cluster = await CLUSTERS[name]();
  const folder = mkdtempSync(join(tmpdir(), "concord-bench-"));
  const launch = LAUNCHES[cluster.peer];
  const startAll = async (): Promise<Child[]> => {
    const nodes: Child[] = [];
    // One after the other: the first makes the tables and the people.
    for (let node = 0; node < cluster.count; node++) nodes.push(await cluster.start(folder, size));
    return nodes;
  };
  let nodes = await startAll();
  const nodeOf = (person: number): number => person % nodes.length;
  return {
    name,
    echo: launch.echo,
    nodeOf,
    address: (room: number, person: number) => launch.address(nodes[nodeOf(person)]?.port ?? 0, room, person),
    async usage(collect?: boolean) {
      const used = await Promise.all(nodes.map((node) => node.usage(collect)));
      const sum = (of: (usage: Usage) => number) => used.reduce((total, usage) => total + of(usage), 0);
      const databaseMs = cluster.beside
        .map(treeCpuMs)
        .reduce((total, ms) => (total === null || ms === null ? null : total + ms), 0);
      return {
        cpuMs: sum((each) => each.cpuMs),
        rss: sum((each) => each.rss),
        held: sum((each) => each.held),
        databaseMs,
      };
    },
    /** Store and Redis stay. */
    async killAndStart() {
      for (const node of nodes) await node.kill();
      nodes = await startAll();
    },
    async restart() {
      for (const node of nodes) await node.stop();
      nodes = await startAll();
    },
    processes: () => ({
      server: nodes[0]?.pid ?? 0,
      database: cluster.beside.flatMap((pid) => [pid, ...childrenOf(pid)]),
    }),
    async close() {
      for (const node of nodes) await node.stop();
      await cluster.end();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Nodes on the machine's own Postgres, with its settings as they come. */
async function concordCluster(count: number): Promise<Cluster> {
  const bin = systemPostgres();
  if (bin === null) throw new Error("nodes need a Postgres of this machine (Debian: apt-get install postgresql)");
  const postgres = await startSystemPostgres(bin);
  const redis = await redisHere().catch(async (error: unknown) => {
    await postgres.stop();
    throw error;
  });
  const shared = { databaseUrl: postgres.url, redisUrl: redis.url };
  return {
    peer: "concord",
    count,
    start: (folder, size) => startConcord(folder, size, shared),
    beside: [postgres.pid, redis.pid],
    async end() {
      await redis.stop();
      await postgres.stop();
    },
  };
}

/** Two processes on one file, with the Redis extension between them. */
async function hocuspocusCluster(): Promise<Cluster> {
  const redis = await redisHere();
  const port = new URL(redis.url).port;
  return {
    peer: "hocuspocus",
    count: 2,
    start: (folder) => startChild(join(PEERS, "hocuspocus.mjs"), [folder, port]),
    beside: [redis.pid],
    end: () => redis.stop(),
  };
}

async function redisHere() {
  const program = redisProgram();
  if (program === null) throw new Error(WITHOUT_REDIS);
  return startRedis(program);
}
