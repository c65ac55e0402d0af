import { LiveSquares } from "#domain/live-squares.ts";
import type { SquaresAsked } from "./live-agreement.ts";

let squares: LiveSquares | null = null;

/** The program of the browser's worker: changes come in, the votes of squares go out, in the order of asking. */
self.addEventListener("message", ({ data }: MessageEvent<{ readonly id: number; readonly asked: SquaresAsked }>) => {
  const { begin, changes, keys } = data.asked;
  const known = begin === null ? squares : new LiveSquares(begin.readerKeys, begin.settings);
  if (known === null) throw new Error("squares were asked for before the reads were named");
  squares = known;
  known.change(changes);
  self.postMessage({ id: data.id, tallies: keys.map((key) => known.tally(key)) });
});
