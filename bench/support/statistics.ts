/** The value below which a share `q` of the samples lies (nearest rank); NaN of nothing. Sorts a copy. */
export function quantile(samples: readonly number[], q: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = Float64Array.from(samples).sort();
  const rank = Math.max(0, Math.ceil(q * sorted.length) - 1);
  return sorted[rank] ?? Number.NaN;
}

/** The middle sample, or the mean of the middle two; NaN of nothing. */
export function median(samples: readonly number[]): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Medians of each figure over repeats; a figure that no repeat has is null, as is one that is null in all of them. */
export function medians<Name extends string>(
  repeats: readonly Readonly<Record<Name, number | null>>[],
  names: readonly Name[],
): Record<Name, number | null> {
  const entries = names.map((name): [Name, number | null] => {
    const values = repeats.flatMap((each) => (each[name] === null ? [] : [each[name]]));
    return [name, values.length === 0 ? null : median(values)];
  });
  return Object.fromEntries(entries) as Record<Name, number | null>;
}

/** Rise per unit of x between the first and the last point. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const first = points.at(0);
  const last = points.at(-1);
  if (first === undefined || last === undefined || first.x === last.x) return Number.NaN;
  return (last.y - first.y) / (last.x - first.x);
}

/**
 * The order of repeats: all contestants of a round next to each other, each round beginning with another one, so that
 * a slow spell of the machine meets all of them.
 */
export function interleaved<T>(contestants: readonly T[], rounds: number): T[] {
  return Array.from({ length: rounds }, (_, round) =>
    contestants.map((_each, index) => contestants[(index + round) % contestants.length] as T),
  ).flat();
}
