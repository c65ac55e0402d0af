"use client";

import { CircleCheck, Crosshair } from "lucide-react";
import { useEffect } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import type { Geometry } from "#domain/annotation.ts";
import { geometryBbox } from "#domain/geometry.ts";
import { useVisit } from "./session.tsx";
import type { TaskWalk } from "./use-task.ts";

/** A part of the slide to be gone over: something may be missing there. Starting opens the read until it is handed in. */
export function RegionPanel(props: { readonly walk: TaskWalk; readonly region: Geometry; readonly mine: boolean }) {
  const { walk, region, mine } = props;
  const { session } = useVisit();
  const state = walk.detail?.task.state;
  const started = state === "in-progress";
  useEffect(() => session.workbench.view.flyToBox(geometryBbox(region), 0), [session, region]);
  return (
    <div className="flex flex-col gap-3 border-b p-3" data-testid="region-panel">
      <p className="text-muted">Go over this part of the slide, and draw what is missing.</p>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => session.workbench.view.flyToBox(geometryBbox(region), 0)}>
          <Crosshair aria-hidden /> Show it
        </Button>
        {mine && !started ? (
          <Button size="sm" variant="primary" busy={walk.busy} onClick={() => void walk.move("in-progress")}>
            Start
          </Button>
        ) : null}
        {mine && started ? (
          <Button
            size="sm"
            variant="primary"
            busy={walk.busy}
            disabled={walk.left > 0}
            onClick={() => void walk.move("submitted")}
          >
            <CircleCheck aria-hidden /> Hand in
          </Button>
        ) : null}
      </div>
    </div>
  );
}
