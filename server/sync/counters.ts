import { Counters } from "#server/metrics.ts";

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
  "presence_in",
  "presence_rationed",
  "presence_ticks",
  "presence_skipped",
  "compactions",
  "compactions_failed",
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

export type SyncCounters = Counters<(typeof NAMES)[number]>;

export function createSyncCounters(): SyncCounters {
  return new Counters(NAMES);
}
