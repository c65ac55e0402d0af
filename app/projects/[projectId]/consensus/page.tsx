import { Scale } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { RoundConsensus } from "#app/_components/consensus/round-consensus.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { attempt } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Consensus" };

type Props = {
  readonly params: Promise<{ projectId: string }>;
  readonly searchParams: Promise<{ round?: string }>;
};

export default async function ConsensusPage({ params, searchParams }: Props) {
  const [{ projectId }, { round }] = await Promise.all([params, searchParams]);
  const here = `/projects/${projectId}/consensus`;
  const answer = await attempt(here, (api) => api.consensus.list(projectId));
  if (!answer.ok) return <RefusedPage title="Consensus" error={answer.error} />;
  const slides = answer.value.filter((slide) => round === undefined || slide.roundId === round);
  const rounds = [...new Set(slides.map((slide) => slide.roundId))];
  return (
    <>
      <PageHeader
        title="Consensus"
        meta="where readers agree, and where somebody has to decide"
        actions={
          round === undefined ? null : (
            <Button asChild>
              <Link href={here}>All rounds</Link>
            </Button>
          )
        }
      />
      <PageBody wide>
        {rounds.length === 0 ? (
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
              Agreement needs a slide that at least two readers have read in the same round and submitted. Blind rounds
              appear when they are unblinded.
            </EmptyState>
          </div>
        ) : (
          rounds.map((id) => (
            <RoundConsensus key={id} projectId={projectId} slides={slides.filter((slide) => slide.roundId === id)} />
          ))
        )}
      </PageBody>
    </>
  );
}
