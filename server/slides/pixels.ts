/** RGB pixels, three bytes each, rows one after the other. */
export type Rgb = { readonly pixels: Uint8Array; readonly width: number; readonly height: number };

/**
 * Half the size, by the mean of 2 x 2 pixels. Odd sides are rounded up: the last row or column counts twice.
 * @param stride pixels from one row of the source to the next, at least `width`
 */
export function halveRgb(pixels: Uint8Array, stride: number, width: number, height: number): Rgb {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const out = new Uint8Array(half.width * half.height * 3);
  let to = 0;
  for (let y = 0; y < half.height; y++) {
    const upper = y * 2 * stride * 3;
    const lower = Math.min(y * 2 + 1, height - 1) * stride * 3;
    for (let x = 0; x < half.width; x++) {
      const left = x * 6;
      const right = Math.min(x * 2 + 1, width - 1) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const sum =
          (pixels[upper + left + channel] ?? 0) +
          (pixels[upper + right + channel] ?? 0) +
          (pixels[lower + left + channel] ?? 0) +
          (pixels[lower + right + channel] ?? 0);
        out[to++] = (sum + 2) >> 2;
      }
    }
  }
  return { pixels: out, ...half };
}

/** Copies a whole picture into a wider one, its upper left corner at (left, top). */
export function pasteRgb(source: Rgb, target: Uint8Array, targetWidth: number, left: number, top: number): void {
  const rowBytes = source.width * 3;
  for (let row = 0; row < source.height; row++) {
    const to = ((top + row) * targetWidth + left) * 3;
    target.set(source.pixels.subarray(row * rowBytes, (row + 1) * rowBytes), to);
  }
}

/**
 * A square of a picture; beyond its right and lower edge the last column and row are repeated, so that a lossy encoder
 * does not smear a false border into the last pixels.
 */
export function cutSquare(source: Rgb, left: number, top: number, side: number): Uint8Array {
  const out = new Uint8Array(side * side * 3);
  const shown = Math.min(side, source.width - left);
  for (let row = 0; row < side; row++) {
    const from = (Math.min(top + row, source.height - 1) * source.width + left) * 3;
    const to = row * side * 3;
    out.set(source.pixels.subarray(from, from + shown * 3), to);
    for (let x = shown; x < side; x++) out.copyWithin(to + x * 3, to + (shown - 1) * 3, to + shown * 3);
  }
  return out;
}
