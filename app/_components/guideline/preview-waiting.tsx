"use client";

import { useEffect, useState } from "react";
import { Progress } from "#app/_components/ui/progress.tsx";
import { plural } from "#app/_lib/format.ts";
import type { PreviewProgress } from "#client/answers.ts";
import { api } from "#client/api.ts";

const ASK_EVERY_MS = 700;
/** What has found its neighbours is still to be measured: a bar that is full would be done. */
const NEARLY = 0.95;

/** Stands where a preview will be, and says what it waits for. */
export function PreviewWaiting({ projectId }: { readonly projectId: string }) {
  const measuring = useMeasuring(projectId);
  return (
    <div className="mx-auto flex w-full max-w-md flex-col gap-3 py-16">
      <p role="status" className="text-sm">
        {measuring === null ? "Counting what publishing would cause…" : "Measuring outlines…"}
      </p>
      <Progress value={measuring && Math.min(measuring.share, NEARLY)} label="How far the preview is" />
      {measuring === null ? null : (
        <p className="text-faint text-xs">
          A rule became stricter that only the shapes can answer: how much room an outline has, or what two of them
          share. Each is measured once. {measuring.layersDone} of {plural(measuring.layers, "layer is", "layers are")}{" "}
          done.
        </p>
      )}
    </div>
  );
}

function useMeasuring(projectId: string): PreviewProgress["measuring"] {
  const [measuring, setMeasuring] = useState<PreviewProgress["measuring"]>(null);
  useEffect(() => {
    let isShown = true;
    const ask = async (): Promise<void> => {
      const told = await api.guideline.previewProgress(projectId).catch(() => null);
      if (isShown && told !== null) setMeasuring(told.measuring);
    };
    const asking = setInterval(() => void ask(), ASK_EVERY_MS);
    return () => {
      isShown = false;
      clearInterval(asking);
    };
  }, [projectId]);
  return measuring;
}
