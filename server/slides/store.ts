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

/** Where registered files lie, each under the name of its slide. */
export function pixelsFolder(dataDir: string): string {
  return join(dataDir, "pixels");
}

export async function openSlideStore(dataDir: string): Promise<SlideStore> {
  const folders = {
    drop: join(dataDir, "slides"),
    pixels: pixelsFolder(dataDir),
    cache: join(dataDir, "pixels-cache"),
    incoming: join(dataDir, "incoming"),
  };
  await rm(folders.incoming, { recursive: true, force: true });
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
