const LONGEST_PAUSE_MS = 40;
/** Below this a pause would be longer than meant: timers are no finer. */
const SHORTEST_PAUSE_MS = 2;
const PAUSE_PER_FAN_OUT = 12;

/**
 * How long a room waits before its next turn: so much longer than telling everybody took that telling stays a small part
 * of the time, and what comes meanwhile is told together. A small room does not wait.
 */
export class Pace {
  #freeAt = 0;

  /** @param endedAt ms of a clock that only goes up; @param tookMs how long the last turn took to tell everybody */
  record(endedAt: number, tookMs: number): void {
    const pause = Math.min(LONGEST_PAUSE_MS, PAUSE_PER_FAN_OUT * tookMs);
    this.#freeAt = pause < SHORTEST_PAUSE_MS ? endedAt : endedAt + pause;
  }

  /** @returns ms to wait from now */
  pauseAt(now: number): number {
    return Math.max(0, this.#freeAt - now);
  }
}
