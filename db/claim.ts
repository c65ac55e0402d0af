import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { LOCKS } from "./locks.ts";

/** A killed owner's session ends within milliseconds; the rest is for a busy machine. */
const PATIENCE_MS = 3_000;
/** Another node that starts at the same time may be bringing the schema up to date. */
const NODE_PATIENCE_MS = 60_000;
/** Nodes of an earlier version that are being stopped get so long to end. */
const UPGRADE_PATIENCE_MS = 20_000;
const NODE_NAME = "concord-node";

export type Claim = { release(): Promise<void> };
type Upgrade = {
  readonly isCurrent: () => Promise<boolean>;
  readonly prepare: () => Promise<void>;
  readonly patienceMs?: number;
};
type OnLost = { readonly onLost: () => void };
/** A node, and what it has in common with all others: a fingerprint of their secret. */
export type NodeName = { readonly nodeId: string; readonly secretPrint: string };
type Hold = { readonly shared: boolean; readonly name: string };

const OWNER: Hold = { shared: false, name: "concord-owner" };

/**
 * Makes us the only Concord on this database, until `release` or our end: the lock belongs to a connection of its
 * own, so a killed process leaves nothing behind.
 * @param onLost called once when the lock was lost (the database restarted) and somebody else has it now
 * @throws with a sentence for the operator where another Concord is at work
 */
export async function claimDatabase(url: string, { onLost }: OnLost): Promise<Claim> {
  const client = await lockedClient(url, OWNER, PATIENCE_MS);
  if (client === null) {
    throw new Error(
      "Another Concord is running on this data folder or database. Stop it first, or use another CONCORD_DATA. " +
        "(Several nodes may share a database where each of them has REDIS_URL.)",
    );
  }
  return keep(url, OWNER, client, onLost);
}

/**
 * Makes us one of the nodes of this database, next to others and to nobody who needs it for itself.
 * @param node.isCurrent whether the database has the schema of this program
 * @param node.prepare brings it there; called while no node is running
 * @param node.patienceMs how long nodes of an earlier version may take to stop
 * @throws with a sentence for the operator: no node can join here, or not this one
 */
export async function joinDatabase(url: string, node: NodeName & Upgrade & OnLost): Promise<Claim> {
  await bringUpToDate(url, node);
  const hold: Hold = { shared: true, name: `${NODE_NAME} ${node.nodeId} ${node.secretPrint}` };
  const client = await lockedClient(url, hold, NODE_PATIENCE_MS);
  if (client === null) throw new Error(TAKEN);
  const others = await namesOfNodes(client);
  if (others.some((each) => each.secretPrint !== node.secretPrint)) {
    await client.end();
    throw new Error("A node with another CONCORD_SECRET is running on this database. All nodes need the same one.");
  }
  return keep(url, hold, client, node.onLost);
}

const TAKEN =
  "A Concord without REDIS_URL, or a command of npm run recover, has this database for itself. Stop it first.";

/** The nodes that are at work on a database, this one included. */
export async function namesOfNodes(client: Pick<pg.ClientBase, "query">): Promise<NodeName[]> {
  const { rows } = await client.query<{ name: string }>(
    `select application_name as name from pg_stat_activity
      where datname = current_database() and application_name like $1 order by application_name`,
    [`${NODE_NAME} %`],
  );
  return rows.map(({ name }) => {
    const [, nodeId = "", secretPrint = ""] = name.split(" ");
    return { nodeId, secretPrint };
  });
}

/** Nobody may be at work while tables change: of several nodes that start at once one does it, the others find it done. */
async function bringUpToDate(
  url: string,
  { isCurrent, prepare, patienceMs = UPGRADE_PATIENCE_MS }: Upgrade,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await isCurrent())) {
    const client = await lockedClient(url, OWNER, 0);
    if (client !== null) {
      try {
        // Another one may have been faster.
        if (!(await isCurrent())) await prepare();
      } finally {
        await client.end();
      }
    } else if (Date.now() > deadline) throw new Error(await whyNotAlone(url));
    else await delay(100);
  }
}

async function whyNotAlone(url: string): Promise<string> {
  const client = await lockedClient(url, { shared: true, name: "concord-look" }, 0);
  await client?.end();
  if (client === null) return TAKEN;
  return "Nodes of an earlier version are running on this database. Stop all of them before one of this version starts.";
}

function keep(url: string, hold: Hold, first: pg.Client, onLost: () => void): Claim {
  let released = false;
  let current = first;
  const regain = async (): Promise<void> => {
    while (!released) {
      await delay(250, undefined, { ref: false });
      const next = await lockedClient(url, hold, PATIENCE_MS).catch(() => undefined);
      if (next === undefined) continue;
      if (next === null) return onLost();
      current = next;
      return watch(next);
    }
  };
  const watch = (client: pg.Client): void => {
    client.once("end", () => {
      if (!released) void regain();
    });
  };
  watch(first);
  return {
    async release() {
      released = true;
      await current.end().catch(() => undefined);
    },
  };
}

/** A connection that holds the lock, or null where somebody else kept it all the while. */
async function lockedClient(url: string, { shared, name }: Hold, patienceMs: number): Promise<pg.Client | null> {
  const client = new pg.Client({ connectionString: url, application_name: name, keepAlive: true });
  client.on("error", () => undefined);
  await client.connect();
  const deadline = Date.now() + patienceMs;
  const ask = shared ? "pg_try_advisory_lock_shared" : "pg_try_advisory_lock";
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>(`select ${ask}($1) as held`, [LOCKS.owner]);
    if (rows[0]?.held === true) return client;
    if (Date.now() >= deadline) break;
    await delay(50);
  }
  await client.end();
  return null;
}
