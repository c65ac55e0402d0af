/** Areas and scales carry their unit in the type; level-0 pixels are the one coordinate space that is stored. */
export type SquareMicron = number & { readonly __unit: "um2" };
export type MicronPerPx = number & { readonly __unit: "um/px" };

/** A slide's scale, checked: pathology scans lie between 0.05 and 100 um per pixel. */
export function micronPerPx(value: number): MicronPerPx {
  if (!(value >= 0.05 && value <= 100)) throw new RangeError(`mpp must be 0.05 to 100 um per pixel, got ${value}`);
  return value as MicronPerPx;
}

export function toSquareMicron(areaPx2: number, mpp: MicronPerPx): SquareMicron {
  return (areaPx2 * mpp * mpp) as SquareMicron;
}

/** Objective power that shows a slide at this scale, by the convention that 10 um/px is 1x (0.25 um/px is 40x). */
export function objectivePower(mpp: MicronPerPx): number {
  return 10 / mpp;
}
