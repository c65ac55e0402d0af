import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type pg from "pg";

/** Two starts at once on a shared database: the second waits here and then finds nothing to do. */
const MIGRATION_LOCK = 0x0c0_4c_0d1;

/**
 * Brings the database to the state that this code expects, in one transaction.
 * @throws "database-newer" where a newer Concord has been at work on it: going back would lose what that one added
 */
export async function migrateDatabase(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await refuseNewer(client);
    await migrate(drizzle(client), { migrationsFolder: migrationsFolder() });
  } finally {
    await client.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]).catch(() => undefined);
    client.release();
  }
}

/** Beside this file, and beside the bundle that it ends up in. */
function migrationsFolder(): string {
  const folder = fileURLToPath(new URL("./migrations", import.meta.url));
  if (!existsSync(folder)) throw new Error(`the migrations are missing: ${folder}`);
  return folder;
}

async function refuseNewer(client: pg.PoolClient): Promise<void> {
  const known = Math.max(
    ...readMigrationFiles({ migrationsFolder: migrationsFolder() }).map((file) => file.folderMillis),
  );
  const table = await client.query("select to_regclass('drizzle.__drizzle_migrations') as name");
  if (table.rows[0].name === null) return;
  const { rows } = await client.query("select max(created_at)::text as newest from drizzle.__drizzle_migrations");
  if (Number(rows[0].newest) > known) {
    throw new Error("database-newer: a newer version of Concord has used this database. Start that version.");
  }
}
