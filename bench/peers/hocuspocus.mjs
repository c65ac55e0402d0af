// @hocuspocus/server as its documentation sets it up, with its SQLite extension. Argument: the data folder.
import { join } from "node:path";
import { SQLite } from "@hocuspocus/extension-sqlite";
import { Server } from "@hocuspocus/server";
import { reportUsage } from "./report.mjs";

const [, , folder = "."] = process.argv;
reportUsage();
const server = new Server({
  port: 0,
  address: "127.0.0.1",
  quiet: true,
  extensions: [new SQLite({ database: join(folder, "documents.sqlite") })],
});
await server.listen();
process.send?.({ port: server.address.port });
