import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { EndTrial } from "#app/_components/trials/end-trial.tsx";
import { TrialResults } from "#app/_components/trials/trial-results.tsx";
import { TrialSlides } from "#app/_components/trials/trial-slides.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { attempt, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Trial" };

type Props = { readonly params: Promise<{ projectId: string; trialId: string }> };

export default async function TrialPage({ params }: Props) {
  const { projectId, trialId } = await params;
  const list = `/projects/${projectId}/guideline/trials`;
  const [project, found] = await Promise.all([
    loadProject(projectId),
    attempt(`${list}/${trialId}`, (api) => api.trials.get(trialId)),
  ]);
  if (!found.ok) return <RefusedPage title="Trial" error={found.error} />;
  const trial = found.value;
  const isOver = trial.endedAt !== null;
  return (
    <>
      <PageHeader
        title={trial.name}
        meta={
          <span className="flex items-center gap-2">
            {trial.parent === 0 ? "a first draft" : `a draft after version ${trial.parent}`}
            {isOver ? <Badge>ended</Badge> : <Badge tone="accent">running</Badge>}
          </span>
        }
        actions={
          <>
            <Button asChild>
              <Link href={list}>
                <ArrowLeft aria-hidden /> All trials
              </Link>
            </Button>
            {offers(project.role, "guideline.edit") && !isOver ? <EndTrial trialId={trialId} /> : null}
          </>
        }
      />
      <PageBody>
        <Card
          title="Slides"
          description={
            isOver ? "The trial has ended; nothing is drawn any more" : "What you draw here is seen by nobody as data"
          }
        >
          <TrialSlides projectId={projectId} trial={trial} draws={offers(project.role, "trial.draw")} />
        </Card>
        {trial.results === null ? null : <TrialResults trial={trial} results={trial.results} />}
      </PageBody>
    </>
  );
}
