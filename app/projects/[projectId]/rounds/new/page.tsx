import type { Metadata } from "next";
import Link from "next/link";
import { CreateRound } from "#app/_components/rounds/create-round.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import { load, loadProject } from "#app/_lib/server-api.ts";
import { rolesFor } from "#domain/permissions.ts";

export const metadata: Metadata = { title: "New round" };

/** Before there is a guideline that says another. */
const USUAL_WASHOUT_DAYS = 14;

export default async function NewRoundPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/rounds/new`;
  const [project, slides, members, guideline] = await Promise.all([
    loadProject(projectId),
    load(here, (api) => api.slides.list(projectId)),
    load(here, (api) => api.members.list(projectId)),
    load(here, (api) => api.guideline.get(projectId)),
  ]);
  const readers = members.filter((member) => rolesFor("layer.write").includes(member.role));
  const version = guideline.versions.at(-1)?.number ?? null;
  return (
    <>
      <PageHeader title="New round" meta={project.name} />
      <PageBody>
        {version === null ? (
          <Callout
            kind="warn"
            title="There is no guideline yet"
            action={
              <Button asChild size="sm">
                <Link href={`/projects/${projectId}/guideline`}>Write it</Link>
              </Button>
            }
          >
            Readers need classes to draw. Publish the first version, then plan the round.
          </Callout>
        ) : null}
        <CreateRound
          projectId={projectId}
          slides={slides}
          readers={readers}
          guidelineNumber={version}
          washoutDays={guideline.versions.at(-1)?.content.rules.washoutDays ?? USUAL_WASHOUT_DAYS}
        />
      </PageBody>
    </>
  );
}
