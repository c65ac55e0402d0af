import type { Db } from "#db/client.ts";
import type { LayerId, PersonId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { AppError } from "#server/errors.ts";
import type { AskAccess } from "./access.ts";
import { Commit, type CommitRules, type Committed, GuidelineMemory, type Late } from "./commit.ts";
import type { Connection } from "./connection.ts";
import type { SyncCounters } from "./counters.ts";
import { LateWork } from "./late-work.ts";
import type { LayerLimit } from "./layer-limit.ts";
import { type LayerState, LogMoved } from "./layer-state.ts";
import type { LateMessage } from "./protocol.ts";
import type { Telling } from "./telling.ts";

/** Runs in the transaction of an edit. */
export type EditHooks<T> = {
  /** Before the change: whatever may refuse it belongs here. */
  readonly before?: (tx: Db) => Promise<void>;
  /** After the change, before the commit. If it throws nothing has happened. */
  readonly alongside?: (tx: Db, value: T) => Promise<void>;
};

type AloneWorld = {
  readonly db: Db;
  readonly access: AskAccess;
  readonly now: () => number;
  readonly layerLimit: LayerLimit;
  readonly counters: SyncCounters;
};

type RoomSide = {
  /** The content is there when it resolves, and counts as written to. */
  readonly content: () => Promise<void>;
  readonly telling: Pick<Telling, "tellOwn" | "wakeOthers">;
  /** The state may not be what is stored: only a new start knows. */
  readonly giveUp: (error: unknown) => void;
};

/** What was done; it joins the state when it is durable. */
type Done = { readonly committed: Committed | null; readonly late?: Late; readonly keep: () => void };

/** What changes a layer in a turn of its own: edits of commands, and work that was done on a document that is over. */
export class Alone {
  readonly #world: AloneWorld;
  readonly #state: LayerState;
  readonly #room: RoomSide;
  readonly #guideline = new GuidelineMemory();
  readonly #lateWork: LateWork;

  constructor(world: AloneWorld, state: LayerState, room: RoomSide) {
    this.#world = world;
    this.#state = state;
    this.#room = room;
    this.#lateWork = new LateWork(state);
  }

  /** By which a transaction that begins now commits. */
  rules(): CommitRules {
    return { guideline: this.#guideline, limit: this.#world.layerLimit, at: new Date(this.#world.now()) };
  }

  /** Bytes held of documents that are over. */
  get bytes(): number {
    return this.#lateWork.bytes;
  }

  /** Lets go of documents that are over. */
  forget(): void {
    this.#lateWork.forget();
  }

  /** Changes the layer in a person's name. @throws what `change` or a hook throws: nothing has happened then */
  async edit<T>(personId: PersonId, change: (layerDoc: LayerDoc) => T, hooks: EditHooks<T>): Promise<T> {
    const { value } = await this.#commit(async (tx, commit) => {
      await hooks.before?.(tx);
      const edited = await commit.edit(personId, change);
      await hooks.alongside?.(tx, edited.value);
      return edited;
    });
    return value;
  }

  /** Takes late work of a socket; what may not be written is dropped, and its marks with it. @throws AppError for its end */
  async late(connection: Connection, message: LateMessage): Promise<void> {
    const { caller } = connection;
    try {
      await this.#commit((tx, commit) => {
        const mayWrite = async () => {
          const question = connection.asking();
          const access = await this.#world.access(caller, this.#layerId, tx);
          if (access === null) throw new AppError("not-found");
          connection.learn(access, question);
          const allowed = connection.allows(access);
          if (!allowed && connection.mayWrite) throw new AppError("update-gap");
          connection.dropped ||= !allowed;
          return allowed;
        };
        return this.#lateWork.take({ tx, commit }, message, { personId: caller.personId, mayWrite });
      });
      this.#world.counters.add("late_updates");
    } catch (error) {
      this.#lateWork.forget();
      throw error;
    }
  }

  get #layerId(): LayerId {
    return this.#state.place.id;
  }

  /** Runs work in a transaction on the log, and applies and tells what it did when that is durable. */
  async #commit<T extends Done | null>(work: (tx: Db, commit: Commit) => Promise<T>): Promise<T> {
    let complete = false;
    try {
      await this.#room.content();
      const done = await this.#world.db.transaction(async (tx) => {
        const commit = await Commit.begin(tx, this.#state, this.rules());
        const result = await work(tx, commit);
        await (await commit.write()).written;
        complete = true;
        return result;
      });
      if (done !== null) this.#took(done);
      return done;
    } catch (error) {
      // A failed commit may have been kept by the database all the same: only a new start knows.
      if (complete || error instanceof LogMoved) this.#room.giveUp(error);
      throw error;
    }
  }

  #took({ committed, late, keep }: Done): void {
    keep();
    if (committed) {
      this.#state.apply(committed.bytes, committed.newClients, committed.authorId);
      this.#room.telling.tellOwn(committed);
    }
    if (late) this.#state.passOver(late);
    if (committed || late) this.#room.telling.wakeOthers();
  }
}
