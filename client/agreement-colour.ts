/** From calm to alarming, readable with any colour vision. Source: the "inferno" map of matplotlib, CC0. */
const STOPS = [
  [66, 10, 104],
  [147, 38, 103],
  [221, 81, 58],
  [252, 165, 10],
  [252, 255, 164],
] as const;

/** The colour of a share of disagreement, 0 to 1, as r, g, b of 0 to 255. */
export function disagreementColour(share: number): readonly [number, number, number] {
  const at = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const low = STOPS[Math.min(STOPS.length - 2, Math.floor(at))] ?? STOPS[0];
  const high = STOPS[Math.min(STOPS.length - 1, Math.floor(at) + 1)] ?? STOPS[0];
  const part = at - Math.min(STOPS.length - 2, Math.floor(at));
  const mix = (a: number, b: number) => Math.round(a + (b - a) * part);
  return [mix(low[0], high[0]), mix(low[1], high[1]), mix(low[2], high[2])];
}
