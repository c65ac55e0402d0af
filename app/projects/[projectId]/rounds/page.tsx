import { Plus, Waypoints } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { RoundCard } from "#app/_components/rounds/round-card.tsx";
import { Worklist } from "#app/_components/rounds/worklist.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { plural } from "#app/_lib/format.ts";
import { load, loadMe, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Rounds" };

export default async function RoundsPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/rounds`;
  const [me, project, rounds, worklist] = await Promise.all([
    loadMe(here),
    loadProject(projectId),
    load(here, (api) => api.rounds.list(projectId)),
    load(here, (api) => api.projects.worklist(projectId)),
  ]);
  const creates = offers(project.role, "round.create");
  const newRound = creates ? (
    <Button asChild variant="primary">
      <Link href={`${here}/new`}>
        <Plus aria-hidden /> New round
      </Link>
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title="Rounds" meta={plural(rounds.length, "round")} actions={newRound} />
      <PageBody wide>
        {worklist.length === 0 ? null : <Worklist projectId={projectId} items={worklist} />}
        {rounds.length === 0 ? (
          <div className="rounded-lg border border-dashed bg-panel">
            <EmptyState icon={Waypoints} title="No rounds yet" action={newRound}>
              {creates
                ? "A round gives slides to readers under the guideline in force: together, in sight of each other, or blind."
                : "When the lead plans a round with you in it, your worklist appears here."}
            </EmptyState>
          </div>
        ) : (
          rounds.map((round) => (
            <RoundCard key={round.id} projectId={projectId} round={round} meId={me.id} role={project.role} />
          ))
        )}
      </PageBody>
    </>
  );
}
