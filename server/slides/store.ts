import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SlideId } from "#domain/ids.ts";

/**
 * The folders of slide files inside the data folder: `slides` is where people drop files, `pixels` holds registered
 * files under names made by us, `pixels-cache` what can be made again, `incoming` uploads that are not checked yet.
 */
export type SlideStore = {
  readonly incoming: string;
  pathOf(slideId: string): string;
  sidecarOf(slideId: string): string;
  /** Plain files in the drop folder, by name. */
  dropped(): Promise<{ readonly file: string; readonly bytes: number }[]>;
  /** Path of a dropped file; null for a name that is not exactly one in the folder. */
  droppedPath(file: string): Promise<string | null>;
  /** Makes a checked file the slide's own. */
  keep(path: string, slideId: SlideId): Promise<void>;
  discard(slideId: SlideId): Promise<void>;
};

const LEFT_OVER_MS = 24 * 3_600_000;

/** Where registered files lie, each under the name of its slide. */
export function pixelsFolder(dataDir: string): string {
  return join(dataDir, "pixels");
}

/** @param nodeId this node, where several have the same data folder; else what an earlier start left over is removed */
export async function openSlideStore(dataDir: string, nodeId: string | null = null): Promise<SlideStore> {
  const folders = {
    drop: join(dataDir, "slides"),
    pixels: pixelsFolder(dataDir),
    cache: join(dataDir, "pixels-cache"),
    incoming: join(dataDir, "incoming", nodeId ?? ""),
  };
  if (nodeId === null) await rm(folders.incoming, { recursive: true, force: true });
  else await sweepIncoming(join(dataDir, "incoming"));
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });

  const pathOf = (slideId: string): string => join(folders.pixels, slideId);
  const sidecarOf = (slideId: string): string => join(folders.cache, slideId);
  const names = async (): Promise<string[]> => {
    const entries = await readdir(folders.drop, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).map((entry) => entry.name);
  };
  return {
    incoming: folders.incoming,
    pathOf,
    sidecarOf,
    async dropped() {
      const files = await names();
      const sized = files.map(async (file) => ({ file, bytes: (await stat(join(folders.drop, file))).size }));
      return (await Promise.all(sized)).sort((a, b) => (a.file < b.file ? -1 : 1));
    },
    async droppedPath(file) {
      return (await names()).includes(file) ? join(folders.drop, file) : null;
    },
    keep: (path, slideId) => rename(path, pathOf(slideId)),
    async discard(slideId) {
      await rm(pathOf(slideId), { force: true });
      await rm(sidecarOf(slideId), { recursive: true, force: true });
    },
  };
}

/** Uploads of nodes that died; one that goes on for longer than this is cut by the listener. */
async function sweepIncoming(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > LEFT_OVER_MS) await rm(path, { recursive: true, force: true });
  }
}
