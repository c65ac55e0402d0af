import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { seededRandom } from "#domain/random.ts";
import type { Slide, SlideView } from "#server/api/schemas/slides.ts";
import { generateSlide } from "#server/slides/synthetic/generate.ts";

/** Where Concord answers, and as whom. */
export type Origin = { readonly base: string; readonly headers: Readonly<Record<string, string>> };

/** Generates a slide of this width and registers it as an upload. @returns the addresses of all its tiles */
export async function tilesOfNewSlide(
  { base, headers }: Origin,
  { folder, width, seed }: { readonly folder: string; readonly width: number; readonly seed: number },
): Promise<string[]> {
  const path = join(folder, "slide.tiff");
  await generateSlide({ path, size: { width, height: width }, seed, mpp: 0.5 });
  const slide = await answerOf<Slide>(`${base}/api/v1/projects/benchproject/slides?name=tiles&case=tiles`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/octet-stream" },
    body: await readFile(path),
  });
  const view = await answerOf<SlideView>(`${base}/api/v1/slides/${slide.id}/view`, { headers: { ...headers } });
  return view.levels.flatMap((level, index) => {
    const [columns, rows] = [Math.ceil(level.width / level.tileWidth), Math.ceil(level.height / level.tileHeight)];
    return Array.from({ length: columns * rows }, (_, at) =>
      view.tileUrl
        .replace("{level}", String(index))
        .replace("{column}", String(at % columns))
        .replace("{row}", String(Math.floor(at / columns))),
    );
  });
}

/** Keeps every tile as a file under its address, for a server of plain files. @returns their mean size in bytes */
export async function keepTiles({ base, headers }: Origin, paths: readonly string[], folder: string): Promise<number> {
  let bytes = 0;
  for (const path of paths) {
    const tile = await tileAt(`${base}${path}`, headers);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), tile);
    bytes += tile.length;
  }
  return bytes / paths.length;
}

/** Both give the same bytes. @throws Error naming the first tile that differs */
export async function checkSameTiles(a: Origin, b: Origin, paths: readonly string[], seed: number): Promise<void> {
  const random = seededRandom(seed);
  for (let checked = 0; checked < 50; checked++) {
    const path = paths[Math.floor(random() * paths.length)] ?? "";
    const [first, second] = [await tileAt(`${a.base}${path}`, a.headers), await tileAt(`${b.base}${path}`, b.headers)];
    if (first.length === 0 || !first.equals(second)) throw new Error(`the servers give different tiles at ${path}`);
  }
}

async function tileAt(url: string, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  const response = await fetch(url, { headers: { ...headers } });
  if (!response.ok) throw new Error(`${response.status} at ${url}`);
  return Buffer.from(await response.arrayBuffer());
}

async function answerOf<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${response.status} at ${url}: ${await response.text()}`);
  return (await response.json()) as T;
}
