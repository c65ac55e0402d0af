"use client";

import { CircleCheck, Frame, Target } from "lucide-react";
import { useEffect, useMemo } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import type { TaskDetail } from "#client/answers.ts";
import { RegionFrames } from "#client/region-frames.ts";
import type { Bbox } from "#domain/annotation.ts";
import { useVisit } from "./session.tsx";

/** Regions of the bridge set, to be read afresh: where they are, and that nothing else counts. */
export function BridgePanel({ detail, mine }: { readonly detail: TaskDetail; readonly mine: boolean }) {
  const { session } = useVisit();
  const { regions, task } = detail;
  const boxes = useMemo(() => regions.map(({ id, name, box }) => ({ id, name, box: boxOf(box) })), [regions]);
  useEffect(() => {
    const frames = new RegionFrames(session.workbench.view, boxes);
    return () => frames.close();
  }, [session, boxes]);
  const done = task.state === "submitted" || task.state === "accepted";
  return (
    <div className="flex flex-col gap-3 p-3" data-testid="bridge-panel">
      <p className="text-muted">
        Outline everything inside {regions.length === 1 ? "the frame" : "the frames"} as the guideline says now. What
        lies outside does not count, and what you drew here before is not shown.
      </p>
      <ul className="flex flex-col gap-1.5">
        {boxes.map(({ id, name, box }) => (
          <li key={id}>
            <Button
              variant="secondary"
              size="sm"
              className="w-full justify-start"
              onClick={() => session.workbench.view.flyToBox(box, 0)}
            >
              <Frame aria-hidden /> {name}
              <Target className="ml-auto" aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      {done ? (
        <p className="flex items-center gap-2 text-good-ink">
          <CircleCheck className="size-4" aria-hidden /> Handed in.
        </p>
      ) : mine ? (
        <p className="text-faint text-xs">When all frames are done, hand in with “Submit read” above.</p>
      ) : null}
    </div>
  );
}

function boxOf([minX, minY, maxX, maxY]: TaskDetail["regions"][number]["box"]): Bbox {
  return { minX, minY, maxX, maxY };
}
