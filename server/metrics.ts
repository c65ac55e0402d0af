import { monitorEventLoopDelay } from "node:perf_hooks";

/** How busy this process is. */
export type Metrics = {
  /** 99th percentile of how late the event loop came since the last second began, ms. */
  lagMs(): number;
  rssMiB(): number;
  close(): void;
};

const WINDOW_MS = 1_000;
/** So often the loop is asked: more often costs more than a small room. */
const RESOLUTION_MS = 50;

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

/** What is known of the process and of its connections to the database, at this moment. */
export function processMetrics(
  metrics: Pick<Metrics, "lagMs">,
  pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number },
): Metric[] {
  const { user, system } = process.cpuUsage();
  const gauges = {
    process_lag_ms: metrics.lagMs(),
    process_resident_bytes: process.memoryUsage.rss(),
    process_uptime_seconds: Math.round(process.uptime()),
    database_connections: pool.totalCount,
    database_connections_idle: pool.idleCount,
    database_waiting: pool.waitingCount,
  };
  return [
    { type: "counter", name: "process_cpu_seconds", value: (user + system) / 1e6 },
    ...Object.entries(gauges).map(([name, value]): Metric => ({ type: "gauge", name, value })),
  ];
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

/** Totals since the start of things that differ by one word; no more words are kept than there are in the code. */
export class Tally<Word extends string> {
  readonly #totals = new Map<Word, number>();

  add(word: Word): void {
    this.#totals.set(word, (this.#totals.get(word) ?? 0) + 1);
  }

  entries(): readonly (readonly [Word, number])[] {
    return [...this.#totals];
  }
}

/** How often values lay at or below each of some bounds, which go up. */
export class Histogram {
  readonly bounds: readonly number[];
  readonly #counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= bound);
    const place = at === -1 ? this.bounds.length : at;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.sum += value;
  }

  /** For each bound, and then for all: how many values were not above it. */
  cumulative(): readonly number[] {
    let total = 0;
    return this.#counts.map((count) => {
      total += count;
      return total;
    });
  }
}

/** One metric under a name without `concord_`. Counters go up only; gauges are values of now. */
export type Metric =
  | { readonly type: "counter" | "gauge"; readonly name: string; readonly value: number }
  | { readonly type: "tally"; readonly name: string; readonly label: string; readonly tally: Tally<string> }
  | { readonly type: "histogram"; readonly name: string; readonly histogram: Histogram };

/** Metrics in the text format that Prometheus reads. Source: Prometheus exposition format 0.0.4. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics.map((metric) => linesOf(metric).join("")).join("");
}

function linesOf(metric: Metric): string[] {
  const name = `concord_${metric.name}`;
  switch (metric.type) {
    case "counter":
      return [`# TYPE ${name}_total counter\n`, `${name}_total ${metric.value}\n`];
    case "gauge":
      return [`# TYPE ${name} gauge\n`, `${name} ${metric.value}\n`];
    case "tally":
      return [
        `# TYPE ${name}_total counter\n`,
        ...metric.tally.entries().map(([word, count]) => `${name}_total{${metric.label}="${word}"} ${count}\n`),
      ];
    case "histogram":
      return histogramLines(name, metric.histogram);
    default:
      return metric satisfies never;
  }
}

function histogramLines(name: string, histogram: Histogram): string[] {
  const counts = histogram.cumulative();
  const bounds = [...histogram.bounds, "+Inf"];
  return [
    `# TYPE ${name} histogram\n`,
    ...bounds.map((bound, index) => `${name}_bucket{le="${bound}"} ${counts[index] ?? 0}\n`),
    `${name}_sum ${histogram.sum}\n`,
    `${name}_count ${counts.at(-1) ?? 0}\n`,
  ];
}
