import { History } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { AuditTable } from "#app/_components/audit/audit-table.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { attempt } from "#app/_lib/server-api.ts";

export const metadata: Metadata = { title: "Audit" };

const ON_A_PAGE = 100;

type Props = {
  readonly params: Promise<{ projectId: string }>;
  readonly searchParams: Promise<{ cursor?: string }>;
};

export default async function AuditPage({ params, searchParams }: Props) {
  const { projectId } = await params;
  const { cursor } = await searchParams;
  const here = `/projects/${projectId}/audit`;
  const page = await attempt(here, (api) =>
    api.projects.audit(projectId, { limit: ON_A_PAGE, ...(cursor === undefined ? {} : { cursor }) }),
  );
  if (!page.ok) return <RefusedPage title="Audit" error={page.error} />;
  const { items, nextCursor } = page.value;
  return (
    <>
      <PageHeader
        title="Audit"
        meta="Every decision, permission, export and freeze; each entry seals the one before it"
      />
      <PageBody wide>
        <Card flush>
          {items.length === 0 ? (
            <EmptyState icon={History} title="Nothing has been decided yet">
              Entries appear here as people join, publish guidelines, settle disputes and freeze releases.
            </EmptyState>
          ) : (
            <AuditTable entries={items} />
          )}
        </Card>
        <nav className="flex justify-end gap-2" aria-label="Pages">
          {cursor === undefined ? null : (
            <Button asChild>
              <Link href={here}>Newest</Link>
            </Button>
          )}
          {nextCursor === null ? null : (
            <Button asChild>
              <Link href={`${here}?cursor=${encodeURIComponent(nextCursor)}`}>Older</Link>
            </Button>
          )}
        </nav>
      </PageBody>
    </>
  );
}
