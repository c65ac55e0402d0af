import { ArrowLeft, GraduationCap } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { ReaderList } from "#app/_components/qualification/reader-list.tsx";
import { ReferenceGrid } from "#app/_components/qualification/reference-grid.tsx";
import { UseExamples } from "#app/_components/qualification/use-examples.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { percent } from "#app/_lib/format.ts";
import { attempt, load } from "#app/_lib/server-api.ts";
import { isDrawable } from "#domain/guideline.ts";

export const metadata: Metadata = { title: "Qualification" };

export default async function QualificationPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/guideline/qualification`;
  const [found, guideline] = await Promise.all([
    attempt(here, (api) => api.qualification.get(projectId)),
    load(here, (api) => api.guideline.get(projectId)),
  ]);
  if (!found.ok) return <RefusedPage title="Qualification" error={found.error} />;
  const { references, classes, least } = found.value;
  const drawn = guideline.versions.at(-1)?.content.classes.filter(isDrawable) ?? [];
  return (
    <>
      <PageHeader
        title="Qualification"
        meta={`who can tell a redefined class: ${percent(least)} right answers pass`}
        actions={
          <Button asChild>
            <Link href={`/projects/${projectId}/guideline`}>
              <ArrowLeft aria-hidden /> The guideline
            </Link>
          </Button>
        }
      />
      <PageBody wide>
        {classes.map((of) => (
          <ReaderList key={of.classId} of={of} />
        ))}
        <Card
          title="References"
          description="Places of which a lead has said what they are. Readers of a redefined class are asked about those of it and of its look-alikes."
          actions={<UseExamples projectId={projectId} classes={drawn} references={references} />}
          flush
        >
          {references.length === 0 ? (
            <EmptyState icon={GraduationCap} title="No references yet">
              Take the examples of the guideline, or select an outline in the viewer and make it a reference from the
              menu beside it. A few of each class and of what it is taken for are enough.
            </EmptyState>
          ) : (
            <ReferenceGrid
              projectId={projectId}
              references={references}
              classes={drawn}
              hasDraft={guideline.draft !== null}
            />
          )}
        </Card>
      </PageBody>
    </>
  );
}
