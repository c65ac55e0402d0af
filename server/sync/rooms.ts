import type { LayerId, PersonId, ProjectId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { AppError, type ErrorCode } from "#server/errors.ts";
import type { Metric } from "#server/metrics.ts";
import type { Caller, LayerAccess } from "./access.ts";
import type { EditHooks } from "./alone.ts";
import { type Compact, compactHere } from "./compaction.ts";
import type { Connection, Transport } from "./connection.ts";
import { SyncCounters } from "./counters.ts";
import { type ClientVersion, OLDEST_LAYOUT, STOCK_CLIENT } from "./handshake.ts";
import { LAYER_LIMIT, type LayerLimit } from "./layer-limit.ts";
import { LogMoved } from "./layer-state.ts";
import { NodeLink, type NodeLinkOptions } from "./node-link.ts";
import { type Pack, packHere } from "./packing.ts";
import type { Difference } from "./rebuild.ts";
import { RefusalAudit } from "./refusals.ts";
import { type Renew, renewHere } from "./renewal.ts";
import { rewriteAmongNodes, rewriteHere } from "./rewriting.ts";
import { AT_A_FREEZE, type Worth } from "./rollover.ts";
import { Room, type RoomWorld } from "./room.ts";

/** Sockets of these layers and these people; everything where nothing is said. */
export type SocketFilter = {
  readonly layerId?: LayerId | undefined;
  readonly personId?: PersonId | undefined;
  readonly projectId?: ProjectId | undefined;
};

export type RoomStats = {
  readonly rooms: number;
  readonly sockets: number;
  /** How long the message that waits longest has waited, or did in the latest turn of its room. */
  readonly lagMs: number;
  /** Bytes held for the content of layers, and in how many rooms; the others are asleep. */
  readonly bytes: number;
  readonly awake: number;
  /** Bytes that were received and wait for a turn. */
  readonly waitingBytes: number;
  /** Sockets that do not take what they are sent as fast as it comes. */
  readonly slow: number;
};

const TEND_EVERY_MS = 1_000;
/** A command finds its layer begun anew so often at most; more is a fault. */
const MOST_TRIES = 3;

export type RoomsOptions = Pick<RoomWorld, "db" | "access" | "log"> & {
  readonly now?: () => number;
  readonly snapshotEvery?: number;
  /** An empty room is kept this long: a reload or a lost line comes back to it. */
  readonly idleMs?: number;
  /** What is to be done from time to time is done so often. */
  readonly tendMs?: number;
  /** What is held of a small layer is let go of so long after it was read, twenty times as long after it was written. */
  readonly quietMs?: number;
  /** So many bytes may be held for the content of layers; those that were used longest ago are let go of first. */
  readonly maxBytes?: number;
  /** Where snapshots are made, and what is closed after the rooms; in this thread unless said. */
  readonly compaction?: {
    readonly compact: Compact;
    readonly renew?: Renew;
    readonly pack?: Pack;
    close(): Promise<void>;
  };
  /** How much a layer may hold. */
  readonly layerLimit?: LayerLimit;
  /** Clients that write an older layout only look. */
  readonly oldestLayout?: number;
  /** A layer is begun anew when so many entries of its document are dead, and more than live. */
  readonly leastDead?: number;
  /** The line to the other nodes; left out where this one is alone. */
  readonly nodes?: NodeLinkOptions;
  /** Has the other nodes ask permissions again too. */
  readonly recheckElsewhere?: (filter: SocketFilter) => void;
};

/** Every open layer of this process, each opened once. Other nodes may have the same layers open: the log decides. */
export class Rooms {
  readonly counters = new SyncCounters();
  #rechecks = 0;
  readonly #world: RoomWorld;
  readonly #idleMs: number;
  readonly #quietMs: number;
  readonly #maxBytes: number;
  readonly #compaction: { close(): Promise<void> };
  readonly #rooms = new Map<LayerId, Promise<Room | null>>();
  readonly #open = new Map<LayerId, Room>();
  readonly #refusals: RefusalAudit;
  readonly #timer: NodeJS.Timeout;
  #tidying: Promise<void> = Promise.resolve();
  readonly #link: NodeLink | null;
  readonly #recheckElsewhere: (filter: SocketFilter) => void;
  #closed = false;

  constructor({
    db,
    access,
    log,
    now = Date.now,
    snapshotEvery = 2_000,
    idleMs = 30_000,
    tendMs = TEND_EVERY_MS,
    quietMs = 3_000,
    maxBytes = 512 * 1024 * 1024,
    layerLimit = LAYER_LIMIT,
    oldestLayout = OLDEST_LAYOUT,
    leastDead,
    compaction = { compact: compactHere, close: async () => undefined },
    nodes,
    recheckElsewhere = () => undefined,
  }: RoomsOptions) {
    const { compact, renew = renewHere, pack = packHere } = compaction;
    const bus = nodes?.bus ?? null;
    const rules = { snapshotEvery, layerLimit, oldestLayout, leastDead };
    this.#refusals = new RefusalAudit({ db, log, now });
    const { counters } = this;
    const rewriting = nodes === undefined ? rewriteHere : rewriteAmongNodes(db);
    const work = { compact, renew, pack, rewriting };
    this.#world = { db, access, log, now, ...work, counters, refusals: this.#refusals, bus, ...rules };
    this.#link = nodes === undefined ? null : new NodeLink(nodes, { db, log, rooms: this.#open });
    this.#recheckElsewhere = recheckElsewhere;
    this.#compaction = compaction;
    this.#idleMs = idleMs;
    this.#quietMs = quietMs;
    this.#maxBytes = maxBytes;
    this.#timer = setInterval(() => void this.tend(), tendMs);
    this.#timer.unref();
  }

  /**
   * Brings a socket into a layer's room, which is loaded by then.
   * @param rechecks how often rights had been asked again by the time that these were asked
   * @throws AppError `not-found`
   */
  async join(
    layerId: LayerId,
    transport: Transport,
    caller: Caller,
    access: LayerAccess,
    version: ClientVersion = STOCK_CLIENT,
    rechecks = this.#rechecks,
  ): Promise<Connection> {
    const room = await this.#room(layerId);
    const connection = room.join(transport, caller, access, version);
    // Rights that changed while the layer was read were asked again for those who were in it, and this one was not.
    if (rechecks !== this.#rechecks) room.recheck([connection]).catch((error: unknown) => room.report(error));
    return connection;
  }

  /**
   * Changes a layer in a person's name: logged, projected and told like a stroke. The caller has asked `can()`; the
   * layer's own lock does not stop it. Must not be called from inside a transaction that holds the layer.
   * @param change gets the layer as committed; what it returns is returned
   * @throws what `change` or a hook throws (nothing has happened then), AppError for an outline that may not be there
   */
  async edit<T>(
    layerId: LayerId,
    personId: PersonId,
    change: (layerDoc: LayerDoc) => T,
    hooks: EditHooks<T> = {},
  ): Promise<T> {
    for (let tries = 0; ; tries++) {
      const room = await this.#room(layerId);
      try {
        return await room.edit(personId, change, hooks);
      } catch (error) {
        // Said before anything was begun: the layer goes on with another document, begun here or by another node.
        const moved =
          error instanceof LogMoved ? error.epochOver : error instanceof AppError && error.code === "epoch-over";
        if (!moved || tries >= MOST_TRIES) throw error;
      }
    }
  }

  /** Begins a layer's next epoch where that is worth it. @returns whether it was begun */
  async rollOver(layerId: LayerId, worth: Worth = {}): Promise<boolean> {
    const room = await this.#room(layerId);
    return room.rollOver(worth);
  }

  /** Begins layers anew where that is worth it after a freeze, one after the other, while everything goes on. */
  tidy(layerIds: readonly LayerId[]): void {
    this.#tidying = this.#tidying.then(async () => {
      for (const layerId of layerIds) if (!this.#closed) await this.#tidyOne(layerId);
    });
  }

  /** Computes a layer's rows from its log anew. @returns in what the stored ones differed */
  async rebuild(layerId: LayerId): Promise<Difference> {
    const room = await this.#room(layerId);
    return room.rebuild();
  }

  /** Asks permissions again for open sockets, on every node. To be called after every change of a role, a round or a lock. */
  async recheck(filter: SocketFilter = {}): Promise<void> {
    this.#recheckElsewhere(filter);
    await this.recheckHere(filter);
  }

  /** How often rights were asked again: who joins with what was asked before may have missed one. */
  get rechecks(): number {
    return this.#rechecks;
  }

  /** The same for the sockets of this node. */
  async recheckHere(filter: SocketFilter = {}): Promise<void> {
    this.#rechecks += 1;
    await Promise.all(this.#matching(filter).map(([room, connections]) => room.recheck(connections)));
  }

  /** Ends open sockets, as when a person is signed out everywhere. */
  disconnect(filter: SocketFilter, code: ErrorCode): void {
    for (const [, connections] of this.#matching(filter)) for (const each of connections) each.close(code);
  }

  stats(): RoomStats {
    let [sockets, lagMs, bytes, awake, waitingBytes, slow] = [0, 0, 0, 0, 0, 0];
    for (const room of this.#open.values()) {
      sockets += room.connections.size;
      lagMs = Math.max(lagMs, room.lagMs);
      bytes += room.bytes;
      if (room.bytes > 0) awake += 1;
      for (const connection of room.connections) {
        waitingBytes += connection.waiting;
        if (connection.missedPresence) slow += 1;
      }
    }
    return { rooms: this.#open.size, sockets, lagMs, bytes, awake, waitingBytes, slow };
  }

  /** Totals and present values; none names a layer or a person. */
  metrics(): Metric[] {
    const { rooms, sockets, lagMs, bytes, awake, waitingBytes, slow } = this.stats();
    const gauges = {
      rooms,
      rooms_awake: awake,
      sockets,
      sockets_slow: slow,
      room_lag_ms: lagMs,
      room_bytes: bytes,
      waiting_bytes: waitingBytes,
    };
    const values = Object.entries(gauges).map(
      ([name, value]): Metric => ({ type: "gauge", name: `sync_${name}`, value }),
    );
    return [...this.counters.metrics(), ...values, ...(this.#link?.metrics() ?? [])];
  }

  /** What is to be done from time to time: snapshots, letting go of content, letting go of rooms. */
  async tend(): Promise<void> {
    this.#refusals.tend();
    await Promise.all([...this.#open.values()].map((room) => room.tend(this.#quietMs)));
    let { bytes } = this.stats();
    for (const room of [...this.#open.values()].sort((a, b) => a.usedAt - b.usedAt)) {
      if (bytes <= this.#maxBytes) break;
      const held = room.bytes;
      room.sleep();
      bytes += room.bytes - held;
    }
    await this.evictIdle();
  }

  /** Lets go of rooms that have been empty for long enough, each with a snapshot. */
  async evictIdle(): Promise<void> {
    const before = this.#world.now() - this.#idleMs;
    const idle = [...this.#open.values()].filter(
      (room) => room.gone || (room.idle && (room.idleSince ?? Infinity) <= before),
    );
    await Promise.all(idle.map((room) => this.#letGo(room, 1001, "idle")));
  }

  /** Stores what was sent, ends every socket (1001) and writes snapshots. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#link?.close();
    await this.#tidying;
    await Promise.allSettled(this.#rooms.values());
    await Promise.all([...this.#open.values()].map((room) => this.#letGo(room, 1001, "going away")));
    await Promise.all([this.#compaction.close(), this.#refusals.close()]);
  }

  async #tidyOne(layerId: LayerId): Promise<void> {
    try {
      await this.rollOver(layerId, AT_A_FREEZE);
    } catch (error) {
      // Removed meanwhile, or the server stops: it stays as heavy as it is.
      this.#world.log.warn("epoch.not-begun", { layerId, reason: String(error) });
    }
  }

  async #letGo(room: Room, code: number, reason: string): Promise<void> {
    this.#forget(room);
    if (!room.gone) await room.close(code, reason);
  }

  #forget(room: Room): void {
    if (this.#open.get(room.layerId) !== room) return;
    this.#open.delete(room.layerId);
    this.#rooms.delete(room.layerId);
  }

  async #room(layerId: LayerId): Promise<Room> {
    for (;;) {
      if (this.#closed) throw new AppError("starting");
      const room = await this.#opened(layerId);
      if (room === null) throw new AppError("not-found", { layerId });
      if (!room.gone && this.#open.get(layerId) === room) return room;
      this.#forget(room);
    }
  }

  #opened(layerId: LayerId): Promise<Room | null> {
    const known = this.#rooms.get(layerId);
    if (known) return known;
    const opening = Room.open(this.#world, layerId).then(
      (room) => {
        if (room === null) this.#rooms.delete(layerId);
        else this.#open.set(layerId, room);
        return room;
      },
      (error: unknown) => {
        this.#rooms.delete(layerId);
        this.#world.log.error("room.not-opened", error, { layerId });
        throw new AppError("not-saved", { layerId }, error);
      },
    );
    this.#rooms.set(layerId, opening);
    return opening;
  }

  #matching({ layerId, personId, projectId }: SocketFilter): [Room, Connection[]][] {
    const found: [Room, Connection[]][] = [];
    for (const room of this.#open.values()) {
      if (layerId !== undefined && room.layerId !== layerId) continue;
      if (projectId !== undefined && room.projectId !== projectId) continue;
      const connections = [...room.connections].filter(
        (each) => personId === undefined || each.caller.personId === personId,
      );
      if (connections.length > 0) found.push([room, connections]);
    }
    return found;
  }
}

export function createRooms(options: RoomsOptions): Rooms {
  return new Rooms(options);
}
