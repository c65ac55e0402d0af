import { tileTally } from "#domain/tile-agreement.ts";
import type { TileJob } from "./live-agreement.ts";

/** The program of the browser's worker: squares come in, their votes go out, in the order of asking. */
self.addEventListener(
  "message",
  ({ data }: MessageEvent<{ readonly id: number; readonly jobs: readonly TileJob[] }>) => {
    const tallies = data.jobs.map(({ reads, key, settings }) => tileTally(reads, key, settings));
    self.postMessage({ id: data.id, tallies });
  },
);
