import type { Metadata } from "next";
import { cache } from "react";
import { ViewerPage } from "#app/_components/viewer/viewer-page.tsx";
import { load, loadProject } from "#app/_lib/server-api.ts";

type Props = { readonly params: Promise<{ projectId: string; slideId: string }> };

const loadView = cache((projectId: string, slideId: string) =>
  load(`/projects/${projectId}/slides/${slideId}`, (api) => api.slides.view(slideId)),
);

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { projectId, slideId } = await params;
  return { title: (await loadView(projectId, slideId)).slide.name };
}

export default async function SlidePage({ params }: Props) {
  const { projectId, slideId } = await params;
  const [project, answer] = await Promise.all([loadProject(projectId), loadView(projectId, slideId)]);
  return <ViewerPage project={project} answer={answer} />;
}
