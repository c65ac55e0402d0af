import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it, onTestFinished } from "vitest";
import { byteCache } from "#server/slides/byte-cache.ts";
import { openDecoder } from "#server/slides/decoder.ts";
import { openSources } from "#server/slides/open-sources.ts";
import { levelFor } from "#server/slides/region.ts";
import type { SlideSource } from "#server/slides/source.ts";
import { openTiles, type Tiles, type TilesOptions } from "#server/slides/tiles.ts";
import { decoded, meanColour, meanDifference, opened, ownFolder } from "#tests/support/slide-fixtures.ts";
import { describeWithData } from "#tests/support/slides.ts";

function tilesOf(options: TilesOptions): Tiles {
  const tiles = openTiles(options);
  onTestFinished(() => tiles.close());
  return tiles;
}

describe("byte cache", () => {
  const bytes = (length: number) => Promise.resolve({ bytes: new Uint8Array(length) });

  it("[TIL1] keeps no more bytes than its bound and forgets what was used longest ago", async () => {
    const cache = byteCache(100);
    let made = 0;
    const get = (key: string) =>
      cache.get(key, () => {
        made++;
        return bytes(25);
      });
    for (const key of ["a", "b", "c", "d", "a", "e"]) await get(key);
    expect(cache.size).toBeLessThanOrEqual(100);
    expect(made).toBe(5);
    await get("a");
    expect(made).toBe(5);
    await get("b");
    expect(made).toBe(6);
  });

  it("[TIL2] makes each thing once however many ask for it at once, and does not keep a failure", async () => {
    const cache = byteCache(100);
    let made = 0;
    const slow = async () => {
      made++;
      await new Promise((resolve) => setImmediate(resolve));
      return { bytes: new Uint8Array(3) };
    };
    const all = await Promise.all([cache.get("k", slow), cache.get("k", slow), cache.get("k", slow)]);
    expect(made).toBe(1);
    expect(new Set(all).size).toBe(1);
    await expect(cache.get("bad", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect((await cache.get("bad", () => bytes(1))).bytes.length).toBe(1);
  });

  it("[TIL3] does not keep what was dropped while it was made", async () => {
    const cache = byteCache(100);
    let finish: (value: { bytes: Uint8Array }) => void = () => undefined;
    const pending = cache.get("slide/1", () => new Promise<{ bytes: Uint8Array }>((resolve) => (finish = resolve)));
    cache.drop("slide/");
    finish({ bytes: new Uint8Array(7) });
    expect((await pending).bytes.length).toBe(7);
    expect(cache.size).toBe(0);
    expect((await cache.get("slide/1", () => bytes(9))).bytes.length).toBe(9);
  });
});

describe("open sources", () => {
  it("[TIL4] keeps a bounded number of slides open and never closes one under its reader", async () => {
    const closed: string[] = [];
    const open = async (slideId: string): Promise<SlideSource> => ({
      meta: { width: 1, height: 1 } as SlideSource["meta"],
      isStored: () => true,
      readTile: () => Promise.reject(new Error("not asked")),
      close: async () => void closed.push(slideId),
    });
    const sources = openSources(open, 2);
    let release: () => void = () => undefined;
    const reading = sources.use("a", () => new Promise<void>((resolve) => (release = resolve)));
    await sources.use("b", async () => undefined);
    await sources.use("c", async () => undefined);
    expect(closed).toEqual([]);
    release();
    await reading;
    await sources.use("c", async () => undefined);
    expect(closed).toEqual(["a"]);
    await sources.close();
    expect(closed.sort()).toEqual(["a", "b", "c"]);
  });
});

describe("decoder", () => {
  it("[TIL12] a file that fells the decoding process is an error, and the next request finds a new one", async () => {
    const path = join(ownFolder(), "slide");
    const image = sharp({ create: { width: 300, height: 300, channels: 3, background: "pink" } });
    await image.tiff({ compression: "deflate", tile: true, tileWidth: 64, tileHeight: 64 }).toFile(path);
    const impatient = openDecoder(1);
    onTestFinished(() => impatient.close());
    await expect(impatient.tile({ path, sidecar: null }, 0, 0, 0)).rejects.toMatchObject({
      code: "slide-tile-damaged",
      detail: { problem: /longer/ },
    });
    const decoder = openDecoder();
    onTestFinished(() => decoder.close());
    const tiles = await Promise.all([0, 1, 2].map((column) => decoder.tile({ path, sidecar: null }, 0, column, 0)));
    expect(tiles.every(({ bytes }) => bytes.length > 100)).toBe(true);
    await expect(decoder.tile({ path, sidecar: null }, 0, 99, 0)).rejects.toMatchObject({ code: "slide-tile-absent" });
    await expect(decoder.tile({ path: `${path}-no`, sidecar: null }, 0, 0, 0)).rejects.toThrow(/ENOENT/);
  });
});

describeWithData("tiles of real slides", "slides", (slides) => {
  const svs = join(slides, "cmu-1-small-region.svs");

  it("[TIL5] gives equal bytes equal tags, also after a restart, and other bytes other tags", async () => {
    const first = tilesOf({ pathOf: () => svs });
    const second = tilesOf({ pathOf: () => svs });
    const [a, b, c] = [await first.tile("s", 0, 4, 8), await second.tile("s", 0, 4, 8), await first.tile("s", 0, 5, 8)];
    expect(a.etag).toMatch(/^"[\w-]{27}"$/);
    expect(b.etag).toBe(a.etag);
    expect(c.etag).not.toBe(a.etag);
  });

  it("[TIL6] serves the tiles of many at once, of composed levels too", async () => {
    const sidecar = ownFolder();
    const tiles = tilesOf({ pathOf: () => svs, sidecarOf: () => sidecar });
    const all = await Promise.all(Array.from({ length: 40 }, (_, n) => tiles.tile("s", n % 4, 0, (n >> 2) % 2)));
    expect(new Set(all.map(({ etag }) => etag)).size).toBe(8);
  });

  it("[TIL7] forgets a slide whose file is replaced", async () => {
    const path = join(ownFolder(), "slide");
    copyFileSync(svs, path);
    const tiles = tilesOf({ pathOf: () => path });
    const before = await tiles.tile("s", 0, 0, 0);
    copyFileSync(join(slides, "boxes.tiff"), path);
    tiles.forget("s");
    expect((await tiles.tile("s", 0, 0, 0)).etag).not.toBe(before.etag);
    expect((await tiles.meta("s")).width).toBe(300);
  });

  it("[TIL8] a slide that does not open is an error each time, until its file is put right", async () => {
    const path = join(ownFolder(), "slide");
    writeFileSync(path, "nothing");
    const tiles = tilesOf({ pathOf: () => path });
    await expect(tiles.tile("s", 0, 0, 0)).rejects.toMatchObject({ code: "slide-not-an-image" });
    copyFileSync(svs, path);
    expect((await tiles.tile("s", 0, 0, 0)).contentType).toBe("image/jpeg");
  });

  it("[TIL9] a thumbnail shows the whole slide within the size asked for", async () => {
    const thumbnail = await decoded(await tilesOf({ pathOf: () => svs }).thumbnail("s", 200));
    expect([thumbnail.width, thumbnail.height]).toEqual([150, 200]);
    const [r, g] = meanColour(thumbnail);
    expect(r).toBeGreaterThan(g);
  });

  it("[TIL10] a region shows the pixels of its box, clipped to the slide", async () => {
    const tiles = tilesOf({ pathOf: () => svs });
    const region = await decoded(await tiles.region("s", { minX: 960, minY: 1920, maxX: 1200, maxY: 2160 }, 512));
    const slide = await opened(svs);
    const tile = await decoded(await slide.readTile(0, 4, 8));
    expect([region.width, region.height]).toEqual([240, 240]);
    expect(meanDifference(region.data, tile.data)).toBeLessThan(6);
    const across = await decoded(await tiles.region("s", { minX: -100, minY: 900, maxX: 700, maxY: 1700 }, 350));
    expect([across.width, across.height]).toEqual([306, 350]);
    await expect(tiles.region("s", { minX: -9, minY: -9, maxX: -1, maxY: -1 }, 99)).rejects.toMatchObject({
      code: "slide-tile-absent",
    });
    expect([0.5, 1, 2, 3.9, 100].map((downsample) => levelFor(slide.meta, downsample))).toEqual([0, 0, 1, 1, 3]);
  });

  it("[TIL11] a request that was given up is an abort", async () => {
    const tiles = tilesOf({ pathOf: () => svs });
    await expect(tiles.tile("s", 0, 0, 0, AbortSignal.abort())).rejects.toThrow(/abort/i);
  });
});
