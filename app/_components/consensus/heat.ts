/** Background and ink for a share of 0 to 1 on one scale of the accent colour; the number always stands in the cell too. */
export function heat(share: number): { readonly backgroundColor: string; readonly color: string } {
  const strength = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return {
    backgroundColor: `color-mix(in oklab, var(--heat) ${strength}%, var(--panel))`,
    color: strength > 55 ? "var(--on-heat)" : "var(--ink)",
  };
}
