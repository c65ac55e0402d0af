import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { MakeWaiver } from "#app/_components/waivers/make-waiver.tsx";
import { WaiverTable } from "#app/_components/waivers/waiver-table.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { plural } from "#app/_lib/format.ts";
import { attempt, load, loadProject } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Waivers" };

type Props = {
  readonly params: Promise<{ projectId: string }>;
  readonly searchParams: Promise<{ class?: string; slide?: string }>;
};

/** Written exceptions from being consistent: what they cover now, until when, and what became of those that ended. */
export default async function WaiversPage({ params, searchParams }: Props) {
  const [{ projectId }, asked] = await Promise.all([params, searchParams]);
  const here = `/projects/${projectId}/guideline/waivers`;
  const [project, answer, guideline, slides] = await Promise.all([
    loadProject(projectId),
    attempt(here, (api) => api.guideline.waivers(projectId)),
    load(here, (api) => api.guideline.get(projectId)),
    load(here, (api) => api.slides.list(projectId)),
  ]);
  if (!answer.ok || !offers(project.role, "guideline.publish")) {
    const title = "Leads approve waivers; those that hold are printed in each release.";
    return <RefusedPage title="Waivers" error={answer.ok ? { title } : answer.error} />;
  }
  const newest = guideline.versions.at(-1) ?? null;
  const classes = newest?.content.classes ?? [];
  const standing = answer.value.filter(({ state }) => state === "holds").length;
  return (
    <>
      <PageHeader
        title="Waivers"
        meta={standing === 0 ? "none holds" : `${plural(standing, "waiver holds", "waivers hold")}`}
        actions={
          <>
            <Button asChild>
              <Link href={`/projects/${projectId}/tasks`}>
                <ArrowLeft aria-hidden /> Tasks
              </Link>
            </Button>
            {newest === null ? null : (
              <MakeWaiver
                projectId={projectId}
                version={newest.number}
                classes={classes}
                slides={slides.map(({ id, name }) => ({ id, name }))}
                asked={asked}
              />
            )}
          </>
        }
      />
      <PageBody wide>
        <WaiverTable projectId={projectId} waivers={answer.value} classes={classes} slides={slides} />
      </PageBody>
    </>
  );
}
