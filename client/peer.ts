import type { Point } from "#domain/annotation.ts";
import type { Peer } from "./presence.ts";

export type Viewport = NonNullable<Peer["viewport"]>;

/** Another page's state as far as it makes sense: the server vouches for the person, not for the rest. */
export function peerOf(id: number, state: Record<string, unknown>): Peer | null {
  const { user, cursor, viewport } = state;
  if (!isRecord(user) || typeof user["id"] !== "string" || typeof user["name"] !== "string") return null;
  const colour = typeof user["colour"] === "string" ? user["colour"] : "#808080";
  return {
    key: String(id),
    person: { id: user["id"], name: user["name"], colour },
    cursor: isPoint(cursor) ? cursor : null,
    viewport: isViewport(viewport) ? viewport : null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length === 2 && value.every((each) => Number.isFinite(each));
}

function isViewport(value: unknown): value is Viewport {
  return isRecord(value) && ["x", "y", "width", "height"].every((key) => Number.isFinite(value[key]));
}
