/** Background for a share of 0 to 1 on one scale on which ordinary ink stays readable; the number always stands in the cell too. */
export function heat(share: number): { readonly backgroundColor: string } {
  const strength = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return { backgroundColor: `color-mix(in oklab, var(--heat) ${strength}%, var(--panel))` };
}
