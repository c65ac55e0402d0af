import { ArrowLeft, CircleHelp } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { ReasonCounts } from "#app/_components/consensus/reason-counts.tsx";
import { UnclearPairCard } from "#app/_components/guideline/unclear-pair.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { load, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Guideline unclear" };

export default async function UnclearPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/consensus/unclear`;
  const [pairs, reasons, guideline, project] = await Promise.all([
    load(here, (api) => api.questions.unclear(projectId)),
    load(here, (api) => api.questions.reasons(projectId)),
    load(here, (api) => api.guideline.get(projectId)),
    loadProject(projectId),
  ]);
  const classes = guideline.versions.at(-1)?.content.classes ?? [];
  return (
    <>
      <PageHeader
        title="Guideline unclear"
        meta="places that were left because the guideline does not settle them"
        actions={
          <>
            <Button asChild>
              <Link href={`/projects/${projectId}/consensus`}>
                <ArrowLeft aria-hidden /> Agreement
              </Link>
            </Button>
            <Button asChild>
              <Link href={`/projects/${projectId}/guideline/questions`}>All questions</Link>
            </Button>
          </>
        }
      />
      <PageBody>
        {pairs.length === 0 ? (
          <div className="rounded-lg border border-dashed bg-panel">
            <EmptyState icon={CircleHelp} title="Nothing was found unclear">
              Where an adjudicator leaves a dispute with the key G, or because the guideline is silent or ambiguous, its
              place is collected here by the classes that are confused.
            </EmptyState>
          </div>
        ) : (
          pairs.map((pair) => (
            <UnclearPairCard
              key={pair.classIds.join()}
              projectId={projectId}
              pair={pair}
              classes={classes}
              asks={offers(project.role, "question.ask")}
            />
          ))
        )}
        <ReasonCounts projectId={projectId} found={reasons} classes={classes} />
      </PageBody>
    </>
  );
}
