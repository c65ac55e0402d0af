import { afterAll, beforeAll, describe } from "vitest";
import { testDatabase, testDatabaseOn } from "#tests/support/database.ts";
import { startSystemPostgres, systemPostgres } from "#tests/support/system-postgres.ts";
import { storesContract } from "./contract.ts";

storesContract("on the embedded Postgres, or the one of TEST_DATABASE_URL", testDatabase);

const bin = systemPostgres();
describe.runIf(bin !== null)("on the machine's own Postgres", () => {
  let server: Awaited<ReturnType<typeof startSystemPostgres>>;
  beforeAll(async () => {
    server = await startSystemPostgres(bin ?? "");
  });
  afterAll(async () => {
    await server.stop();
  });
  storesContract("an older major version", () => testDatabaseOn(server.url));
});
