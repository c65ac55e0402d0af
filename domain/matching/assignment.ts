/** A pair that may be taken, and what it is worth. Rows and columns are numbers of any size. */
export type Candidate = { readonly row: number; readonly column: number; readonly worth: number };

/**
 * The one-to-one choice of candidates whose worth adds up to the most. Candidates that share no row and column with
 * another are taken as they are; the others are solved for each connected group. Choices that are worth the same are told
 * apart by the numbers of rows and columns, lower first, so that the order of candidates does not matter.
 * @returns the chosen candidates by row. Cost O(n^3) in the largest group, which on slides has a few members
 * Source: Kuhn 1955, Nav. Res. Logist. Q. 2; with potentials as in Jonker & Volgenant 1987, Computing 38.
 */
export function bestAssignment<Pair extends Candidate>(candidates: readonly Pair[]): Pair[] {
  const ordered = candidates.filter(({ worth }) => worth > 0).sort((a, b) => a.row - b.row || a.column - b.column);
  return connectedGroups(ordered)
    .flatMap((group) => (group.length === 1 ? group : solveGroup(group)))
    .sort((a, b) => a.row - b.row);
}

/** Candidates that hang together by rows or columns, each group in the order given. */
function connectedGroups<Pair extends Candidate>(candidates: readonly Pair[]): Pair[][] {
  const parents = candidates.map((_, place) => place);
  const rootOf = (place: number): number => {
    let root = place;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[place] = root;
    return root;
  };
  const [rows, columns] = [new Map<number, number>(), new Map<number, number>()];
  for (const [place, { row, column }] of candidates.entries()) {
    for (const [seen, key] of [
      [rows, row],
      [columns, column],
    ] as const) {
      const earlier = seen.get(key);
      if (earlier === undefined) seen.set(key, place);
      else parents[rootOf(place)] = rootOf(earlier);
    }
  }
  const groups = new Map<number, Pair[]>();
  for (const [place, candidate] of candidates.entries()) {
    const root = rootOf(place);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [candidate]);
    else group.push(candidate);
  }
  return [...groups.values()];
}

/** A row may stay alone: it then takes a column of its own that is worth nothing. */
function solveGroup<Pair extends Candidate>(group: readonly Pair[]): Pair[] {
  const rows = [...new Set(group.map(({ row }) => row))];
  const columns = [...new Set(group.map(({ column }) => column))].sort((a, b) => a - b);
  const [rowPlace, columnPlace] = [placesOf(rows), placesOf(columns)];
  const costs = rows.map(() => new Float64Array(columns.length + rows.length));
  for (const { row, column, worth } of group) {
    const cost = costs[rowPlace.get(row) ?? 0];
    if (cost !== undefined) cost[columnPlace.get(column) ?? 0] = -worth;
  }
  const chosen = leastCost(costs);
  return group.filter(({ row, column }) => chosen[rowPlace.get(row) ?? 0] === columnPlace.get(column));
}

function placesOf(values: readonly number[]): Map<number, number> {
  return new Map(values.map((value, place) => [value, place]));
}

/**
 * For each row a column of its own, so that the costs add up to the least.
 * @param costs as many columns as rows, or more
 */
export function leastCost(costs: readonly ArrayLike<number>[]): number[] {
  const width = costs[0]?.length ?? 0;
  if (width < costs.length) throw new RangeError(`${costs.length} rows need as many columns, not ${width}`);
  const search: Search = {
    width,
    rowCost: new Float64Array(costs.length),
    columnCost: new Float64Array(width),
    taken: new Int32Array(width).fill(-1),
  };
  for (const row of costs.keys()) placeRow(costs, row, search);
  const chosen = costs.map(() => -1);
  for (const [column, row] of search.taken.entries()) if (row >= 0) chosen[row] = column;
  return chosen;
}

type Search = {
  readonly width: number;
  readonly rowCost: Float64Array;
  readonly columnCost: Float64Array;
  /** The row that has a column so far, or -1. */
  readonly taken: Int32Array;
};

/** The cheapest way found so far from a row to every column, by exchanges with rows that have one. */
type Path = {
  readonly least: Float64Array;
  readonly cameFrom: Int32Array;
  readonly isVisited: Uint8Array;
  readonly visited: number[];
};

/** Gives one more row a column, moving earlier rows along the cheapest path of exchanges. */
function placeRow(costs: readonly ArrayLike<number>[], row: number, search: Search): void {
  const { width, taken } = search;
  const path: Path = {
    least: new Float64Array(width).fill(Infinity),
    cameFrom: new Int32Array(width).fill(-1),
    isVisited: new Uint8Array(width),
    visited: [],
  };
  let [at, column] = [row, -1];
  while (at >= 0) {
    reachFrom(costs[at] ?? [], at, column, search, path);
    column = nearestColumn(path);
    shiftCosts(row, path.least[column] ?? 0, search, path);
    path.isVisited[column] = 1;
    path.visited.push(column);
    at = taken[column] ?? -1;
  }
  while (column >= 0) {
    const earlier = path.cameFrom[column] ?? -1;
    taken[column] = earlier < 0 ? row : (taken[earlier] ?? row);
    column = earlier;
  }
}

function reachFrom(costs: ArrayLike<number>, at: number, from: number, search: Search, path: Path): void {
  const owed = search.rowCost[at] ?? 0;
  for (const [place, known] of path.least.entries()) {
    const cost = (costs[place] ?? 0) - owed - (search.columnCost[place] ?? 0);
    if (path.isVisited[place] === 1 || cost >= known) continue;
    path.least[place] = cost;
    path.cameFrom[place] = from;
  }
}

function nearestColumn({ least, isVisited }: Path): number {
  let [nearest, step] = [-1, Infinity];
  for (const [place, cost] of least.entries()) {
    if (isVisited[place] === 0 && cost < step) [nearest, step] = [place, cost];
  }
  return nearest;
}

/** Keeps every cost of what is chosen at zero, and all others at zero or more. */
function shiftCosts(row: number, step: number, { rowCost, columnCost, taken }: Search, path: Path): void {
  rowCost[row] = (rowCost[row] ?? 0) + step;
  for (const place of path.visited) {
    const owner = taken[place] ?? -1;
    rowCost[owner] = (rowCost[owner] ?? 0) + step;
    columnCost[place] = (columnCost[place] ?? 0) - step;
  }
  for (const [place, cost] of path.least.entries()) if (path.isVisited[place] === 0) path.least[place] = cost - step;
}
