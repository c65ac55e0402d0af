import type pg from "pg";

/** Settings on which it depends whether a commit that came back is there after a crash, and whether there is one at all. */
type Settings = {
  readonly fsync: string;
  readonly synchronousCommit: string;
  readonly standbyNames: string;
  readonly standby: boolean;
};

/**
 * Why a Postgres would lose or not take what people are told is saved.
 * @returns a sentence for the operator; null where it keeps what it commits
 */
export async function storageFault(pool: Pick<pg.Pool, "query">): Promise<string | null> {
  const { rows } = await pool.query<Settings>(
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as "synchronousCommit",
            current_setting('synchronous_standby_names') as "standbyNames", pg_is_in_recovery() as standby`,
  );
  const [settings] = rows;
  return settings === undefined ? null : faultOf(settings);
}

/** The same of settings that were read. */
export function faultOf({ fsync, synchronousCommit, standbyNames, standby }: Settings): string | null {
  if (standby) return "DATABASE_URL leads to a standby, which stores nothing. It must follow the primary.";
  if (fsync !== "on") {
    return `This Postgres has fsync = ${fsync}: a power cut would lose what people were told is saved. Turn it on.`;
  }
  if (synchronousCommit === "off" || (synchronousCommit === "local" && standbyNames !== "")) {
    const loser = synchronousCommit === "off" ? "a crash" : "its standby that takes over";
    return `This Postgres has synchronous_commit = ${synchronousCommit}: ${loser} would lose what people were told is saved. Set it to on.`;
  }
  return null;
}
