import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { unclearPath } from "#app/_components/consensus/queue-link.ts";
import { QuestionList } from "#app/_components/guideline/question-list.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { load } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Guideline questions" };

export default async function QuestionsPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/guideline/questions`;
  const [guideline, questions] = await Promise.all([
    load(here, (api) => api.guideline.get(projectId)),
    load(here, (api) => api.questions.list(projectId)),
  ]);
  const waiting = questions.filter(({ state }) => state === "open").length;
  return (
    <>
      <PageHeader
        title="Guideline questions"
        meta={waiting === 0 ? "nothing waits for an answer" : `${waiting} open`}
        actions={
          <>
            <Button asChild>
              <Link href={unclearPath(projectId)}>From disputes</Link>
            </Button>
            <Button asChild>
              <Link href={`/projects/${projectId}/guideline`}>
                <ArrowLeft aria-hidden /> The guideline
              </Link>
            </Button>
          </>
        }
      />
      <PageBody>
        <QuestionList
          projectId={projectId}
          questions={questions}
          classes={guideline.versions.at(-1)?.content.classes ?? []}
        />
      </PageBody>
    </>
  );
}
