import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { DisputeQueue } from "#app/_components/consensus/dispute-queue.tsx";
import { QueueFilters } from "#app/_components/consensus/queue-filters.tsx";
import { type QueueAsk, queuePath } from "#app/_components/consensus/queue-link.ts";
import { TaskHandIn } from "#app/_components/consensus/task-hand-in.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { attempt, load } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Disputes" };

type Search = { readonly [name in keyof QueueAsk | "cursor"]?: string };
type Props = {
  readonly params: Promise<{ projectId: string }>;
  readonly searchParams: Promise<Search>;
};

function askOf({ round, slide, class: ofClass, kind, a, b, x, y, state, task, ...rest }: Search): QueueAsk {
  const place = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const all = state === "all" ? ("all" as const) : undefined;
  const { differs, flagged, version } = rest;
  return {
    round,
    slide,
    class: ofClass,
    kind,
    a: place(a),
    b: place(b),
    x,
    y,
    state: all,
    task,
    differs,
    flagged: flagged === "decided" || flagged === "read" ? flagged : undefined,
    version: place(version),
  };
}

export default async function QueuePage({ params, searchParams }: Props) {
  const [{ projectId }, search] = await Promise.all([params, searchParams]);
  const ask = askOf(search);
  const list = `/projects/${projectId}/consensus`;
  const here = queuePath(projectId, ask);
  const { task: taskId } = ask;
  const [answer, guideline, me] = await Promise.all([
    attempt(here, (api) => api.consensus.queue(projectId, { ...ask, cursor: search.cursor })),
    load(here, (api) => api.guideline.get(projectId)),
    load(here, (api) => api.me.get()),
  ]);
  if (!answer.ok) return <RefusedPage title="Disputes" error={answer.error} />;
  // Asked after the queue, which has the consensus computed that the task counts by.
  const detail = taskId === undefined ? null : await load(here, (api) => api.tasks.get(taskId));
  const queue = answer.value;
  const classes = guideline.versions.at(-1)?.content.classes ?? [];
  const next = queue.nextCursor === null ? null : `${here}${here.includes("?") ? "&" : "?"}cursor=${queue.nextCursor}`;
  return (
    <>
      <PageHeader
        title="Disputes"
        meta="where readers differ, over all slides"
        actions={
          <Button asChild>
            <Link href={list}>
              <ArrowLeft aria-hidden /> Agreement
            </Link>
          </Button>
        }
      />
      <PageBody wide>
        {detail === null ? null : (
          <Card>
            <TaskHandIn task={detail.task} mine={detail.task.assignee.id === me.id} />
          </Card>
        )}
        <QueueFilters projectId={projectId} ask={ask} queue={queue} classes={classes} />
        <DisputeQueue projectId={projectId} queue={queue} classes={classes} ask={ask} />
        {next === null ? null : (
          <Button asChild className="self-center">
            <Link href={next}>The next ones</Link>
          </Button>
        )}
      </PageBody>
    </>
  );
}
