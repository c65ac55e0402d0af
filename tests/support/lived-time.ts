import { expect } from "vitest";
import { until } from "./fake-socket.ts";

const TICK_MS = 5;
/** A tick on a machine at rest comes a little late; one that comes later than this was kept from coming. */
const MOST_MS = 2 * TICK_MS;

/**
 * A clock, ms, that goes while this process gets its turn: it ticks all the time, and however late a tick comes, it counts a
 * few milliseconds. What is promised within a time is measured by it, since what else a machine does is nobody's fault.
 */
export type LivedTime = { readonly now: () => number; stop(): void };

export function livedTime(): LivedTime {
  let [lived, last] = [0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    lived += Math.min(now - last, MOST_MS);
    last = now;
  }, TICK_MS);
  return { now: () => lived, stop: () => clearInterval(timer) };
}

/** Something comes true within a time that was promised for it, by the lived time of this process. */
export async function within(limitMs: number, fact: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const time = livedTime();
  try {
    await until(fact, what);
    expect(time.now(), `ms until ${what}`).toBeLessThan(limitMs);
  } finally {
    time.stop();
  }
}
