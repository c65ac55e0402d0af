import { mergeUpdates } from "yjs";
import type { Journal } from "./journal.ts";

/** A change that is not durable yet, as it was made. */
type Change = { readonly bytes: Uint8Array; readonly epoch: number };
type Unsaved = Change & { readonly change: number; readonly key: Promise<number | null> };
/** Work that was done on a document which the layer has left; epoch 0 where it was not known on which. */
export type Late = { readonly epoch: number; readonly bytes: Uint8Array };

/** A frame takes two megabytes; work of days is sent in several. */
const MAX_LATE_BYTES = 1024 * 1024;
/** Of a document that is over, and it is not known which. */
const OVER = -1;

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

  /** Those that belong into the document of an epoch, in order; what was made before anything was heard does. */
  madeOn(epoch: number): readonly Uint8Array[] {
    return this.#unsaved.filter((each) => each.epoch === epoch || each.epoch === 0).map(({ bytes }) => bytes);
  }

  /** The document is over on which what says of none was made. */
  over(): void {
    this.#unsaved = this.#unsaved.map((each) => (each.epoch === 0 ? { ...each, epoch: OVER } : each));
  }

  /** What was made on other documents than that of an epoch, put together, in order. */
  late(epoch: number): readonly Late[] {
    const late: Late[] = [];
    let group: Unsaved[] = [];
    const flush = () => {
      const [first] = group;
      if (first) late.push({ epoch: Math.max(0, first.epoch), bytes: mergeUpdates(group.map(({ bytes }) => bytes)) });
      group = [];
    };
    for (const each of this.#unsaved.filter((one) => one.epoch !== 0 && one.epoch !== epoch)) {
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

  async #remove(changes: readonly Unsaved[]): Promise<void> {
    const keys = await Promise.all(changes.map(({ key }) => key));
    await this.#journal.remove(keys.filter((key) => key !== null));
  }
}
