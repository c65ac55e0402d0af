import type { ErrorCode } from "#server/errors.ts";
import { Counters, Histogram, type Metric, Tally } from "#server/metrics.ts";

/** What rooms count, over all layers and people: none of these names a layer or a person. */
const NAMES = [
  "commits",
  "commit_ms",
  "updates",
  "update_bytes",
  "updates_elsewhere",
  "updates_refused",
  "marks",
  "joins_whole",
  "joins_tail",
  "turns",
  "fan_out_ms",
  "writes",
  "frames",
  "bytes_out",
  "slow_closed",
  "lines_dead",
  "presence_in",
  "presence_rationed",
  "presence_ticks",
  "presence_skipped",
  "compactions",
  "compactions_failed",
  "compactions_elsewhere",
  "compaction_ms",
  "snapshots_damaged",
  "rollovers",
  "rollovers_failed",
  "rollover_ms",
  "late_updates",
  "layers_full",
  "wakes",
  "sleeps",
  "rooms_given_up",
] as const;

/** Upper ends of what a commit may take, ms; the aim for the 99th percentile is 50. */
const ACK_BOUNDS_MS = [2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] as const;

export class SyncCounters extends Counters<(typeof NAMES)[number]> {
  /** From the arrival of a mark until the answer that everything before it is durable. */
  readonly ackMs = new Histogram(ACK_BOUNDS_MS);
  /** Why sockets were ended by our own doing. */
  readonly refusals = new Tally<ErrorCode>();

  constructor() {
    super(NAMES);
  }

  metrics(): Metric[] {
    return [
      ...this.entries().map(([name, value]): Metric => ({ type: "counter", name: `sync_${name}`, value })),
      { type: "tally", name: "sync_refusals", label: "code", tally: this.refusals },
      { type: "histogram", name: "sync_ack_ms", histogram: this.ackMs },
    ];
  }
}
