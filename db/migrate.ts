import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type pg from "pg";
import { LOCKS } from "./locks.ts";

/**
 * Brings the database to the state that this code expects, in one transaction. Of two starts at once on a shared database the
 * second waits and then finds nothing to do.
 * @param upTo stops at this schema version, for data that an older Concord wrote; the newest where absent
 * @throws "database-newer" where a newer Concord has been at work on it: going back would lose what that one added
 */
export async function migrateDatabase(pool: pg.Pool, { upTo }: { readonly upTo?: number } = {}): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [LOCKS.migration]);
    await refuseNewer(client);
    const folder = upTo === undefined ? null : folderUpTo(upTo);
    try {
      await migrate(drizzle(client), { migrationsFolder: folder ?? migrationsFolder() });
    } finally {
      if (folder !== null) rmSync(folder, { recursive: true });
    }
  } finally {
    await client.query("select pg_advisory_unlock($1)", [LOCKS.migration]).catch(() => undefined);
    client.release();
  }
}

/** The schema version of a database: the number of its newest migration; null where Concord never migrated it. */
export async function schemaVersion(client: Pick<pg.ClientBase, "query">): Promise<number | null> {
  const table = await client.query("select to_regclass('drizzle.__drizzle_migrations') as name");
  if (table.rows[0].name === null) return null;
  const { rows } = await client.query("select max(created_at)::text as newest from drizzle.__drizzle_migrations");
  return rows[0].newest === null ? null : Number(rows[0].newest);
}

/** The schema version that this code expects. */
export function newestSchema(): number {
  return Math.max(...readMigrationFiles({ migrationsFolder: migrationsFolder() }).map((file) => file.folderMillis));
}

/** A copy of the migrations that ends at a schema version; the caller removes it. */
function folderUpTo(version: number): string {
  const folder = mkdtempSync(join(tmpdir(), "concord-migrations-"));
  cpSync(migrationsFolder(), folder, { recursive: true });
  const file = join(folder, "meta", "_journal.json");
  const journal: { readonly entries: readonly { readonly when: number }[] } = JSON.parse(readFileSync(file, "utf8"));
  const entries = journal.entries.filter((entry) => entry.when <= version);
  writeFileSync(file, JSON.stringify({ ...journal, entries }));
  return folder;
}

/** Beside this file, and beside the bundle that it ends up in. */
function migrationsFolder(): string {
  const folder = fileURLToPath(new URL("./migrations", import.meta.url));
  if (!existsSync(folder)) throw new Error(`the migrations are missing: ${folder}`);
  return folder;
}

async function refuseNewer(client: pg.PoolClient): Promise<void> {
  if (((await schemaVersion(client)) ?? 0) > newestSchema()) {
    throw new Error("database-newer: a newer version of Concord has used this database. Start that version.");
  }
}
