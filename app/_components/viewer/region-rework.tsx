"use client";

import { LassoSelect } from "lucide-react";
import { useState } from "react";
import { createPortal } from "react-dom";
import { Button } from "#app/_components/ui/button.tsx";
import { offers } from "#app/_lib/abilities.ts";
import type { Sandbox } from "#client/sandbox.ts";
import type { Annotation, Geometry } from "#domain/annotation.ts";
import { containsPoint, labelPoint } from "#domain/geometry.ts";
import { RedrawBar } from "./redraw-bar.tsx";
import { ReworkDialog } from "./rework-dialog.tsx";
import { useVisit } from "./session.tsx";

type Chosen = {
  readonly layerId: string;
  readonly region: Geometry;
  readonly inside: readonly { readonly layerId: string; readonly annotation: Annotation }[];
};

/** A lead draws around what is to be gone over; the outlines in it are part of the task. */
export function RegionRework() {
  const { session } = useVisit();
  const [sandbox, setSandbox] = useState<Sandbox | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const layer = session.drawingLayer;
  if (!offers(session.me.role, "task.create") || layer === null) return null;
  const begin = () => {
    const [first] = session.workbench.guideline.palette;
    if (first === undefined) return;
    setSandbox(session.openSandbox([], first.id));
    session.workbench.store.setState({ tool: "freehand" });
  };
  const end = () => {
    session.closeSandbox();
    setSandbox(null);
  };
  const done = () => {
    const region = sandbox?.geometry() ?? null;
    if (region === null) {
      session.workbench.store.setState({ message: { text: "Draw around a part of the slide first, or give up." } });
      return;
    }
    end();
    setChosen({
      layerId: layer.id,
      region,
      inside: insideOf(session.workbench.scene.layer(layer.id)?.shapes, region, layer.id),
    });
  };
  return (
    <>
      <Button
        variant="ghost"
        size="icon"
        aria-label="Ask for rework of a region"
        title="Ask for rework of a region"
        onClick={begin}
        disabled={sandbox !== null}
      >
        <LassoSelect />
      </Button>
      {sandbox === null
        ? null
        : createPortal(
            <div data-theme="dark" className="fixed top-16 left-1/2 z-30 w-96 -translate-x-1/2 text-ink shadow-float">
              <RedrawBar onDone={done} onCancel={end} />
            </div>,
            document.body,
          )}
      {chosen === null ? null : (
        <ReworkDialog
          layerId={chosen.layerId}
          selected={chosen.inside}
          region={chosen.region}
          origin={{ from: "region", detail: "" }}
          reason="missed"
          onClose={() => setChosen(null)}
        />
      )}
    </>
  );
}

/** Outlines that lie in a region by their middle. */
function insideOf(
  shapes: ReadonlyMap<string, { readonly annotation: Annotation }> | undefined,
  region: Geometry,
  layerId: string,
): Chosen["inside"] {
  return [...(shapes?.values() ?? [])].flatMap(({ annotation }) =>
    containsPoint(region, labelPoint(annotation.geometry)) ? [{ layerId, annotation }] : [],
  );
}
