import { existsSync, readFileSync } from "node:fs";

/** Nanoseconds that the main thread has run so far. */
const RUN = `/proc/self/task/${process.pid}/schedstat`;

/**
 * Watches how long single turns of this thread's event loop run, by its own processor time: what others take from it on a
 * busy machine is left out. Exact to the system's tick, some ms. `longest` gives the longest since it was last asked for,
 * in ms; null where the system does not tell (Linux alone does).
 */
export function watchTurns(): { longest(): number | null; stop(): void } {
  if (!existsSync(RUN)) return { longest: () => null, stop: () => undefined };
  let [before, most, isOn] = [ranMs(), 0, true];
  const turn = () => {
    const now = ranMs();
    most = Math.max(most, now - before);
    before = now;
    if (isOn) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    longest: () => {
      const found = most;
      most = 0;
      return found;
    },
    stop: () => {
      isOn = false;
    },
  };
}

function ranMs(): number {
  return Number(readFileSync(RUN, "utf8").split(" ")[0]) / 1e6;
}
