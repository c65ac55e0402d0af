import * as Y from "yjs";
import type { Db } from "#db/client.ts";
import { writeSnapshot } from "#db/layers.ts";
import type { LayerId, PersonId, ProjectId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { AppError, type ErrorCode } from "#server/errors.ts";
import type { Logger } from "#server/log.ts";
import type { AskAccess, Caller, LayerAccess } from "./access.ts";
import { Commit, type Committed, GuidelineMemory, LogMoved } from "./commit.ts";
import { Connection, type QueuedMessage, type RoomSide, sizeOf, type Transport } from "./connection.ts";
import { type LayerState, loadLayerState } from "./layer-state.ts";
import { Presence } from "./presence.ts";
import { markFrame, presenceFrame, type Standing, step1Frame, step2Frame, updateFrame } from "./protocol.ts";
import { type Difference, rebuildRows } from "./rebuild.ts";
import { type Outcome, Turn, type Waiting } from "./turn.ts";

/** What a room is built with; the same for all rooms. */
export type RoomWorld = {
  readonly db: Db;
  readonly access: AskAccess;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds of the wall clock. */
  readonly now: () => number;
  /** So many updates after the last snapshot the next one is due. */
  readonly snapshotEvery: number;
};

/** Runs in the transaction of an edit. */
export type EditHooks<T> = {
  /** Before the change: whatever may refuse it belongs here. */
  readonly before?: (tx: Db) => Promise<void>;
  /** After the change, before the commit. If it throws nothing has happened. */
  readonly alongside?: (tx: Db, value: T) => Promise<void>;
};

type Job = { readonly run: () => Promise<void> };

/**
 * One layer in memory. All that changes it goes through one queue: a turn takes every waiting message, commits what they
 * bring in one transaction, and only then tells the others and answers the author. So nobody holds what the log does not.
 */
export class Room implements RoomSide {
  readonly layerId: LayerId;
  readonly #world: RoomWorld;
  readonly #connections = new Set<Connection>();
  readonly #guideline = new GuidelineMemory();
  readonly #presence = new Presence((client) => this.#state.owners.get(client));
  #state: LayerState;
  #queue: (Waiting | Job)[] = [];
  #running: Promise<void> | null = null;
  #gone: ErrorCode | null = null;
  #lagMs = 0;
  /** Wall clock at which the last socket left; null while there is one. */
  idleSince: number | null;

  private constructor(world: RoomWorld, state: LayerState) {
    this.layerId = state.place.id;
    this.#world = world;
    this.#state = state;
    this.idleSince = world.now();
  }

  /** @returns null where there is no such layer */
  static async open(world: RoomWorld, layerId: LayerId): Promise<Room | null> {
    const state = await Room.#load(world, layerId);
    if (state === null) return null;
    world.log.info("room.opened", { layerId, seq: state.seq, annotations: state.layerDoc.size });
    return new Room(world, state);
  }

  static #load(world: RoomWorld, layerId: LayerId): Promise<LayerState | null> {
    return loadLayerState(world.db, layerId, (reason) => {
      world.log.warn("snapshot.damaged", { layerId, reason: String(reason) });
    });
  }

  /** True once the room has been given up; the next person to come gets a new one. */
  get gone(): boolean {
    return this.#gone !== null;
  }

  get projectId(): ProjectId {
    return this.#state.place.projectId;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /** How long the message that waits longest has waited, or did in the latest turn. */
  get lagMs(): number {
    const first = this.#queue.find((each): each is Waiting => "since" in each);
    return Math.max(this.#lagMs, first === undefined ? 0 : this.#world.now() - first.since);
  }

  get idle(): boolean {
    return this.#connections.size === 0 && this.#queue.length === 0 && this.#running === null;
  }

  join(transport: Transport, caller: Caller, access: LayerAccess): Connection {
    const connection = new Connection(this, transport, caller, access, this.#world.now);
    this.#connections.add(connection);
    this.idleSince = null;
    return connection;
  }

  receive(connection: Connection, message: QueuedMessage): void {
    this.#enqueue({ connection, message, since: this.#world.now() });
  }

  presence(connection: Connection, bytes: Uint8Array): void {
    const news = this.#presence.receive(connection, bytes);
    if (news) this.#tellPresence(news, connection);
  }

  presenceQuery(connection: Connection): void {
    const everybody = this.#presence.everybody();
    if (everybody) connection.sendPresence(presenceFrame(everybody));
  }

  left(connection: Connection): void {
    this.#connections.delete(connection);
    const news = this.#presence.leave(connection);
    if (news) this.#tellPresence(news, connection);
    if (this.#connections.size === 0) this.idleSince = this.#world.now();
  }

  report(error: unknown): void {
    this.#world.log.error("room.failed", error, { layerId: this.layerId });
  }

  /** Changes the layer in a person's name, in a turn of its own. @throws what `before`, `change` or `alongside` throw */
  edit<T>(personId: PersonId, change: (layerDoc: LayerDoc) => T, hooks: EditHooks<T>): Promise<T> {
    return this.#job(() => this.#edit(personId, change, hooks));
  }

  /** Computes the rows from the log anew. @returns in what the stored ones differed */
  rebuild(): Promise<Difference> {
    return this.#job(() => rebuildRows(this.#world.db, this.#state.place, this.#state.seq));
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
        else if (connection.ours) connection.tell(standingOf(connection));
      }
    }
  }

  /** Writes a snapshot if the log has gone on since the last one. */
  snapshot(): Promise<void> {
    return this.#job(() => this.#snapshot());
  }

  /** Ends every socket, stores what they sent before, and writes a snapshot. */
  async close(code: number, reason: string): Promise<void> {
    for (const connection of this.#connections) connection.closeWith(code, reason);
    // Fails only where the room was given up, and then the log has what a snapshot would.
    await Promise.allSettled([this.snapshot()]);
    this.#gone ??= "starting";
    for (const connection of this.#connections) connection.closeWith(code, reason);
    this.#state.destroy();
    this.#world.log.info("room.closed", { layerId: this.layerId, seq: this.#state.seq });
  }

  #enqueue(entry: Waiting | Job): void {
    if (this.#gone !== null) return;
    this.#queue.push(entry);
    this.#running ??= this.#run();
  }

  #job<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#gone !== null) {
        reject(new AppError(this.#gone));
        return;
      }
      this.#enqueue({ run: () => this.#unlessGone(work).then(resolve, reject) });
    });
  }

  async #unlessGone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#gone !== null) throw new AppError(this.#gone);
    return work();
  }

  async #run(): Promise<void> {
    // Let everything that has arrived take part in the first turn.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const [first] = this.#queue;
      if (first !== undefined && "run" in first) {
        this.#queue.shift();
        await first.run();
      } else {
        await this.#turn(this.#takeMessages());
      }
      const { seq, snapshotSeq } = this.#state;
      if (this.#gone === null && seq - snapshotSeq >= this.#world.snapshotEvery) await this.#snapshot();
    }
    this.#running = null;
  }

  /** All messages up to the next job. */
  #takeMessages(): Waiting[] {
    const end = this.#queue.findIndex((each) => "run" in each);
    const taken = this.#queue.splice(0, end === -1 ? this.#queue.length : end);
    return taken.filter((each): each is Waiting => "since" in each);
  }

  async #turn(messages: readonly Waiting[]): Promise<void> {
    const startedFor = messages[0]?.since ?? this.#world.now();
    try {
      const outcome = messages.some(needsCommit) ? await this.#commitTurn(messages) : answersOnly(messages);
      for (const { connection, message } of messages) connection.waiting -= sizeOf(message);
      this.#tell(outcome);
      this.#lagMs = this.#world.now() - startedFor;
    } catch (error) {
      this.#giveUp("not-saved", error);
    }
  }

  async #commitTurn(messages: readonly Waiting[]): Promise<Outcome> {
    const state = this.#state;
    const { turn, seq } = await this.#world.db.transaction(async (tx) => {
      const commit = await Commit.begin(tx, state, this.#guideline, new Date(this.#world.now()));
      const turn = new Turn(commit, (caller) => this.#world.access(caller, this.layerId, tx));
      for (const { connection, message } of messages) await turn.take(connection, message);
      return { turn, seq: await commit.write() };
    });
    state.seq = seq;
    for (const [connection, error] of turn.refused) this.#refuse(connection, error);
    return turn.outcome;
  }

  #refuse(connection: Connection, error: AppError): void {
    const { personId } = connection.caller;
    this.#world.log.warn("update.refused", { layerId: this.layerId, personId, code: error.code });
    connection.close(error.code);
  }

  #tell({ updates, answers }: Outcome): void {
    for (const { bytes, from } of updates) this.#tellUpdate(bytes, from);
    for (const connection of this.#connections) if (connection.dropped) connection.tell(standingOf(connection));
    for (const { connection, message } of answers) this.#answer(connection, message);
  }

  #tellUpdate(bytes: Uint8Array, from: Connection | null): void {
    const frame = updateFrame(bytes);
    for (const connection of this.#connections) {
      if (connection !== from && connection.joined) connection.send(frame);
    }
  }

  #answer(connection: Connection, message: QueuedMessage): void {
    if (message.type === "mark") {
      if (!connection.dropped) connection.send(markFrame(message.count));
      connection.ours = true;
      connection.tell(standingOf(connection));
      return;
    }
    if (message.type !== "step-1") return;
    try {
      connection.sendDocument(step2Frame(Y.encodeStateAsUpdate(this.#state.doc, message.vector)));
    } catch (error) {
      connection.fail(new AppError("frame-malformed", { vector: message.vector.length }, error));
      return;
    }
    if (connection.joined) return;
    connection.joined = true;
    // Step 2 first: then the other side is synced, and its own offline work comes as the answer to this step 1.
    connection.send(step1Frame(Y.encodeStateVector(this.#state.doc)));
    this.presenceQuery(connection);
  }

  async #edit<T>(personId: PersonId, change: (layerDoc: LayerDoc) => T, hooks: EditHooks<T>): Promise<T> {
    const state = this.#state;
    let [touched, complete] = [false, false];
    try {
      const { value, committed, seq } = await this.#world.db.transaction(async (tx) => {
        const commit = await Commit.begin(tx, state, this.#guideline, new Date(this.#world.now()));
        await hooks.before?.(tx);
        touched = true;
        const edited = await commit.edit(personId, change);
        await hooks.alongside?.(tx, edited.value);
        const end = await commit.write();
        complete = true;
        return { ...edited, seq: end };
      });
      state.seq = seq;
      this.#tellEdit(committed);
      return value;
    } catch (error) {
      // A failed commit may have been kept by the database all the same: only a new start knows.
      if (complete || error instanceof LogMoved) this.#giveUp("not-saved", error);
      else if (touched && state.touched) await this.#startAgain();
      throw error;
    }
  }

  #tellEdit(committed: Committed | null): void {
    if (committed) this.#tellUpdate(committed.bytes, null);
  }

  /** Puts the committed state in the place of one that a refused edit has changed. Nobody was told of the change. */
  async #startAgain(): Promise<void> {
    try {
      const state = await Room.#load(this.#world, this.layerId);
      if (state === null) throw new AppError("not-found", { layerId: this.layerId });
      this.#state.destroy();
      this.#state = state;
    } catch (error) {
      this.#giveUp("not-saved", error);
    }
  }

  async #snapshot(): Promise<void> {
    const state = this.#state;
    if (state.seq === state.snapshotSeq) return;
    const snapshot = state.snapshot();
    try {
      await writeSnapshot(this.#world.db, this.layerId, snapshot);
      state.snapshotSeq = snapshot.seq;
      this.#world.log.info("snapshot.written", {
        layerId: this.layerId,
        seq: snapshot.seq,
        bytes: snapshot.bytes.length,
      });
    } catch (error) {
      // The log has everything; the next snapshot covers this one.
      this.report(error);
    }
  }

  /** Ends the room: its state may hold what was not committed. Whoever is here comes back to a new one. */
  #giveUp(code: ErrorCode, error: unknown): void {
    this.report(error);
    if (this.#gone !== null) return;
    this.#gone = code;
    const jobs = this.#queue.filter((each): each is Job => "run" in each);
    this.#queue = jobs;
    for (const connection of this.#connections) connection.close(code);
  }

  #tellPresence(update: Uint8Array, from: Connection): void {
    const frame = presenceFrame(update);
    for (const connection of this.#connections) {
      if (connection !== from && connection.joined) connection.sendPresence(frame);
    }
  }
}

export function standingOf(connection: Connection): Standing {
  if (connection.mayWrite) return { write: true, code: null };
  if (connection.access.locked) return { write: false, code: "layer-locked" };
  return { write: false, code: connection.caller.scope === "read" ? "read-only-token" : "not-allowed" };
}

/** An empty update is the answer of a client that has nothing of its own; it needs no transaction. */
function needsCommit({ connection, message }: Waiting): boolean {
  return connection.held.length > 0 || (message.type === "update" && message.bytes.some((byte) => byte !== 0));
}

function answersOnly(messages: readonly Waiting[]): Outcome {
  for (const { connection, message } of messages) if (message.type === "update") connection.filled ||= message.step2;
  return { updates: [], answers: messages };
}
