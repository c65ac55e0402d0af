/** A 32-bit hash of a grid place: the same on every machine, so that neighbouring blocks agree at their seams. */
export function hash2(x: number, y: number, seed: number): number {
  let mixed = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The same as a number in [0, 1). */
export function chance(x: number, y: number, seed: number): number {
  return hash2(x, y, seed) / 4_294_967_296;
}

/** Smooth noise in about [-1, 1], one lattice cell per unit. Source: Perlin 2002, SIGGRAPH. */
export function smoothNoise(x: number, y: number, seed: number): number {
  const [ix, iy] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - ix, y - iy];
  const across = ease(fx);
  const top = lerp(slope(ix, iy, seed, fx, fy), slope(ix + 1, iy, seed, fx - 1, fy), across);
  const bottom = lerp(slope(ix, iy + 1, seed, fx, fy - 1), slope(ix + 1, iy + 1, seed, fx - 1, fy - 1), across);
  return lerp(top, bottom, ease(fy)) * GAIN;
}

/** Octaves of smooth noise, each half as large and half as strong; within about [-1, 1]. */
export function fractalNoise(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0;
  let weight = 1;
  let scale = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += smoothNoise(x * scale, y * scale, seed + octave * 101) * weight;
    weight /= 2;
    scale *= 2;
  }
  return sum / 1.6;
}

/** A square of noise that tiles the plane; `size` is a power of two and values lie in [0, 1]. */
export type Plane = { readonly size: number; readonly values: Float32Array };

export type Lattice = { readonly columns: number; readonly rows: number; readonly weight: number };
export type Warp = { readonly cells: number; readonly px: number };

/**
 * A tileable plane summed from lattices; more columns than rows gives grain that runs down, more rows grain that runs across.
 * `warps` bend it: each displaces rows by smooth noise.
 */
export function noisePlane(
  size: number,
  seed: number,
  lattices: readonly Lattice[],
  warps: readonly Warp[] = [],
): Plane {
  const values = new Float32Array(size * size);
  const total = lattices.reduce((sum, { weight }) => sum + weight, 0);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let bend = 0;
      for (const [index, { cells, px }] of warps.entries()) {
        bend += wrappedNoise((x / size) * cells, (y / size) * cells, cells, cells, seed + 7 * index + 3) * px;
      }
      let sum = 0;
      for (const [index, { columns, rows, weight }] of lattices.entries()) {
        const [u, v] = [(x / size) * columns, ((y + bend) / size) * rows];
        sum += wrappedNoise(u, v, columns, rows, seed + 31 * index) * weight;
      }
      values[y * size + x] = sum / total / 2 + 0.5;
    }
  }
  return { size, values: equalised(values) };
}

/** Bilinear value of a plane, which repeats in both directions. Called several times a pixel: no arrays are made. */
export function sample(plane: Plane, x: number, y: number): number {
  const mask = plane.size - 1;
  const values = plane.values;
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const x0 = ix & mask;
  const x1 = (ix + 1) & mask;
  const top = (iy & mask) * plane.size;
  const bottom = ((iy + 1) & mask) * plane.size;
  const upper = lerp(values[top + x0] ?? 0, values[top + x1] ?? 0, x - ix);
  return lerp(upper, lerp(values[bottom + x0] ?? 0, values[bottom + x1] ?? 0, x - ix), y - iy);
}

/** Nearest value of a plane: for grain at the scale of a pixel. */
export function grain({ size, values }: Plane, x: number, y: number): number {
  return values[(y & (size - 1)) * size + (x & (size - 1))] ?? 0;
}

export function lerp(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

function ease(t: number): number {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

/** Gradient noise reaches about 0.7 at most. */
const GAIN = 1.45;
const DIRECTIONS = Array.from({ length: 16 }, (_, step) => (step * Math.PI) / 8 + 0.2);
const SLOPE_X = Float64Array.from(DIRECTIONS, (angle) => Math.cos(angle));
const SLOPE_Y = Float64Array.from(DIRECTIONS, (angle) => Math.sin(angle));

/** Height of the random plane through a lattice point, at an offset from it. */
function slope(column: number, row: number, seed: number, dx: number, dy: number): number {
  const direction = hash2(column, row, seed) & 15;
  return (SLOPE_X[direction] ?? 0) * dx + (SLOPE_Y[direction] ?? 0) * dy;
}

function wrappedNoise(x: number, y: number, columns: number, rows: number, seed: number): number {
  const [ix, iy] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - ix, y - iy];
  const [x0, x1] = [modulo(ix, columns), modulo(ix + 1, columns)];
  const [y0, y1] = [modulo(iy, rows), modulo(iy + 1, rows)];
  const across = ease(fx);
  const top = lerp(slope(x0, y0, seed, fx, fy), slope(x1, y0, seed, fx - 1, fy), across);
  const bottom = lerp(slope(x0, y1, seed, fx, fy - 1), slope(x1, y1, seed, fx - 1, fy - 1), across);
  return lerp(top, bottom, ease(fy)) * GAIN;
}

/** Stretched so that one percent lies at either end: a sum of octaves else huddles around the middle. */
function equalised(values: Float32Array): Float32Array {
  const sorted = values.slice().sort();
  const low = sorted[Math.floor(sorted.length * 0.01)] ?? 0;
  const high = sorted[Math.floor(sorted.length * 0.99)] ?? 1;
  return values.map((value) => Math.min(1, Math.max(0, (value - low) / (high - low))));
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
