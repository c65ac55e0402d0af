type Lab = readonly [lightness: number, greenRed: number, blueYellow: number];

/**
 * The colours of a palette in the order to take them for new classes: each as different as can be from those in use and
 * from those before it. A colour that is in use comes last.
 * @param used, palette as "#rrggbb"
 * Cost grows with the square of the palette.
 */
export function mostDifferent(palette: readonly string[], used: readonly string[]): readonly string[] {
  const taken = used.map(labOf);
  const left = new Map(palette.map((colour) => [colour, labOf(colour)]));
  const order: string[] = [];
  while (left.size > 0) {
    const [next] = [...left].reduce((best, each) => (gap(each[1], taken) > gap(best[1], taken) ? each : best));
    taken.push(labOf(next));
    left.delete(next);
    order.push(next);
  }
  return order;
}

/** To the nearest of some colours; as people see it. */
function gap(colour: Lab, others: readonly Lab[]): number {
  return Math.min(...others.map((other) => Math.hypot(...colour.map((value, axis) => value - (other[axis] ?? 0)))));
}

/** Source: Ottosson 2020, a perceptual color space for image processing (Oklab), https://bottosson.github.io/posts/oklab. */
function labOf(hex: string): Lab {
  const part = (at: number) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r, g, b] = [part(1), part(3), part(5)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Out of sRGB. */
function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
