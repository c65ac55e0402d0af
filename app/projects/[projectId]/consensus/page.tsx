import { CircleHelp, ListChecks, Scale } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { BoardClasses } from "#app/_components/consensus/board-classes.tsx";
import { BoardConfusion } from "#app/_components/consensus/board-confusion.tsx";
import { BoardHead } from "#app/_components/consensus/board-head.tsx";
import { BoardReaders } from "#app/_components/consensus/board-readers.tsx";
import { BoardSlides } from "#app/_components/consensus/board-slides.tsx";
import { BoardVersions } from "#app/_components/consensus/board-versions.tsx";
import { OwnAgreement } from "#app/_components/consensus/own-agreement.tsx";
import { type BoardScope, boardPath, queuePath, unclearPath } from "#app/_components/consensus/queue-link.ts";
import { ReaderHeatmap } from "#app/_components/consensus/reader-heatmap.tsx";
import { RoundConsensus } from "#app/_components/consensus/round-consensus.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { attempt, load, loadMe, loadProject } from "#app/_lib/server-api.ts";
import type { BoardView } from "#client/answers.ts";
import { EMPTY_GUIDELINE } from "#client/guideline-draft.ts";
import type { ClassDefinition, StudyRules } from "#domain/guideline.ts";

export const metadata: Metadata = { title: "Consensus" };

type Props = {
  readonly params: Promise<{ projectId: string }>;
  readonly searchParams: Promise<{ round?: string; version?: string; of?: string }>;
};

export default async function ConsensusPage({ params, searchParams }: Props) {
  const [{ projectId }, { round, version: asked, of: said }] = await Promise.all([params, searchParams]);
  const here = `/projects/${projectId}/consensus`;
  const of = said === "read" ? "read" : "decided";
  const version = asked === undefined ? undefined : Number(asked);
  const scope = { round, version };
  const [answer, list, guideline, allRounds, project, me] = await Promise.all([
    attempt(here, (api) => api.consensus.board(projectId, { of, ...scope })),
    load(here, (api) => api.consensus.list(projectId)),
    load(here, (api) => api.guideline.get(projectId)),
    load(here, (api) => api.rounds.list(projectId)),
    loadProject(projectId),
    loadMe(here),
  ]);
  if (!answer.ok) return <RefusedPage title="Consensus" error={answer.error} />;
  const ofVersion = new Set(answer.value.slides.map(({ roundId }) => roundId));
  const slides = list.filter(
    ({ roundId }) => (round ?? roundId) === roundId && (version === undefined || ofVersion.has(roundId)),
  );
  const reads = new Set(allRounds.filter(({ readers }) => readers.some(({ id }) => id === me.id)).map(({ id }) => id));
  const rounds = [...new Set(slides.map((slide) => slide.roundId))];
  const { classes, rules } = guideline.versions.at(-1)?.content ?? EMPTY_GUIDELINE;
  return (
    <>
      <PageHeader
        title="Consensus"
        meta={
          version === undefined
            ? "where readers agree, and where somebody has to decide"
            : `reads that were opened under guideline v${version} alone`
        }
        actions={
          <>
            {round === undefined ? null : (
              <Button asChild>
                <Link href={boardPath(projectId, { version }, of)}>All rounds</Link>
              </Button>
            )}
            {version === undefined ? null : (
              <Button asChild>
                <Link href={boardPath(projectId, { round }, of)}>All guideline versions</Link>
              </Button>
            )}
            <Button asChild>
              <Link href={unclearPath(projectId)}>
                <CircleHelp aria-hidden /> Guideline unclear
              </Link>
            </Button>
            <Button asChild variant="primary">
              <Link href={queuePath(projectId, scope)}>
                <ListChecks aria-hidden /> Disputes
              </Link>
            </Button>
          </>
        }
      />
      <PageBody wide>
        {rounds.length === 0 ? <NothingYet projectId={projectId} /> : null}
        {answer.value.slides.length === 0 ? null : (
          <Board projectId={projectId} board={answer.value} {...{ classes, rules, scope }} />
        )}
        {project.role === "lead" ? (
          <Suspense fallback={null}>
            <OwnAgreement projectId={projectId} here={here} />
          </Suspense>
        ) : null}
        {rounds.map((id) => (
          <RoundConsensus
            key={id}
            projectId={projectId}
            slides={slides.filter((slide) => slide.roundId === id)}
            beside={project.role === "lead" || reads.has(id)}
          />
        ))}
      </PageBody>
    </>
  );
}

function Board(props: {
  readonly projectId: string;
  readonly board: BoardView;
  readonly classes: readonly ClassDefinition[];
  readonly rules: StudyRules;
  readonly scope: BoardScope;
}) {
  return (
    <>
      <BoardHead {...props} />
      <BoardClasses {...props} />
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <ReaderHeatmap {...props} />
        <BoardConfusion {...props} />
      </div>
      <BoardSlides {...props} />
      <BoardVersions {...props} />
      <BoardReaders {...props} />
    </>
  );
}

function NothingYet({ projectId }: { readonly projectId: string }) {
  return (
    <div className="rounded-lg border border-dashed bg-panel">
      <EmptyState
        icon={Scale}
        title="Nothing to compare yet"
        action={
          <Button asChild>
            <Link href={`/projects/${projectId}/rounds`}>Go to rounds</Link>
          </Button>
        }
      >
        Agreement needs a slide that at least two readers have read in the same round and submitted. Blind rounds appear
        when they are unblinded.
      </EmptyState>
    </div>
  );
}
