import { deleteAnnotations } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { appendLate, claimClients } from "#db/epochs.ts";
import { lockLog, publishedClasses } from "#db/layers.ts";
import { writeTurn } from "#db/turn.ts";
import type { PersonId } from "#domain/ids.ts";
import type { LayerDoc } from "#domain/layer-doc.ts";
import { AppError } from "#server/errors.ts";
import { follow } from "./follow.ts";
import type { ItemIndex } from "./item-index.ts";
import { type Excess, excessOf, type LayerLimit } from "./layer-limit.ts";
import { type Applied, type Edited, type LayerState, LogMoved } from "./layer-state.ts";
import { Projection } from "./projection.ts";
import { asAppError, checkAnnotation, checkUpdate, type KnownGuideline, type UpdateVerdict } from "./update-check.ts";

/** An update that was applied to the state and awaits its commit, or has it. */
export type Committed = Applied & { readonly authorId: PersonId; readonly newClients: readonly number[] };

/** A document of a layer, that of its present epoch or of one that is over. */
export type LayerDocument = {
  readonly index: ItemIndex;
  readonly owners: Pick<ReadonlyMap<number, PersonId>, "get">;
  /** Client ids of the layer's other documents. */
  readonly retired: Pick<ReadonlySet<number>, "has">;
};

/** An update of an epoch that is over: kept in the log as it is, next after what it came to. */
export type Late = {
  readonly epoch: number;
  readonly bytes: Uint8Array;
  readonly authorId: PersonId;
  readonly newClients: readonly number[];
};

/** Knows the published classes of the layer's project, and reads them again when an update names one that it lacks. */
export class GuidelineMemory {
  #known: KnownGuideline | null = null;

  /** Calls `check`, and once more with what is published now if it refuses a class. */
  async with<T>(tx: Db, state: LayerState, check: (guideline: KnownGuideline) => T): Promise<T> {
    const known = this.#known;
    if (known !== null) {
      try {
        return check(known);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    }
    this.#known = await publishedClasses(tx, state.place.projectId);
    return check(this.#known);
  }
}

export type CommitRules = { readonly guideline: GuidelineMemory; readonly limit: LayerLimit; readonly at: Date };

/** One transaction on a layer's log: updates are checked, applied and collected, and written when it ends. */
export class Commit {
  readonly #tx: Db;
  readonly #state: LayerState;
  readonly #index: ItemIndex;
  readonly #guideline: GuidelineMemory;
  readonly #limit: LayerLimit;
  readonly #at: Date;
  readonly #committed: Committed[] = [];
  readonly #late: Late[] = [];

  private constructor(tx: Db, state: LayerState, index: ItemIndex, { guideline, limit, at }: CommitRules) {
    this.#tx = tx;
    this.#state = state;
    this.#index = index;
    this.#guideline = guideline;
    this.#limit = limit;
    this.#at = at;
  }

  /** Holds the log until the transaction ends, and takes in what other nodes wrote before. @throws LogMoved */
  static async begin(tx: Db, state: LayerState, rules: CommitRules): Promise<Commit> {
    const log = await lockLog(tx, state.place.id);
    if (log === null) throw LogMoved.from(log, state);
    await follow(tx, state, log);
    return new Commit(tx, state, await state.wake(), rules);
  }

  /** @throws AppError with the code that ends the socket */
  async check(bytes: Uint8Array, personId: PersonId, step2: boolean): Promise<UpdateVerdict> {
    const { owners, retired } = this.#state;
    return this.checkAgainst({ index: this.#index, owners, retired }, { bytes, personId, step2 });
  }

  /** The same against another document of the layer. @throws AppError */
  async checkAgainst(
    { index, owners, retired }: LayerDocument,
    { bytes, personId, step2 }: { readonly bytes: Uint8Array; readonly personId: PersonId; readonly step2: boolean },
  ): Promise<UpdateVerdict> {
    const { place } = this.#state;
    return this.#guideline.with(this.#tx, this.#state, (guideline) =>
      checkUpdate(bytes, {
        index,
        personId,
        step2,
        ownerOf: (client) => owners.get(client),
        retired: (client) => retired.has(client),
        mayChangeOthers: place.kind !== "read" || place.readerId === personId,
        slide: place,
        guideline,
      }),
    );
  }

  /** What is too much about an update, if it is. */
  excess(update: Uint8Array): Excess | null {
    const pending = this.#committed.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return excessOf(this.#state, this.#limit, update, pending);
  }

  /** Applies what `check` called fresh. */
  apply(bytes: Uint8Array, newClients: readonly number[], authorId: PersonId): Committed {
    return this.#collect(this.#state.apply(bytes, newClients, authorId), authorId, newClients);
  }

  /**
   * Runs a change of the server's own in a person's name, and leaves the state as it is: what it did is to be applied
   * when it is committed. @throws AppError for an outline that may not be there
   */
  async edit<T>(
    authorId: PersonId,
    change: (layerDoc: LayerDoc) => T,
  ): Promise<{ value: T; committed: Committed | null; keep: () => void }> {
    const { value, applied, newClients, keep } = await this.#editAs(authorId, change);
    const excess = applied && this.excess(applied.bytes);
    if (excess) throw new AppError("layer-full", excess);
    for (const { after } of applied?.changes ?? []) {
      if (after)
        await this.#guideline.with(this.#tx, this.#state, (known) => checkAnnotation(after, this.#state.place, known));
    }
    return { value, keep, committed: applied && this.#collect(applied, authorId, newClients) };
  }

  async #editAs<T>(authorId: PersonId, change: (layerDoc: LayerDoc) => T): Promise<Edited<T>> {
    try {
      return await this.#state.editAs(authorId, change);
    } catch (error) {
      throw asAppError(error, "outline-malformed");
    }
  }

  /** Late work: what it comes to here was collected before. */
  keepLate(late: Late): void {
    this.#late.push(late);
  }

  /** Writes log, client ids and rows. @returns the last statement, which is on its way and need not be waited for */
  async write(): Promise<{ readonly written: Promise<unknown> }> {
    const written = await this.#writeTurn();
    if (this.#late.length === 0) return written;
    await written.written;
    await this.#writeLate();
    return written;
  }

  async #writeTurn(): Promise<{ readonly written: Promise<unknown> }> {
    const { place, seq } = this.#state;
    const [at, updates] = [this.#at, this.#committed];
    if (updates.length === 0) return { written: Promise.resolve() };
    const claims = updates.flatMap(({ newClients, authorId }) =>
      newClients.map((clientId) => ({ clientId, personId: authorId })),
    );
    const projection = new Projection(place, (id) => this.#state.creatorOf(id));
    for (const { changes, authorId } of updates) projection.add({ changes, authorId, at });
    // A second statement, and so waited for: behind it the other one is the last.
    await deleteAnnotations(this.#tx, place.id, projection.remade());
    const { id: layerId, projectId, slideId, epoch } = place;
    const [gone, rows] = [projection.gone(), projection.rows()];
    const turn = { layerId, projectId, slideId, epoch, at, seq, claims, updates, gone, rows };
    return { written: writeTurn(this.#tx, turn) };
  }

  async #writeLate(): Promise<void> {
    const { place, seq } = this.#state;
    const first = seq + this.#committed.length + 1;
    const claims = this.#late.flatMap(({ newClients, authorId, epoch }) =>
      newClients.map((clientId) => ({ clientId, personId: authorId, epoch })),
    );
    await claimClients(this.#tx, place.id, claims);
    const numbered = this.#late.map(({ epoch, authorId, bytes }, index) => {
      return { seq: first + index, epoch, authorId, at: this.#at, bytes };
    });
    await appendLate(this.#tx, place.id, numbered);
  }

  #collect(applied: Applied, authorId: PersonId, newClients: readonly number[]): Committed {
    const committed = { ...applied, authorId, newClients };
    this.#committed.push(committed);
    return committed;
  }
}
