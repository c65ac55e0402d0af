import { type Db, transact } from "#db/client.ts";
import type { LogEnd } from "#db/layers.ts";
import type { LayerId, PersonId, ProjectId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import type { Bus } from "#server/bus/bus.ts";
import { AppError, type ErrorCode } from "#server/errors.ts";
import type { Logger } from "#server/log.ts";
import type { AskAccess, Caller, LayerAccess } from "./access.ts";
import { Audience, type Told } from "./audience.ts";
import { Commit, type Committed, GuidelineMemory } from "./commit.ts";
import type { Compact } from "./compaction.ts";
import { Connection, type QueuedMessage, type RoomSide, sizeOf, type Transport } from "./connection.ts";
import type { SyncCounters } from "./counters.ts";
import { Follower, follow } from "./follow.ts";
import { loadLayerState } from "./layer-reader.ts";
import { type LayerState, LogMoved } from "./layer-state.ts";
import { Pace } from "./pace.ts";
import { markFrame, step1Frame } from "./protocol.ts";
import { type Difference, rebuildRows } from "./rebuild.ts";
import { presenceRelay } from "./relay.ts";
import { Snapshots } from "./snapshots.ts";
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
  readonly counters: SyncCounters;
  /** The line to the other nodes; null where this one is alone. */
  readonly bus: Pick<Bus, "send"> | null;
};

/** Runs in the transaction of an edit. */
export type EditHooks<T> = {
  /** Before the change: whatever may refuse it belongs here. */
  readonly before?: (tx: Db) => Promise<void>;
  /** After the change, before the commit. If it throws nothing has happened. */
  readonly alongside?: (tx: Db, value: T) => Promise<void>;
};

/** The largest layer is kept so many times as long as a small one. */
const LONGEST_KEPT = 60;
/** One that is written to is kept so many times as long as one that is only read. */
const KEPT_FOR_WRITERS = 20;
/** So few sockets are told at once, whatever it took the last time. */
const SMALL_ROOM = 8;

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
  readonly #guideline = new GuidelineMemory();
  readonly #state: LayerState;
  readonly #snapshots: Snapshots;
  readonly #follower: Follower;
  readonly #pace = new Pace();
  readonly #queue = new WorkQueue({
    pauseMs: () => this.#pace.pauseAt(performance.now()),
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
    this.#snapshots = new Snapshots(world, state, (work) => this.#job(work));
    this.#follower = new Follower(world.db, state, (work) => this.#job(work));
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
    return this.#state.bytes;
  }

  join(transport: Transport, caller: Caller, access: LayerAccess): Connection {
    const connection = new Connection(this, transport, caller, access, this.#world.now);
    if (this.connections.size === 0) this.#world.bus?.send({ kind: "who", layerId: this.layerId });
    this.audience.connections.add(connection);
    this.idleSince = null;
    return connection;
  }

  receive(connection: Connection, message: QueuedMessage): void {
    this.#queue.add({ connection, message, since: this.#world.now() });
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

  /** The log has come this far, another node says. Where nobody is here it is read when it is needed. */
  hear(end: LogEnd): void {
    if (this.connections.size === 0) return;
    this.#follower.hear(end).catch((error: unknown) => {
      if (error instanceof LogMoved) this.#giveUp("not-saved", error);
      else if (!this.gone) this.report(error);
    });
  }

  /** Changes the layer in a person's name, in a turn of its own. @throws what `before`, `change` or `alongside` throw */
  edit<T>(personId: PersonId, change: (layerDoc: LayerDoc) => T, hooks: EditHooks<T>): Promise<T> {
    return this.#job(() => this.#edit(personId, change, hooks));
  }

  /** Computes the rows from the log anew. @returns in what the stored ones differed */
  rebuild(): Promise<Difference> {
    return this.#queue.job(() => rebuildRows(this.#world.db, this.#state.place, this.#state.seq));
  }

  /** Asks permissions again for some sockets: what a person may do now is told, and who may not see goes. */
  async recheck(connections: readonly Connection[]): Promise<void> {
    for (const connection of connections) {
      const access = await this.#world.access(connection.caller, this.layerId);
      if (access === null) connection.close("not-found");
      else {
        connection.access = access;
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
    if (now - this.usedAt >= quietMs) this.#state.dropDocument();
    const keepMs = quietMs * Math.min(LONGEST_KEPT, Math.max(1, this.bytes / 2 ** 20));
    if (now - this.usedAt >= keepMs && now - this.#writtenAt >= keepMs * KEPT_FOR_WRITERS) this.sleep();
  }

  /** Lets go of the content, where nothing is under way that needs it. */
  sleep(): void {
    if (!this.#queue.atRest || this.#snapshots.writing || this.#state.asleep) return;
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
        this.audience.tell(this.#elsewhere());
      }
    });
  }

  /** What other nodes wrote and nobody here was told of. */
  #elsewhere(): Told[] {
    const frames = this.#state.takeUntold();
    this.counters.add("updates_elsewhere", frames.length);
    return frames.map((frame) => ({ frame, from: null }));
  }

  async #turn(messages: readonly Waiting[]): Promise<void> {
    const startedFor = messages[0]?.since ?? this.#world.now();
    try {
      const brings = messages.some(needsCommit);
      const outcome = brings ? await this.#commitTurn(messages) : answersOnly(messages);
      for (const { connection, message } of messages) connection.waiting -= sizeOf(message);
      if (outcome.answers.some(({ message }) => message.type === "step-1")) await this.#contentForJoin(brings);
      this.#tell(outcome);
      this.#lagMs = this.#world.now() - startedFor;
    } catch (error) {
      this.#giveUp("not-saved", error);
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
    const state = this.#state;
    const started = performance.now();
    await this.#content({ toWrite: true });
    const turn = await transact(this.#world.db, async (tx) => {
      // Asked behind the lock without waiting for it: what holds then is what holds when the turn is written.
      const [commit, rights] = await Promise.all([
        Commit.begin(tx, state, this.#guideline, new Date(this.#world.now())),
        rightsOf(messages, (caller) => this.#world.access(caller, this.layerId, tx)),
      ]);
      const turn = new Turn(commit, rights);
      for (const { connection, message } of messages) await turn.take(connection, message);
      return { value: turn, written: commit.write() };
    });
    this.counters.add("commits");
    this.counters.add("commit_ms", performance.now() - started);
    for (const [connection, error] of turn.refused) this.#refuse(connection, error);
    return turn.outcome;
  }

  #refuse(connection: Connection, error: AppError): void {
    const { personId } = connection.caller;
    this.counters.add("updates_refused");
    this.#world.log.warn("update.refused", { layerId: this.layerId, personId, code: error.code });
    connection.close(error.code);
  }

  #tell({ updates, answers }: Outcome): void {
    const started = performance.now();
    const elsewhere = this.#elsewhere();
    const own = updates.map((update) => ({ frame: this.#committed(update), from: update.from }));
    if (own.length > 0) this.#wakeOthers();
    const told = [...elsewhere, ...own];
    const more = new Map<Connection, () => void>();
    for (const connection of this.connections)
      if (connection.dropped) more.set(connection, () => connection.tell(connection.standing));
    for (const { connection, message } of answers) {
      const earlier = more.get(connection);
      more.set(connection, () => {
        earlier?.();
        this.#answer(connection, message);
      });
    }
    this.audience.tell(told, more);
    const ended = performance.now();
    if (this.connections.size > SMALL_ROOM) this.#pace.record(ended, ended - started);
    this.counters.add("turns");
    this.counters.add("fan_out_ms", ended - started);
  }

  #committed({ bytes }: Pick<Committed, "bytes">): Uint8Array {
    this.counters.add("updates");
    this.counters.add("update_bytes", bytes.length);
    return this.#state.committed(bytes);
  }

  #wakeOthers(): void {
    const { seq: lastSeq, place } = this.#state;
    this.#world.bus?.send({ kind: "appended", layerId: this.layerId, lastSeq, epoch: place.epoch });
  }

  #answer(connection: Connection, message: QueuedMessage): void {
    if (message.type === "mark") {
      this.counters.add("marks");
      if (!connection.dropped) connection.send(markFrame(message.count));
      connection.ours = true;
      connection.tell(connection.standing);
    } else if (message.type === "step-1") this.#answerStep1(connection, message.vector);
  }

  #answerStep1(connection: Connection, vector: Uint8Array): void {
    try {
      const { frames, whole } = this.#state.framesFor(vector);
      connection.sendDocument(frames);
      this.counters.add(whole ? "joins_whole" : "joins_tail");
    } catch (error) {
      connection.fail(new AppError("frame-malformed", { vector: vector.length }, error));
      return;
    }
    if (connection.joined) return;
    connection.joined = true;
    // Step 2 first: then the other side is synced, and its own offline work comes as the answer to this step 1.
    connection.send(step1Frame(this.#state.vector()));
    this.presenceQuery(connection);
  }

  async #edit<T>(personId: PersonId, change: (layerDoc: LayerDoc) => T, hooks: EditHooks<T>): Promise<T> {
    const state = this.#state;
    let complete = false;
    try {
      await this.#content({ toWrite: true });
      const { value, committed, keep } = await this.#world.db.transaction(async (tx) => {
        const commit = await Commit.begin(tx, state, this.#guideline, new Date(this.#world.now()));
        await hooks.before?.(tx);
        const edited = await commit.edit(personId, change);
        await hooks.alongside?.(tx, edited.value);
        await commit.write();
        complete = true;
        return edited;
      });
      keep();
      if (committed) {
        state.apply(committed.bytes, committed.newClients, personId);
        this.audience.tell([...this.#elsewhere(), { frame: this.#committed(committed), from: null }]);
        this.#wakeOthers();
      }
      return value;
    } catch (error) {
      // A failed commit may have been kept by the database all the same: only a new start knows.
      if (complete || error instanceof LogMoved) this.#giveUp("not-saved", error);
      throw error;
    }
  }

  /** Ends the room: its state may hold what was not committed. Whoever is here comes back to a new one. */
  #giveUp(code: ErrorCode, error: unknown): void {
    this.report(error);
    if (this.gone) return;
    this.#queue.end(code);
    this.counters.add("rooms_given_up");
    for (const connection of this.connections) connection.close(code);
  }
}
