import type { Metadata } from "next";
import { DraftWorkspace } from "#app/_components/guideline/draft-workspace.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { load, loadProject } from "#app/_lib/server-api.ts";
import { classId } from "#domain/ids.ts";

export const metadata: Metadata = { title: "Guideline draft" };

type Props = {
  readonly params: Promise<{ projectId: string }>;
  readonly searchParams: Promise<{ class?: string }>;
};

export default async function DraftPage({ params, searchParams }: Props) {
  const [{ projectId }, { class: wanted }] = await Promise.all([params, searchParams]);
  const here = `/projects/${projectId}/guideline/draft`;
  const [project, guideline, slides, questions, members] = await Promise.all([
    loadProject(projectId),
    load(here, (api) => api.guideline.get(projectId)),
    load(here, (api) => api.slides.list(projectId)),
    load(here, (api) => api.questions.list(projectId)),
    load(here, (api) => api.members.list(projectId)),
  ]);
  if (!offers(project.role, "guideline.edit")) {
    return <RefusedPage title="Guideline draft" error={{ title: "Leads write the guideline; you can read it." }} />;
  }
  const at = classId.safeParse(wanted);
  return (
    <DraftWorkspace
      projectId={projectId}
      guideline={guideline}
      slides={slides}
      questions={questions}
      members={members}
      at={at.success ? at.data : null}
    />
  );
}
