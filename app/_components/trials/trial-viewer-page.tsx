"use client";

import dynamic from "next/dynamic";
import { ViewerSkeleton } from "#app/_components/viewer/viewer-skeleton.tsx";
import type { SlideView, TrialDetail, TrialSheet } from "#client/answers.ts";

const TrialViewer = dynamic(() => import("./trial-viewer.tsx").then((module) => module.TrialViewer), {
  ssr: false,
  loading: () => <ViewerSkeleton />,
});

/** The map library needs a window, so the viewer is loaded in the browser alone. */
export function TrialViewerPage(props: {
  readonly projectId: string;
  readonly trial: TrialDetail;
  readonly sheet: TrialSheet;
  readonly view: SlideView;
}) {
  return <TrialViewer key={`${props.trial.id} ${props.view.slide.id}`} {...props} />;
}
