import type { Point } from "#domain/annotation.ts";
import { addOutline, outlineOf } from "./outline.ts";
import type { Sketch, Tool, ToolHost, ToolKey, ToolPointer } from "./tool.ts";

/** A press that moves farther than this draws by hand instead of setting one corner, CSS px. */
const DRAG_SLACK = 5;
/** A click this near to the first corner closes the outline, CSS px. */
const CLOSE_RADIUS = 9;

/**
 * Corners by click. Double click, Enter or a click on the first corner closes; Backspace takes back the last corner;
 * Escape gives up. A drag draws by hand from the last corner on.
 */
export function polygonTool(host: ToolHost): Tool {
  let corners: Point[] = [];
  let pressedAt: Point | null = null;
  let dragging = false;
  let cursor: Point | null = null;

  const reset = () => {
    corners = [];
    pressedAt = null;
    dragging = false;
    host.repaint();
  };
  const near = (a: Point | null | undefined, b: Point, distance: number) =>
    a != null && Math.hypot(a[0] - b[0], a[1] - b[1]) * host.scale() <= distance;
  const close = () => {
    const geometry = outlineOf(corners, host.scale());
    const enough = corners.length >= 3;
    reset();
    if (geometry !== null) addOutline(host, geometry);
    else if (enough) host.say("Too small to keep.");
  };
  const down = (at: Point) => {
    if (corners.length >= 3 && near(corners[0], at, CLOSE_RADIUS)) return close();
    pressedAt = at;
    dragging = false;
    if (!near(corners.at(-1), at, 2)) corners.push(at);
  };
  const move = (at: Point) => {
    if (!dragging && near(pressedAt, at, DRAG_SLACK)) return;
    dragging = true;
    if (!near(corners.at(-1), at, 3)) corners.push(at);
  };

  return {
    name: "polygon",
    cursor: "crosshair",
    draws: true,
    exit: reset,
    pointer: ({ kind, at }: ToolPointer) => {
      cursor = kind === "leave" ? null : at;
      if (kind === "down") down(at);
      else if (kind === "move" && pressedAt !== null) move(at);
      else if (kind === "up") pressedAt = null;
      else if (kind === "double" && corners.length > 0) close();
      else if (kind === "cancel") reset();
      host.repaint();
      return undefined;
    },
    key: ({ key }: ToolKey) => {
      if (corners.length === 0) return false;
      if (key === "Enter") close();
      else if (key === "Escape") reset();
      else if (key === "Backspace") corners.pop();
      else return false;
      host.repaint();
      return true;
    },
    unfinished: () => corners.length > 0,
    sketch: (): Sketch => {
      if (corners.length === 0) return {};
      const closing = cursor !== null && corners.length >= 3 && near(corners[0], cursor, CLOSE_RADIUS);
      const ends = cursor === null || closing ? [] : [cursor];
      const first = corners[0];
      return {
        paths: [
          { points: [...corners, ...ends], closed: true, look: "guide", filled: true, width: 0 },
          { points: [...corners, ...ends], closed: closing, look: "class" },
        ],
        handles: first === undefined ? [] : [{ at: first, marked: closing }],
      };
    },
  };
}
