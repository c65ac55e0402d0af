import { type CusumPoint, type CusumSettings, cusum, USUAL_CUSUM } from "./cusum.ts";
import { normalQuantile, studentCdf } from "./distributions.ts";

/** Where a series begins to lie higher or lower than before. */
export type ChangePoint = {
  /** Place of the first value after the change. */
  readonly at: number;
  /** Place of the value with which the chart was sure. */
  readonly seenAt: number;
  readonly direction: "up" | "down";
};

/** With fewer values nothing is said. */
const LEAST_VALUES = 5;
/** Scores beyond this are all the same to the chart, and rounding does not reach them. */
const LARGEST_SCORE = 6;

/**
 * Scores a series against its own past: the n-th value by the mean and deviation of those before it, as a standard normal
 * score where nothing changes. So no history is set aside to learn what is normal. The first two score 0.
 * @param leastDeviation a past that varies less is taken to vary so much: what is too small to matter is no change
 * Source: Hawkins 1987, The Statistician 36(4), self-starting cusum.
 */
export function selfStartingScores(values: readonly number[], leastDeviation = 0): number[] {
  let [count, mean, squares] = [0, 0, 0];
  return values.map((value) => {
    const score = count < 2 ? 0 : scoreOf(value - mean, Math.sqrt(squares / (count - 1)), count, leastDeviation);
    count++;
    const away = value - mean;
    mean += away / count;
    squares += away * (value - mean);
    return score;
  });
}

/**
 * Change points of a series by a two-sided self-starting cusum; after each change the chart begins anew with what follows.
 * The place of a change is the one after the sum was last at zero, which is the estimate that goes with the chart.
 * Source: Hawkins 1987; for the place Page 1954 and Montgomery, Introduction to Statistical Quality Control.
 */
export function changePoints(
  values: readonly number[],
  { leastDeviation = 0, settings = USUAL_CUSUM }: { leastDeviation?: number; settings?: CusumSettings } = {},
): ChangePoint[] {
  const found: ChangePoint[] = [];
  let start = 0;
  while (values.length - start >= LEAST_VALUES) {
    const scores = selfStartingScores(values.slice(start), leastDeviation);
    const { points, signal } = cusum(scores, { mean: 0, deviation: 1 }, settings);
    if (signal === null) return found;
    const direction = (points[signal]?.high ?? 0) > settings.limit ? "up" : "down";
    const at = start + lastZero(points, signal, direction) + 1;
    found.push({ at, seenAt: start + signal, direction });
    start = at;
  }
  return found;
}

function lastZero(points: readonly CusumPoint[], before: number, direction: "up" | "down"): number {
  return points.slice(0, before).findLastIndex((point) => (direction === "up" ? point.high : point.low) === 0);
}

function scoreOf(away: number, deviation: number, count: number, leastDeviation: number): number {
  const spread = Math.max(deviation, leastDeviation);
  if (spread === 0) return away === 0 ? 0 : Math.sign(away) * LARGEST_SCORE;
  const t = (Math.sqrt(count / (count + 1)) * away) / spread;
  const tail = studentCdf(-Math.abs(t), count - 1);
  const size = tail > 0 ? Math.min(LARGEST_SCORE, -normalQuantile(tail)) : LARGEST_SCORE;
  return Math.sign(t) * size;
}
