"use client";

import { useEffect, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "#app/_components/ui/popover.tsx";
import { MAGNIFICATIONS, magnification, scanPower, zoomForPower } from "#client/scale-bar.ts";
import { useVisit } from "./session.tsx";

/** The power one looks at, as on a microscope, with its usual steps. */
export function Magnifier() {
  const { session } = useVisit();
  const { view } = session.workbench;
  const power = scanPower(session.slide);
  const [zoom, setZoom] = useState(view.camera.zoom);
  useEffect(() => view.watch((camera) => setZoom(camera.zoom)), [view]);
  const { label, digital } = magnification(power, zoom);
  const goTo = (wanted: number) => view.flyTo({ ...view.camera, zoom: wanted }, 0.25);
  return (
    <Popover>
      <PopoverTrigger asChild>
        <button
          type="button"
          aria-label={`Magnification ${label}`}
          data-testid="magnification"
          className="pointer-events-auto flex h-8 items-center gap-2 rounded-lg border bg-panel/95 px-3 text-xs shadow-float backdrop-blur hover:bg-hover"
        >
          <span className="tabular min-w-9 font-semibold">{label}</span>
          {digital ? <span className="text-warn-ink">digital zoom</span> : null}
        </button>
      </PopoverTrigger>
      <PopoverContent side="top" className="w-44 p-1">
        <div className="grid grid-cols-2 gap-0.5">
          {(power === null ? [] : MAGNIFICATIONS).map((wanted) => (
            <Button key={wanted} variant="ghost" size="sm" onClick={() => goTo(zoomForPower(wanted, power ?? 1))}>
              {wanted}×
            </Button>
          ))}
          <Button variant="ghost" size="sm" className="col-span-2" onClick={() => view.fit()}>
            Whole slide
          </Button>
          <Button variant="ghost" size="sm" className="col-span-2" onClick={() => goTo(0)}>
            Scan resolution
          </Button>
        </div>
      </PopoverContent>
    </Popover>
  );
}
