import { mergeUpdates } from "yjs";
import type { Journal } from "./journal.ts";

/** A change that is not durable yet, as it was made. */
type Change = { readonly bytes: Uint8Array; readonly epoch: number };
type Unsaved = Change & { readonly change: number; readonly key: Promise<number | null> };
/** Work that was done on a document which the layer has left. */
export type Late = { readonly epoch: number; readonly bytes: Uint8Array };

/** A frame takes two megabytes; work of days is sent in several. */
const MAX_LATE_BYTES = 1024 * 1024;

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

  /** The newest document that any of them was made on; 0 where none says. */
  get newestEpoch(): number {
    return Math.max(0, ...this.#unsaved.map(({ epoch }) => epoch));
  }

  /**
   * Takes over what pages that are gone left. It is merged by `merge` in the moment in which it is counted, so that no
   * mark can speak for a change that has not been sent.
   * @returns how many
   */
  async recover(merge: () => void): Promise<number> {
    const entries = await this.#journal.takeOver();
    for (const { key, bytes, epoch } of entries) this.#count({ bytes, epoch }, Promise.resolve(key));
    if (entries.length > 0) merge();
    return entries.length;
  }

  add(bytes: Uint8Array, epoch: number): void {
    const kept = this.#journal.append(bytes, epoch).then(
      (key) => {
        this.#onKept(true);
        return key;
      },
      () => {
        this.#onKept(false);
        return null;
      },
    );
    this.#count({ bytes, epoch }, kept);
  }

  /**
   * Those that belong into the document of an epoch, in order. What was made before anything was heard of the layer is
   * built on nothing, and belongs to the first document that it comes into.
   */
  into(epoch: number): readonly Uint8Array[] {
    const unheard = this.#unsaved.filter((each) => each.epoch === 0);
    if (epoch !== 0 && unheard.length > 0) {
      this.#unsaved = this.#unsaved.map((each) => (each.epoch === 0 ? { ...each, epoch } : each));
      void this.#tag(unheard, epoch);
    }
    return this.#unsaved.filter((each) => each.epoch === epoch).map(({ bytes }) => bytes);
  }

  /** What was made on other documents than that of an epoch, put together, in order. */
  late(epoch: number): readonly Late[] {
    const late: Late[] = [];
    let group: Unsaved[] = [];
    const flush = () => {
      const [first] = group;
      if (first) late.push({ epoch: first.epoch, bytes: mergeUpdates(group.map(({ bytes }) => bytes)) });
      group = [];
    };
    for (const each of this.#unsaved.filter((one) => one.epoch !== epoch)) {
      const bytes = group.reduce((sum, { bytes: more }) => sum + more.length, each.bytes.length);
      if (bytes > MAX_LATE_BYTES || group[0]?.epoch !== each.epoch) flush();
      group.push(each);
    }
    flush();
    return late;
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

  #count(change: Change, key: Promise<number | null>): void {
    this.#made += 1;
    this.#unsaved.push({ ...change, change: this.#made, key });
  }

  async #tag(changes: readonly Unsaved[], epoch: number): Promise<void> {
    const keys = await Promise.all(changes.map(({ key }) => key));
    try {
      await this.#journal.tag(
        keys.filter((key) => key !== null),
        epoch,
      );
    } catch {
      this.#onKept(false);
    }
  }

  async #remove(changes: readonly Unsaved[]): Promise<void> {
    const keys = await Promise.all(changes.map(({ key }) => key));
    await this.#journal.remove(keys.filter((key) => key !== null));
  }
}
