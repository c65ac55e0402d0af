import type { IncomingMessage, ServerResponse } from "node:http";
import { problemOf } from "./errors.ts";
import type { Foundation } from "./foundation.ts";
import { type Handler, refuseUpgrade, type Upgrade } from "./http.ts";
import { productVersion } from "./version.ts";

/** What answers requests on a foundation, and what the operator is told about it. */
export type Product = {
  readonly api: Handler;
  /** False where the address is not a tile's. */
  readonly tiles: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;
  readonly sync: { readonly upgrade: Upgrade };
  /** Lines below the address in the greeting: demo accounts, for one. */
  readonly welcome: readonly string[];
  /** Closes sockets (1001), then forces what is left of the log to disk. */
  close(): Promise<void>;
};

/** Builds rooms, routes and tiles on a foundation. */
export async function openProduct(foundation: Foundation): Promise<Product> {
  await foundation.database.pool.query("select 1");
  return {
    api: (req, res) => answer(foundation, req, res),
    tiles: async () => false,
    sync: { upgrade: (_req, socket) => refuseUpgrade(socket, "not-found") },
    welcome: [],
    close: async () => undefined,
  };
}

function answer({ metrics }: Foundation, req: IncomingMessage, res: ServerResponse): void {
  const healthy = req.url === "/api/health";
  const body = healthy
    ? { status: "ok", version: productVersion(), lagMs: metrics.lagMs(), rssMiB: metrics.rssMiB() }
    : problemOf("not-found");
  res.writeHead(healthy ? 200 : 404, { "content-type": "application/json", "cache-control": "no-store" });
  res.end(JSON.stringify(body));
}
