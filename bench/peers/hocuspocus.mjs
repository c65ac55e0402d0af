// @hocuspocus/server as its documentation sets it up, with its SQLite extension. Arguments: the data folder; for one of several
// processes also the port of a Redis, and then the folder is shared.
import { join } from "node:path";
import { Redis } from "@hocuspocus/extension-redis";
import { SQLite } from "@hocuspocus/extension-sqlite";
import { Server } from "@hocuspocus/server";
import { reportUsage } from "./report.mjs";

const [, , folder = ".", redisPort] = process.argv;
reportUsage();
const server = new Server({
  port: 0,
  address: "127.0.0.1",
  quiet: true,
  extensions: [
    new SQLite({ database: join(folder, "documents.sqlite") }),
    ...(redisPort === undefined ? [] : [new Redis({ host: "127.0.0.1", port: Number(redisPort) })]),
  ],
});
await server.listen();
process.send?.({ port: server.address.port });
