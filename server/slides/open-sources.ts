import type { SlideSource } from "./slide-source.ts";

/** Slides kept open, bounded in number; one that is being read is never closed under its reader. */
export type OpenSources = {
  use<Answer>(slideId: string, read: (source: SlideSource) => Promise<Answer>): Promise<Answer>;
  /** Closes a slide once nobody reads it; the next use opens it anew. */
  forget(slideId: string): void;
  /** Closes all, after the reads under way. */
  close(): Promise<void>;
};

type Entry = { readonly opened: Promise<SlideSource>; readers: number; dropped: boolean };

export function openSources(open: (slideId: string) => Promise<SlideSource>, maxOpen: number): OpenSources {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();
  const closeIfUnused = (entry: Entry): void => {
    if (!entry.dropped || entry.readers > 0) return;
    // A slide that failed to open has already told its readers why.
    const closed = entry.opened.then((source) => source.close()).catch(() => undefined);
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  };
  const drop = (slideId: string): void => {
    const entry = entries.get(slideId);
    if (entry === undefined) return;
    entries.delete(slideId);
    entry.dropped = true;
    closeIfUnused(entry);
  };
  const acquire = (slideId: string): Entry => {
    const entry = entries.get(slideId) ?? { opened: open(slideId), readers: 0, dropped: false };
    entries.delete(slideId);
    entries.set(slideId, entry);
    entry.readers++;
    const [oldest] = entries.keys();
    if (entries.size > maxOpen && oldest !== undefined) drop(oldest);
    return entry;
  };
  return {
    async use(slideId, read) {
      const entry = acquire(slideId);
      try {
        return await read(await entry.opened.catch(failedOpen(entries, slideId, entry)));
      } finally {
        entry.readers--;
        closeIfUnused(entry);
      }
    },
    forget: drop,
    async close() {
      for (const slideId of entries.keys()) drop(slideId);
      await Promise.all(closing);
    },
  };
}

/** A failed opening is not remembered: the file may be put right. */
function failedOpen(entries: Map<string, Entry>, slideId: string, entry: Entry): (error: unknown) => never {
  return (error) => {
    if (entries.get(slideId) === entry) entries.delete(slideId);
    throw error;
  };
}
