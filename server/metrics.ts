import { monitorEventLoopDelay } from "node:perf_hooks";

/** How busy this process is. */
export type Metrics = {
  /** 99th percentile of how late the event loop came since the last second began, ms. */
  lagMs(): number;
  rssMiB(): number;
  close(): void;
};

const WINDOW_MS = 1_000;
const RESOLUTION_MS = 10;

export function createMetrics(): Metrics {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let lastWindow = 0;
  const turn = setInterval(() => {
    lastWindow = lag(delay.percentile(99));
    delay.reset();
  }, WINDOW_MS);
  turn.unref();
  return {
    lagMs: () => Math.max(lastWindow, delay.count > 0 ? lag(delay.percentile(99)) : 0),
    rssMiB: () => Math.round(process.memoryUsage.rss() / 1_048_576),
    close() {
      clearInterval(turn);
      delay.disable();
    },
  };
}

/** The histogram holds whole intervals in ns; what is beyond the resolution is the lag. */
function lag(nanoseconds: number): number {
  return Math.max(0, Math.round((nanoseconds / 1e6 - RESOLUTION_MS) * 10) / 10);
}

/** Totals since the start, each under one name. */
export class Counters<Name extends string> {
  readonly #totals: Map<Name, number>;

  constructor(names: readonly Name[]) {
    this.#totals = new Map(names.map((name) => [name, 0]));
  }

  add(name: Name, by = 1): void {
    this.#totals.set(name, (this.#totals.get(name) ?? 0) + by);
  }

  get(name: Name): number {
    return this.#totals.get(name) ?? 0;
  }

  entries(): readonly (readonly [Name, number])[] {
    return [...this.#totals];
  }
}

/** Metrics in the text format that Prometheus reads. @param gauges values of now; counters go up only */
export function metricsText(
  counters: readonly (readonly [string, number])[],
  gauges: readonly (readonly [string, number])[],
): string {
  const line = (type: string, suffix: string) => (entry: readonly [string, number]) => {
    const name = `concord_${entry[0]}${suffix}`;
    return `# TYPE ${name} ${type}\n${name} ${entry[1]}\n`;
  };
  return [...counters.map(line("counter", "_total")), ...gauges.map(line("gauge", ""))].join("");
}
