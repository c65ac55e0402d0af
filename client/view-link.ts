import type { Bbox } from "#domain/annotation.ts";
import type { Camera } from "./slide-view.ts";

/** What a link to a place on a slide says beside the place itself. */
export type ViewTarget = {
  readonly layerId: string | null;
  readonly annotationId: string | null;
  readonly taskId: string | null;
  /** Groups of touching outlines of the layer are looked through, from the one of this key; any other word for the first. */
  readonly dissolve: string | null;
  readonly roundId: string | null;
  readonly disputeKey: string | null;
  /** Of the disputes only those of this class and kind. */
  readonly disputeClass: string | null;
  readonly disputeKind: string | null;
  /** What else the queue was narrowed to that the dispute was chosen from: a query of the route of disputes. */
  readonly queue: string | null;
  /** A place to look at, level-0 px. */
  readonly box: Bbox | null;
};

const WRITE_EVERY_MS = 250;

/**
 * The camera in an address: `#x=1200.5&y=800&z=-2.31`; x and y in level-0 px to a tenth, z the zoom to a thousandth.
 * @returns null where the fragment does not name a whole place
 */
export function parseView(hash: string): Camera | null {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const [x, y, zoom] = ["x", "y", "z"].map((key) => number(parts.get(key)));
  if (x === null || x === undefined || y === null || y === undefined || zoom === null || zoom === undefined)
    return null;
  return { x, y, zoom };
}

/** The fragment that `parseView` reads. */
export function formatView({ x, y, zoom }: Camera): string {
  return `#x=${round(x, 1)}&y=${round(y, 1)}&z=${round(zoom, 3)}`;
}

/** What the query of the viewer's address asks for. */
export function parseTarget(query: string): ViewTarget {
  const parts = new URLSearchParams(query);
  const text = (key: string) => parts.get(key) || null;
  return {
    layerId: text("layer"),
    annotationId: text("annotation"),
    taskId: text("task"),
    dissolve: text("dissolve"),
    roundId: text("round"),
    disputeKey: text("dispute"),
    disputeClass: text("class"),
    disputeKind: text("kind"),
    queue: text("queue"),
    box: boxOf(parts.get("box")),
  };
}

/** Corners as they stand in an address: minX, minY, maxX, maxY. */
function boxOf(text: string | null): Bbox | null {
  const [minX, minY, maxX, maxY, ...more] = (text ?? "").split(",").map(number);
  if (minX == null || minY == null || maxX == null || maxY == null || more.length > 0) return null;
  return maxX > minX && maxY > minY ? { minX, minY, maxX, maxY } : null;
}

/** The address bar names the dispute that is looked at, so that a reload and a sent link come back to it. */
export function nameDispute(key: string): void {
  const address = new URL(window.location.href);
  if (address.searchParams.get("dispute") === key) return;
  address.searchParams.set("dispute", key);
  history.replaceState(history.state, "", address);
}

/** Keeps the address bar at the camera without adding to the history. @returns writes what is left and stops */
export function followInAddress(watch: (watcher: (camera: Camera) => void) => () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pending: Camera | null = null;
  const write = () => {
    timer = undefined;
    if (pending === null) return;
    history.replaceState(history.state, "", formatView(pending));
    pending = null;
  };
  const stop = watch((camera) => {
    pending = camera;
    timer ??= setTimeout(write, WRITE_EVERY_MS);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

function number(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
