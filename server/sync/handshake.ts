import { LAYOUT_VERSION } from "#domain/annotation-record.ts";

/** What a client says of itself in the address of its socket. */
export type ClientVersion = {
  /** The layout that it writes; null for a client that does not know of ours. */
  readonly layout: number | null;
  /** The epoch of the document that it holds; null for one that holds none yet. */
  readonly epoch: number | null;
  /** Whether it can unpack a packed document. */
  readonly unpacks?: boolean;
};

/** Who says nothing writes the first one. */
const FIRST_LAYOUT = 1;
/** What older code writes could not be read in full, or would lose something of newer records. */
export const OLDEST_LAYOUT = 1;
export const STOCK_CLIENT: ClientVersion = { layout: null, epoch: null };

/** Reads `?layout=1&epoch=3&packed=1`. What is there and no number is as good as 0, which no client writes. */
export function clientVersion(url: string): ClientVersion {
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "");
  return {
    layout: numberOf(query.get("layout")),
    epoch: numberOf(query.get("epoch")),
    unpacks: query.get("packed") === "1",
  };
}

/** Whether it may write here: older code loses what it does not know, newer code writes what this server does not know. */
export function fits({ layout }: ClientVersion, oldest = OLDEST_LAYOUT): boolean {
  const written = layout ?? FIRST_LAYOUT;
  return written >= oldest && written <= LAYOUT_VERSION;
}

function numberOf(text: string | null): number | null {
  if (text === null) return null;
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
