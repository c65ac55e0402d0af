import type { Geometry } from "#domain/annotation.ts";
import type { Answer } from "#domain/task.ts";
import { ApiError, sentenceOf } from "./http.ts";

/** One answer about one item, or about several alike ones. `id` is what undo is asked with, and makes sending twice harmless. */
export type Given = {
  readonly id: string;
  readonly items: readonly {
    readonly annotationId: string;
    readonly contentHash: string;
    /** Its own, where the items differ in what is chosen or said. */
    readonly answer?: Answer;
  }[];
  readonly answer: Answer;
  /** Redraw: the new shape, level-0 px. */
  readonly geometry?: Geometry | undefined;
  /** Others of the item's pairs out of which it is cut. */
  readonly trims?: readonly TrimmedOther[] | undefined;
};
/** An outline beside the one that is asked about, by the content that was looked at. */
export type TrimmedOther = { readonly annotationId: string; readonly contentHash: string };
export type Step = { readonly kind: "answer" | "undo"; readonly given: Given };

/** How steps reach the server; each throws ApiError. */
export type AnswerSender = {
  readonly answer: (given: Given) => Promise<void>;
  readonly undo: (given: Given) => Promise<void>;
};
/** Told of each step once, in the order in which they were taken. */
export type QueueListener = {
  readonly confirmed: (step: Step) => void;
  readonly refused: (step: Step, sentence: string) => void;
  readonly changed: () => void;
};
export type QueueStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Sends a person's answers one after the other in the order in which they were given, while the person is already further.
 * An answer that could not be sent stays, in the browser's storage too, and is tried again; one that the server refuses is
 * handed back with the reason, and the others go on.
 */
export class AnswerQueue {
  readonly #sender: AnswerSender;
  readonly #listener: QueueListener;
  readonly #storage: QueueStorage;
  readonly #key: string;
  #steps: readonly Step[];
  #sending = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** @param key names the person and the task in the storage; what an earlier visit left there is sent first */
  constructor(sender: AnswerSender, listener: QueueListener, storage: QueueStorage, key: string) {
    this.#sender = sender;
    this.#listener = listener;
    this.#storage = storage;
    this.#key = key;
    this.#steps = stored(storage, key);
  }

  /** Steps that the server has not confirmed, oldest first. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** True while steps wait because the server does not answer. */
  get stuck(): boolean {
    return this.#failures > 0;
  }

  /** Begins to send; called once, when the listener can be told. */
  start(): void {
    void this.#send();
  }

  give(given: Given): void {
    this.#set([...this.#steps, { kind: "answer", given }]);
    void this.#send();
  }

  /** Takes an answer back: one that was not sent yet is simply forgotten. */
  takeBack(given: Given): void {
    const at = this.#steps.findIndex((step) => step.kind === "answer" && step.given.id === given.id);
    const isUnderWay = at === 0 && this.#sending;
    if (at >= 0 && !isUnderWay) this.#set(this.#steps.filter((_, index) => index !== at));
    else this.#set([...this.#steps, { kind: "undo", given }]);
    void this.#send();
  }

  /** Tries again at once. */
  retry(): void {
    clearTimeout(this.#timer);
    void this.#send();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    for (let step = this.#steps[0]; step !== undefined && !this.#closed; step = this.#steps[0]) {
      if (!(await this.#sendOne(step))) break;
    }
    this.#sending = false;
  }

  /** @returns false where the server did not answer and the step has to be tried again */
  async #sendOne(step: Step): Promise<boolean> {
    const repeated = this.#failures > 0;
    try {
      if (step.kind === "answer") await this.#sender.answer(step.given);
      else await this.#sender.undo(step.given);
      this.#failures = 0;
      this.#finish(step);
      this.#listener.confirmed(step);
      return true;
    } catch (error) {
      if (isPassing(error)) {
        this.#pause();
        return false;
      }
      this.#failures = 0;
      this.#finish(step);
      // An undo whose answer was lost on the way is done already when it is sent again.
      const isDone = repeated && step.kind === "undo" && error instanceof ApiError && error.code === "task-not-open";
      if (isDone) this.#listener.confirmed(step);
      else this.#listener.refused(step, sentenceOf(error));
      return true;
    }
  }

  #finish(step: Step): void {
    this.#set(this.#steps.filter((each) => each !== step));
  }

  #pause(): void {
    this.#failures++;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    if (!this.#closed) this.#timer = setTimeout(() => void this.#send(), pause);
    this.#listener.changed();
  }

  #set(steps: readonly Step[]): void {
    this.#steps = steps;
    keep(this.#storage, this.#key, steps);
    this.#listener.changed();
  }
}

/** True for what may be better in a moment: no answer, or a server that is starting or cannot store. */
function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status === 429 || error.status >= 500;
}

function stored(storage: QueueStorage, key: string): readonly Step[] {
  try {
    const steps: unknown = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(steps) ? (steps as Step[]) : [];
  } catch {
    return [];
  }
}

/** A full storage loses nothing while the page is open: the steps are in memory, and the page asks before it is left. */
function keep(storage: QueueStorage, key: string, steps: readonly Step[]): void {
  try {
    if (steps.length === 0) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(steps));
  } catch {
    storage.removeItem(key);
  }
}
