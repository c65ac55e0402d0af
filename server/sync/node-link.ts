import type { Db } from "#db/client.ts";
import { logEnds } from "#db/layers.ts";
import type { LayerId } from "#domain/ids.ts";
import type { Bus, BusMessage } from "#server/bus/bus.ts";
import type { Logger } from "#server/log.ts";
import type { Metric } from "#server/metrics.ts";
import type { Room } from "./room.ts";

export type NodeLinkOptions = {
  readonly bus: Bus;
  /** Logs are looked at so often while the line holds: for messages that got lost all the same. */
  readonly pollMs?: number;
  /** The same while the line is broken. */
  readonly brokenPollMs?: number;
  /** Each node says so often that it lives; one that is silent for three times as long is taken for dead. */
  readonly aliveMs?: number;
  /** A node is taken for dead: it may have committed what it told nobody of. */
  readonly onDead?: () => void;
};

type Side = {
  readonly db: Db;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  readonly rooms: ReadonlyMap<LayerId, Room>;
};

const SILENT_TIMES = 3;

/**
 * Joins the rooms of this node to those of the others. That a log has gone on is heard on the bus, and found by looking
 * where that was lost; presence travels on the bus alone, and goes with the node that sent it.
 */
export class NodeLink {
  readonly #bus: Bus;
  readonly #side: Side;
  readonly #pollMs: number;
  readonly #brokenPollMs: number;
  readonly #aliveMs: number;
  readonly #onDead: () => void;
  readonly #heardAt = new Map<string, number>();
  readonly #timers: NodeJS.Timeout[];
  readonly #leave: () => void;
  #polling = false;
  #polledAt = performance.now();

  constructor(options: NodeLinkOptions, side: Side) {
    const { bus, pollMs = 1_000, brokenPollMs = 250, aliveMs = 2_000, onDead = () => undefined } = options;
    this.#bus = bus;
    this.#side = side;
    this.#pollMs = pollMs;
    this.#brokenPollMs = brokenPollMs;
    this.#aliveMs = aliveMs;
    this.#onDead = onDead;
    this.#leave = bus.listen({
      heard: (from, message) => this.#heard(from, message),
      returned: () => this.#returned(),
    });
    const poll = setInterval(() => this.#pollWhenDue(), Math.min(pollMs, brokenPollMs));
    const alive = setInterval(() => this.#tellAlive(), aliveMs);
    this.#timers = [poll, alive];
    for (const timer of this.#timers) timer.unref();
    this.#returned();
  }

  /** Whether the line holds, and how many others are heard on it. */
  metrics(): Metric[] {
    return [
      { type: "gauge", name: "nodes_connected", value: this.#bus.connected ? 1 : 0 },
      { type: "gauge", name: "nodes_heard", value: this.#heardAt.size },
    ];
  }

  /** Tells the others that this node goes. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#leave();
    this.#bus.send({ kind: "gone" });
  }

  #heard(from: string, message: BusMessage): void {
    if (message.kind === "gone") {
      this.#nodeLeft(from);
      return;
    }
    // One that comes back after a silence, or that comes first: what it said of its people before is not known here.
    const isNew = !this.#heardAt.has(from);
    this.#heardAt.set(from, performance.now());
    if (isNew) this.#bus.send({ kind: "who", layerId: null });
    if (message.kind === "appended") this.#side.rooms.get(message.layerId)?.hear(message);
    else if (message.kind === "presence") this.#presence(from, message);
    else if (message.kind === "who") this.#sayWho(message.layerId);
  }

  #presence(from: string, { layerId, states }: Extract<BusMessage, { kind: "presence" }>): void {
    try {
      this.#side.rooms.get(layerId)?.audience.presenceOf(from, Buffer.from(states, "base64"));
    } catch (error) {
      this.#side.log.warn("presence.not-read", { from, layerId, reason: String(error) });
    }
  }

  #sayWho(layerId: LayerId | null): void {
    if (layerId !== null) this.#side.rooms.get(layerId)?.audience.relayAll();
    else for (const room of this.#side.rooms.values()) room.audience.relayAll();
  }

  /** Who is where is told anew on all sides, and what was written meanwhile is read. */
  #returned(): void {
    this.#bus.send({ kind: "who", layerId: null });
    this.#sayWho(null);
    void this.#poll();
  }

  #tellAlive(): void {
    this.#bus.send({ kind: "alive" });
    const silentSince = performance.now() - SILENT_TIMES * this.#aliveMs;
    for (const [nodeId, at] of this.#heardAt) {
      if (at >= silentSince) continue;
      this.#nodeLeft(nodeId);
      this.#onDead();
    }
  }

  #nodeLeft(nodeId: string): void {
    this.#heardAt.delete(nodeId);
    for (const room of this.#side.rooms.values()) room.audience.nodeLeft(nodeId);
  }

  #pollWhenDue(): void {
    const every = this.#bus.connected ? this.#pollMs : this.#brokenPollMs;
    if (performance.now() - this.#polledAt >= every) void this.#poll();
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    this.#polledAt = performance.now();
    try {
      const rooms = [...this.#side.rooms.values()].filter((room) => room.connections.size > 0);
      const ends = await logEnds(
        this.#side.db,
        rooms.map((room) => room.layerId),
      );
      for (const room of rooms) {
        const end = ends.get(room.layerId);
        if (end !== undefined) room.hear(end);
      }
    } catch (error) {
      // The database is away; the next look finds what was written.
      this.#side.log.warn("logs.not-looked-at", { reason: String(error) });
    } finally {
      this.#polling = false;
    }
  }
}
