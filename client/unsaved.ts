import type { Journal } from "./journal.ts";

type Unsaved = { readonly change: number; readonly key: Promise<number | null> };

/**
 * Counts one's own changes and what of them the server has called durable, and keeps the difference in a journal.
 * A change is counted, not compared: a deletion does not move a Yjs clock.
 */
export class UnsavedChanges {
  readonly #journal: Journal;
  readonly #onKept: (kept: boolean) => void;
  #made = 0;
  #saved = 0;
  #unsaved: Unsaved[] = [];

  /** @param onKept is told when the journal does not take a change, and when it does again */
  constructor(journal: Journal, onKept: (kept: boolean) => void) {
    this.#journal = journal;
    this.#onKept = onKept;
  }

  /** How many changes there have been. */
  get made(): number {
    return this.#made;
  }

  /** How many of them are not durable yet. */
  get waiting(): number {
    return this.#made - this.#saved;
  }

  /**
   * Takes over what pages that are gone left. Each change is merged by `merge` in the moment in which it is counted, so
   * that no mark can speak for a change that has not been sent.
   * @returns how many
   */
  async recover(merge: (bytes: Uint8Array) => void): Promise<number> {
    const entries = await this.#journal.takeOver();
    for (const { key, bytes } of entries) {
      merge(bytes);
      this.#count(Promise.resolve(key));
    }
    return entries.length;
  }

  add(bytes: Uint8Array): void {
    this.#count(
      this.#journal.append(bytes).then(
        (key) => {
          this.#onKept(true);
          return key;
        },
        () => {
          this.#onKept(false);
          return null;
        },
      ),
    );
  }

  /** The server has everything up to this change. */
  async saved(change: number): Promise<void> {
    if (change <= this.#saved || change > this.#made) return;
    this.#saved = change;
    const done = this.#unsaved.filter((each) => each.change <= change);
    this.#unsaved = this.#unsaved.filter((each) => each.change > change);
    await this.#remove(done);
  }

  /** Gives up what is not saved: the document that holds it has to be thrown away too. */
  async discard(): Promise<void> {
    const all = this.#unsaved;
    this.#unsaved = [];
    this.#saved = this.#made;
    await this.#remove(all);
  }

  #count(key: Promise<number | null>): void {
    this.#made += 1;
    this.#unsaved.push({ change: this.#made, key });
  }

  async #remove(changes: readonly Unsaved[]): Promise<void> {
    const keys = await Promise.all(changes.map(({ key }) => key));
    await this.#journal.remove(keys.filter((key) => key !== null));
  }
}
