import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { readPlainImage } from "#server/slides/image.ts";
import { convertImage, inspectSlide, prepareSlide } from "#server/slides/inspect.ts";
import { decoded, meanDifference, opened, ownFolder } from "#tests/support/slide-fixtures.ts";
import { describeWithData } from "#tests/support/slides.ts";

function picture(width: number, height: number): Sharp {
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0; at < pixels.length; at += 3) {
    const [x, y] = [(at / 3) % width, Math.floor(at / 3 / width)];
    pixels.set([200 + (x % 50), 120 + (y % 60), 170], at);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

describe("plain images", () => {
  it("[IMP1] a PNG and a JPEG become pyramids that open with their pixels, scale unknown", async () => {
    for (const format of ["png", "jpeg"] as const) {
      const folder = ownFolder();
      const path = join(folder, "picture");
      await picture(900, 700).withMetadata({ density: 300 }).toFormat(format).toFile(path);
      const target = join(folder, "pyramid.tif");
      const result = await convertImage(path, target);
      if (!result.ok) throw new Error(JSON.stringify(result));
      expect(result.value).toMatchObject({ width: 900, height: 700, mpp: null, strippedImages: [] });
      expect(result.value.levels.map(({ width }) => width)).toEqual([900, 450, 225]);
      const slide = await opened(target);
      const tile = await decoded(await slide.readTile(0, 1, 1));
      const truth = await picture(900, 700).extract({ left: 256, top: 256, width: 256, height: 256 }).raw().toBuffer();
      expect(meanDifference(tile.data, truth)).toBeLessThan(6);
    }
  });

  it("[IMP2] a scale that a person states is kept in the pyramid", async () => {
    const folder = ownFolder();
    const path = join(folder, "picture.png");
    await picture(300, 300).png().toFile(path);
    const result = await convertImage(path, join(folder, "pyramid.tif"), { mpp: 0.2271 });
    expect(result.ok ? result.value.mpp : null).toBeCloseTo(0.2271, 4);
  });

  it("[IMP3] a picture cut off in the middle is refused and leaves nothing behind", async () => {
    const folder = ownFolder();
    const path = join(folder, "picture.png");
    const whole = await picture(800, 800).png({ compressionLevel: 0 }).toBuffer();
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    expect(await prepareSlide(path)).toMatchObject({ ok: false, reason: "slide-damaged" });
    expect(readdirSync(folder)).toEqual(["picture.png"]);
  });

  it("[IMP4] a picture with more pixels than allowed is refused before it is decoded, a progressive one sooner", async () => {
    const path = join(ownFolder(), "picture.jpg");
    await picture(200, 100).jpeg({ progressive: true }).toFile(path);
    const limits = { pixels: 40_000, progressivePixels: 10_000 };
    await expect(readPlainImage(path, limits)).rejects.toMatchObject({ code: "slide-too-large" });
    await picture(200, 100).jpeg().toFile(path);
    expect(await readPlainImage(path, limits)).toMatchObject({ width: 200, height: 100 });
    await expect(readPlainImage(path, { ...limits, pixels: 10_000 })).rejects.toMatchObject({
      code: "slide-too-large",
    });
  });
});

describe("inspection", () => {
  it("[IMP5] whatever takes too long or too much memory ends as a refusal", async () => {
    const path = join(ownFolder(), "picture.png");
    await picture(300, 300).png().toFile(path);
    const late = await inspectSlide(path, { limits: { timeoutMs: 1 } });
    expect(late).toMatchObject({ ok: false, reason: "slide-damaged", detail: { problem: /longer/ } });
    const target = `${path}.tif`;
    const big = join(ownFolder(), "big.png");
    await picture(6_000, 6_000).png({ compressionLevel: 1 }).toFile(big);
    const fat = await convertImage(big, target, { limits: { maxRssMb: 20 } });
    expect(fat).toMatchObject({ ok: false, reason: "slide-too-large" });
    expect(existsSync(target)).toBe(false);
  });

  it("[IMP6] a request that is given up ends the process and is an abort, not a refusal", async () => {
    const path = join(ownFolder(), "picture.png");
    await picture(300, 300).png().toFile(path);
    const leave = new AbortController();
    const inspected = expect(inspectSlide(path, { signal: leave.signal })).rejects.toThrow(/abort/i);
    setImmediate(() => leave.abort());
    await inspected;
  });
});

describeWithData("inspection of real files", "slides", (slides) => {
  it("[IMP7] says what a slide is, after decoding tiles of each level", async () => {
    const svs = await inspectSlide(join(slides, "cmu-1-small-region.svs"));
    expect(svs).toMatchObject({ ok: true, value: { kind: "pyramid", meta: { mpp: 0.499, width: 2220 } } });
    const plain = await inspectSlide(join(slides, "he-plain.tiff"));
    expect(plain).toMatchObject({ ok: true, value: { kind: "plain-image", width: 896, height: 862 } });
  });

  it.each([
    ["unreadable.svs", "slide-tile-damaged"],
    ["broken.svs", "slide-not-an-image"],
    ["boxes_0.dcm", "slide-unsupported"],
    ["test3-dapi-387.ndpi", "slide-unsupported"],
  ])("[IMP8] refuses %s with %s and a clause that says why", async (name, reason) => {
    const result = await inspectSlide(join(slides, name));
    expect(result).toMatchObject({ ok: false, reason });
    expect(result.ok ? "" : String(result.detail["problem"]).length).not.toBe(0);
  });

  it("[IMP9] makes ready what was uploaded, whatever its name, and leaves the upload as it is", async () => {
    const folder = ownFolder();
    const upload = join(folder, "upload.jpg");
    copyFileSync(join(slides, "he-plain.tiff"), upload);
    const result = await prepareSlide(upload);
    if (!result.ok) throw new Error(JSON.stringify(result));
    expect(result.value).toMatchObject({ converted: true, path: `${upload}.pyramid`, meta: { width: 896, mpp: null } });
    expect(readFileSync(upload).equals(readFileSync(join(slides, "he-plain.tiff")))).toBe(true);
    const tile = await decoded(await (await opened(result.value.path)).readTile(0, 1, 1));
    const truth = await sharp(upload).extract({ left: 256, top: 256, width: 256, height: 256 }).raw().toBuffer();
    expect(meanDifference(tile.data, truth)).toBeLessThan(7);
    copyFileSync(join(slides, "boxes.tiff"), upload);
    expect(await prepareSlide(upload)).toMatchObject({ ok: true, value: { converted: false, path: upload } });
  });
});
