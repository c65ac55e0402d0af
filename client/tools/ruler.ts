import type { Point } from "#domain/annotation.ts";
import { lengthText } from "./outline.ts";
import type { Sketch, Tool, ToolHost, ToolKey, ToolPointer } from "./tool.ts";

/** Measures by a drag; the measure stays on the screen until the next one, Escape, or another tool. Stores nothing. */
export function rulerTool(host: ToolHost): Tool {
  let from: Point | null = null;
  let to: Point = [0, 0];
  let measuring = false;

  const clear = () => {
    from = null;
    measuring = false;
    host.repaint();
  };

  return {
    name: "ruler",
    cursor: "crosshair",
    draws: false,
    exit: clear,
    pointer: ({ kind, at, shift }: ToolPointer) => {
      if (kind === "down") {
        from = at;
        measuring = true;
      }
      if (measuring && from !== null) to = shift ? straight(from, at) : at;
      if (kind === "up") measuring = false;
      else if (kind === "cancel") clear();
      host.repaint();
      return undefined;
    },
    key: ({ key }: ToolKey) => {
      if (key !== "Escape" || from === null) return false;
      clear();
      return true;
    },
    sketch: (): Sketch => {
      if (from === null) return {};
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
      return {
        paths: [{ points: [from, to], closed: false, look: "guide" }],
        handles: [
          { at: from, marked: false },
          { at: to, marked: false },
        ],
        label: { at: to, text: lengthText(length, host.mpp()) },
      };
    },
  };
}

/** Level or upright, whichever is nearer. */
function straight([x, y]: Point, [toX, toY]: Point): Point {
  return Math.abs(toX - x) >= Math.abs(toY - y) ? [toX, y] : [x, toY];
}
