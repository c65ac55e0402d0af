"use client";

import type { ReactNode } from "react";
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

const BANDS = [
  { value: "off", label: "Off" },
  { value: "votes", label: "Votes" },
  { value: "staple", label: "STAPLE" },
] as const;

/** How the reads are looked at. */
export function ShownChoice(props: {
  readonly shown: Shown;
  readonly onChange: (shown: Shown) => void;
  /** What the bands mean, while there are some. */
  readonly children: ReactNode;
}) {
  const { shown, onChange, children } = props;
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
        <span className="flex items-center gap-2">
          Bands
          <Segmented
            label="Bands of the class"
            value={shown.bands}
            onValueChange={(bands) => onChange({ ...shown, bands })}
            options={BANDS}
            className="h-7"
          />
        </span>
      </div>
      {children}
    </div>
  );
}
