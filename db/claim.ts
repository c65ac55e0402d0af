import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

/** Held by the one Concord that works on a database. */
const OWNER_LOCK = 0x0c0_4c_0d2;
/** A killed owner's session ends within milliseconds; the rest is for a busy machine. */
const PATIENCE_MS = 3_000;

export type Claim = { release(): Promise<void> };

/**
 * Makes us the only Concord on this database, until `release` or our end: the lock belongs to a connection of its
 * own, so a killed process leaves nothing behind.
 * @param onLost called once when the lock was lost (the database restarted) and somebody else has it now
 * @throws with a sentence for the operator where another Concord is at work
 */
export async function claimDatabase(url: string, { onLost }: { onLost: () => void }): Promise<Claim> {
  let released = false;
  let current = await lockedClient(url, PATIENCE_MS);
  if (current === null) {
    throw new Error(
      "Another Concord is running on this data folder or database. Stop it first, or use another CONCORD_DATA.",
    );
  }
  const regain = async (): Promise<void> => {
    while (!released) {
      await delay(250, undefined, { ref: false });
      const next = await lockedClient(url, PATIENCE_MS).catch(() => undefined);
      if (next === undefined) continue;
      if (next === null) return onLost();
      current = next;
      return hold(next);
    }
  };
  const hold = (client: pg.Client): void => {
    client.once("end", () => {
      if (!released) void regain();
    });
  };
  hold(current);
  return {
    async release() {
      released = true;
      await current?.end().catch(() => undefined);
    },
  };
}

/** A connection that holds the lock, or null where somebody else kept it all the while. */
async function lockedClient(url: string, patienceMs: number): Promise<pg.Client | null> {
  const client = new pg.Client({ connectionString: url, application_name: "concord-owner", keepAlive: true });
  client.on("error", () => undefined);
  await client.connect();
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { rows } = await client.query("select pg_try_advisory_lock($1) as held", [OWNER_LOCK]);
    if (rows[0].held === true) return client;
    if (Date.now() > deadline) break;
    await delay(50);
  }
  await client.end();
  return null;
}
