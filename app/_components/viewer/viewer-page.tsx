"use client";

import dynamic from "next/dynamic";
import type { Project, SlideView } from "#client/answers.ts";
import { ViewerSkeleton } from "./viewer-skeleton.tsx";

const Viewer = dynamic(() => import("./viewer.tsx").then((module) => module.Viewer), {
  ssr: false,
  loading: () => <ViewerSkeleton />,
});

/** The map library needs a window, so the viewer is loaded in the browser alone. */
export function ViewerPage(props: { readonly project: Project; readonly answer: SlideView }) {
  const { id, mpp } = props.answer.slide;
  // A scale that was stated meanwhile changes every measure: the slide is opened anew.
  return <Viewer key={`${id} ${mpp ?? ""}`} {...props} />;
}
