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
 * When nothing will be left, at the pace of the last days.
 * @param done what was done and when  @param days how far to look back
 * @returns ms since 1970; null where nothing was done in these days, or nothing is left
 */
export function doneBy(left: number, done: readonly Step[], now: number, days = 7): number | null {
  const recent = done.filter(({ at }) => at > now - days * DAY_MS && at <= now);
  const count = recent.reduce((sum, each) => sum + each.count, 0);
  if (left === 0 || count === 0) return null;
  const since = Math.min(now - DAY_MS, ...recent.map(({ at }) => at));
  return now + (left / count) * (now - since);
}
