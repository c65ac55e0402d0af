import type { Db } from "#db/client.ts";
import { type LogEnd, logEnds } from "#db/layers.ts";
import { replay } from "./layer-reader.ts";
import { type LayerState, LogMoved } from "./layer-state.ts";

/**
 * Takes in what other nodes have appended to the log since this one read it. The state then waits with frames to be told.
 * @param known where the log ends; asked for where that is not known
 * @throws LogMoved where the layer is in another epoch, or its log does not go on from here
 */
export async function follow(db: Db, state: LayerState, known?: LogEnd): Promise<void> {
  const { id, epoch } = state.place;
  const end = known ?? (await logEnds(db, [id])).get(id) ?? null;
  if (end === null || end.epoch !== epoch || end.lastSeq < state.seq) throw LogMoved.from(end, state);
  if (end.lastSeq === state.seq) return;
  await replay(db, id, { from: state.seq, upTo: end.lastSeq }, (update) => state.takeIn(update));
  if (state.seq !== end.lastSeq) throw LogMoved.from(end, state);
}

/** Takes in what is there of the log after the state, in one question, where its epoch is likely to be the same. @throws LogMoved */
async function readOn(db: Db, state: LayerState): Promise<void> {
  await replay(db, state.place.id, { from: state.seq }, (update) => state.takeIn(update));
}

/** Brings a room up to the log when it hears that another node wrote, once for any number of messages about it. */
export class Follower {
  readonly #db: Db;
  readonly #state: LayerState;
  readonly #inTurn: (work: () => Promise<void>) => Promise<void>;
  #asked = false;

  /** @param inTurn runs what changes the state, between the room's own turns */
  constructor(db: Db, state: LayerState, inTurn: (work: () => Promise<void>) => Promise<void>) {
    this.#db = db;
    this.#state = state;
    this.#inTurn = inTurn;
  }

  /** The log has come this far at least. @throws LogMoved, and where the log cannot be read */
  async hear({ lastSeq, epoch }: LogEnd): Promise<void> {
    const { seq, place } = this.#state;
    if (this.#asked || (lastSeq <= seq && epoch <= place.epoch)) return;
    this.#asked = true;
    try {
      await this.#inTurn(() => {
        // What is heard from here on may be beyond what is read now.
        this.#asked = false;
        return epoch === this.#state.place.epoch ? readOn(this.#db, this.#state) : follow(this.#db, this.#state);
      });
    } finally {
      this.#asked = false;
    }
  }
}
