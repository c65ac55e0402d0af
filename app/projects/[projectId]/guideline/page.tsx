import { BookOpenText, CircleHelp, FileCheck2, FlaskConical, GraduationCap, PencilLine } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { GuidelineDocument } from "#app/_components/guideline/guideline-document.tsx";
import { VersionHistory } from "#app/_components/guideline/version-history.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { load, loadProject } from "#app/_lib/server-api.ts";
import type { Role } from "#client/answers.ts";
import { cropSlide } from "#client/crop.ts";

export const metadata: Metadata = { title: "Guideline" };

type Props = {
  readonly params: Promise<{ projectId: string }>;
  readonly searchParams: Promise<{ version?: string }>;
};

export default async function GuidelinePage({ params, searchParams }: Props) {
  const [{ projectId }, { version: wanted }] = await Promise.all([params, searchParams]);
  const here = `/projects/${projectId}/guideline`;
  const [project, guideline, slides, questions] = await Promise.all([
    loadProject(projectId),
    load(here, (api) => api.guideline.get(projectId)),
    load(here, (api) => api.slides.list(projectId)),
    load(here, (api) => api.questions.list(projectId, { state: "open" })),
  ]);
  const edits = offers(project.role, "guideline.edit");
  const newest = guideline.versions.at(-1);
  const shown = guideline.versions.find((version) => String(version.number) === wanted) ?? newest;
  const editButton = edits ? (
    <Button asChild variant={guideline.draft === null && shown !== undefined ? "secondary" : "primary"}>
      <Link href={`${here}/draft`}>
        <PencilLine aria-hidden /> {draftLabel(guideline.draft !== null, newest === undefined)}
      </Link>
    </Button>
  ) : null;
  return (
    <>
      <PageHeader
        title="Guideline"
        meta={
          shown === undefined
            ? "not published yet"
            : shown === newest
              ? `version ${shown.number}, in force`
              : `version ${shown.number}, superseded`
        }
        actions={
          <>
            {guideline.draft === null ? null : <Badge tone="accent">draft in progress</Badge>}
            <Button asChild>
              <Link href={`${here}/trials`}>
                <FlaskConical aria-hidden /> Trials
              </Link>
            </Button>
            <QualificationLink here={here} shown={edits} />
            <Button asChild>
              <Link href={`${here}/questions`}>
                <CircleHelp aria-hidden /> Questions {questions.length === 0 ? null : <Badge>{questions.length}</Badge>}
              </Link>
            </Button>
            <WaiversLink here={here} role={project.role} />
            {editButton}
          </>
        }
      />
      <PageBody wide>
        {shown === undefined ? (
          <div className="rounded-lg border border-dashed bg-panel">
            <EmptyState icon={BookOpenText} title="No guideline yet" action={editButton}>
              {edits
                ? "Name the classes, say what belongs to each and give them colours and keys. Publishing makes version 1; readers can then draw."
                : "The lead of this project has not published the classes yet."}
            </EmptyState>
          </div>
        ) : (
          <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_300px] 2xl:grid-cols-[minmax(0,1fr)_380px]">
            <div className="flex min-w-0 flex-col gap-5">
              {shown === newest ? null : (
                <Callout
                  kind="warn"
                  title={`You are reading version ${shown.number}`}
                  action={
                    <Button asChild size="sm">
                      <Link href={here}>Read version {newest?.number}</Link>
                    </Button>
                  }
                >
                  It is no longer in force.
                </Callout>
              )}
              <GuidelineDocument
                content={shown.content}
                slides={new Map(slides.map((slide) => [slide.id, cropSlide(slide)]))}
              />
            </div>
            <VersionHistory
              projectId={projectId}
              versions={guideline.versions}
              shown={shown.number}
              edits={edits}
              hasDraft={guideline.draft !== null}
            />
          </div>
        )}
      </PageBody>
    </>
  );
}

function draftLabel(hasDraft: boolean, isFirst: boolean): string {
  if (hasDraft) return "Continue the draft";
  return isFirst ? "Write the guideline" : "Start a draft";
}

/** References and who has shown that they can tell redefined classes: for leads. */
function QualificationLink({ here, shown }: { readonly here: string; readonly shown: boolean }) {
  if (!shown) return null;
  return (
    <Button asChild>
      <Link href={`${here}/qualification`} aria-label="Qualification" title="Qualification">
        <GraduationCap aria-hidden /> <span className="hidden lg:inline">Qualification</span>
      </Link>
    </Button>
  );
}

function WaiversLink({ here, role }: { readonly here: string; readonly role: Role }) {
  if (!offers(role, "guideline.publish")) return null;
  return (
    <Button asChild>
      <Link href={`${here}/waivers`}>
        <FileCheck2 aria-hidden /> Waivers
      </Link>
    </Button>
  );
}
