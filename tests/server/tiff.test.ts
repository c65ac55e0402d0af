import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { seededRandom } from "#domain/random.ts";
import { tileGrid } from "#domain/slide.ts";
import { completeTile, readJpegHeader } from "#server/slides/jpeg.ts";
import { openSlide, SlideError } from "#server/slides/source.ts";
import { openPyramidWriter } from "#server/slides/tiff-writer.ts";
import { cpuMs } from "#tests/support/cpu.ts";
import {
  ascii,
  decoded,
  meanColour,
  meanDifference,
  openBytes,
  opened,
  ownFolder,
  pixelAt,
  type TiffEntry,
  type TiffLayout,
  tiffBytes,
} from "#tests/support/slide-fixtures.ts";
import { describeWithData } from "#tests/support/slides.ts";

const LAYOUTS: readonly TiffLayout[] = [
  { big: false, littleEndian: true },
  { big: false, littleEndian: false },
  { big: true, littleEndian: true },
  { big: true, littleEndian: false },
];

/** A tile of one colour with a dark corner, three bytes a pixel. */
function flatTile(side: number, colour: readonly [number, number, number]): Uint8Array {
  const pixels = new Uint8Array(side * side * 3);
  for (let at = 0; at < pixels.length; at += 3) pixels.set(colour, at);
  return pixels;
}

function tiledEntries(
  size: { width: number; height: number; side: number },
  compression: number,
  chunks: readonly Uint8Array[],
  offsets: readonly number[],
  more: readonly TiffEntry[] = [],
): TiffEntry[] {
  return [
    { tag: 256, type: 4, values: [size.width] },
    { tag: 257, type: 4, values: [size.height] },
    { tag: 258, type: 3, values: [8, 8, 8] },
    { tag: 259, type: 3, values: [compression] },
    { tag: 262, type: 3, values: [2] },
    { tag: 277, type: 3, values: [3] },
    { tag: 322, type: 4, values: [size.side] },
    { tag: 323, type: 4, values: [size.side] },
    { tag: 324, type: 4, values: offsets },
    { tag: 325, type: 4, values: chunks.map((chunk) => chunk.length) },
    ...more,
  ];
}

function smallTiff(layout: TiffLayout, more: readonly TiffEntry[] = []): Uint8Array {
  const chunks = [deflateSync(flatTile(32, [200, 40, 90])), deflateSync(flatTile(32, [20, 140, 90]))];
  const size = { width: 60, height: 30, side: 32 };
  return tiffBytes(layout, [{ chunks, entries: (offsets) => tiledEntries(size, 8, chunks, offsets, more) }]);
}

describe("TIFF index", () => {
  it.each(LAYOUTS)("[TIF1] opens classic and BigTIFF files of both byte orders: %o", async (layout) => {
    const slide = await openBytes(smallTiff(layout));
    expect(slide.meta).toMatchObject({ width: 60, height: 30, mpp: null });
    expect(slide.meta.levels).toEqual([{ width: 60, height: 30, tileWidth: 32, tileHeight: 32, downsample: 1 }]);
    const [r, g, b] = pixelAt(await decoded(await slide.readTile(0, 1, 0)), 10, 10);
    expect([Math.abs(r - 20), Math.abs(g - 140), Math.abs(b - 90)].every((error) => error <= 2)).toBe(true);
  });

  it("[TIF2] refuses a chain of directories that runs in a circle", async () => {
    const bytes = smallTiff({ big: false, littleEndian: true });
    const view = new DataView(bytes.buffer);
    const first = view.getUint32(4, true);
    view.setUint32(first + 2 + view.getUint16(first, true) * 12, first, true);
    await expect(openBytes(bytes)).rejects.toMatchObject({ code: "slide-damaged", detail: { problem: /circle/ } });
  });

  it("[TIF2] refuses a file that was cut off", async () => {
    const bytes = smallTiff({ big: true, littleEndian: true });
    await expect(openBytes(bytes.slice(0, bytes.length - 40))).rejects.toMatchObject({ code: "slide-damaged" });
  });

  it("[TIF3] neither crashes, hangs nor allocates wildly on 300 damaged headers", async () => {
    const random = seededRandom(20_260);
    const originals = [
      ...LAYOUTS.map((layout) => smallTiff(layout)),
      smallTiff(LAYOUTS[0]!, [{ tag: 270, type: 2, values: ascii("Aperio|MPP = 0.5") }]),
    ];
    const before = process.memoryUsage().rss;
    let refused = 0;
    let read = 0;
    for (let run = 0; run < 300; run++) {
      const original = originals[run % originals.length]!;
      const bytes = Uint8Array.from(original);
      const view = new DataView(bytes.buffer);
      const little = bytes[0] === 0x49;
      const head = view.getUint16(2, little) === 43 ? Number(view.getBigUint64(8, little)) : view.getUint32(4, little);
      for (let change = 0; change <= run % 3; change++) {
        const at = random() < 0.1 ? Math.floor(random() * 16) : head + Math.floor(random() * (bytes.length - head));
        bytes[at] = random() < 0.5 ? Math.floor(random() * 256) : 255;
      }
      const start = cpuMs();
      try {
        const slide = await openBytes(bytes);
        for (const [level] of slide.meta.levels.entries()) await slide.readTile(level, 0, 0);
        read++;
      } catch (error) {
        if (!(error instanceof SlideError)) throw new Error(`run ${run}`, { cause: error });
        refused++;
      }
      expect(cpuMs() - start, `run ${run}`).toBeLessThan(1_000);
    }
    expect(refused).toBeGreaterThan(50);
    expect(read).toBeGreaterThan(5);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });

  it("[TIF4] takes the resolution as microns per pixel only with a unit and at a microscope's scale", async () => {
    const layout = { big: false, littleEndian: true };
    const resolution = async (unit: number, perUnit: number): Promise<number | null> => {
      const values = [perUnit, 1];
      const bytes = new Uint8Array(new Uint32Array(values).buffer);
      const field = (tag: number): TiffEntry => ({ tag, type: 7, values: bytes });
      const file = smallTiff(layout, [field(282), field(283), { tag: 296, type: 3, values: [unit] }]);
      const view = new DataView(file.buffer);
      const first = view.getUint32(4, true);
      for (let entry = 0; entry < view.getUint16(first, true); entry++) {
        const at = first + 2 + entry * 12;
        if ([282, 283].includes(view.getUint16(at, true))) {
          view.setUint16(at + 2, 5, true);
          view.setUint32(at + 4, 1, true);
        }
      }
      return (await openBytes(file)).meta.mpp;
    };
    expect(await resolution(3, 20_000)).toBe(0.5);
    expect(await resolution(2, 50_800)).toBe(0.5);
    expect(await resolution(1, 20_000)).toBeNull();
    expect(await resolution(2, 72)).toBeNull();
  });

  it("[TIF5] unpacks LZW, Deflate, PackBits and plain tiles to the pixels that were stored", async () => {
    const random = seededRandom(5);
    const noise = Buffer.from(
      Array.from({ length: 200 * 150 * 3 }, (_, at) => Math.floor(at / 450) + Math.floor(random() * 6)),
    );
    const image = sharp(noise, { raw: { width: 200, height: 150, channels: 3 } });
    for (const compression of ["lzw", "deflate", "packbits", "none"] as const) {
      for (const predictor of ["none", "horizontal"] as const) {
        const options = { compression, predictor, tile: true, tileWidth: 64, tileHeight: 64 };
        const slide = await openBytes(await image.clone().tiff(options).toBuffer());
        const tile = await decoded(await slide.readTile(0, 1, 1));
        const truth = await image.clone().extract({ left: 64, top: 64, width: 64, height: 64 }).raw().toBuffer();
        expect(meanDifference(tile.data, truth), `${compression} ${predictor}`).toBeLessThan(4);
      }
    }
  });

  it("[TIF8] finds the levels of an OME-TIFF in its SubIFDs", async () => {
    const layout = { big: true, littleEndian: true };
    const xml = '<OME><Image><Pixels PhysicalSizeX="500" PhysicalSizeXUnit="nm" SizeZ="1"/></Image></OME>';
    const tile = deflateSync(flatTile(64, [210, 150, 180]));
    const small = { width: 64, height: 64, side: 64 };
    let child = 0;
    const build = (): Uint8Array =>
      tiffBytes(layout, [
        {
          chunks: [tile, tile, tile, tile],
          entries: (offsets) => [
            ...tiledEntries({ width: 128, height: 128, side: 64 }, 8, [tile, tile, tile, tile], offsets),
            { tag: 270, type: 2, values: ascii(xml) },
            { tag: 330, type: 16, values: [child] },
          ],
        },
        { chunks: [tile], entries: (offsets) => tiledEntries(small, 8, [tile], offsets) },
      ]);
    const bytes = build();
    const view = new DataView(bytes.buffer);
    const first = Number(view.getBigUint64(8, true));
    const link = first + 8 + Number(view.getBigUint64(first, true)) * 20;
    child = Number(view.getBigUint64(link, true));
    const linked = build();
    new DataView(linked.buffer).setBigUint64(link, 0n, true);
    const { meta } = await openBytes(linked);
    expect(meta.mpp).toBe(0.5);
    expect(meta.levels.map(({ width, downsample }) => [width, downsample])).toEqual([
      [128, 1],
      [64, 2],
    ]);
  });

  it("[TIF15] says of YCbCr tiles without a marker that they are YCbCr", async () => {
    const pink = sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 220, g: 120, b: 170 } } });
    const bare = await pink.jpeg().toBuffer();
    expect(readJpegHeader(bare)?.colourMarker).toBeNull();
    const complete = completeTile(bare, null, 6)!;
    expect(readJpegHeader(complete)?.colourMarker).toBe("adobe");
    const [r, g, b] = pixelAt(await decoded(complete), 20, 20);
    expect([Math.abs(r - 220), Math.abs(g - 120), Math.abs(b - 170)].every((error) => error <= 3)).toBe(true);
  });
});

describeWithData("levels of real slides", "slides", (slides) => {
  it("[TIF2] refuses a real slide that was cut off", async () => {
    const real = readFileSync(join(slides, "cmu-1-small-region.svs"));
    await expect(openBytes(real.subarray(0, 1_900_000))).rejects.toMatchObject({ code: "slide-damaged" });
  });

  it("[TIF6] offers no label, macro or thumbnail, and names what it leaves out", async () => {
    const { meta } = await opened(join(slides, "cmu-1-small-region.svs"));
    expect(meta.strippedImages).toEqual(["thumbnail", "label", "macro"]);
    expect(meta.levels.map(({ width }) => width)).toEqual([2220, 1110, 555, 278]);
  });

  it("[TIF7] lists identifying fields by name and keeps none of their values", async () => {
    const { meta } = await opened(join(slides, "cmu-1-small-region.svs"));
    expect(meta.strippedFields).toEqual(["ScanScope ID", "Filename", "Date", "Time", "User", "ImageID"]);
    expect(JSON.stringify(meta)).not.toMatch(/CMU-1|b414003d|CPAPERIOCS|12\/29/);
    expect(meta).toMatchObject({ format: "aperio", mpp: 0.499, objective: 20, width: 2220, height: 2967 });
  });

  it("[TIF8] reads the scale from OME-XML, and leaves it unknown where a file does not say", async () => {
    const ome = await opened(join(slides, "OS-1-detail.ome.tif"));
    expect(ome.meta.mpp).toBeCloseTo(0.2271, 4);
    expect(ome.meta.format).toBe("ome-tiff");
    expect((await opened(join(slides, "boxes.tiff"))).meta.mpp).toBeNull();
  });

  it("[TIF9] opens a generic pyramid with its own levels", async () => {
    const slide = await opened(join(slides, "boxes.tiff"));
    expect(slide.meta.levels.map(({ width, height, downsample }) => [width, height, downsample])).toEqual([
      [300, 250, 1],
      [150, 125, 2],
      [75, 62, 4],
      [37, 31, 8],
    ]);
    const tile = await decoded(await slide.readTile(0, 2, 2));
    const truth = await sharp(join(slides, "boxes.tiff"))
      .extract({ left: 128, top: 128, width: 64, height: 64 })
      .raw()
      .toBuffer();
    expect(meanDifference(tile.data, truth)).toBeLessThan(2);
  });

  it("[TIF10] refuses what it would show wrongly, with the reason", async () => {
    const refusal = (name: string): Promise<unknown> => openSlide(join(slides, name));
    await expect(refusal("test3-dapi-387.ndpi")).rejects.toMatchObject({
      code: "slide-unsupported",
      detail: { vendor: "Hamamatsu NDPI" },
    });
    await expect(refusal("boxes_0.dcm")).rejects.toMatchObject({ code: "slide-unsupported" });
    await expect(refusal("he-plain.tiff")).rejects.toMatchObject({ code: "slide-unsupported" });
    await expect(refusal("broken.svs")).rejects.toMatchObject({ code: "slide-not-an-image" });
  });

  it("[TIF11] composes missing levels from the next finer one, true to the pixels of level 0", async () => {
    const slide = await opened(join(slides, "cmu-1-small-region.svs"));
    const composed = await decoded(await slide.readTile(1, 2, 3));
    const pixels = new Uint8Array(480 * 480 * 3);
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const { data } = await decoded(await slide.readTile(0, 4 + dx, 6 + dy));
      for (let y = 0; y < 240; y++) {
        pixels.set(data.subarray(y * 720, (y + 1) * 720), ((dy * 240 + y) * 480 + dx * 240) * 3);
      }
    }
    const truth = new Uint8Array(240 * 240 * 3);
    for (let at = 0; at < truth.length; at++) {
      const [x, y, channel] = [Math.floor(at / 3) % 240, Math.floor(at / 720), at % 3];
      const from = (y * 2 * 480 + x * 2) * 3 + channel;
      truth[at] = (pixels[from]! + pixels[from + 3]! + pixels[from + 1440]! + pixels[from + 1443]!) / 4;
    }
    expect(meanDifference(composed.data, truth)).toBeLessThan(6);
    const shifted = await decoded(await slide.readTile(1, 3, 3));
    expect(meanDifference(shifted.data, truth)).toBeGreaterThan(20);
  });

  it("[TIF12] keeps composed tiles in the sidecar folder and reads them from there", async () => {
    const sidecar = join(ownFolder(), "levels");
    const path = join(slides, "cmu-1-small-region.svs");
    const made = await (await opened(path, sidecar)).readTile(3, 0, 1);
    const kept = readFileSync(join(sidecar, "8-0-1.jpg"));
    expect(Buffer.compare(kept, made.bytes)).toBe(0);
    const again = await (await opened(path, sidecar)).readTile(3, 0, 1);
    expect(Buffer.compare(kept, again.bytes)).toBe(0);
  });
});

describeWithData("colours of real slides", "slides", (slides) => {
  it("[TIF13] says of RGB tiles without a marker that they are RGB, and passes their pixels through", async () => {
    const slide = await opened(join(slides, "cmu-1-small-region.svs"));
    const tile = await slide.readTile(0, 4, 8);
    expect(readJpegHeader(tile.bytes)).toMatchObject({ colourMarker: "adobe", width: 240, height: 240 });
    const [r, g, b] = meanColour(await decoded(tile));
    expect(r).toBeGreaterThan(g + 10);
    expect(b).toBeGreaterThan(g);
  });

  it("[TIF13] agrees with the same pixels decoded from the DICOM copy of the region", async () => {
    const slide = await opened(join(slides, "cmu-1-small-region.svs"));
    const dicom = readFileSync(
      join(slides, "dicom-wsi/1.2.826.0.1.3680043.8.498.48407760015771729984593744789552618416.dcm"),
    );
    const frames = dicomFrames(dicom);
    expect(frames.length).toBe(130);
    for (const [column, row] of [
      [4, 8],
      [5, 2],
      [3, 6],
    ] as const) {
      const ours = await decoded(await slide.readTile(0, column, row));
      const theirs = await decoded(frames[row * 10 + column]!);
      // The copy was encoded a second time, with less colour detail.
      expect(meanDifference(ours.data, theirs.data)).toBeLessThan(10);
      const [mean, reference] = [meanColour(ours), meanColour(theirs)];
      for (const channel of [0, 1, 2] as const) {
        expect(Math.abs(mean[channel] - reference[channel])).toBeLessThan(2.5);
      }
    }
  });

  it("[TIF14] lets a tile's own marker win over the TIFF tag, and leaves such a tile as it is", async () => {
    const path = join(slides, "OS-1-detail.ome.tif");
    const slide = await opened(path);
    const tile = await slide.readTile(0, 0, 0);
    expect(readFileSync(path).indexOf(tile.bytes)).toBeGreaterThan(0);
    const [r, g, b] = meanColour(await decoded(tile));
    expect(r).toBeGreaterThan(g + 15);
    expect(b).toBeGreaterThan(g + 15);
  });

  it("[TIF16] a damaged tile is an error of that tile alone", async () => {
    const bad = await opened(join(slides, "unreadable.svs"));
    await expect(bad.readTile(0, 0, 0)).rejects.toMatchObject({ code: "slide-tile-damaged" });
    const bytes = Uint8Array.from(readFileSync(join(slides, "cmu-1-small-region.svs")));
    bytes.fill(0, 16, 36);
    const slide = await openBytes(bytes);
    await expect(slide.readTile(0, 0, 0)).rejects.toMatchObject({ code: "slide-tile-damaged" });
    expect((await slide.readTile(0, 1, 0)).bytes.length).toBeGreaterThan(2_000);
    await expect(slide.readTile(0, 0, 0)).rejects.toMatchObject({ code: "slide-tile-damaged" });
  });

  it("[TIF17] there is no tile outside the grid of a level", async () => {
    const slide = await opened(join(slides, "cmu-1-small-region.svs"));
    for (const [level, column, row] of [
      [0, 10, 0],
      [0, 0, 13],
      [0, -1, 0],
      [9, 0, 0],
      [0, 0.5, 0],
      [2, 3, 0],
    ] as const) {
      await expect(slide.readTile(level, column, row)).rejects.toMatchObject({ code: "slide-tile-absent" });
    }
  });
});

describe("pyramid writer", () => {
  it("[TIF18] writes a pyramid that this reader and libtiff read back, with its scale", async () => {
    const path = join(ownFolder(), "made.tif");
    const [width, height] = [1_301, 1_027];
    const writer = await openPyramidWriter(path, {
      width,
      height,
      tileSize: 256,
      mpp: 0.25,
      objective: 40,
      quality: 90,
    });
    const truth = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) truth.set([x % 256, y % 256, 128], (y * width + x) * 3);
    }
    for (let y = 0; y < height; y += 256) await writer.push(truth.subarray(y * width * 3, (y + 256) * width * 3));
    await writer.finish();
    const slide = await opened(path);
    expect(slide.meta).toMatchObject({
      width,
      height,
      mpp: 0.25,
      objective: 40,
      strippedFields: [],
      strippedImages: [],
    });
    expect(slide.meta.levels.map((level) => level.width)).toEqual([1301, 651, 326]);
    const { columns, rows } = tileGrid(slide.meta.levels[0]!);
    const corner = await decoded(await slide.readTile(0, columns - 1, rows - 1));
    const [r, g] = pixelAt(corner, 20, 2);
    expect([Math.abs(r - 20), Math.abs(g - 2)].every((error) => error <= 12)).toBe(true);
    const whole = await sharp(path).removeAlpha().raw().toBuffer();
    expect(meanDifference(whole, truth)).toBeLessThan(4);
  });
});

/** Frames of an encapsulated DICOM file: items after the offset table. */
function dicomFrames(bytes: Buffer): Buffer[] {
  const start = bytes.indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
  const frames: Buffer[] = [];
  let at = start + 12;
  while (at + 8 <= bytes.length && bytes.readUInt32LE(at) === 0xe000fffe) {
    const length = bytes.readUInt32LE(at + 4);
    frames.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return frames.slice(1);
}
