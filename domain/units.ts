/** Lengths and areas carry their unit in the type; level-0 pixels are the one coordinate space that is stored. */
export type Level0Px = number & { readonly __unit: "level-0 px" };
export type Micron = number & { readonly __unit: "um" };
export type SquareMicron = number & { readonly __unit: "um2" };
export type MicronPerPx = number & { readonly __unit: "um/px" };

/** A slide's scale, checked: pathology scans lie between 0.05 and 100 um per pixel. */
export function micronPerPx(value: number): MicronPerPx {
  if (!(value >= 0.05 && value <= 100)) throw new RangeError(`mpp must be 0.05 to 100 um per pixel, got ${value}`);
  return value as MicronPerPx;
}

export function toMicron(lengthPx: number, mpp: MicronPerPx): Micron {
  return (lengthPx * mpp) as Micron;
}

export function toSquareMicron(areaPx2: number, mpp: MicronPerPx): SquareMicron {
  return (areaPx2 * mpp * mpp) as SquareMicron;
}

export function toPx(length: Micron, mpp: MicronPerPx): Level0Px {
  return (length / mpp) as Level0Px;
}

/** Objective power that shows a slide at this scale, by the convention that 10 um/px is 1x (0.25 um/px is 40x). */
export function objectivePower(mpp: MicronPerPx): number {
  return 10 / mpp;
}
