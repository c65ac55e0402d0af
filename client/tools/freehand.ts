import type { Point } from "#domain/annotation.ts";
import { addOutline, freehandOutline } from "./outline.ts";
import type { Sketch, Tool, ToolHost, ToolKey, ToolPointer } from "./tool.ts";

/** Hand movements below this are not followed, CSS px. */
const STEP = 1.5;

/** A loop drawn by hand, closed where the pointer is let go. Where it crosses itself it is repaired. */
export function freehandTool(host: ToolHost): Tool {
  let points: Point[] | null = null;

  const finish = () => {
    const drawn = points ?? [];
    points = null;
    const geometry = freehandOutline(drawn, host.scale());
    if (geometry !== null) addOutline(host, geometry);
    else if (drawn.length > 8) host.say("Too small to keep.");
  };
  const follow = (at: Point) => {
    const [x, y] = points?.at(-1) ?? at;
    if (Math.hypot(at[0] - x, at[1] - y) * host.scale() >= STEP) points?.push(at);
  };
  const giveUp = () => {
    points = null;
    host.repaint();
  };

  return {
    name: "freehand",
    cursor: "crosshair",
    draws: true,
    exit: giveUp,
    pointer: ({ kind, at }: ToolPointer) => {
      if (kind === "down") points = [at];
      else if (kind === "move") follow(at);
      else if (kind === "up") finish();
      else if (kind === "cancel") points = null;
      host.repaint();
      return undefined;
    },
    key: ({ key }: ToolKey) => {
      if (key !== "Escape" || points === null) return false;
      giveUp();
      return true;
    },
    sketch: (): Sketch =>
      points === null
        ? {}
        : {
            paths: [
              { points, closed: true, look: "guide", filled: true, width: 0 },
              { points, closed: false, look: "class" },
            ],
          },
  };
}
