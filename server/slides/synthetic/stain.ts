import { chance } from "./noise.ts";

/** Amounts of haematoxylin, eosin and red blood pigment at each pixel of a block, which has a margin on every side. */
export type Block = {
  /** Level-0 px of the first pixel, margin included. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly haematoxylin: Float32Array;
  readonly eosin: Float32Array;
  readonly blood: Float32Array;
};

/** Pixels around a block that are painted so that blurring and shapes agree with the neighbours. */
export const MARGIN = 2;

export function newBlock(left: number, top: number, width: number, height: number): Block {
  const [w, h] = [width + 2 * MARGIN, height + 2 * MARGIN];
  return {
    left: left - MARGIN,
    top: top - MARGIN,
    width: w,
    height: h,
    haematoxylin: new Float32Array(w * h),
    eosin: new Float32Array(w * h),
    blood: new Float32Array(w * h),
  };
}

/**
 * Optical density of one unit of stain for red, green and blue.
 * Source: reference vectors of Macenko et al. 2009, ISBI; blood is ours.
 */
const HAEMATOXYLIN = [0.5626, 0.7201, 0.4062] as const;
const EOSIN = [0.2159, 0.8012, 0.5581] as const;
const BLOOD = [0.16, 0.82, 0.78] as const;
/** What the lamp and an empty slide give. */
const GLASS = [244, 243, 245] as const;
const STEPS = 256;
const PER_UNIT = 100;

/** Colours for all amounts from 0 to 2.55 in steps of 0.01, three bytes each; eosin runs fastest. */
export function stainTable(): Uint8Array {
  const table = new Uint8Array(STEPS * STEPS * 3);
  for (let h = 0; h < STEPS; h++) {
    for (let e = 0; e < STEPS; e++) {
      for (const channel of [0, 1, 2] as const) {
        const density = (h * HAEMATOXYLIN[channel] + e * EOSIN[channel]) / PER_UNIT;
        table[(h * STEPS + e) * 3 + channel] = Math.round(GLASS[channel] * Math.exp(-density));
      }
    }
  }
  return table;
}

/** Where a block's pixels go: rows of RGB whose first pixel is at (0, top) of the slide. */
export type Strip = { readonly rgb: Uint8Array; readonly width: number; readonly top: number };

/** Writes a block without its margin as RGB; noise hides the steps of the table. */
export function develop(block: Block, table: Uint8Array, seed: number, strip: Strip): void {
  for (let row = MARGIN; row < block.height - MARGIN; row++) {
    const y = block.top + row;
    let to = ((y - strip.top) * strip.width + block.left + MARGIN) * 3;
    for (let column = MARGIN; column < block.width - MARGIN; column++) {
      const at = row * block.width + column;
      const noise = chance(block.left + column, y, seed);
      const h = level(block.haematoxylin[at] ?? 0, noise);
      const from = (h * STEPS + level(block.eosin[at] ?? 0, 1 - noise)) * 3;
      const blood = block.blood[at] ?? 0;
      for (let channel = 0; channel < 3; channel++) {
        const colour = table[from + channel] ?? 0;
        strip.rgb[to++] = blood < 0.02 ? colour : colour * Math.exp(-blood * (BLOOD[channel] ?? 0));
      }
    }
  }
}

/** Lays translucent ink over pixels that are written. */
export function tint(block: Block, ink: Float32Array, colour: readonly number[], strip: Strip): void {
  for (let row = MARGIN; row < block.height - MARGIN; row++) {
    for (let column = MARGIN; column < block.width - MARGIN; column++) {
      const cover = ink[row * block.width + column] ?? 0;
      if (cover === 0) continue;
      const to = ((block.top + row - strip.top) * strip.width + block.left + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        strip.rgb[to + channel] = (strip.rgb[to + channel] ?? 0) * (1 - cover + (cover * (colour[channel] ?? 0)) / 255);
      }
    }
  }
}

/** The blur of a microscope's objective: [1 2 1] both ways, in place; the outermost pixels stay. */
export function blur(plane: Float32Array, width: number, height: number, row: Float32Array): void {
  for (let y = 0; y < height; y++) {
    let previous = plane[y * width] ?? 0;
    for (let at = y * width + 1; at < (y + 1) * width - 1; at++) {
      const own = plane[at] ?? 0;
      plane[at] = (previous + 2 * own + (plane[at + 1] ?? 0)) / 4;
      previous = own;
    }
  }
  row.set(plane.subarray(0, width));
  for (let y = 1; y < height - 1; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const own = plane[at] ?? 0;
      plane[at] = ((row[x] ?? 0) + 2 * own + (plane[at + width] ?? 0)) / 4;
      row[x] = own;
    }
  }
}

function level(amount: number, noise: number): number {
  const step = amount * PER_UNIT + noise * 3 - 1;
  return step < 0 ? 0 : step > STEPS - 1 ? STEPS - 1 : step | 0;
}
