// @y/websocket-server with its LevelDB store, as its own src/server.js sets it up, under the ws of today. Argument: the data folder.
import { createServer } from "node:http";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import { reportUsage } from "./report.mjs";

const [, , folder = "."] = process.argv;
reportUsage();
// Read once, when the module is loaded.
process.env.YPERSISTENCE = join(folder, "leveldb");
const { setupWSConnection } = await import("@y/websocket-server/utils");
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
sockets.on("connection", setupWSConnection);
const server = createServer();
server.on("upgrade", (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws, request));
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: server.address().port }));
process.on("SIGTERM", () => process.exit(0));
