import { createHash } from "node:crypto";
import { createClient } from "@redis/client";
import type { Logger } from "#server/log.ts";
import { type Bus, type BusListener, decodeBusMessage, encodeBusMessage } from "./bus.ts";

/** A line on which not even the answer to a ping comes for so long is dead. */
const PING_MS = 1_000;
const SILENT_MS = 4_000;
const CONNECT_MS = 3_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

export type RedisBusOptions = {
  readonly url: string;
  readonly nodeId: string;
  /** The same for all nodes of one installation, another one for others on the same Redis. */
  readonly secret: string;
  readonly log: Pick<Logger, "info" | "warn">;
};

/**
 * The line between nodes over Redis publish and subscribe. Starts without Redis, works on without it, and comes back by
 * itself; it never holds a message back for later.
 */
export function openRedisBus({ url, nodeId, secret, log }: RedisBusOptions): Bus {
  const channel = `concord:${createHash("sha256").update(`bus:${secret}`).digest("hex").slice(0, 24)}`;
  const listeners = new Set<BusListener>();
  const state = { connected: false, closed: false };
  const client = createClient({
    url,
    RESP: 3,
    disableOfflineQueue: true,
    pingInterval: PING_MS,
    socket: { connectTimeout: CONNECT_MS, socketTimeout: SILENT_MS, reconnectStrategy: pauseBefore },
  });
  const back = (): void => {
    if (state.connected || state.closed) return;
    state.connected = true;
    log.info("bus.connected", {});
    for (const each of listeners) each.returned();
  };
  const away = (reason: unknown): void => {
    if (state.connected) log.warn("bus.away", { reason: String(reason) });
    state.connected = false;
  };
  const hear = (text: string): void => {
    const read = decodeBusMessage(text);
    if (read === null || read.from === nodeId) return;
    for (const each of listeners) each.heard(read.from, read.message);
  };
  client.on("error", away);
  // The client subscribes again by itself before it calls itself ready; the first time it is told to.
  client.on("ready", () => {
    if (client.isPubSubActive) back();
    else client.subscribe(channel, hear).then(back, away);
  });
  client.connect().catch(away);
  return {
    nodeId,
    get connected() {
      return state.connected;
    },
    send(message) {
      if (state.connected) client.publish(channel, encodeBusMessage(nodeId, message)).catch(away);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      state.closed = true;
      const wasConnected = state.connected;
      state.connected = false;
      // What was sent last goes out first; where nothing answers there is nothing to wait for.
      if (wasConnected) await client.close().catch(() => client.destroy());
      else client.destroy();
    },
  };
}

function pauseBefore(retries: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(retries, 10)) * (0.5 + Math.random() / 2);
}
