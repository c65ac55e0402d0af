import { rm } from "node:fs/promises";
import sharp from "sharp";
import { type SlideMeta, tileGrid } from "#domain/slide.ts";
import { composedMeta } from "./composed.ts";
import { importImage, readPlainImage } from "./image.ts";
import { type Inspection, type InspectionRequest, inspectionRequestSchema } from "./inspection.ts";
import { SlideError, type SlideSource } from "./slide-source.ts";
import { openSlide } from "./source.ts";

// Entry of the process in which foreign files are opened and decoded. It answers one request and ends.

const RSS_CHECK_MS = 50;

process.once("message", (message) => {
  void answer(message).then((reply) => process.send?.(reply, () => process.disconnect()));
});
process.once("disconnect", () => process.exit());

async function answer(message: unknown): Promise<unknown> {
  const request = inspectionRequestSchema.parse(message);
  const watch = watchMemory(request.maxRssMb);
  try {
    return { ok: true, value: request.target === null ? await inspect(request.path) : await convert(request) };
  } catch (error) {
    if (error instanceof SlideError) return { ok: false, reason: error.code, detail: error.detail };
    throw error;
  } finally {
    clearInterval(watch);
  }
}

async function inspect(path: string): Promise<Inspection> {
  try {
    return { kind: "pyramid", meta: await checkedMeta(path) };
  } catch (error) {
    if (!(error instanceof SlideError) || error.detail["plain"] !== true) throw error;
    return { kind: "plain-image", ...(await readPlainImage(path)) };
  }
}

async function convert(request: InspectionRequest): Promise<Inspection> {
  const target = request.target ?? "";
  await importImage(request.path, target, request.mpp);
  try {
    return { kind: "pyramid", meta: await checkedMeta(target) };
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

/** What a slide is, once tiles of each of its stored levels were decoded. */
async function checkedMeta(path: string): Promise<SlideMeta> {
  const source = await openSlide(path, { storedOnly: true });
  try {
    for (const level of source.meta.levels.keys()) await decodeSample(source, level);
    return composedMeta(source.meta);
  } finally {
    await source.close();
  }
}

/** Decodes the middle tile of a level, and its last: a file that lost its end lost that one. */
async function decodeSample(source: SlideSource, number: number): Promise<void> {
  const level = source.meta.levels[number];
  if (level === undefined) return;
  const { columns, rows } = tileGrid(level);
  const samples = [
    [columns >> 1, rows >> 1],
    [columns - 1, rows - 1],
  ] as const;
  for (const [column, row] of samples) {
    const tile = await source.readTile(number, column, row);
    await sharp(tile.bytes, { failOn: "error" })
      .stats()
      .catch((error: unknown) => {
        throw new SlideError("slide-tile-damaged", "a tile cannot be decoded", { level: number, column, row }, error);
      });
  }
}

/** Pixels live outside the heap that --max-old-space-size bounds. */
function watchMemory(maxRssMb: number): NodeJS.Timeout {
  return setInterval(() => {
    if (process.memoryUsage.rss() > maxRssMb * 1024 * 1024) {
      const detail = { problem: "reading it takes more memory than is allowed", maxRssMb };
      process.send?.({ ok: false, reason: "slide-too-large", detail }, () => process.exit());
    }
  }, RSS_CHECK_MS).unref();
}
