"use client";

import { BRUSH_RADIUS } from "#client/tool-state.ts";
import { lengthText } from "#client/tools/outline.ts";
import { useTools, useVisit } from "./session.tsx";

/** The brush on the screen; what that is on the slide stands beside its ring. */
export function BrushSize() {
  const { session } = useVisit();
  const { store } = session.workbench;
  const radius = useTools((state) => state.brushRadius);
  const shown = useTools((state) => state.tool === "brush" || state.tool === "eraser");
  if (!shown) return null;
  const { scale } = session.workbench.view;
  return (
    <div className="pointer-events-auto flex h-10 items-center gap-2.5 rounded-lg border bg-panel/95 px-3 shadow-float backdrop-blur">
      <label className="flex items-center gap-2.5 text-muted text-xs">
        Size
        <input
          type="range"
          min={Math.log(BRUSH_RADIUS.min)}
          max={Math.log(BRUSH_RADIUS.max)}
          step="any"
          value={Math.log(radius)}
          onChange={(event) => store.setState({ brushRadius: Math.round(Math.exp(Number(event.target.value))) })}
          className="w-28 accent-(--accent)"
          aria-label="Brush size"
        />
      </label>
      <span className="tabular w-14 text-right text-ink text-xs">
        {lengthText((2 * radius) / scale, session.slide.mpp)}
      </span>
      <span className="flex gap-1 text-2xs text-faint">
        <kbd className="rounded border px-1 font-sans">[</kbd>
        <kbd className="rounded border px-1 font-sans">]</kbd>
      </span>
    </div>
  );
}
