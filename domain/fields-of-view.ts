import { type Geometry, type Point, polygonsOf } from "./annotation.ts";
import { bboxOf, geometryArea } from "./geometry.ts";

/** Rows may begin at every eighth of a side, counted from either end and from where a row is in the middle. */
const STEPS_A_SIDE = 8;
/** Of an outline that is very much larger than its fields, rows begin at so many places at most. */
const MOST_STEPS = 4_096;
/** What lies closer than this touches and does not overlap, px: far below the grid of outlines, far above rounding. */
const TOUCH_PX = 1e-6;

/**
 * How many fields of view an outline has room for: squares along the axes that lie inside it, holes left out, and do not
 * overlap each other.
 * The most squares that fit is a problem without a quick answer, so this is a lower bound, the same for the same outline:
 * squares stand in rows, in each as many as fit, and of rows that begin at eighths of a side those are chosen that hold most
 * together; the same in columns; the better of the two counts. Every square
 * that is counted fits, so the number is never above what the area allows. Whatever fits in rows, or in columns, with
 * squares that are an eighth larger is found, a single square among them, in outlines up to 512 sides long.
 * Source: rows ("shelves") of Baker and Schwarz 1983, SIAM Journal on Computing 12(3); that the most is hard to find: Fowler,
 * Paterson and Tanimoto 1981, Information Processing Letters 12(3).
 * @param sidePx of a square, level-0 px
 * @param atMost what is asked for: counting ends there
 * @returns 0 to `atMost`; 0 for points and lines. Cost: vertices times steps a side, until enough is found
 */
export function fieldsWithin(geometry: Geometry, sidePx: number, atMost: number): number {
  const rings = polygonsOf(geometry).flat();
  if (rings.length === 0 || !(sidePx > 0)) return 0;
  const allowed = Math.floor((geometryArea(geometry) / sidePx ** 2) * (1 + 1e-9));
  const most = Math.min(atMost, allowed);
  if (most <= 0) return 0;
  const edges = rings.flatMap((ring) => ring.map((to, at): Edge => [ring.at(at - 1) ?? to, to]));
  const inRows = fieldsInRows(edges, sidePx, most);
  return inRows >= most ? inRows : Math.max(inRows, fieldsInRows(edges.map(turned), sidePx, most));
}

/** Side of a field of view on a slide, level-0 px: the same number wherever it is asked for. */
export function fieldSidePx(sideUm: number, mpp: number): number {
  return sideUm / mpp;
}

type Edge = readonly [from: Point, to: Point];

function turned([from, to]: Edge): Edge {
  return [
    [from[1], from[0]],
    [to[1], to[0]],
  ];
}

/** The best choice of rows that do not overlap; rows are looked at from the lowest y up, until there are enough squares. */
function fieldsInRows(edges: readonly Edge[], side: number, most: number): number {
  const { minY, maxY } = bboxOf(edges.map(([from]) => from));
  const starts = rowStarts(minY, maxY, side);
  const strips = new Strips(edges);
  const best: number[] = [];
  let before = 0;
  for (const [at, start] of starts.entries()) {
    while ((starts[before] ?? Infinity) + side <= start + TOUCH_PX) before++;
    const here = strips.fieldsAt(start, side) + (best[before - 1] ?? 0);
    best.push(Math.max(here, best[at - 1] ?? 0));
    if ((best[at] ?? 0) >= most) return most;
  }
  return best.at(-1) ?? 0;
}

/** Where rows may begin, ascending: at steps from the lowest place up, from the highest down, and from the middle. */
function rowStarts(minY: number, maxY: number, side: number): number[] {
  const last = maxY - side;
  if (last < minY - TOUCH_PX) return [];
  const step = Math.max(side / STEPS_A_SIDE, (maxY - minY) / MOST_STEPS);
  const steps = Math.floor((last - minY) / step + TOUCH_PX);
  const middle = (minY + last) / 2;
  const half = Math.floor((last - minY) / 2 / step);
  const fromEnds = Array.from({ length: steps + 1 }, (_, at) => [minY + at * step, last - at * step]);
  const fromMiddle = Array.from({ length: 2 * half + 1 }, (_, at) => middle + (at - half) * step);
  return [...fromEnds.flat(), ...fromMiddle].sort((a, b) => a - b);
}

/** What of an outline lies in a row, for rows that are asked from the lowest up. */
class Strips {
  /** By their lower ends. */
  readonly #edges: readonly Edge[];
  #next = 0;
  #open: Edge[] = [];

  constructor(edges: readonly Edge[]) {
    this.#edges = edges.toSorted((a, b) => lower(a) - lower(b));
  }

  /** How many squares fit side by side into the row from `start` up. */
  fieldsAt(start: number, side: number): number {
    const [low, high] = [start + TOUCH_PX, start + side - TOUCH_PX];
    for (let edge = this.#edges[this.#next]; edge !== undefined && lower(edge) < high; edge = this.#edges[this.#next]) {
      this.#open.push(edge);
      this.#next++;
    }
    this.#open = this.#open.filter((edge) => upper(edge) > low);
    const crossing = this.#open.filter((edge) => lower(edge) < high).map((edge) => crossingOf(edge, low, high));
    return fieldsBetween(crossing, side);
  }
}

/** The part of a row that an edge takes, and whether the middle of the row is passed there from one side to the other. */
type Crossing = { readonly from: number; readonly to: number; readonly turns: boolean };

function crossingOf([from, to]: Edge, low: number, high: number): Crossing {
  const level = from[1] === to[1];
  const [x0, x1] = level ? [from[0], to[0]] : [xAt([from, to], low), xAt([from, to], high)];
  const middle = (low + high) / 2;
  return { from: Math.min(x0, x1), to: Math.max(x0, x1), turns: from[1] <= middle !== to[1] <= middle };
}

/** The x of an edge at a height, or at its end where it does not reach there. */
function xAt([[x0, y0], [x1, y1]]: Edge, y: number): number {
  return x0 + Math.min(1, Math.max(0, (y - y0) / (y1 - y0))) * (x1 - x0);
}

/** Squares in the gaps that no edge passes and that lie inside, by the even-odd rule. */
function fieldsBetween(crossings: Crossing[], side: number): number {
  let [fields, reached, inside] = [0, -Infinity, false];
  for (const { from, to, turns } of crossings.sort((a, b) => a.from - b.from)) {
    if (inside && from > reached) fields += Math.floor((from - reached + 2 * TOUCH_PX) / side);
    reached = Math.max(reached, to);
    if (turns) inside = !inside;
  }
  return fields;
}

function lower([from, to]: Edge): number {
  return Math.min(from[1], to[1]);
}

function upper([from, to]: Edge): number {
  return Math.max(from[1], to[1]);
}
