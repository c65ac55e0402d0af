import type { Db } from "#db/client.ts";
import { headsOf } from "#db/layers.ts";
import { type LayerState, replay } from "./layer-state.ts";

/**
 * Takes in what other nodes have appended to the log since this one read it. The state then waits with frames to be told.
 * @param head a position that the log has reached; asks for it where it is not known
 * @throws where the log has a gap
 */
export async function follow(db: Db, state: LayerState, head?: number): Promise<void> {
  const { id } = state.place;
  const upTo = head ?? (await headsOf(db, [id])).get(id) ?? 0;
  if (upTo <= state.seq) return;
  await replay(db, id, { from: state.seq, upTo }, (update) => state.takeIn(update));
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

  /** The log has reached this position. @throws where it cannot be read */
  async hear(head: number): Promise<void> {
    if (this.#asked || head <= this.#state.seq) return;
    this.#asked = true;
    try {
      await this.#inTurn(() => {
        // What is heard from here on may be beyond what is read now.
        this.#asked = false;
        return follow(this.#db, this.#state);
      });
    } finally {
      this.#asked = false;
    }
  }
}
