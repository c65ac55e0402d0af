import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { QuestionPlaces } from "#app/_components/guideline/question-places.tsx";
import { QuestionSettling } from "#app/_components/guideline/question-settling.tsx";
import { QuestionTalk } from "#app/_components/guideline/question-talk.tsx";
import { QuestionState } from "#app/_components/guideline/question-words.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { attempt, load, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Guideline question" };

type Props = { readonly params: Promise<{ projectId: string; questionId: string }> };

export default async function QuestionPage({ params }: Props) {
  const { projectId, questionId } = await params;
  const list = `/projects/${projectId}/guideline/questions`;
  const here = `${list}/${questionId}`;
  const [project, guideline, found] = await Promise.all([
    loadProject(projectId),
    load(here, (api) => api.guideline.get(projectId)),
    attempt(here, (api) => api.questions.get(questionId)),
  ]);
  if (!found.ok) return <RefusedPage title="Guideline question" error={found.error} />;
  const question = found.value;
  const classes = guideline.versions.at(-1)?.content.classes ?? [];
  const about = classes.filter(({ id }) => id === question.classId || id === question.otherClassId);
  return (
    <>
      <PageHeader
        title={question.title}
        meta={<QuestionState question={question} />}
        actions={
          <Button asChild>
            <Link href={list}>
              <ArrowLeft aria-hidden /> All questions
            </Link>
          </Button>
        }
      />
      <PageBody wide>
        {about.length === 0 ? null : (
          <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">
            About
            {about.map((each) => (
              <Link key={each.id} href={`/projects/${projectId}/guideline#${each.id}`} className="hover:underline">
                <ClassName name={each.name} colour={each.colour} />
              </Link>
            ))}
          </p>
        )}
        <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_380px]">
          <QuestionPlaces projectId={projectId} question={question} />
          <div className="flex flex-col gap-5">
            <QuestionSettling
              projectId={projectId}
              question={question}
              classes={classes}
              settles={offers(project.role, "question.settle") && !question.isPartial}
            />
            <QuestionTalk
              question={question}
              speaks={offers(project.role, "question.discuss") && !question.isPartial}
            />
          </div>
        </div>
      </PageBody>
    </>
  );
}
