import type { Db } from "#db/client.ts";
import type { AnnotationId, PersonId } from "#domain/ids.ts";
import { carryOver, type LateChange } from "#domain/late-work.ts";
import { isThere, type OutlineParts, readParts, standingOf } from "#domain/outline-merge.ts";
import { AppError } from "#server/errors.ts";
import type { Commit, Committed, Late, LayerDocument } from "./commit.ts";
import type { ItemIndex } from "./item-index.ts";
import { eachUpdate, readEnded } from "./layer-reader.ts";
import type { LayerState } from "./layer-state.ts";
import type { LateMessage } from "./protocol.ts";
import { clientsNamed } from "./update-check.ts";

/** What late work came to, null where it changed nothing here, and how it is kept in the log. */
export type Carried = {
  readonly committed: Committed | null;
  readonly late: Late;
  readonly keep: () => void;
};

/** The document of an epoch that is over, with all the late work that came for it up to a position of the log. */
type Ended = { readonly epoch: number; readonly index: ItemIndex; seq: number };

/**
 * Takes work that was done on a document which its layer has left since: by somebody who was offline, or whose browser
 * crashed with changes unsent. It is judged and resolved in that document, as it would have been then; what it did there
 * to each annotation is done to the layer as it is. Both are logged in one transaction, so that the same work sent twice
 * is known, and later work of that document finds what it builds on.
 */
export class LateWork {
  readonly #state: LayerState;
  /** One is kept: people come back from the same document one after the other. */
  #ended: Ended | null = null;

  constructor(state: LayerState) {
    this.#state = state;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#ended?.index.bytes ?? 0;
  }

  /**
   * Belongs into the transaction of `commit`, which is written afterwards.
   * @param mayWrite is asked where there is something to write
   * @returns null where all of it is known, or may not be written
   * @throws AppError with the code that ends the socket
   */
  async take(
    { tx, commit }: { readonly tx: Db; readonly commit: Commit },
    message: LateMessage,
    { personId, mayWrite }: { readonly personId: PersonId; readonly mayWrite: () => Promise<boolean> },
  ): Promise<Carried | null> {
    const epoch = this.#epochOf(message);
    const ended = await this.#document(tx, epoch);
    const document = { index: ended.index, ...this.#clientsIn(epoch) };
    const verdict = await refusingOthers(() =>
      commit.checkAgainst(document, { bytes: message.bytes, personId, step2: true }),
    );
    if (verdict.kind === "nothing" || !(await mayWrite())) return null;
    // The document is over and whole: what it lacks will never come.
    if (verdict.kind === "gap") throw new AppError("update-refused", { epoch, gap: true });
    const changes = changesIn(ended.index, verdict.bytes);
    const { committed, keep } = await commit.edit(personId, (layerDoc) => carryOver(layerDoc, changes));
    const late = { epoch, bytes: verdict.bytes, authorId: personId, newClients: verdict.newClients };
    commit.keepLate(late);
    ended.seq = this.#state.seq + (committed === null ? 1 : 2);
    return { committed, late, keep };
  }

  /** After a transaction that did not commit, and when nobody has come for a while. */
  forget(): void {
    this.#ended = null;
  }

  /** That of the client ids that it names; what names none may belong to any. @throws AppError where it is not over */
  #epochOf({ epoch, bytes }: LateMessage): number {
    const { place, retired } = this.#state;
    const named = [...clientsNamed(bytes)].map((client) => retired.get(client)?.epoch ?? 0);
    const found = Math.max(0, ...named) || epoch;
    if (found < 1 || found >= place.epoch) throw new AppError("update-refused", { epoch });
    return found;
  }

  #clientsIn(epoch: number): Pick<LayerDocument, "owners" | "retired"> {
    const { owners, retired } = this.#state;
    const own = (client: number) => {
      const known = retired.get(client);
      return known?.epoch === epoch ? known.personId : undefined;
    };
    return {
      owners: { get: own },
      retired: { has: (client) => owners.has(client) || (retired.has(client) && own(client) === undefined) },
    };
  }

  async #document(tx: Db, epoch: number): Promise<Ended> {
    const { place, seq } = this.#state;
    const document = { layerId: place.id, epoch };
    if (this.#ended?.epoch !== epoch) this.#ended = { epoch, index: await readEnded(tx, document, seq), seq };
    const ended = this.#ended;
    // Another process may have taken late work too.
    if (ended.seq < seq)
      await eachUpdate(tx, document, { from: ended.seq, upTo: seq }, (bytes) => ended.index.load(bytes));
    ended.seq = seq;
    return ended;
  }
}

/** Work on several documents at once is nobody's: whoever sent it would only send it again. */
async function refusingOthers<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof AppError && error.code === "epoch-over") {
      throw new AppError("update-refused", error.detail, error);
    }
    throw error;
  }
}

/** Takes an update in. @returns what it did to each annotation */
function changesIn(index: ItemIndex, bytes: Uint8Array): LateChange[] {
  const before = index.apply(bytes);
  return [...before].flatMap(([id, old]) => {
    const now = index.raw(id);
    if (!isThere(old) && !isThere(now)) return [];
    return [
      { id: id as AnnotationId, before: read(id, old), after: read(id, now), replaced: rootOf(old) !== rootOf(now) },
    ];
  });
}

function read(id: string, parts: OutlineParts): LateChange["after"] {
  const content = readParts(parts);
  return content && { id: id as AnnotationId, ...content };
}

/** The record that a shape grew from; undefined where there is none. */
function rootOf({ record, edits }: OutlineParts): number | undefined {
  return standingOf(record, edits)?.root;
}
