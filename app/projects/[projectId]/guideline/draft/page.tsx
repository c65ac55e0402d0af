import type { Metadata } from "next";
import { DraftWorkspace } from "#app/_components/guideline/draft-workspace.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { load, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Guideline draft" };

export default async function DraftPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/guideline/draft`;
  const [project, guideline] = await Promise.all([
    loadProject(projectId),
    load(here, (api) => api.guideline.get(projectId)),
  ]);
  if (!offers(project.role, "guideline.edit")) {
    return <RefusedPage title="Guideline draft" error={{ title: "Leads write the guideline; you can read it." }} />;
  }
  return <DraftWorkspace projectId={projectId} newest={guideline.versions.at(-1) ?? null} stored={guideline.draft} />;
}
