import { type Db, transact } from "#db/client.ts";
import type { LogEnd } from "#db/layers.ts";
import type { LayerId, PersonId, ProjectId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import type { Bus } from "#server/bus/bus.ts";
import { AppError, type ErrorCode } from "#server/errors.ts";
import type { Logger } from "#server/log.ts";
import type { AskAccess, Caller, LayerAccess } from "./access.ts";
import { Alone, type EditHooks } from "./alone.ts";
import { Audience } from "./audience.ts";
import { Commit } from "./commit.ts";
import type { Compact } from "./compaction.ts";
import { Connection, type QueuedMessage, type RoomSide, sizeOf, type Transport } from "./connection.ts";
import type { SyncCounters } from "./counters.ts";
import { Follower, follow } from "./follow.ts";
import { type ClientVersion, fits } from "./handshake.ts";
import type { LayerLimit } from "./layer-limit.ts";
import { loadLayerState } from "./layer-reader.ts";
import { type LayerState, LogMoved } from "./layer-state.ts";
import type { Pack } from "./packing.ts";
import { epochFrame, type LateMessage } from "./protocol.ts";
import { type Difference, rebuildRows } from "./rebuild.ts";
import type { RefusalAudit } from "./refusals.ts";
import { presenceRelay } from "./relay.ts";
import type { Renew } from "./renewal.ts";
import type { Rewriting } from "./rewriting.ts";
import { Rollover, type Worth } from "./rollover.ts";
import { Snapshots } from "./snapshots.ts";
import { Telling } from "./telling.ts";
import { answersOnly, needsCommit, type Outcome, rightsOf, Turn, type Waiting } from "./turn.ts";
import { WorkQueue } from "./work-queue.ts";

/** What a room is built with; the same for all rooms. */
export type RoomWorld = {
  readonly db: Db;
  readonly access: AskAccess;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds of the wall clock. */
  readonly now: () => number;
  /** So many updates after the last snapshot the next one is due. */
  readonly snapshotEvery: number;
  readonly compact: Compact;
  readonly renew: Renew;
  readonly pack: Pack;
  /** How one of several nodes comes to rewrite a layer. */
  readonly rewriting: Rewriting;
  readonly counters: SyncCounters;
  readonly refusals: Pick<RefusalAudit, "note">;
  readonly layerLimit: LayerLimit;
  /** Clients that write an older layout only look. */
  readonly oldestLayout: number;
  /** A layer is begun anew when so many entries of its document are dead; undefined for the measured rule. */
  readonly leastDead: number | undefined;
  /** The line to the other nodes; null where this one is alone. */
  readonly bus: Pick<Bus, "send"> | null;
};

/** The largest layer is kept so many times as long as a small one. */
const LONGEST_KEPT = 60;
/** One that is written to is kept so many times as long as one that is only read. */
const KEPT_FOR_WRITERS = 20;
/**
 * One layer in memory. All that changes it goes through one queue: a turn takes every waiting message, commits what they
 * bring in one transaction, and only then tells the others and answers the author. So nobody holds what the log does not.
 */
export class Room implements RoomSide {
  readonly layerId: LayerId;
  readonly counters: SyncCounters;
  /** Who is here, and who at other nodes. */
  readonly audience: Audience;
  readonly #world: RoomWorld;
  readonly #state: LayerState;
  readonly #snapshots: Snapshots;
  readonly #rollover: Rollover;
  readonly #alone: Alone;
  readonly #telling: Telling;
  readonly #follower: Follower;
  readonly #queue = new WorkQueue({
    pauseMs: () => this.#telling.pace.pauseAt(performance.now()),
    turn: (messages) => this.#turn(messages),
    drained: () => void (this.#snapshots.due && this.#snapshots.write()),
  });
  #lagMs = 0;
  /** Wall clock at which the last socket left; null while there is one. */
  idleSince: number | null;
  /** Wall clock at which the layer was last read or written for anybody. */
  usedAt: number;
  #writtenAt = Number.NEGATIVE_INFINITY;

  private constructor(world: RoomWorld, state: LayerState) {
    this.layerId = state.place.id;
    this.counters = world.counters;
    this.#world = world;
    this.#state = state;
    this.audience = new Audience(
      (client) => state.owners.get(client),
      world.counters,
      presenceRelay(world.bus, this.layerId),
    );
    const inTurn = <T>(work: () => Promise<T>) => this.#job(work);
    this.#snapshots = new Snapshots(world, state, inTurn);
    this.#follower = new Follower(world.db, state, inTurn);
    this.#rollover = new Rollover(world, state, inTurn, () => this.#rolledOver());
    this.#telling = new Telling(world, state, this.audience);
    this.#alone = new Alone(world, state, {
      content: () => this.#content({ toWrite: true }),
      telling: this.#telling,
      giveUp: (error) => this.#giveUp(error),
    });
    this.idleSince = world.now();
    this.usedAt = world.now();
  }

  /** @returns null where there is no such layer */
  static async open(world: RoomWorld, layerId: LayerId): Promise<Room | null> {
    const state = await loadLayerState(world.db, layerId, (reason) => {
      world.counters.add("snapshots_damaged");
      world.log.warn("snapshot.damaged", { layerId, reason: String(reason) });
    });
    if (state === null) return null;
    world.log.info("room.opened", { layerId, seq: state.seq });
    return new Room(world, state);
  }

  /** Given up; the next person to come gets a new one. */
  get gone(): boolean {
    return this.#queue.ended;
  }

  get projectId(): ProjectId {
    return this.#state.place.projectId;
  }

  get connections(): ReadonlySet<Connection> {
    return this.audience.connections;
  }

  /** How long the message that waits longest has waited, or did in the latest turn. */
  get lagMs(): number {
    const since = this.#queue.waitingSince;
    return Math.max(this.#lagMs, since === undefined ? 0 : this.#world.now() - since);
  }

  get idle(): boolean {
    return this.connections.size === 0 && this.#queue.atRest;
  }

  /** Bytes held for the layer's content; 0 while it is asleep. */
  get bytes(): number {
    return this.#state.bytes + this.#alone.bytes;
  }

  join(transport: Transport, caller: Caller, access: LayerAccess, version: ClientVersion): Connection {
    const { epoch } = this.#state.place;
    const connection = new Connection(this, transport, caller, access, this.#world.now);
    connection.unpacks = version.unpacks ?? false;
    if (this.connections.size === 0) this.#world.bus?.send({ kind: "who", layerId: this.layerId });
    this.audience.connections.add(connection);
    this.idleSince = null;
    if (version.epoch !== null && version.epoch !== epoch) connection.close("epoch-over");
    if (!fits(version, this.#world.oldestLayout)) connection.block("page-outdated");
    if (version.layout !== null) connection.send(epochFrame(epoch));
    return connection;
  }

  receive(connection: Connection, message: QueuedMessage): void {
    if (message.type !== "late") this.#queue.add({ connection, message, since: this.#world.now() });
    // Fails only where the room was given up, and then its sockets were ended.
    else this.#job(() => this.#late(connection, message)).catch(() => undefined);
  }

  presence(connection: Connection, bytes: Uint8Array): void {
    this.audience.presence(connection, bytes);
  }

  presenceQuery(connection: Connection): void {
    this.audience.tellPresent(connection);
  }

  left(connection: Connection): void {
    this.audience.left(connection);
    if (this.connections.size === 0) this.idleSince = this.#world.now();
  }

  report(error: unknown): void {
    this.#world.log.error("room.failed", error, { layerId: this.layerId });
  }

  refused({ caller: { personId } }: Connection, code: ErrorCode): void {
    const { layerId, projectId } = this;
    this.counters.add("updates_refused");
    this.#world.log.warn("update.refused", { layerId, personId, code });
    this.#world.refusals.note({ personId, projectId, layerId, code });
  }

  /** The log has come this far, another node says. Where nobody is here it is read when it is needed. */
  hear(end: LogEnd): void {
    if (this.connections.size === 0) return;
    this.#follower.hear(end).catch((error: unknown) => {
      if (error instanceof LogMoved) this.#giveUp(error);
      else if (!this.gone) this.report(error);
    });
  }

  /** Changes the layer in a person's name, in a turn of its own. @throws what `before`, `change` or `alongside` throw */
  edit<T>(personId: PersonId, change: (layerDoc: LayerDoc) => T, hooks: EditHooks<T>): Promise<T> {
    return this.#job(() => this.#alone.edit(personId, change, hooks));
  }

  /** Computes the rows from the log anew. @returns in what the stored ones differed */
  rebuild(): Promise<Difference> {
    return this.#queue.job(() => rebuildRows(this.#world.db, this.#state.place, this.#state.seq));
  }

  /** Asks permissions again for some sockets: what a person may do now is told, and who may not see goes. */
  async recheck(connections: readonly Connection[]): Promise<void> {
    for (const connection of connections) {
      const question = connection.asking();
      const access = await this.#world.access(connection.caller, this.layerId);
      if (access === null) connection.close("not-found");
      else {
        connection.learn(access, question);
        // What was dropped meanwhile comes again when the socket does.
        if (connection.dropped && connection.mayWrite) connection.close("update-gap");
        else if (connection.ours) connection.tell(connection.standing);
      }
    }
  }

  /**
   * Writes a snapshot if one is due after a pause, and lets go of what nobody has used for a while.
   * @param quietMs how long that is for a layer of a megabyte and less that is only read; one that is drawn in, or that
   * costs more to read again, is kept longer
   */
  async tend(quietMs: number): Promise<void> {
    if (this.gone || !this.#queue.atRest) return;
    const now = this.#world.now();
    if (this.#snapshots.dueAfter(now - this.usedAt)) await this.#snapshots.write();
    await this.#makeRoom();
    if (this.#rollover.dueAfter(now - this.usedAt)) await this.#rollover.roll();
    if (now - this.usedAt >= quietMs) {
      this.#state.dropDocument();
      this.#alone.forget();
    }
    const keepMs = quietMs * Math.min(LONGEST_KEPT, Math.max(1, this.bytes / 2 ** 20));
    if (now - this.usedAt >= keepMs && now - this.#writtenAt >= keepMs * KEPT_FOR_WRITERS) this.sleep();
  }

  /** Begins the next epoch where that is worth it. @returns whether it did */
  rollOver(worth: Worth): Promise<boolean> {
    return this.#rollover.roll(worth);
  }

  /** Who was not taken because the layer is full comes back when it is not any more. */
  async #makeRoom(): Promise<void> {
    const waiting = [...this.connections].filter((connection) => connection.isBlocked("layer-full"));
    if (waiting.length === 0) return;
    await this.#snapshots.write({ weigh: true });
    if (this.#rollover.dueWhenFull) await this.#rollover.roll();
    if (this.#state.storedBytes < this.#world.layerLimit.bytes) for (const each of waiting) each.close("update-gap");
  }

  /** Lets go of the content, where nothing is under way that needs it. */
  sleep(): void {
    if (!this.#queue.atRest || this.#snapshots.writing || this.#rollover.rolling || this.#state.asleep) return;
    this.#state.sleep();
    this.counters.add("sleeps");
  }

  /** Ends every socket, stores what they sent before, and writes a snapshot. */
  async close(code: number, reason: string): Promise<void> {
    for (const connection of this.connections) connection.closeWith(code, reason);
    // Fails only where the room was given up, and then the log has what a snapshot would.
    await Promise.allSettled([this.#queue.job(async () => undefined)]);
    // One that is under way may not cover what came last; another does.
    await this.#snapshots.write();
    await this.#snapshots.write();
    this.#queue.end("starting");
    for (const connection of this.connections) connection.closeWith(code, reason);
    this.#world.log.info("room.closed", { layerId: this.layerId, seq: this.#state.seq });
  }

  /** Something in a turn of its own, after which everybody is told what it found that other nodes had written. */
  #job<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.job(async () => {
      try {
        return await work();
      } finally {
        this.#telling.elsewhere();
      }
    });
  }

  async #turn(messages: readonly Waiting[]): Promise<void> {
    const startedFor = messages[0]?.since ?? this.#world.now();
    try {
      const brings = messages.some(needsCommit);
      const outcome = brings ? await this.#commitTurn(messages) : answersOnly(messages);
      for (const { connection, message } of messages) connection.waiting -= sizeOf(message);
      if (outcome.answers.some(({ message }) => message.type === "step-1")) await this.#contentForJoin(brings);
      await this.#telling.prepare(outcome);
      this.#telling.tell(outcome);
      this.#lagMs = this.#world.now() - startedFor;
      for (const { message, since } of messages)
        if (message.type === "mark") this.counters.ackMs.observe(this.#world.now() - since);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** The whole document, also what another node committed a moment ago. @param current a commit has just looked for that */
  async #contentForJoin(current: boolean): Promise<void> {
    if (this.#world.bus !== null && !current) await follow(this.#world.db, this.#state);
    await this.#content({ toWrite: false });
  }

  async #content({ toWrite }: { readonly toWrite: boolean }): Promise<void> {
    this.usedAt = this.#world.now();
    if (toWrite) this.#writtenAt = this.usedAt;
    if (this.#state.asleep) this.counters.add("wakes");
    await this.#state.content();
  }

  async #commitTurn(messages: readonly Waiting[]): Promise<Outcome> {
    const started = performance.now();
    await this.#content({ toWrite: true });
    const turn = await transact(this.#world.db, async (tx) => {
      // Asked behind the lock without waiting for it: what holds then is what holds when the turn is written.
      const [commit, rights] = await Promise.all([
        Commit.begin(tx, this.#state, this.#alone.rules()),
        rightsOf(messages, (caller) => this.#world.access(caller, this.layerId, tx)),
      ]);
      const turn = new Turn(commit, rights);
      for (const { connection, message } of messages) await turn.take(connection, message);
      return { value: turn, ...(await commit.write()) };
    });
    this.counters.add("commits");
    this.counters.add("commit_ms", performance.now() - started);
    for (const [connection, error] of turn.refused) connection.fail(error);
    return turn.outcome;
  }

  /** Takes work that was done on a document that this layer has left. */
  async #late(connection: Connection, message: LateMessage): Promise<void> {
    connection.waiting -= sizeOf(message);
    if (connection.failed) return;
    try {
      await this.#alone.late(connection, message);
    } catch (error) {
      if (error instanceof AppError) connection.fail(error);
      else this.#giveUp(error);
    }
  }

  /** Ends the room: its state may hold what was not committed. Whoever is here comes back to a new one. */
  #giveUp(error: unknown): void {
    if (error instanceof LogMoved && error.epochOver) {
      // Another node has begun the next one.
      this.#end("epoch-over");
      return;
    }
    this.report(error);
    if (this.gone) return;
    this.counters.add("rooms_given_up");
    this.#end("not-saved");
  }

  #rolledOver(): void {
    this.#telling.wakeOthers(this.#state.place.epoch + 1);
    this.#end("epoch-over");
  }

  #end(code: ErrorCode): void {
    this.#queue.end(code);
    for (const connection of this.connections) connection.close(code);
  }
}
