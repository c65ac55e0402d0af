import type { Metadata } from "next";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { TrialViewerPage } from "#app/_components/trials/trial-viewer-page.tsx";
import { attempt, load } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Trial" };

type Props = { readonly params: Promise<{ projectId: string; trialId: string; slideId: string }> };

export default async function TrialSlidePage({ params }: Props) {
  const { projectId, trialId, slideId } = await params;
  const here = `/projects/${projectId}/guideline/trials/${trialId}/slides/${slideId}`;
  const [trial, sheet, view] = await Promise.all([
    attempt(here, (api) => api.trials.get(trialId)),
    load(here, (api) => api.trials.sheet(trialId, slideId)),
    load(here, (api) => api.slides.view(slideId)),
  ]);
  if (!trial.ok) return <RefusedPage title="Trial" error={trial.error} />;
  return <TrialViewerPage projectId={projectId} trial={trial.value} sheet={sheet} view={view} />;
}
