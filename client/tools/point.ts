import { normalise } from "#domain/overlay.ts";
import { addOutline } from "./outline.ts";
import type { Tool, ToolHost, ToolPointer } from "./tool.ts";

/** One point by click, for classes that are counted and not measured. */
export function pointTool(host: ToolHost): Tool {
  return {
    name: "point",
    cursor: "crosshair",
    draws: true,
    pointer: ({ kind, at }: ToolPointer) => {
      if (kind !== "down") return undefined;
      const geometry = normalise({ type: "point", at });
      if (geometry !== null) addOutline(host, geometry);
      return undefined;
    },
    key: () => false,
    sketch: () => ({}),
  };
}
