import { AppError, type ErrorCode } from "#server/errors.ts";
import type { Waiting } from "./turn.ts";

type Job = { readonly run: () => Promise<void> };

type Work = {
  /** How long to wait before the next turn, ms. */
  readonly pauseMs: () => number;
  /** Handles all messages up to the next job. Must not throw. */
  readonly turn: (messages: readonly Waiting[]) => Promise<void>;
  /** Nothing waits any more. */
  readonly drained: () => void;
};

/**
 * What waits in a room, in the order in which it came: messages, taken together in turns, and jobs, each alone. One thing
 * runs at a time. Once ended it takes nothing more, and what waits is not done.
 */
export class WorkQueue {
  readonly #work: Work;
  #entries: (Waiting | Job)[] = [];
  #running: Promise<void> | null = null;
  #ended: ErrorCode | null = null;

  constructor(work: Work) {
    this.#work = work;
  }

  get ended(): boolean {
    return this.#ended !== null;
  }

  get atRest(): boolean {
    return this.#entries.length === 0 && this.#running === null;
  }

  /** When the message came that waits longest. */
  get waitingSince(): number | undefined {
    return this.#entries.find((each): each is Waiting => "since" in each)?.since;
  }

  add(entry: Waiting | Job): void {
    if (this.ended) return;
    this.#entries.push(entry);
    this.#running ??= this.#run();
  }

  /** Runs `work` alone. @throws what it throws, AppError where the queue has ended */
  job<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended !== null) reject(new AppError(this.#ended));
      else this.add({ run: () => this.#unlessEnded(work).then(resolve, reject) });
    });
  }

  /** Messages are dropped, jobs fail with this code. */
  end(code: ErrorCode): void {
    if (this.ended) return;
    this.#ended = code;
    this.#entries = this.#entries.filter((each) => "run" in each);
  }

  async #unlessEnded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended !== null) throw new AppError(this.#ended);
    return work();
  }

  async #run(): Promise<void> {
    // Let everything that has arrived take part in the first turn.
    await Promise.resolve();
    for (let [first] = this.#entries; first !== undefined; [first] = this.#entries) {
      if ("run" in first) {
        this.#entries.shift();
        await first.run();
      } else {
        await this.#pause();
        await this.#work.turn(this.#takeMessages());
      }
    }
    this.#running = null;
    if (!this.ended) this.#work.drained();
  }

  async #pause(): Promise<void> {
    const ms = this.#work.pauseMs();
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** All messages up to the next job. */
  #takeMessages(): Waiting[] {
    const end = this.#entries.findIndex((each) => "run" in each);
    const taken = this.#entries.splice(0, end === -1 ? this.#entries.length : end);
    return taken.filter((each): each is Waiting => "since" in each);
  }
}
