import { performance } from "node:perf_hooks";

/** With the commit before it a turn then takes about a frame of a screen, and strokes of one frame go out together. */
const AT_EASE_MS = 12;
/** A busy process gathers more of them into each turn. */
const BUSY = { perFanOut: 12, longestMs: 40 } as const;
const BUSY_SHARE = 0.6;
const LOOK_EVERY_MS = 500;

/**
 * How long a room waits before its next turn, so that what comes meanwhile is committed and told together: every turn costs
 * a transaction and a write to every socket. Who draws after a pause is told of at once. A small room does not wait.
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
    const busy = this.#busy() > BUSY_SHARE ? Math.min(BUSY.longestMs, BUSY.perFanOut * tookMs) : 0;
    this.#freeAt = endedAt + Math.max(AT_EASE_MS, busy);
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
