// Concord from its sources, without pages, on the embedded Postgres. Arguments: data folder, persons, rooms; for one of several
// nodes also the addresses of Postgres and Redis.

import { reportUsage } from "#bench/peers/report.mjs";
import { readEnv } from "#server/env.ts";
import { startWorld } from "#server/world.ts";
import { seedBench } from "./concord-seed.ts";

const [, , folder = "", persons = "1", rooms = "1", databaseUrl, redisUrl] = process.argv;
reportUsage();
const env = readEnv({
  PORT: "0",
  HOST: "127.0.0.1",
  CONCORD_DATA: folder,
  CONCORD_MODE: "production",
  CONCORD_SECRET: "of the bench, which nobody else can reach",
  LOG_LEVEL: "error",
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
});
const world = await startWorld(env, { pages: false });
await seedBench(world.product.world.db, { persons: Number(persons), rooms: Number(rooms) });
process.once("SIGTERM", () => void world.stop().then(() => process.exit(0)));
process.send?.({ port: world.port });
