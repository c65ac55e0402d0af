import { performance } from "node:perf_hooks";

/** Below this a pause would be longer than meant: timers are no finer. */
const SHORTEST_PAUSE_MS = 2;
/** With time to spare strokes go out soon; a busy process gathers more of them into each turn. */
const AT_EASE = { perFanOut: 3, longestMs: 12 } as const;
const BUSY = { perFanOut: 12, longestMs: 40 } as const;
const BUSY_SHARE = 0.6;
const LOOK_EVERY_MS = 500;

/**
 * How long a room waits before its next turn: so much longer than telling everybody took that telling stays a small part
 * of the time, and what comes meanwhile is told together. A small room does not wait.
 */
export class Pace {
  readonly #busy: () => number;
  #freeAt = 0;

  /** @param busy share of the time, 0 to 1, in which this process has had something to do */
  constructor(busy: () => number = loopShare()) {
    this.#busy = busy;
  }

  /** @param endedAt ms of a clock that only goes up; @param tookMs how long the last turn took to tell everybody */
  record(endedAt: number, tookMs: number): void {
    const { perFanOut, longestMs } = this.#busy() > BUSY_SHARE ? BUSY : AT_EASE;
    const pause = Math.min(longestMs, perFanOut * tookMs);
    this.#freeAt = pause < SHORTEST_PAUSE_MS ? endedAt : endedAt + pause;
  }

  /** @returns ms to wait from now */
  pauseAt(now: number): number {
    return Math.max(0, this.#freeAt - now);
  }
}

/** How busy the event loop was lately; measured anew every half second. */
function loopShare(): () => number {
  let [since, at, share] = [performance.eventLoopUtilization(), performance.now(), 0];
  return () => {
    const now = performance.now();
    if (now - at < LOOK_EVERY_MS) return share;
    const current = performance.eventLoopUtilization();
    share = performance.eventLoopUtilization(current, since).utilization;
    [since, at] = [current, now];
    return share;
  };
}
