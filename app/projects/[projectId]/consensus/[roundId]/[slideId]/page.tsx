import { ArrowLeft, GitCompareArrows, Microscope } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { ClassAgreementTable } from "#app/_components/consensus/class-agreement-table.tsx";
import { ConfusionMatrix } from "#app/_components/consensus/confusion-matrix.tsx";
import { DisputeQueue } from "#app/_components/consensus/dispute-queue.tsx";
import { GiveAway } from "#app/_components/consensus/give-away.tsx";
import { OverallAgreement } from "#app/_components/consensus/overall-agreement.tsx";
import { PairMatrix } from "#app/_components/consensus/pair-matrix.tsx";
import { differencesPath, queuePath } from "#app/_components/consensus/queue-link.ts";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Time } from "#app/_components/time.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { SegmentedLinks } from "#app/_components/ui/segmented-links.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { plural } from "#app/_lib/format.ts";
import { attempt, load, loadProject } from "#app/_lib/server-api.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";

export const metadata: Metadata = { title: "Consensus" };

type Props = {
  readonly params: Promise<{ projectId: string; roundId: string; slideId: string }>;
  readonly searchParams: Promise<{ state?: string }>;
};

export default async function SlideConsensusPage({ params, searchParams }: Props) {
  const [{ projectId, roundId, slideId }, { state: said }] = await Promise.all([params, searchParams]);
  const list = `/projects/${projectId}/consensus`;
  const here = `${list}/${roundId}/${slideId}`;
  const state = said === "all" ? "all" : "open";
  const ask = { round: roundId, slide: slideId };
  const [answer, queue, guideline, project] = await Promise.all([
    attempt(here, (api) => api.consensus.get(roundId, slideId)),
    attempt(here, (api) => api.consensus.queue(projectId, { ...ask, state })),
    load(here, (api) => api.guideline.get(projectId)),
    loadProject(projectId),
  ]);
  if (!answer.ok) return <RefusedPage title="Consensus" error={answer.error} />;
  if (!queue.ok) return <RefusedPage title="Consensus" error={queue.error} />;
  const consensus = answer.value;
  const first = (consensus.disputes.find((dispute) => !dispute.settled) ?? consensus.disputes[0])?.key;
  const { classes, rules } = guideline.versions.at(-1)?.content ?? EMPTY_GUIDELINE;
  return (
    <>
      <PageHeader
        title={consensus.slide.name}
        meta={
          <>
            {plural(consensus.reads.length, "submitted read")}, guideline v{consensus.guidelineNumber}, computed{" "}
            <Time at={consensus.computedAt} />
          </>
        }
        actions={
          <>
            <Button asChild>
              <Link href={list}>
                <ArrowLeft aria-hidden /> All slides
              </Link>
            </Button>
            {consensus.reads.some(({ mine }) => mine) || project.role === "lead" ? (
              <Button asChild>
                <Link href={differencesPath(projectId, roundId)}>
                  <GitCompareArrows aria-hidden />{" "}
                  {project.role === "lead" ? "Readers beside the record" : "My reads beside the record"}
                </Link>
              </Button>
            ) : null}
            {offers(project.role, "task.create") ? <GiveAway consensus={consensus} /> : null}
            <Button asChild variant="primary">
              <ViewerLink href={viewerPath(projectId, slideId, { round: roundId, dispute: first })}>
                <Microscope aria-hidden /> See it on the slide
              </ViewerLink>
            </Button>
          </>
        }
      />
      <PageBody wide>
        <OverallAgreement projectId={projectId} consensus={consensus} />
        <ClassAgreementTable projectId={projectId} consensus={consensus} classes={classes} rules={rules} />
        <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_minmax(0,400px)]">
          <ConfusionMatrix projectId={projectId} consensus={consensus} classes={classes} />
          <PairMatrix projectId={projectId} consensus={consensus} classes={classes} readers={queue.value.readers} />
        </div>
        <DisputeQueue
          projectId={projectId}
          queue={queue.value}
          classes={classes}
          ask={ask}
          actions={
            <>
              <SegmentedLinks
                label="Disputes shown"
                value={state}
                options={[
                  { value: "open", label: "To settle", href: here },
                  { value: "all", label: "All", href: `${here}?state=all` },
                ]}
              />
              {queue.value.nextCursor === null ? null : (
                <Button asChild size="sm" className="h-8">
                  <Link href={queuePath(projectId, { ...ask, state })}>The whole queue</Link>
                </Button>
              )}
            </>
          }
        />
      </PageBody>
    </>
  );
}
