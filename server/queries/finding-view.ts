import type { Bbox } from "#domain/annotation.ts";
import type { Finding } from "#domain/quality.ts";
import type { FindingView } from "#server/api/schemas/releases.ts";

/** Side of the window that a linked place fills, screen px. */
const WINDOW_PX = 600;

/** A finding as the API tells it. */
export function findingView(annotationId: string, finding: Finding): FindingView {
  const { code, bbox, measured, limit, unit, other } = finding;
  return { annotationId, code, bbox, measured, limit, unit, other };
}

/** The fragment of a viewer's address that shows a box, as `parseView` reads it: its middle and the zoom that holds it. */
export function placeOf({ minX, minY, maxX, maxY }: Bbox): string {
  const zoom = Math.min(0, Math.log2(WINDOW_PX / Math.max(1, maxX - minX, maxY - minY)));
  return `#x=${((minX + maxX) / 2).toFixed(1)}&y=${((minY + maxY) / 2).toFixed(1)}&z=${zoom.toFixed(3)}`;
}
