import { BalanceChart } from "#app/_components/overview/balance-chart.tsx";
import { ConsistencyCard } from "#app/_components/overview/consistency-card.tsx";
import { NextSteps } from "#app/_components/overview/next-steps.tsx";
import { ProgressTiles } from "#app/_components/overview/progress-tiles.tsx";
import { RecentActivity } from "#app/_components/overview/recent-activity.tsx";
import { Worklist } from "#app/_components/rounds/worklist.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { cn } from "#app/_components/ui/class-names.ts";
import { offers } from "#app/_lib/abilities.ts";
import { attempt, load, loadProject } from "#app/_lib/server-api.ts";

const ACTIVITY_SHOWN = 8;

export default async function OverviewPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}`;
  const [project, overview, worklist] = await Promise.all([
    loadProject(projectId),
    load(here, (api) => api.projects.overview(projectId)),
    load(here, (api) => api.projects.worklist(projectId)),
  ]);
  const activity = offers(project.role, "audit.view")
    ? await attempt(here, (api) => api.projects.audit(projectId, { limit: ACTIVITY_SHOWN }))
    : null;
  const hasSide = overview.progress !== null || activity?.ok === true;
  const hasOpenReads = worklist.some((item) => item.state === "open");
  return (
    <>
      <PageHeader
        title={project.name}
        meta={
          overview.guidelineNumber === null ? "no guideline yet" : `guideline v${overview.guidelineNumber} in force`
        }
      />
      <PageBody>
        {project.description === "" ? null : <p className="max-w-3xl text-muted">{project.description}</p>}
        {hasOpenReads ? <Worklist projectId={projectId} items={worklist} /> : null}
        <NextSteps steps={overview.nextSteps} />
        {overview.progress === null ? null : (
          <ProgressTiles projectId={projectId} slideCount={project.slideCount} progress={overview.progress} />
        )}
        <div className={cn("grid items-start gap-5", hasSide && "xl:grid-cols-[minmax(0,1fr)_304px]")}>
          {overview.balance === null ? null : (
            <BalanceChart rows={overview.balance} effectiveClasses={overview.effectiveClasses} />
          )}
          <div className="flex flex-col gap-5">
            {overview.progress === null ? null : <ConsistencyCard progress={overview.progress} />}
            {activity?.ok ? <RecentActivity projectId={projectId} entries={activity.value.items} /> : null}
          </div>
        </div>
      </PageBody>
    </>
  );
}
