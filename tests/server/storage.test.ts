import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { faultOf, storageFault } from "#db/storage.ts";
import { readEnv } from "#server/env.ts";
import { testDatabase } from "#tests/support/database.ts";
import { startNode } from "#tests/support/node-world.ts";

const SAFE = { fsync: "on", synchronousCommit: "on", standbyNames: "", standby: false };

it("[DBS24] says what of a Postgres would lose or not take what people are told is saved", async () => {
  const database = await testDatabase();
  expect(await storageFault(database.pool)).toBeNull();
  await database.close();
  for (const safe of ["on", "remote_apply", "remote_write", "local"])
    expect(faultOf({ ...SAFE, synchronousCommit: safe })).toBeNull();
  expect(faultOf({ ...SAFE, fsync: "off" })).toContain("fsync = off");
  expect(faultOf({ ...SAFE, synchronousCommit: "off" })).toContain("synchronous_commit = off: a crash");
  expect(faultOf({ ...SAFE, synchronousCommit: "local", standbyNames: "a" })).toContain("its standby");
  expect(faultOf({ ...SAFE, standby: true })).toContain("leads to a standby");
});

it("[DBS24] a database that does not wait for the disk is not started on", async () => {
  const database = await testDatabase();
  const name = new URL(database.url).pathname.slice(1);
  await database.db.execute(sql.raw(`alter database "${name}" set synchronous_commit = off`));
  const folder = mkdtempSync(join(tmpdir(), "concord-storage-"));
  const env = readEnv({ PORT: "0", CONCORD_DATA: folder, DATABASE_URL: database.url });
  await expect(startNode({ env })).rejects.toThrow("synchronous_commit = off");
  rmSync(folder, { recursive: true, force: true });
  await database.close();
});
