import { ApiError, sentenceOf } from "./api.ts";
import type { DraftState } from "./guideline-draft.ts";

export type DraftSave =
  | { readonly state: "saved" | "unsaved" | "saving" }
  | { readonly state: "refused"; readonly sentence: string; readonly isStale: boolean };

export type DraftSnapshot = { readonly draft: DraftState; readonly revision: number; readonly save: DraftSave };

/** Stores a draft over the revision that is named; answers the new revision. */
export type SendDraft = (draft: DraftState, revision: number) => Promise<{ readonly revision: number }>;

/** A pause in writing after which the draft is saved by itself. */
export const SETTLE_MS = 1_500;

/**
 * A guideline draft while it is written. Saves after a pause, one save at a time, each over the revision that the one
 * before it got. A refused save keeps what was written and is not repeated until the next change or an explicit save.
 */
export class DraftSession {
  readonly #send: SendDraft;
  readonly #listeners = new Set<() => void>();
  #snapshot: DraftSnapshot;
  #isDirty = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<boolean> | null = null;

  constructor(start: { readonly draft: DraftState; readonly revision: number; readonly send: SendDraft }) {
    this.#send = start.send;
    this.#snapshot = { draft: start.draft, revision: start.revision, save: { state: "saved" } };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly snapshot = (): DraftSnapshot => this.#snapshot;

  change(edit: (before: DraftState) => DraftState): void {
    this.#isDirty = true;
    this.#show({ draft: edit(this.#snapshot.draft), save: { state: this.#running === null ? "unsaved" : "saving" } });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.store(), SETTLE_MS);
  }

  /** Saves what is not saved, after the save that is on its way. @returns false where it was refused */
  store(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#running ??= this.#saveAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Like `store`, and also writes a draft that nobody has changed, so that there is one. */
  storeFirst(): Promise<boolean> {
    if (this.#snapshot.revision === 0) this.#isDirty = true;
    return this.store();
  }

  /** Forgets what is not saved: the draft was thrown away. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#isDirty = false;
  }

  /** Saves what is left; for leaving the page. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#isDirty && this.#snapshot.save.state !== "refused") void this.store();
  }

  async #saveAll(): Promise<boolean> {
    while (this.#isDirty) {
      this.#isDirty = false;
      this.#show({ save: { state: "saving" } });
      try {
        const { revision } = await this.#send(this.#snapshot.draft, this.#snapshot.revision);
        this.#show({ revision });
      } catch (error) {
        this.#isDirty = true;
        const isStale = error instanceof ApiError && error.code === "stale-draft";
        this.#show({ save: { state: "refused", sentence: sentenceOf(error), isStale } });
        return false;
      }
    }
    this.#show({ save: { state: "saved" } });
    return true;
  }

  #show(part: Partial<DraftSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...part };
    for (const listener of this.#listeners) listener();
  }
}
