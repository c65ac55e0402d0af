import type { TileTally } from "#domain/tile-agreement.ts";
import type { TileRunner } from "./live-agreement.ts";

type Answer = { readonly id: number; readonly tallies: readonly TileTally[] };

/** Counts squares in a worker of the browser, so that no stroke waits for it. `close` ends the worker. */
export function startTileRunner(): { readonly run: TileRunner; close(): void } {
  const worker = new Worker(new URL("./agreement-worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<
    number,
    { resolve: (tallies: readonly TileTally[]) => void; reject: (fault: Error) => void }
  >();
  let asked = 0;
  worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
    waiting.get(data.id)?.resolve(data.tallies);
    waiting.delete(data.id);
  });
  const fail = (event: Event) => {
    const fault = new Error(event instanceof ErrorEvent ? event.message : "the worker ended");
    for (const { reject } of waiting.values()) reject(fault);
    waiting.clear();
  };
  worker.addEventListener("error", fail);
  return {
    run: (squares) =>
      new Promise((resolve, reject) => {
        asked += 1;
        waiting.set(asked, { resolve, reject });
        worker.postMessage({ id: asked, asked: squares });
      }),
    close: () => worker.terminate(),
  };
}
