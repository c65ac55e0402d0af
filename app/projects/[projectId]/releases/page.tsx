import { PackageCheck } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { BlockerList } from "#app/_components/releases/blocker-list.tsx";
import { FreezeRelease } from "#app/_components/releases/freeze-release.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { plural } from "#app/_lib/format.ts";
import { attempt, load, loadProject } from "#app/_lib/server-api.ts";
import type { Release } from "#client/answers.ts";

export const metadata: Metadata = { title: "Releases" };

export default async function ReleasesPage({ params }: { readonly params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const here = `/projects/${projectId}/releases`;
  const [project, releases, slides] = await Promise.all([
    loadProject(projectId),
    attempt(here, (api) => api.releases.list(projectId)),
    load(here, (api) => api.slides.list(projectId)),
  ]);
  if (!releases.ok) return <RefusedPage title="Releases" error={releases.error} />;
  const freezes = offers(project.role, "release.freeze");
  const blockers = freezes ? await attempt(here, (api) => api.projects.blockers(projectId)) : null;
  const found = blockers?.ok ? blockers.value : [];
  return (
    <>
      <PageHeader
        title="Releases"
        meta={plural(releases.value.length, "release")}
        actions={
          freezes ? (
            <FreezeRelease
              projectId={projectId}
              slides={slides}
              nextNumber={(releases.value[0]?.number ?? 0) + 1}
              blocked={found.length > 0}
            />
          ) : null
        }
      />
      <PageBody>
        {freezes && blockers?.ok ? <BlockerList blockers={found} /> : null}
        <Card title="Frozen ground truths" flush>
          {releases.value.length === 0 ? (
            <EmptyState icon={PackageCheck} title="Nothing frozen yet">
              A release is a copy of the ground truth that never changes: annotations, guideline, agreement and a
              manifest with the hash of every file.
            </EmptyState>
          ) : (
            <ReleaseTable projectId={projectId} releases={releases.value} />
          )}
        </Card>
      </PageBody>
    </>
  );
}

function ReleaseTable({ projectId, releases }: { readonly projectId: string; readonly releases: readonly Release[] }) {
  return (
    <Table>
      <TableHead>
        <tr>
          <HeadCell className="w-14 text-right">No.</HeadCell>
          <HeadCell>Name</HeadCell>
          <HeadCell>Guideline</HeadCell>
          <HeadCell>Frozen by</HeadCell>
          <HeadCell>When</HeadCell>
          <HeadCell>Hash of the manifest</HeadCell>
        </tr>
      </TableHead>
      <TableBody>
        {releases.map((release) => (
          <Row key={release.id}>
            <Cell className="text-right text-faint">{release.number}</Cell>
            <Cell>
              <Link
                href={`/projects/${projectId}/releases/${release.id}`}
                className="font-medium hover:text-accent-ink hover:underline"
              >
                {release.name}
              </Link>
            </Cell>
            <Cell>
              <Badge tone="outline">v{release.guidelineNumber}</Badge>
            </Cell>
            <Cell>
              <PersonName name={release.createdBy.name} colour={release.createdBy.colour} />
            </Cell>
            <Cell className="text-muted">
              <Time at={release.createdAt} />
            </Cell>
            <Cell className="font-mono text-faint text-xs" title={release.hash}>
              {release.hash.slice(0, 16)}
            </Cell>
          </Row>
        ))}
      </TableBody>
    </Table>
  );
}
