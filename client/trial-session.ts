import type { Annotation } from "#domain/annotation.ts";
import { sentenceOf } from "./http.ts";

export type TrialSave =
  | { readonly state: "saved" | "saving" }
  | { readonly state: "failed"; readonly sentence: string };

/** Stores one outline of a trial, or takes it back. */
export type TrialStore = {
  readonly put: (outline: Annotation) => Promise<unknown>;
  readonly remove: (id: string) => Promise<unknown>;
};

/** A pause after a failed save before it is tried again. */
const AGAIN_MS = 3_000;

/**
 * Keeps what is drawn in a trial: after each stroke what differs from what is stored is sent, one outline at a time, in
 * order. A save that fails is tried again; what was drawn stays on the screen meanwhile.
 */
export class TrialSession {
  readonly #store: TrialStore;
  readonly #listener: (save: TrialSave) => void;
  readonly #stored: Map<string, string>;
  #drawn: readonly Annotation[];
  #running: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(start: readonly Annotation[], store: TrialStore, listener: (save: TrialSave) => void) {
    this.#drawn = start;
    this.#stored = new Map(start.map((each) => [each.id, textOf(each)]));
    this.#store = store;
    this.#listener = listener;
  }

  take(outlines: readonly Annotation[]): void {
    this.#drawn = outlines;
    clearTimeout(this.#timer);
    this.#running ??= this.#saveAll().finally(() => {
      this.#running = null;
    });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #saveAll(): Promise<void> {
    try {
      for (let next = this.#next(); next !== null; next = this.#next()) {
        this.#listener({ state: "saving" });
        await next();
      }
      this.#listener({ state: "saved" });
    } catch (error) {
      this.#listener({ state: "failed", sentence: sentenceOf(error) });
      this.#timer = setTimeout(() => this.take(this.#drawn), AGAIN_MS);
    }
  }

  /** The next thing to store; null where all is. */
  #next(): (() => Promise<void>) | null {
    const changed = this.#drawn.find((each) => this.#stored.get(each.id) !== textOf(each));
    if (changed !== undefined) {
      return async () => {
        await this.#store.put(changed);
        this.#stored.set(changed.id, textOf(changed));
      };
    }
    const living = new Set<string>(this.#drawn.map(({ id }) => id));
    const gone = [...this.#stored.keys()].find((id) => !living.has(id));
    if (gone === undefined) return null;
    return async () => {
      await this.#store.remove(gone);
      this.#stored.delete(gone);
    };
  }
}

function textOf({ classId, geometry, note }: Annotation): string {
  return JSON.stringify([classId, geometry, note]);
}
