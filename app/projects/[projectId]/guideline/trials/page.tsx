import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { StartTrial } from "#app/_components/trials/start-trial.tsx";
import { TrialList } from "#app/_components/trials/trial-list.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { load, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Trials" };

export default async function TrialsPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/guideline/trials`;
  const [project, guideline, slides, trials] = await Promise.all([
    loadProject(projectId),
    load(here, (api) => api.guideline.get(projectId)),
    load(here, (api) => api.slides.list(projectId)),
    load(here, (api) => api.trials.list(projectId)),
  ]);
  return (
    <>
      <PageHeader
        title="Trials"
        meta="a draft tried out on some slides, beside the data"
        actions={
          <>
            <Button asChild>
              <Link href={`/projects/${projectId}/guideline`}>
                <ArrowLeft aria-hidden /> The guideline
              </Link>
            </Button>
            {offers(project.role, "guideline.edit") ? (
              <StartTrial projectId={projectId} slides={slides} hasDraft={guideline.draft !== null} />
            ) : null}
          </>
        }
      />
      <PageBody>
        <TrialList projectId={projectId} trials={trials} draws={offers(project.role, "trial.draw")} />
      </PageBody>
    </>
  );
}
