/** Items that became work, or were done, at a moment. */
export type Step = { readonly at: number; readonly count: number };
/** What was left to do at a moment; `at` in ms since 1970. */
export type Remaining = { readonly at: number; readonly left: number };

const DAY_MS = 86_400_000;

/**
 * How much was left to do over time, made from when work appeared and when it was done: nothing of it is counted up and
 * stored, so taking an answer back corrects the past as well.
 * @param points how many moments, evenly from the first work to `now`; the last one says what is left now
 * @returns nothing where there never was any work
 */
export function burnDown(
  appeared: readonly Step[],
  done: readonly Step[],
  { now, points }: { readonly now: number; readonly points: number },
): Remaining[] {
  if (appeared.length === 0) return [];
  const first = appeared.reduce((earliest, { at }) => Math.min(earliest, at), now);
  const length = Math.max(1, now - first);
  const changes = [...appeared, ...done.map(({ at, count }) => ({ at, count: -count }))].sort((a, b) => a.at - b.at);
  const series: Remaining[] = [];
  let next = 0;
  let left = 0;
  for (let point = 0; point < points; point++) {
    const at = point === points - 1 ? now : first + (length * point) / (points - 1);
    while (next < changes.length && (changes[next]?.at ?? 0) <= at) left += changes[next++]?.count ?? 0;
    series.push({ at, left: Math.max(0, left) });
  }
  return series;
}

/**
 * So much must have been done lately before a pace is spoken of. Source: a count of n that come independently has the
 * relative standard error 1 / sqrt(n), 22 % at 20; an end that is off by more would be read as a promise.
 */
export const LEAST_DONE = 20;

/** What the last days say of the end. */
export type Foreseen = {
  /** ms since 1970; null where nothing is left, or too little was done to say. */
  readonly doneBy: number | null;
  /** What was done in these days. */
  readonly lately: number;
};

/**
 * When nothing will be left, at the pace of the last days; what was all done in less than a day counts as a day's work.
 * @param done what was done and when  @param days how far to look back
 */
export function foreseen(left: number, done: readonly Step[], now: number, days = 7): Foreseen {
  const recent = done.filter(({ at }) => at > now - days * DAY_MS && at <= now);
  const lately = Math.max(
    0,
    recent.reduce((sum, { count }) => sum + count, 0),
  );
  if (left === 0 || lately < LEAST_DONE) return { doneBy: null, lately };
  const since = Math.min(now - DAY_MS, ...recent.map(({ at }) => at));
  return { doneBy: now + (left / lately) * (now - since), lately };
}
