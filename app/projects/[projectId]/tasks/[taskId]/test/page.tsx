import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { TestPage } from "#app/_components/qualification/test-page.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { load } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Qualify again" };

export default async function QualifyPage(props: {
  readonly params: Promise<{ readonly projectId: string; readonly taskId: string }>;
}) {
  const { projectId, taskId } = await props.params;
  const here = `/projects/${projectId}/tasks/${taskId}/test`;
  const [{ task, test }, guideline] = await Promise.all([
    load(here, (api) => api.tasks.get(taskId)),
    load(here, (api) => api.guideline.get(projectId)),
  ]);
  const definition = guideline.versions.at(-1)?.content.classes.find(({ id }) => id === test?.classId);
  if (test === null || definition === undefined) notFound();
  return (
    <>
      <PageHeader
        title={task.title}
        meta={test.attempts === 0 ? undefined : `tried ${test.attempts === 1 ? "once" : `${test.attempts} times`}`}
        actions={
          <Button asChild>
            <Link href={`/projects/${projectId}/tasks`}>
              <ArrowLeft aria-hidden /> Tasks
            </Link>
          </Button>
        }
      />
      <PageBody>
        <TestPage projectId={projectId} test={test} definition={definition} />
      </PageBody>
    </>
  );
}
