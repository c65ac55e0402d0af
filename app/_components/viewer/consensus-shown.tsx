"use client";

import { Layers } from "lucide-react";
import { Button } from "#app/_components/ui/button.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import type { Shown } from "./consensus-scene.ts";

const COLOURINGS = [
  { value: "reader", label: "By reader" },
  { value: "class", label: "By class" },
] as const;
const PANES = [
  { value: "together", label: "Together" },
  { value: "split", label: "Side by side" },
] as const;

/** How the reads are looked at. */
export function ShownChoice({ shown, onChange }: { readonly shown: Shown; readonly onChange: (shown: Shown) => void }) {
  return (
    <div className="flex shrink-0 flex-col gap-2 border-b px-3 py-2 text-muted text-xs">
      <div className="flex items-center justify-between gap-2">
        <Segmented
          label="Colours"
          value={shown.byReader ? "reader" : "class"}
          onValueChange={(value) => onChange({ ...shown, byReader: value === "reader" })}
          options={COLOURINGS}
          className="h-7"
        />
        <Segmented
          label="Panes"
          value={shown.split ? "split" : "together"}
          onValueChange={(value) => onChange({ ...shown, split: value === "split" })}
          options={PANES}
          className="h-7"
        />
      </div>
      <div className="flex items-center gap-3">
        <label className="flex min-w-0 flex-1 items-center gap-2">
          Heat
          <input
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={shown.heat}
            onChange={(event) => onChange({ ...shown, heat: Number(event.target.value) })}
            aria-label="Strength of the disagreement map"
            className="min-w-0 flex-1 accent-(--accent)"
          />
        </label>
        <Button
          size="sm"
          variant={shown.bands ? "primary" : "ghost"}
          aria-pressed={shown.bands}
          onClick={() => onChange({ ...shown, bands: !shown.bands })}
          title="Nested outlines of what one, two, three reads give to the class"
        >
          <Layers aria-hidden /> Vote bands
        </Button>
      </div>
    </div>
  );
}
