import type { Metadata } from "next";
import { BridgeSet } from "#app/_components/drift/bridge-set.tsx";
import { ClassUse } from "#app/_components/drift/class-use.tsx";
import { OffsetChart } from "#app/_components/drift/offset-chart.tsx";
import { RepeatAgreement } from "#app/_components/drift/repeat-agreement.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { attempt, load } from "#app/_lib/server-api.ts";
import { rolesFor } from "#domain/permissions.ts";

export const metadata: Metadata = { title: "Drift" };

type Props = { readonly params: Promise<{ projectId: string }> };

export default async function DriftPage({ params }: Props) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/drift`;
  const answer = await attempt(here, (api) => api.drift.get(projectId));
  if (!answer.ok) return <RefusedPage title="Drift" error={answer.error} />;
  const [slides, members] = await Promise.all([
    load(here, (api) => api.slides.list(projectId)),
    load(here, (api) => api.members.list(projectId)),
  ]);
  const drift = answer.value;
  const readers = members.filter(({ role }) => rolesFor("layer.write").includes(role));
  return (
    <>
      <PageHeader title="Drift" meta="how each reader reads, over time and against themselves" />
      <PageBody wide>
        <OffsetChart drift={drift} />
        <ClassUse drift={drift} />
        <RepeatAgreement drift={drift} projectId={projectId} />
        <BridgeSet projectId={projectId} drift={drift} slides={slides} readers={readers} />
      </PageBody>
    </>
  );
}
