/** A picture of yes and no, row by row from the top; spacing is the height and the width of a pixel. */
export type Mask = {
  readonly rows: number;
  readonly columns: number;
  readonly pixels: ArrayLike<number>;
};
export type Spacing = { readonly row: number; readonly column: number };

/** Distances between two masks, in the unit of the spacing; null where one of them is empty. */
export type SurfaceDistances = {
  readonly meanFromA: number;
  readonly meanFromB: number;
  readonly hausdorff: number;
  readonly hausdorff95: number;
  /** Share of both surfaces within the tolerance of the other. */
  readonly within: number;
} | null;

/**
 * Distances between the surfaces of two masks, each piece of surface by its length: for masks that others have made.
 * Source: marching squares with the weights of google-deepmind/surface-distance.
 */
export function surfaceDistances(a: Mask, b: Mask, spacing: Spacing, tolerance: number): SurfaceDistances {
  const [one, other] = [surfaceOf(a, spacing), surfaceOf(b, spacing)];
  if (one.length === 0 || other.length === 0) return null;
  const [fromA, fromB] = [weighted(one, other, spacing), weighted(other, one, spacing)];
  const within = ({ items }: Weighted) =>
    sum(items.filter((item) => item.distance <= tolerance).map((item) => item.length));
  return {
    meanFromA: fromA.total / fromA.length,
    meanFromB: fromB.total / fromB.length,
    hausdorff: Math.max(weightedQuantile(fromA, 1), weightedQuantile(fromB, 1)),
    hausdorff95: Math.max(weightedQuantile(fromA, 0.95), weightedQuantile(fromB, 0.95)),
    within: (within(fromA) + within(fromB)) / (fromA.length + fromB.length),
  };
}

/** Distances between border pixels of two masks; null where one of them is empty. */
export type BorderDistances = {
  readonly hausdorff: number;
  /** 95th percentile of both directions together, and the larger of the two directed ones. */
  readonly hausdorff95Pooled: number;
  readonly hausdorff95: number;
  readonly meanFromA: number;
  /** Mean over the border pixels of both. */
  readonly mean: number;
} | null;

/**
 * Distances between the pixels at the border, inside the masks, each counting once: to compare with numbers of others.
 * Source: convention of MedPy and MONAI.
 */
export function borderDistances(a: Mask, b: Mask, spacing: Spacing): BorderDistances {
  const [one, other] = [bordersOf(a), bordersOf(b)];
  if (one.length === 0 || other.length === 0) return null;
  const [fromA, fromB] = [weighted(one, other, spacing), weighted(other, one, spacing)].map(({ items }) =>
    items.map((item) => item.distance),
  );
  const [forth, back] = [fromA ?? [], fromB ?? []];
  const pooled = [...forth, ...back].sort((p, q) => p - q);
  return {
    hausdorff: pooled.at(-1) ?? 0,
    hausdorff95Pooled: quantile(pooled, 0.95),
    hausdorff95: Math.max(quantile(forth, 0.95), quantile(back, 0.95)),
    meanFromA: sum(forth) / forth.length,
    mean: sum(pooled) / pooled.length,
  };
}

/** A place of a surface, in rows and columns, and the length of surface there. */
type Place = { readonly row: number; readonly column: number; readonly length: number };
type Weighted = {
  /** Nearest first. */
  readonly items: readonly { readonly distance: number; readonly length: number }[];
  readonly length: number;
  readonly total: number;
};

function isSet({ rows, columns, pixels }: Mask, row: number, column: number): boolean {
  const inside = row >= 0 && column >= 0 && row < rows && column < columns;
  return inside && (pixels[row * columns + column] ?? 0) !== 0;
}

/** Corners between four pixels that are not all the same, with the length of the line that parts them. */
function surfaceOf(mask: Mask, spacing: Spacing): Place[] {
  const places: Place[] = [];
  for (let row = 0; row <= mask.rows; row++) {
    for (let column = 0; column <= mask.columns; column++) {
      const length = lineAt(mask, row, column, spacing);
      if (length > 0) places.push({ row, column, length });
    }
  }
  return places;
}

function lineAt(mask: Mask, row: number, column: number, { row: height, column: width }: Spacing): number {
  const [nw, ne] = [isSet(mask, row - 1, column - 1), isSet(mask, row - 1, column)];
  const [sw, se] = [isSet(mask, row, column - 1), isSet(mask, row, column)];
  const set = Number(nw) + Number(ne) + Number(sw) + Number(se);
  if (set % 4 === 0) return 0;
  if (set === 2 && nw !== se) return nw === ne ? width : height;
  return (set === 2 ? 1 : 0.5) * Math.hypot(height, width);
}

/** Set pixels with a side that is not. */
function bordersOf(mask: Mask): Place[] {
  const places: Place[] = [];
  for (let row = 0; row < mask.rows; row++) {
    for (let column = 0; column < mask.columns; column++) {
      const sides = [
        isSet(mask, row - 1, column),
        isSet(mask, row + 1, column),
        isSet(mask, row, column - 1),
        isSet(mask, row, column + 1),
      ];
      if (isSet(mask, row, column) && sides.includes(false)) places.push({ row, column, length: 1 });
    }
  }
  return places;
}

/** For each place of one surface the nearest of the other; rows are searched outwards until they are too far. */
function weighted(from: readonly Place[], to: readonly Place[], { row: height, column: width }: Spacing): Weighted {
  const byRow = new Map<number, number[]>();
  for (const { row, column } of to) {
    const known = byRow.get(row);
    if (known === undefined) byRow.set(row, [column]);
    else known.push(column);
  }
  const lastRow = to.reduce((most, { row }) => Math.max(most, row), 0);
  const items = from.map(({ row, column, length }) => {
    let nearest = Infinity;
    for (let away = 0; away <= Math.max(row, lastRow) && away * height < nearest; away++) {
      for (const columns of [byRow.get(row - away), byRow.get(row + away)]) {
        for (const other of columns ?? []) {
          nearest = Math.min(nearest, Math.hypot(away * height, (other - column) * width));
        }
      }
    }
    return { distance: nearest, length };
  });
  items.sort((a, b) => a.distance - b.distance);
  const lengths = items.map((item) => item.length);
  return { items, length: sum(lengths), total: sum(items.map((item) => item.distance * item.length)) };
}

/** The distance at which this share of the length is reached. */
function weightedQuantile({ items, length }: Weighted, share: number): number {
  let gone = 0;
  for (const item of items) {
    gone += item.length;
    if (gone / length >= share) return item.distance;
  }
  return items.at(-1)?.distance ?? 0;
}

function quantile(ordered: readonly number[], share: number): number {
  const place = share * (ordered.length - 1);
  const low = ordered[Math.floor(place)] ?? 0;
  return low + (place - Math.floor(place)) * ((ordered[Math.floor(place) + 1] ?? low) - low);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
