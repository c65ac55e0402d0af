/** What the markers before the first scan say; nothing is decoded. */
export type JpegHeader = {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly precision: number;
  /** Number of the SOF marker: 0 and 1 sequential, 2 progressive, others are not for browsers. */
  readonly process: number;
  /** The marker by which the stream itself says how its colours are coded. */
  readonly colourMarker: "jfif" | "adobe" | null;
};

/** TIFF photometric interpretations that a JPEG tile can have. */
export const PHOTOMETRIC_RGB = 2;
export const PHOTOMETRIC_YCBCR = 6;

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP14 = 0xee;
const JFIF = [0x4a, 0x46, 0x49, 0x46, 0x00];
const ADOBE = [0x41, 0x64, 0x6f, 0x62, 0x65];
/** Marker, length 14, name, version 100, two flag words; the transform byte follows. */
const ADOBE_SEGMENT = [0xff, APP14, 0x00, 0x0e, ...ADOBE, 0x00, 0x64, 0x00, 0x00, 0x00, 0x00];
const TRANSFORM_NONE = 0;
const TRANSFORM_YCBCR = 1;

/** The header of a JPEG stream, null where the bytes are not one or its markers contradict each other. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | null {
  let frame: Omit<JpegHeader, "colourMarker"> | null = null;
  let colourMarker: JpegHeader["colourMarker"] = null;
  for (const segment of segmentsOf(bytes)) {
    if (segment === null) return null;
    colourMarker = colourMarkerOf(bytes, segment) ?? colourMarker;
    if (!isFrameMarker(segment.marker)) continue;
    if (segment.end - segment.start < 6 || frame !== null) return null;
    frame = readFrame(bytes, segment.start, segment.marker);
  }
  return frame === null ? null : { ...frame, colourMarker };
}

/**
 * A TIFF tile as a JPEG that stands alone: shared tables merged in, and the colour coding said where the stream is silent.
 * Entropy-coded bytes are untouched. A tile's own JFIF or Adobe marker wins over the TIFF tag: writers that put JFIF into
 * tiles have coded YCbCr even where the tag says RGB.
 * Source: TIFF Technical Note 2 (tables); Adobe TN 5116 (APP14); QuPath #1254, libvips #3397 (tag against marker).
 * @returns null where the tile is not a JPEG stream
 */
export function completeTile(tile: Uint8Array, tables: Uint8Array | null, photometric: number): Uint8Array | null {
  const header = readJpegHeader(tables === null ? tile : joined(tile, tables, null));
  if (header === null) return null;
  return joined(tile, tables, colourSegment(header, photometric));
}

function colourSegment(header: JpegHeader, photometric: number): number[] | null {
  if (header.colourMarker !== null || header.components !== 3) return null;
  if (photometric === PHOTOMETRIC_RGB) return [...ADOBE_SEGMENT, TRANSFORM_NONE];
  return photometric === PHOTOMETRIC_YCBCR ? [...ADOBE_SEGMENT, TRANSFORM_YCBCR] : null;
}

function joined(tile: Uint8Array, tables: Uint8Array | null, segment: readonly number[] | null): Uint8Array {
  if (segment === null && tables === null) return tile;
  const shared = tables === null ? new Uint8Array() : tableBody(tables);
  const extra = segment ?? [];
  const result = new Uint8Array(tile.length + extra.length + shared.length);
  result.set(tile.subarray(0, 2));
  result.set(extra, 2);
  result.set(shared, 2 + extra.length);
  result.set(tile.subarray(2), 2 + extra.length + shared.length);
  return result;
}

/** An abbreviated table stream without its own start and end. */
function tableBody(tables: Uint8Array): Uint8Array {
  const start = tables[0] === 0xff && tables[1] === SOI ? 2 : 0;
  const closed = tables[tables.length - 2] === 0xff && tables[tables.length - 1] === EOI;
  return tables.subarray(start, tables.length - (closed ? 2 : 0));
}

type Segment = { readonly marker: number; readonly start: number; readonly end: number };

/** Segments up to and without the first scan; null once, as the last, where the structure breaks. */
function* segmentsOf(bytes: Uint8Array): Generator<Segment | null> {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return yield null;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return yield null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === SOS) return;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (marker === EOI || length < 2 || at + 2 + length > bytes.length) return yield null;
    yield { marker, start: at + 4, end: at + 2 + length };
    at += 2 + length;
  }
  yield null;
}

function colourMarkerOf(bytes: Uint8Array, { marker, start }: Segment): JpegHeader["colourMarker"] {
  if (marker === APP0 && startsWith(bytes, start, JFIF)) return "jfif";
  return marker === APP14 && startsWith(bytes, start, ADOBE) ? "adobe" : null;
}

function isFrameMarker(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function readFrame(bytes: Uint8Array, start: number, marker: number): Omit<JpegHeader, "colourMarker"> {
  const at = (offset: number): number => bytes[start + offset] ?? 0;
  return {
    process: marker - 0xc0,
    precision: at(0),
    height: (at(1) << 8) | at(2),
    width: (at(3) << 8) | at(4),
    components: at(5),
  };
}

function startsWith(bytes: Uint8Array, start: number, word: readonly number[]): boolean {
  return word.every((byte, index) => bytes[start + index] === byte);
}
