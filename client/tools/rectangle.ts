import type { Point } from "#domain/annotation.ts";
import { rectangle } from "#domain/geometry.ts";
import { addOutline, lengthText, outlineOf } from "./outline.ts";
import type { Sketch, Tool, ToolHost, ToolKey, ToolPointer } from "./tool.ts";

/** Two opposite corners by a drag; Shift keeps it square. */
export function rectangleTool(host: ToolHost): Tool {
  let from: Point | null = null;
  let to: Point = [0, 0];

  const giveUp = () => {
    from = null;
    host.repaint();
  };
  const finish = () => {
    if (from === null) return;
    const ring = cornersOf(from, to);
    from = null;
    const geometry = outlineOf(ring, host.scale());
    if (geometry !== null) addOutline(host, geometry);
  };

  return {
    name: "rectangle",
    cursor: "crosshair",
    draws: true,
    exit: giveUp,
    pointer: ({ kind, at, shift }: ToolPointer) => {
      if (kind === "down") from = at;
      if (from !== null) to = shift ? squared(from, at) : at;
      if (kind === "up") finish();
      else if (kind === "cancel") from = null;
      host.repaint();
      return undefined;
    },
    key: ({ key }: ToolKey) => {
      if (key !== "Escape" || from === null) return false;
      giveUp();
      return true;
    },
    sketch: (): Sketch => {
      if (from === null) return {};
      const [width, height] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])];
      const text = `${lengthText(width, host.mpp())} × ${lengthText(height, host.mpp())}`;
      return {
        paths: [{ points: cornersOf(from, to), closed: true, look: "class", filled: true }],
        label: { at: to, text },
      };
    },
  };
}

function cornersOf(from: Point, to: Point): readonly Point[] {
  const geometry = rectangle(from, to);
  return geometry.type === "polygon" ? (geometry.rings[0] ?? []) : [];
}

function squared([x, y]: Point, [toX, toY]: Point): Point {
  const side = Math.max(Math.abs(toX - x), Math.abs(toY - y));
  return [x + side * Math.sign(toX - x || 1), y + side * Math.sign(toY - y || 1)];
}
